"""Inversions recover what was planted, reach the bound, and regularise as linear algebra says."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from mlearth.models.heat_inversion import (
    STRENGTHS,
    SmoothInverse,
    cramer_rao_bound,
    fit_positive,
)

TIMES = np.linspace(0.1, 3, 40)


def decay(rate):
    return np.exp(-rate * TIMES)


def decay_slope(rate):
    return -TIMES * np.exp(-rate * TIMES)


@pytest.mark.parametrize("start", [0.02, 1.3, 9.0])
def test_a_number_is_recovered_from_perfect_measurements(start):
    assert fit_positive(decay, decay_slope, decay(1.3), start) == pytest.approx(1.3, rel=1e-9)


def test_the_search_takes_few_steps():
    asked = []

    def predict(rate):
        asked.append(rate)
        return decay(rate)

    fit_positive(predict, decay_slope, decay(0.2), 0.4)
    assert len(asked) <= 8


def test_the_fit_has_the_least_sum_of_squares():
    measured = decay(1.3) + 0.05 * np.random.default_rng(0).normal(size=40)
    best = fit_positive(decay, decay_slope, measured, 1.0)
    squares = [np.sum((decay(best * factor) - measured) ** 2) for factor in (0.999, 1, 1.001)]
    assert squares[1] == min(squares)


def test_least_squares_reaches_the_bound_and_the_bound_is_not_beaten():
    rng = np.random.default_rng(1)
    draws = decay(1.3) + 0.02 * rng.normal(size=(2000, 40))
    found = np.array([fit_positive(decay, decay_slope, each, 1.0) for each in draws])
    ratio = np.sqrt(np.mean((found - 1.3) ** 2)) / cramer_rao_bound(decay_slope(1.3), 0.02)
    assert ratio == pytest.approx(1, abs=0.06)


def test_the_bound_falls_with_the_root_of_the_number_and_rises_with_the_noise():
    slope = decay_slope(1.0)
    assert cramer_rao_bound(np.tile(slope, 4), 0.1) == pytest.approx(
        cramer_rao_bound(slope, 0.1) / 2
    )
    assert cramer_rao_bound(slope, 0.3) == pytest.approx(3 * cramer_rao_bound(slope, 0.1))
    assert cramer_rao_bound([2.0], 1.0) == 0.5
    assert cramer_rao_bound(np.zeros(3), 0.1) == np.inf


def test_a_start_that_leads_nowhere_is_said():
    with pytest.raises(ValueError, match="above 0"):
        fit_positive(decay, decay_slope, decay(1.0), -1.0)
    with pytest.raises(ValueError, match="do not change"):
        fit_positive(decay, decay_slope, decay(1.0), 1e6)
    with pytest.raises(RuntimeError, match="No rest"):
        fit_positive(lambda k: np.array([k]), lambda k: np.array([-1.0]), np.array([2.0]), 1.0)


@pytest.fixture(params=[25, 45])
def blur(request):
    """A matrix that smears: fewer or more data than the 30 of the profile."""
    places = np.linspace(0, 1, 30)
    return np.exp(-((np.linspace(0, 1, request.param)[:, None] - places) ** 2) / 0.02) / 6


@pytest.mark.parametrize("strength", [1e-4, 0.3])
def test_the_profile_solves_the_regularised_normal_equations(blur, strength):
    data = np.random.default_rng(0).normal(size=len(blur))
    differences = np.eye(30) - np.eye(30, k=-1)
    matrix = blur.T @ blur + strength * differences.T @ differences
    expected = np.linalg.solve(matrix, blur.T @ data)
    assert SmoothInverse(blur).solve(data, strength) == pytest.approx(expected, abs=1e-8)


def test_without_need_of_help_a_tiny_strength_gives_the_inverse():
    matrix = np.eye(6) + 0.1 * np.random.default_rng(0).normal(size=(6, 6))
    data = np.arange(6.0)
    found = SmoothInverse(matrix).solve(data, 1e-13)
    assert found == pytest.approx(np.linalg.solve(matrix, data), rel=1e-9)


def test_the_discrepancy_rule_takes_the_strongest_whose_misfit_is_that_of_noise(blur):
    rng = np.random.default_rng(3)
    profile = np.sin(np.linspace(0, 3, 30))
    data = blur @ profile + 0.05 * rng.normal(size=len(blur))
    inverse = SmoothInverse(blur)
    chosen = inverse.by_discrepancy(data, 0.05)
    index = list(STRENGTHS).index(chosen)
    misfits = [np.sum((blur @ inverse.solve(data, s) - data) ** 2) for s in STRENGTHS]
    assert misfits[index] <= len(blur) * 0.05**2 < misfits[index + 1]


def test_cross_validation_is_the_formula_with_the_hat_matrix(blur):
    data = blur @ np.linspace(0, 1, 30) + 0.05 * np.random.default_rng(4).normal(size=len(blur))
    inverse = SmoothInverse(blur)
    scores = []
    for strength in STRENGTHS:
        hat = np.column_stack([blur @ inverse.solve(unit, strength) for unit in np.eye(len(blur))])
        scores.append(np.sum((data - hat @ data) ** 2) / (len(blur) - np.trace(hat)) ** 2)
    assert inverse.by_cross_validation(data) == STRENGTHS[np.argmin(scores)]


def test_the_likelihood_is_that_of_a_random_walk_seen_through_the_matrix(blur):
    data = blur @ np.linspace(0, 1, 30) + 0.05 * np.random.default_rng(5).normal(size=len(blur))
    walk = np.minimum.outer(np.arange(1, 31), np.arange(1, 31))
    densities = [
        multivariate_normal.logpdf(
            data, cov=0.05**2 * (blur @ walk @ blur.T / strength + np.eye(len(blur)))
        )
        for strength in STRENGTHS
    ]
    assert SmoothInverse(blur).by_likelihood(data, 0.05) == STRENGTHS[np.argmax(densities)]


def test_the_likelihood_finds_the_strength_that_made_the_profiles():
    rng, inverse = np.random.default_rng(6), SmoothInverse(np.eye(400))
    walk = np.cumsum(0.5 * rng.normal(size=400))
    chosen = inverse.by_likelihood(walk + 0.1 * rng.normal(size=400), 0.1)
    assert np.log(chosen) == pytest.approx(np.log(0.1**2 / 0.5**2), abs=0.4)


@pytest.mark.parametrize("wrong", [np.ones(3), np.full((2, 2), np.nan)])
def test_what_is_no_matrix_is_refused(wrong):
    with pytest.raises(ValueError, match="matrix of finite"):
        SmoothInverse(wrong)
