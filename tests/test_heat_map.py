import numpy as np
import pytest

from mlearth.models.heat_map import map_without_law
from mlearth.models.heat_singular import both_parts
from mlearth.simulate import heat
from mlearth.simulate.heat_readings import simulate_readings

ASK = np.array([0.3, 0.6, 0.9]), np.array([0.02, 0.1, 0.2])


def mapped(known, count=80, noise=1e-3):
    rng = np.random.default_rng(0)
    at = simulate_readings(rng, count, 0.0)
    draws = at.truth + noise * rng.normal(size=(2, count))
    hat = heat.initial_temperature
    return map_without_law((at.x, at.t), draws, noise, hat, ASK, known)


def test_the_temperature_is_found_between_quiet_readings():
    truth = heat.exact_temperature(*ASK)
    assert mapped(both_parts) == pytest.approx(np.stack([truth, truth]), abs=3e-3)


def test_what_is_subtracted_first_is_added_again():
    assert np.abs(mapped(lambda x, t, k: x + t) - mapped(lambda x, t, k: 0 * x)).max() < 0.03


def test_the_ends_are_kept_where_no_reading_is():
    rng = np.random.default_rng(1)
    at = 0.5 + 0 * rng.uniform(size=5), np.linspace(0.05, 0.25, 5)
    ends = np.array([0.0, 1.0]), np.array([0.1, 0.1])
    found = map_without_law(
        at, heat.exact_temperature(*at)[None], 1e-3, heat.initial_temperature, ends, both_parts
    )
    assert found[0] == pytest.approx([0, 1], abs=5e-3)
