"""Errors of flow fields."""

from types import SimpleNamespace

import numpy as np
import pytest

from mlearth.flow_scores import pressure_error, score_discovery, window_grid


def test_constant_that_changes_with_time_is_no_error_of_a_pressure():
    truth = np.random.default_rng(0).normal(size=(3, 20))
    assert pressure_error(truth + np.array([[1.0], [-5.0], [2.0]]), truth) < 1e-14
    assert pressure_error(0 * truth, truth) == pytest.approx(1)


def test_window_holds_its_corners_at_every_time():
    x, y, t = window_grid([0.0, 2.0], shape=(8, 5))
    assert x.shape == y.shape == t.shape == (2, 40)
    assert (x[1].min(), x[1].max(), y[0].min(), y[0].max()) == (1, 8, -2, 2)
    assert (np.diff(x[0])[:7] == 1).all()
    assert (t[1] == 2).all()


def test_a_discovery_is_scored_against_the_truth():
    grid = window_grid([0.0, 1.0], shape=(8, 5))
    x, y, t = grid
    truth = SimpleNamespace(u=1 + 0 * x, v=x, p=x * y)
    numbers = {"rate": 2.0, "inertia": 0.9, "viscosity": 0.0102}
    fields = {
        "psi_y": lambda q: np.full(len(q), 1.1),
        "psi_x": lambda q: -q[:, 0],
        "p": lambda q: q[:, 0] * q[:, 1] + q[:, 2],
    }
    fit = SimpleNamespace(numbers=numbers, evaluate=lambda name, q: fields[name](q))
    errors, p = score_discovery(fit, grid, truth)
    wanted = {"inertia": 0.1, "viscosity": 0.02, "u": 0.1, "v": 0, "pressure": 0}
    assert errors == pytest.approx(wanted, abs=1e-12)
    assert p == pytest.approx(x * y + 2 * t)
