"""The emulator: closed forms equal what they save, units come back, bad runs are refused."""

import time

import gpflow
import numpy as np
import pytest
from scipy.stats import qmc

from mlearth.models.emulator import fit_emulator, refit_each
from mlearth.models.emulator_fit import TREND_VARIANCE

RANGES = np.array([[5e3, 20e3], [10e3, 30e3], [30e3, 100e3]])


def make_runs(n=40, seed=0, noise=0.002):
    """Runs of a smooth function of two of three stresses."""
    rng = np.random.default_rng(seed)
    inputs = qmc.scale(qmc.LatinHypercube(3, seed=rng).random(n), *RANGES.T)
    return inputs, response(inputs) + noise * rng.normal(size=n)


def response(inputs):
    z = (inputs - RANGES[:, 0]) / np.ptp(RANGES, axis=1)
    return -5 - 2 * z[:, 0] + 0.5 * np.sin(3 * z[:, 0]) * (1 + z[:, 1])


@pytest.fixture(scope="module")
def runs():
    return make_runs()


@pytest.fixture(scope="module")
def emulator(runs):
    return fit_emulator(*runs)


def test_closed_form_leave_one_out_equals_refits_with_the_rest_held_fixed(emulator):
    covariance = emulator.covariance() + emulator.noise_deviation**2 * np.eye(40)
    mean, deviation = emulator.leave_one_out()
    for i in range(40):
        kept = np.delete(np.arange(40), i)
        weights = np.linalg.solve(covariance[np.ix_(kept, kept)], covariance[kept, i])
        expected = emulator.centre + weights @ (emulator.outputs[kept] - emulator.centre)
        variance = covariance[i, i] - weights @ covariance[kept, i]
        assert mean[i] == pytest.approx(expected, abs=1e-8)
        assert deviation[i] == pytest.approx(np.sqrt(variance), abs=1e-8)


def test_predictions_equal_those_of_gpflow(emulator):
    found = emulator.hyperparameters
    kernel = gpflow.kernels.Matern52(found["variance"], found["length"])
    kernel += gpflow.kernels.Constant(TREND_VARIANCE) + gpflow.kernels.Linear(TREND_VARIANCE)
    z = (emulator.inputs - emulator.shift) / emulator.half_width
    t = (emulator.outputs - emulator.centre) / emulator.spread
    model = gpflow.models.GPR((z, t[:, None]), kernel, noise_variance=found["noise"])
    new, _ = make_runs(25, seed=1)
    scaled = (new - emulator.shift) / emulator.half_width
    mean, deviation = emulator.predict(new)
    expected, variance = (part.numpy()[:, 0] for part in model.predict_f(scaled))
    np.testing.assert_allclose(mean, emulator.centre + emulator.spread * expected, atol=1e-8)
    np.testing.assert_allclose(deviation, emulator.spread * np.sqrt(variance), atol=1e-7)
    observed = emulator.predict(new, observed=True)[1]
    np.testing.assert_allclose(observed**2 - deviation**2, emulator.noise_deviation**2, rtol=1e-6)
    likelihood = model.log_marginal_likelihood().numpy()
    assert emulator.log_marginal_likelihood == pytest.approx(likelihood, abs=1e-6)


def test_no_nearby_setting_has_a_larger_likelihood(emulator):
    z = (emulator.inputs - emulator.shift) / emulator.half_width
    t = (emulator.outputs - emulator.centre) / emulator.spread
    found = emulator.hyperparameters
    for name in found:
        for factor in (0.8, 1.25):
            tried = found | {name: found[name] * factor}
            kernel = gpflow.kernels.Matern52(tried["variance"], tried["length"])
            kernel += gpflow.kernels.Constant(TREND_VARIANCE)
            kernel += gpflow.kernels.Linear(TREND_VARIANCE)
            model = gpflow.models.GPR((z, t[:, None]), kernel, noise_variance=tried["noise"])
            assert model.log_marginal_likelihood().numpy() < emulator.log_marginal_likelihood + 1e-6


def test_it_recovers_the_function_the_noise_and_the_idle_input(emulator):
    new, _ = make_runs(200, seed=2)
    mean, deviation = emulator.predict(new)
    assert np.sqrt(np.mean((mean - response(new)) ** 2)) < 0.01
    assert 0.9 < np.mean(np.abs(mean - response(new)) < 1.96 * deviation) <= 1
    assert 0.001 < emulator.noise_deviation < 0.004
    relative = emulator.length_scales / np.ptp(RANGES, axis=1)
    assert relative[2] > 5 * relative[0]


def test_units_of_inputs_and_outputs_do_not_matter(runs, emulator):
    inputs, outputs = runs
    other = fit_emulator(inputs / 1e3, 100 * outputs + 7)
    np.testing.assert_allclose(other.length_scales[:2], emulator.length_scales[:2] / 1e3, rtol=1e-2)
    mean, deviation = other.predict(inputs[:5] / 1e3)
    expected = emulator.predict(inputs[:5])
    np.testing.assert_allclose(mean, 100 * expected[0] + 7, atol=1e-3)
    np.testing.assert_allclose(deviation, 100 * expected[1], rtol=1e-2)


def test_drawn_functions_have_the_stated_mean_and_covariance(emulator):
    new, _ = make_runs(6, seed=3)
    drawn = emulator.samples(new, np.random.default_rng(0), 20_000)
    mean, deviation = emulator.predict(new)
    np.testing.assert_allclose(drawn.mean(axis=0), mean, atol=5 * deviation.max() / 20_000**0.5)
    expected = emulator.posterior_covariance(new)
    np.testing.assert_allclose(np.cov(drawn.T), expected, atol=0.05 * deviation.max() ** 2)
    np.testing.assert_allclose(np.sqrt(np.diag(expected)), deviation, rtol=1e-5)


def test_a_drawn_function_passes_near_the_runs_and_is_the_same_at_every_call(emulator, runs):
    inputs, outputs = runs
    (function,) = emulator.sample_functions(np.random.default_rng(0), 1)
    assert np.abs(function(inputs) - outputs).max() < 5 * emulator.noise_deviation
    np.testing.assert_array_equal(function(inputs[:3]), function(inputs[:3]))


def test_drawn_functions_scatter_as_the_emulator_is_uncertain(emulator):
    new, _ = make_runs(30, seed=4)
    functions = emulator.sample_functions(np.random.default_rng(0), 200)
    drawn = np.array([function(new) for function in functions])
    mean, deviation = emulator.predict(new)
    ratio = np.sqrt(np.mean((drawn - mean) ** 2) / np.mean(deviation**2))
    assert 0.9 < ratio < 1.1


def test_a_refit_does_not_know_the_run_that_it_predicts(runs):
    inputs, outputs = runs
    spoilt = outputs.copy()
    spoilt[0] += 100.0
    first = [refit_each(inputs, values)[0][0] for values in (outputs, spoilt)]
    assert first[0] == pytest.approx(first[1], abs=1e-8)


def test_refits_equal_fits_without_the_run_and_their_deviation_holds_the_noise(runs):
    inputs, outputs = runs
    mean, deviation = refit_each(inputs, outputs)
    without = fit_emulator(np.delete(inputs, 7, axis=0), np.delete(outputs, 7))
    expected = without.predict(inputs[7:8], observed=True)
    assert mean[7] == pytest.approx(expected[0][0], abs=1e-10)
    assert deviation[7] == pytest.approx(expected[1][0], rel=1e-6)


def test_fitting_another_table_leaves_an_emulator_as_it_was(runs):
    emulator = fit_emulator(*runs)
    before = emulator.predict(runs[0][:3])
    fit_emulator(*make_runs(30, seed=9))
    np.testing.assert_array_equal(emulator.predict(runs[0][:3]), before)


@pytest.mark.parametrize(
    "shape",
    [lambda z: z[:, 0], lambda z: z[:, 0] ** 2, lambda z: np.exp(z @ [1, 0.5, 0.1])],
)
def test_runs_without_any_noise_are_no_obstacle(shape, runs):
    z = (runs[0] - RANGES[:, 0]) / np.ptp(RANGES, axis=1)
    emulator = fit_emulator(runs[0], shape(z))
    mean, deviation = emulator.leave_one_out()
    assert np.abs(mean - shape(z)).max() < 0.02
    assert np.all(np.isfinite(deviation))


def test_a_second_fit_and_leave_one_out_take_less_than_a_second(runs):
    fit_emulator(*runs)
    start = time.perf_counter()
    fit_emulator(*make_runs(91, seed=5)).leave_one_out()
    assert time.perf_counter() - start < 1


def spoil(inputs, outputs, what):
    inputs, outputs = inputs.copy(), outputs.copy()
    if what == "missing input":
        inputs[3, 1] = np.nan
    elif what == "infinite output":
        outputs[3] = np.inf
    elif what == "duplicate":
        inputs[3] = inputs[4] * (1 + 1e-14)
    elif what == "idle":
        inputs[:, 1] = 7.0
    elif what == "constant":
        outputs[:] = 1.0
    elif what == "few":
        inputs, outputs = inputs[:7], outputs[:7]
    elif what == "column":
        outputs = outputs[:, None]
    elif what == "short":
        outputs = outputs[:-1]
    return inputs, outputs


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("missing input", "finite"),
        ("infinite output", "finite"),
        ("duplicate", "same inputs"),
        ("idle", "input 1 is the same"),
        ("constant", "constant"),
        ("few", "7 runs are too few for 3 inputs: at least 8"),
        ("column", "outputs .n,., got"),
        ("short", "got .40, 3. and .39,."),
    ],
)
@pytest.mark.parametrize("function", [fit_emulator, refit_each])
def test_runs_that_cannot_be_emulated_are_refused(function, what, message, runs):
    with pytest.raises(ValueError, match=message):
        function(*spoil(*runs, what))


def test_a_known_noise_is_kept_and_costs_likelihood(runs, emulator):
    known = fit_emulator(*runs, noise_deviation=0.01)
    assert known.noise_deviation == pytest.approx(0.01, rel=1e-6)
    assert known.log_marginal_likelihood < emulator.log_marginal_likelihood - 1
    for wrong in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="noise_deviation must be positive"):
            fit_emulator(*runs, noise_deviation=wrong)


def test_new_inputs_must_fit_the_old_ones(emulator):
    with pytest.raises(ValueError, match=r"inputs must be \(m, 3\)"):
        emulator.predict(np.zeros((2, 4)))
    with pytest.raises(ValueError, match="finite"):
        emulator.predict(np.full((2, 3), np.nan))
