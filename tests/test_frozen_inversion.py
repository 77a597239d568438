"""The diffusivity is found from far away, and as well as theory allows."""

import numpy as np
import pytest

from mlearth.models.frozen_features import FrozenHeat, random_features
from mlearth.models.frozen_inversion import fit_diffusivity, predict_readings
from mlearth.models.heat_inversion import cramer_rao_bound
from mlearth.models.heat_singular import both_parts
from mlearth.simulate import heat


@pytest.fixture(scope="module")
def case():
    rng = np.random.default_rng(5)
    x, t = rng.uniform(0, 1, 100), rng.uniform(0, 0.25, 100)
    problem = FrozenHeat(random_features(rng, 200), heat.initial_temperature, both_parts, side=28)
    return x, t, predict_readings(problem, x, t), rng


@pytest.mark.parametrize("k", [0.15, 0.6, 1.0, 4.0])
def test_predictions_hold_between_the_nodes(case, k):
    x, t, predictions, _ = case
    found, slope = predictions(np.log([k]))
    assert found[0] == pytest.approx(heat.exact_temperature(x, t, k), abs=2e-3)
    assert slope[0] == pytest.approx(k * heat.exact_sensitivity(x, t, k), abs=1e-2)


@pytest.mark.parametrize("k", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("start", [0.2, 5.0])
def test_exact_readings_give_the_diffusivity_from_far_away(case, k, start):
    x, t, predictions, _ = case
    readings = heat.exact_temperature(x, t, k)[None]
    assert fit_diffusivity(predictions, readings, start)[-1] == pytest.approx(k, rel=2e-3)


def test_the_spread_over_draws_is_that_of_the_bound(case):
    x, t, predictions, rng = case
    draws = heat.exact_temperature(x, t) + 0.01 * rng.normal(size=(400, 100))
    misses = fit_diffusivity(predictions, draws, 5.0)[-1] - 1
    bound = cramer_rao_bound(heat.exact_sensitivity(x, t), 0.01)
    assert 0.88 < np.sqrt(np.mean(misses**2)) / bound < 1.15
    assert abs(np.mean(misses)) < 0.2 * bound


def test_the_path_begins_at_the_start(case):
    path = fit_diffusivity(case[2], np.zeros((2, 100)), 0.7, steps=3)
    assert path.shape == (4, 2)
    assert path[0] == pytest.approx([0.7, 0.7])


def test_a_start_outside_the_range_is_refused(case):
    with pytest.raises(ValueError, match="outside"):
        fit_diffusivity(case[2], np.zeros((1, 100)), 50.0)
