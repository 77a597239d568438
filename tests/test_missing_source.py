import numpy as np
import pytest

from mlearth.models.frozen_inversion import predict_readings
from mlearth.models.missing_source import fit_with_source
from mlearth.simulate import heat
from mlearth.simulate.heat_readings import simulate_readings
from mlearth.simulate.heat_sources import source_warming


class Exact:
    solve = staticmethod(lambda k: k)
    temperature = staticmethod(lambda k, x, t, _: heat.exact_temperature(x, t, k))


@pytest.fixture(scope="module")
def made():
    at = simulate_readings(np.random.default_rng(0), 100, 0.0)
    return at, predict_readings(Exact(), at.x, at.t)


def test_perfect_readings_give_back_the_diffusivity_and_the_source(made):
    at, predictions = made
    k, q = 1.3, 0.4
    perfect = heat.exact_temperature(at.x, at.t, k) + source_warming(at.x, k * at.t, q / k)
    found = fit_with_source(predictions, source_warming, at.x, at.t, perfect[None], 0.01)
    assert found.diffusivity == pytest.approx([k], rel=1e-6)
    assert found.source == pytest.approx([q], rel=1e-5)


def test_the_error_bars_are_the_scatter_of_many_fits(made):
    at, predictions = made
    clean = heat.exact_temperature(at.x, at.t, 2.0)
    draws = clean + 0.01 * np.random.default_rng(1).normal(size=(800, 100))
    found = fit_with_source(predictions, source_warming, at.x, at.t, draws, 0.01)
    assert found.diffusivity.std() == pytest.approx(np.mean(found.diffusivity_error), rel=0.1)
    assert found.source.std() == pytest.approx(np.mean(found.source_error), rel=0.1)
