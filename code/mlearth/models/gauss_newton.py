"""Damped Gauss-Newton (Levenberg-Marquardt) for a few hundred unknowns and any number of residuals.

A sum of squares has more structure than its gradient shows: if J holds the derivative of every
residual by every unknown, J'J is nearly its curvature. The damping
follows Nielsen's rule: it falls smoothly while the straight-line model predicts well.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.blas import dsyrk

LARGEST = 1e12  # damping at which we say that no step helps


@dataclass
class GaussNewton:
    """Where a fit stands; `step` moves it on.

    Parameters
    ----------
    residuals : callable
        ndarray of shape (p,) -> residuals of shape (n,).
    linearise : callable
        The same -> residuals and their Jacobian (n, p).
    x : ndarray, shape (p,)
        Where it is; given as the start.
    damping : float
        What is added to the diagonal of J'J; adapts itself.

    Attributes
    ----------
    value : float
        Sum of the squared residuals at `x`.
    """

    residuals: object
    linearise: object
    x: np.ndarray
    damping: float = 0.1

    def __post_init__(self):
        self.x = np.array(self.x, float)
        self.value = _squares(self.residuals(self.x))

    def step(self):
        """Move once to where the sum of squares is smaller.

        Returns
        -------
        bool
            False if no damping, however strong, led to a smaller sum; then nothing moved.
        """
        found, jacobian = self.linearise(self.x)
        gradient, normal = jacobian.T @ found, dsyrk(1.0, jacobian.T, lower=1)
        growth = 2.0
        while self.damping < LARGEST:
            move = _solve(normal, self.damping, -gradient)
            value = _squares(self.residuals(self.x + move))
            if value < self.value:
                promised = -move @ (gradient - self.damping * move)  # by the straight-line model
                gain = (self.value - value) / promised
                self.damping *= max(1 / 5, 1 - (2 * gain - 1) ** 3)
                self.x, self.value = self.x + move, value
                return True
            self.damping *= growth
            growth *= 2
        return False


def _solve(normal, damping, right):
    damped = normal + damping * np.eye(len(normal))
    return cho_solve(cho_factor(damped, lower=True, overwrite_a=True, check_finite=False), right)


def _squares(residuals):
    return float(residuals @ residuals)
