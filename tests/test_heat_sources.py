import numpy as np
import pytest

from mlearth.simulate.heat_sources import source_warming, surface_wave

X, T, STEP = np.array([0.2, 0.5, 0.9]), 0.05, 1e-4


def left_over(u):
    by_t = (u(X, T + STEP) - u(X, T - STEP)) / (2 * STEP)
    return by_t - (u(X + STEP, T) - 2 * u(X, T) + u(X - STEP, T)) / STEP**2


def test_a_source_adds_its_rate_to_the_heat_equation():
    assert left_over(lambda x, t: source_warming(x, t, 0.3)) == pytest.approx(0.3, abs=1e-4)


def test_a_source_adds_nothing_at_the_start_and_at_the_ends():
    assert source_warming(np.linspace(0, 1, 11), 0.0, 1.0) == pytest.approx(0, abs=1e-5)
    assert source_warming(np.array([0.0, 1.0]), T, 1.0) == pytest.approx(0, abs=1e-12)


def test_the_surface_wave_obeys_the_heat_equation_and_swings_at_the_surface():
    assert left_over(lambda x, t: surface_wave(x, t, 20.0, 0.4)) == pytest.approx(0, abs=1e-4)
    assert surface_wave(1.0, T, 20.0, 0.4) == pytest.approx(np.cos(20.0 * T - 0.4))
