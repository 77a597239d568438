"""The walk finds the spread of the hyperparameters, and averaging widens what is stated."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from mlearth.models.emulator import fit_emulator
from mlearth.models.emulator_mixture import mixture_probability, vary_hyperparameters


@pytest.fixture(scope="module")
def emulator():
    rng = np.random.default_rng(1)
    inputs = rng.uniform(size=(40, 1))
    return fit_emulator(inputs, np.sin(5 * inputs[:, 0]) + 0.1 * rng.normal(size=40))


@pytest.fixture(scope="module")
def drawn(emulator):
    return vary_hyperparameters(emulator, np.random.default_rng(0), 400, every=10, step=0.5)


def test_the_noise_scatters_as_normal_theory_has_it(emulator, drawn):
    logs = np.log([one.noise_deviation for one in drawn])
    assert logs.mean() == pytest.approx(np.log(emulator.noise_deviation), abs=0.15)
    assert logs.std() == pytest.approx(1 / np.sqrt(2 * 36), abs=0.03)  # 36 = 40 less what is fitted


def test_the_walk_stays_where_the_likelihood_is_and_moves(emulator, drawn):
    lost = emulator.log_marginal_likelihood - np.array([o.log_marginal_likelihood for o in drawn])
    assert -1e-6 < lost.min() < 1
    assert 0.3 < lost.mean() < 4  # about half the number of hyperparameters
    assert len({one.noise_deviation for one in drawn}) > 200


def test_a_walk_from_far_away_arrives(emulator):
    far = emulator.hyperparameters | {"noise": 500 * emulator.hyperparameters["noise"]}
    start = replace(emulator, hyperparameters=far)
    (end,) = vary_hyperparameters(start, np.random.default_rng(0), 1, burn_in=600)
    assert end.noise_deviation == pytest.approx(emulator.noise_deviation, rel=0.5)


def test_the_runs_stay_as_they_are(emulator, drawn):
    assert len(drawn) == 400
    assert drawn[-1].outputs is emulator.outputs


def test_probabilities_are_those_of_one_emulator_if_there_is_only_one(emulator):
    new = np.array([[0.3], [0.6]])
    mean, deviation = emulator.predict(new, observed=True)
    found = mixture_probability([emulator], new, mean + deviation)
    np.testing.assert_allclose(found, stats.norm.cdf(1))
    far = emulator.predict(new)[0] + 5 * deviation
    assert np.all(mixture_probability([emulator], new, far) > 0.999)


@pytest.mark.parametrize("wrong", [{"n": 0}, {"every": 0}, {"burn_in": -1}, {"step": 0.0}])
def test_walks_that_lead_nowhere_are_refused(emulator, wrong):
    with pytest.raises(ValueError, match="must be"):
        vary_hyperparameters(emulator, np.random.default_rng(0), **wrong)
