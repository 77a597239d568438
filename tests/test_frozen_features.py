"""Frozen features solve the heat problem, for any diffusivity, and their derivatives are right."""

import numpy as np
import pytest

from mlearth.field_errors import relative_error
from mlearth.models.frozen_features import FrozenHeat, random_features
from mlearth.models.frozen_hard import HardHeat
from mlearth.models.heat_singular import both_parts, step_from_corner
from mlearth.simulate import heat

X, T = heat.error_grid()


def error(problem, k=1.0):
    found = problem.temperature(problem.solve(k), X, T[:, None], k)
    return relative_error(found, heat.exact_temperature(X, T[:, None], k))


def soft(known, count=300, seed=0, **options):
    features = random_features(np.random.default_rng(seed), count)
    return FrozenHeat(features, heat.initial_temperature, known, **options)


@pytest.mark.parametrize("seed", [0, 1])
def test_three_hundred_features_are_right_to_a_millionth(seed):
    assert error(soft(both_parts, seed=seed)) < 3e-6


@pytest.mark.parametrize("k", [0.2, 3.0])
def test_another_diffusivity_is_solved_for_as_well(k):
    assert error(soft(both_parts), k) < 5e-5


def test_hard_constraints_hold_at_the_edges_to_rounding_whatever_the_coefficients():
    problem = HardHeat(random_features(np.random.default_rng(0), 300))
    wild = np.random.default_rng(1).normal(size=300)
    field = problem.temperature(wild, X, T[:, None])
    truth = heat.exact_temperature(X, T[:, None])
    for edge in (np.s_[0], np.s_[:, 0], np.s_[:, -1]):
        assert field[edge] == pytest.approx(truth[edge], abs=1e-14)
    assert error(problem) < 3e-6


@pytest.mark.parametrize("k", [0.2, 3.0])
def test_hard_constraints_work_for_another_diffusivity(k):
    assert error(HardHeat(random_features(np.random.default_rng(0), 300)), k) < 5e-5


def test_what_is_not_subtracted_costs_digits():
    nothing, corner, both = (
        error(soft(known)) for known in (lambda x, t, k: 0 * x, step_from_corner, both_parts)
    )
    assert nothing > 10 * corner > 1000 * both


def test_the_corner_counts_as_the_boundary():
    problem = soft(both_parts)
    assert problem.temperature(problem.solve(), 1.0, 0.0) == pytest.approx(1.0, abs=1e-4)


def test_derivatives_of_features_are_those_of_differences():
    features, step = random_features(np.random.default_rng(2), 6), 1e-5
    x, s = np.array([0.3, 0.8]), np.array([0.2, 0.45])
    value, by_x, by_s, by_xx = features.derivatives(x, s**2)
    right, left = (features.values(x + d, s**2) for d in (step, -step))
    later, earlier = (features.values(x, (s + d) ** 2) for d in (step, -step))
    assert by_x == pytest.approx((right - left) / (2 * step), rel=1e-6, abs=1e-8)
    assert by_s == pytest.approx((later - earlier) / (2 * step), rel=1e-6, abs=1e-8)
    assert by_xx == pytest.approx((right - 2 * value + left) / step**2, rel=1e-3, abs=1e-3)


def test_single_precision_is_asked_for_and_costs_digits():
    problem = soft(both_parts, 500)
    truth = heat.exact_temperature(X, T[:, None])
    fine, coarse = (
        relative_error(problem.temperature(problem.solve(dtype=kind), X, T[:, None]), truth)
        for kind in (np.float64, np.float32)
    )
    assert coarse > 5 * fine
