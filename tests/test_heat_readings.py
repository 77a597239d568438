"""Readings are where and what they say, and a computed field is read by straight lines."""

import numpy as np
import pytest

from mlearth.simulate import heat
from mlearth.simulate.heat_readings import read_field, simulate_readings


def test_readings_are_the_exact_temperature_with_the_noise_asked_for():
    readings = simulate_readings(np.random.default_rng(0), 20_000, 0.03, diffusivity=2.0)
    assert readings.truth == pytest.approx(heat.exact_temperature(readings.x, readings.t, 2.0))
    errors = readings.temperature - readings.truth
    assert errors.std() == pytest.approx(0.03, rel=0.02)
    assert errors.mean() == pytest.approx(0, abs=0.001)
    assert np.corrcoef(errors[1:], errors[:-1])[0, 1] == pytest.approx(0, abs=0.03)


def test_readings_are_spread_evenly_over_line_and_time():
    readings = simulate_readings(np.random.default_rng(1), 20_000)
    for value, end in ((readings.x, 1.0), (readings.t, heat.DURATION)):
        assert np.quantile(value, (0.1, 0.5, 0.9)) / end == pytest.approx((0.1, 0.5, 0.9), abs=0.02)
    assert np.corrcoef(readings.x, readings.t)[0, 1] == pytest.approx(0, abs=0.03)


def test_the_same_generator_gives_the_same_readings():
    first, second = (simulate_readings(np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first.temperature, second.temperature)
    assert len(first.x) == 100


@pytest.mark.parametrize(("count", "noise"), [(0, 0.01), (5, -0.01), (5, np.nan)])
def test_readings_that_cannot_be_are_refused(count, noise):
    with pytest.raises(ValueError, match="At least 1 reading"):
        simulate_readings(np.random.default_rng(0), count, noise)


def test_a_field_is_read_by_straight_lines_in_place_and_time():
    t, x = np.linspace(0, 2, 5)[:, None], np.linspace(0, 1, 9)
    field = 1 + 2 * x - 3 * t + 4 * x * t
    at_x, at_t = np.array([0.0, 0.3, 1.0]), np.array([2.0, 0.77, 0.0])
    found = read_field(field, at_x, at_t, duration=2)
    assert found == pytest.approx(1 + 2 * at_x - 3 * at_t + 4 * at_x * at_t)
