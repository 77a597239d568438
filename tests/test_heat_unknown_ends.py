import numpy as np
import pytest

from mlearth.models.heat_unknown_ends import DifferenceEnds, FeatureEnds, _sums, recover
from mlearth.simulate import heat
from mlearth.simulate.heat_sources import surface_wave

ASK = np.array([0.3, 0.5, 0.8]), np.array([0.1, 0.2, 0.15])


def truth(x, t):
    return x + surface_wave(x, t, 8 * np.pi, 1.0)


def models():
    rng = np.random.default_rng(0)
    return {"differences": DifferenceEnds(16), "features": FeatureEnds(rng, 120)}


def test_knots_on_a_straight_line_stay_one():
    model = DifferenceEnds(11)
    left, start, right = model._edges()
    line = np.linspace(0, 1, 11)
    knots = np.linalg.lstsq(
        np.concatenate([left, start, right]), np.r_[0 * line, line, 0 * line + 1], rcond=None
    )[0]
    assert model.values(2.0)(*ASK) @ knots == pytest.approx(ASK[0], abs=1e-9)


def test_the_three_edges_share_their_corners():
    left, start, right = DifferenceEnds(9)._edges()
    assert np.array_equal(left[0], start[0])
    assert np.array_equal(start[-1], right[0])


def test_the_law_of_the_features_is_that_of_their_values():
    model, (x, t), step = models()["features"], ASK, 1e-4
    u = model.values(1.0)
    by_t = (u(x, t + step) - u(x, t - step)) / (2 * step)
    by_xx = (u(x + step, t) - 2 * u(x, t) + u(x - step, t)) / step**2
    model._points = ASK
    wanted = (by_t - 1.7 * by_xx) / 3**0.5
    assert model.rows(1.7) == pytest.approx(wanted, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("name", ["differences", "features"])
def test_field_and_diffusivity_are_found_from_quiet_readings(name):
    rng = np.random.default_rng(1)
    x, t = rng.uniform(0.1, 0.9, 200), rng.uniform(0, 0.25, 200)
    readings = truth(x, t) + 1e-3 * rng.normal(size=(3, 200))
    found = recover(models()[name], x, t, readings, ASK, np.geomspace(0.7, 1.4, 9))
    assert np.all(np.abs(found.diffusivity - 1) < 0.05)
    assert found.field == pytest.approx(np.tile(truth(*ASK), (3, 1)), abs=0.01)
    assert np.all((found.left_out > 5e-4) & (found.left_out < 5e-3))


def test_a_reading_left_out_is_missed_by_what_the_others_predict():
    rng = np.random.default_rng(2)
    seen, measured = rng.normal(size=(6, 4)), rng.normal(size=(6, 1))
    missed = []
    for i in range(6):
        rest = np.arange(6) != i
        left = seen[rest].T @ seen[rest] + np.eye(4)
        found = np.linalg.solve(left, seen[rest].T @ measured[rest])
        missed.append(measured[i] - seen[i] @ found)
    assert _sums(seen, measured)[0] == pytest.approx(np.sum(np.square(missed), axis=0))


def test_the_least_sum_is_that_of_ridge_regression():
    rng = np.random.default_rng(3)
    seen, measured = rng.normal(size=(6, 4)), rng.normal(size=(6, 1))
    found = np.linalg.solve(seen.T @ seen + np.eye(4), seen.T @ measured)
    least = np.sum((seen @ found - measured) ** 2) + np.sum(found**2)
    assert _sums(seen, measured)[1] == pytest.approx([least])


def test_the_priors_of_features_weigh_the_law_and_the_coefficients():
    model = FeatureEnds(np.random.default_rng(4), 20, laws=(0.3,), strengths=(0.02,), side=10)
    law = 0.3 * model.rows(1.2)
    wanted = law.T @ law + 0.02**2 * np.eye(20)
    (prior,) = model.priors(1.2)
    assert np.linalg.inv(prior @ prior.T) == pytest.approx(wanted, rel=1e-5, abs=1e-6)


def test_differences_agree_with_the_solver_for_known_edges():
    model = DifferenceEnds(31, cells=60, steps=240)
    line = np.linspace(0, 1, 31)
    knots = np.r_[np.zeros(30), np.sin(np.pi * line), np.zeros(30)]
    x, t = np.array([0.5]), np.array([0.1])
    exact = np.exp(-(np.pi**2) * 0.1)
    assert model.values(1.0)(x, t) @ knots == pytest.approx(exact, rel=3e-3)
    assert heat.DURATION == 0.25
