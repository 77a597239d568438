"""Self-scaled Broyden goes down, and its matrix learns the inverse of the curvature."""

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

from mlearth.models.quasi_newton import Descent, _update


def bowl(seed=0, n=12):
    rng = np.random.default_rng(seed)
    half = rng.normal(size=(n, n))
    curvature = half @ half.T + 0.5 * np.eye(n)
    return curvature, lambda x: (0.5 * x @ curvature @ x, curvature @ x)


def test_it_finds_the_bottom_of_a_bowl():
    descent = Descent(bowl()[1], np.ones(12))
    for _ in range(60):
        descent.step()
    assert np.abs(descent.x).max() < 1e-8


def test_it_follows_the_bent_valley_of_rosenbrock():
    descent = Descent(lambda x: (rosen(x), rosen_der(x)), np.tile([-1.2, 1.0], 5))
    for _ in range(300):
        if not descent.step():
            break
    assert descent.x == pytest.approx(np.ones(10), abs=1e-6)


def test_it_never_goes_up():
    descent, values = Descent(bowl(1)[1], np.ones(12)), []
    for _ in range(20):
        values.append(descent.value)
        descent.step()
    assert np.all(np.diff(values) < 0)


def test_an_update_makes_the_matrix_explain_the_last_step():
    rng = np.random.default_rng(2)
    curvature, _ = bowl(2)
    inverse = np.asfortranarray(np.eye(12))
    moved = rng.normal(size=12)
    changed = curvature @ moved
    _update(inverse, moved, changed, moved @ moved, first=False)
    whole = np.triu(inverse) + np.triu(inverse, 1).T
    assert whole @ changed == pytest.approx(moved)
    assert np.linalg.eigvalsh(whole).min() > 0


def test_at_the_bottom_it_says_that_there_is_nowhere_to_go():
    descent = Descent(lambda x: (float(x @ x), 2 * x), np.zeros(3))
    assert descent.step() is False
