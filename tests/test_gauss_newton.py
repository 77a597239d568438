"""Damped Gauss-Newton solves what it should, and only ever goes down."""

import numpy as np
import pytest

from mlearth.models.gauss_newton import GaussNewton


def curve(x):
    return np.array([10 * (x[1] - x[0] ** 2), 1 - x[0]])


def bend(x):
    return curve(x), np.array([[-20 * x[0], 10.0], [-1.0, 0.0]])


def test_a_linear_problem_takes_one_undamped_step():
    rng = np.random.default_rng(0)
    matrix, wanted = rng.normal(size=(9, 4)), rng.normal(size=9)
    fit = GaussNewton(
        lambda x: matrix @ x - wanted, lambda x: (matrix @ x - wanted, matrix), np.zeros(4), 1e-12
    )
    assert fit.step()
    assert fit.x == pytest.approx(np.linalg.lstsq(matrix, wanted, rcond=None)[0])


def test_it_follows_the_bent_valley_of_rosenbrock():
    fit, values = GaussNewton(curve, bend, [-1.2, 1.0]), []
    for _ in range(60):
        values.append(fit.value)
        if not fit.step():
            break
    assert fit.x == pytest.approx([1, 1], abs=1e-6)
    assert np.all(np.diff(values) < 0)


def test_where_no_step_helps_it_says_so_and_stays():
    fit = GaussNewton(curve, bend, [1.0, 1.0])
    assert fit.step() is False
    assert fit.x.tolist() == [1, 1]
