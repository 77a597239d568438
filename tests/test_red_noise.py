"""Red noise has the mean, spread and memory that it was asked for, from its first value on."""

import numpy as np
import pytest

from mlearth.simulate.red_noise import simulate_red_noise


@pytest.mark.parametrize("memory", [-0.6, 0.0, 0.9])
def test_the_correlation_falls_as_a_power_of_the_memory(memory):
    series = simulate_red_noise(np.random.default_rng(0), (20_000, 12), memory)
    found = np.corrcoef(series.T)
    lags = np.abs(np.subtract.outer(np.arange(12), np.arange(12)))
    assert found == pytest.approx(memory**lags, abs=0.04)


def test_the_spread_is_one_from_the_first_value_to_the_last():
    series = simulate_red_noise(np.random.default_rng(1), (20_000, 50), 0.95)
    assert series.std(axis=0) == pytest.approx(np.ones(50), abs=0.03)
    assert series.mean(axis=0) == pytest.approx(np.zeros(50), abs=0.04)


def test_series_are_independent_of_each_other():
    left, right = simulate_red_noise(np.random.default_rng(2), (2, 200_000), 0.5)
    assert np.corrcoef(left, right)[0, 1] == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize("memory", [1.0, -1.0, 2.0])
def test_a_memory_without_end_is_refused(memory):
    with pytest.raises(ValueError, match="between -1 and 1"):
        simulate_red_noise(np.random.default_rng(0), 10, memory)
