import numpy as np
import pytest

from mlearth.models.frozen_features import FrozenHeat, random_features
from mlearth.models.frozen_inversion import fit_diffusivity, predict_readings
from mlearth.models.heat_singular import both_parts
from mlearth.models.soft_law import SoftLaw
from mlearth.simulate import heat
from mlearth.simulate.heat_readings import simulate_readings


@pytest.fixture(scope="module")
def made():
    rng = np.random.default_rng(0)
    features, readings = random_features(rng, 150), simulate_readings(rng, 60, 0.01)
    hat = heat.initial_temperature
    soft = SoftLaw(features, hat, both_parts, readings.x, readings.t, side=18)
    return features, readings, soft, FrozenHeat(features, hat, both_parts, side=18)


def test_readings_that_weigh_little_leave_the_diffusivity_of_strict_least_squares(made):
    _, readings, soft, problem = made
    draws = readings.truth + 0.01 * np.random.default_rng(1).normal(size=(5, 60))
    strict = fit_diffusivity(predict_readings(problem, readings.x, readings.t), draws, 1.0)[-1]
    assert soft.best_diffusivity(draws, 1.0) == pytest.approx(strict, rel=3e-3)


def test_heavier_readings_are_fitted_closer_and_the_law_is_broken_more(made):
    _, readings, soft, _ = made
    fits = [soft.fit(readings.temperature[None], 1.0, w) for w in (1, 10, 100)]
    assert np.all(np.diff([f.misfit[0] for f in fits]) < 0)
    assert np.all(np.diff([f.residual[0] for f in fits]) > 0)


def test_a_fit_to_perfect_readings_is_the_exact_temperature(made):
    _, readings, soft, _ = made
    x, t = np.array([0.3, 0.7]), np.array([0.05, 0.2])
    fit = soft.fit(readings.truth[None], 1.0, 1.0)
    found = soft.temperature(fit.coefficients, x, t, 1.0)[:, 0]
    assert found == pytest.approx(heat.exact_temperature(x, t), abs=1e-4)
