"""Sparse emulators: as good as the exact one where they must be, and clear about bad input."""

import numpy as np
import pytest

from mlearth.models.emulator import fit_emulator
from mlearth.models.sparse_emulator import fit_sgpr, fit_svgp

LOW, HIGH = np.array([100.0, 1e4]), np.array([200.0, 3e4])


def model(inputs):
    share = (inputs - LOW) / (HIGH - LOW)
    return 7.0 + np.sin(3 * share[:, 0]) + share[:, 1] ** 2


@pytest.fixture(scope="module")
def runs():
    rng = np.random.default_rng(0)
    inputs = LOW + (HIGH - LOW) * rng.random((400, 2))
    return inputs, model(inputs) + 0.01 * rng.normal(size=400)


@pytest.fixture(scope="module")
def new():
    return LOW + (HIGH - LOW) * np.random.default_rng(1).random((300, 2))


def rmse(emulator, inputs):
    return np.sqrt(np.mean((emulator.predict(inputs)[0] - model(inputs)) ** 2))


def test_with_enough_inducing_points_sgpr_agrees_with_the_exact_emulator(runs, new):
    exact = fit_emulator(*runs).predict(new)
    sparse = fit_sgpr(*runs, 100, np.random.default_rng(2)).predict(new)
    np.testing.assert_allclose(sparse[0], exact[0], atol=2e-3)
    np.testing.assert_allclose(sparse[1], exact[1], rtol=0.35)


def test_svgp_comes_close_to_sgpr_from_batches(runs, new):
    svgp = fit_svgp(*runs, 30, np.random.default_rng(2), steps=300, batch=100)
    sgpr = fit_sgpr(*runs, 30, np.random.default_rng(2))
    assert rmse(svgp, new) < 2 * rmse(sgpr, new)
    assert svgp.noise_deviation == pytest.approx(sgpr.noise_deviation, rel=0.3)


def test_both_find_the_noise_and_few_inducing_points_lose_accuracy(runs, new):
    few, many = (fit_sgpr(*runs, m, np.random.default_rng(2)) for m in (4, 60))
    assert many.noise_deviation == pytest.approx(0.01, rel=0.2)
    assert rmse(few, new) > 3 * rmse(many, new)


def test_a_new_run_is_less_sure_than_the_function_by_the_noise(runs, new):
    emulator = fit_sgpr(*runs, 20, np.random.default_rng(2))
    function, run = (emulator.predict(new, observed=seen)[1] for seen in (False, True))
    np.testing.assert_allclose(run**2 - function**2, emulator.noise_deviation**2, rtol=1e-6)


@pytest.mark.parametrize("fit", [fit_sgpr, fit_svgp])
def test_what_cannot_be_fitted_is_refused(runs, fit):
    inputs, outputs = runs
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="allow 1 to 20 inducing points"):
        fit(inputs[:20], outputs[:20], 21, rng)
    with pytest.raises(ValueError, match="finite"):
        fit(inputs, np.where(outputs > 8, np.nan, outputs), 10, rng)
    with pytest.raises(ValueError, match="constant"):
        fit(inputs, np.ones(400), 10, rng)
