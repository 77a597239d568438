"""Splines go through what they are made of, and their derivatives are those of the field."""

import numpy as np
import pytest

from mlearth.simulate.polar_spline import PolarSpline, phase_basis

ROWS, MODES, SPACING = 60, 9, 0.05


@pytest.fixture
def spline():
    """2 s^5 cos(3 angle) sin(phase) + exp(s) sin(angle)."""
    s = SPACING * np.arange(ROWS)
    modes = np.zeros((5, ROWS, MODES), complex)
    modes[2, :, 3] = s**5
    modes[0, :, 1] = -0.5j * np.exp(s)
    return PolarSpline(modes, SPACING)


@pytest.fixture
def points():
    rng = np.random.default_rng(0)
    s = np.concatenate([[0.0, SPACING * (ROWS - 1)], rng.uniform(0, SPACING * (ROWS - 1), 200)])
    return s, rng.uniform(-7, 7, 202), rng.uniform(0, 2 * np.pi, 202)


@pytest.mark.parametrize(
    ("ds", "dangle", "truth", "tolerance"),
    [
        (0, 0, lambda s, a, p: 2 * s**5 * np.cos(3 * a) * np.sin(p) + np.exp(s) * np.sin(a), 1e-6),
        (
            1,
            0,
            lambda s, a, p: 10 * s**4 * np.cos(3 * a) * np.sin(p) + np.exp(s) * np.sin(a),
            1e-5,
        ),
        (
            0,
            1,
            lambda s, a, p: -6 * s**5 * np.sin(3 * a) * np.sin(p) + np.exp(s) * np.cos(a),
            1e-4,
        ),
        (
            2,
            0,
            lambda s, a, p: 40 * s**3 * np.cos(3 * a) * np.sin(p) + np.exp(s) * np.sin(a),
            1e-3,
        ),
        (
            0,
            2,
            lambda s, a, p: -18 * s**5 * np.cos(3 * a) * np.sin(p) - np.exp(s) * np.sin(a),
            1e-2,
        ),
    ],
)
def test_values_and_derivatives_are_those_of_the_field(
    spline, points, ds, dangle, truth, tolerance
):
    expected = truth(*points)
    error = spline(*points, ds=ds, dangle=dangle) - expected
    assert np.abs(error).max() < tolerance * np.abs(expected).max()


def test_the_spline_goes_through_its_grid_points(spline):
    s = SPACING * np.repeat(np.arange(ROWS), spline.angles)
    angle = np.tile(2 * np.pi / spline.angles * np.arange(spline.angles), ROWS)
    phase = np.full(len(s), 0.7)
    expected = 2 * s**5 * np.cos(3 * angle) * np.sin(0.7) + np.exp(s) * np.sin(angle)
    assert spline(s, angle, phase) == pytest.approx(expected, abs=1e-9)


def test_a_turn_more_changes_nothing(spline, points):
    s, angle, phase = points
    assert spline(s, angle + 4 * np.pi, phase) == pytest.approx(spline(s, angle, phase), abs=1e-9)


def test_harmonics_come_as_cosine_and_sine_in_turn():
    basis = phase_basis(np.array([0.3]), 2)
    assert basis[0] == pytest.approx([1, np.cos(0.3), np.sin(0.3), np.cos(0.6), np.sin(0.6)])
