"""A network whose hidden layer stays as it was drawn: heat by linear least squares.

The temperature is a known part plus a sum of tanh features with random, frozen weights. The heat
equation, the start and the ends are linear in the coefficients of that sum, so that one call of
`lstsq` replaces training [dong2021local]_. The features' second input is the root of time.

.. [dong2021local] Dong and Li (2021), Local extreme learning machines and domain decomposition for
   solving linear and nonlinear partial differential equations. CMAME 387, 114129.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lstsq

DURATION = 0.25
VALUES = 50.0  # weight of given values; a residual of the equation has the weight 1
SPREAD = 2.0  # standard deviation of the weights, about the number of bends of a feature


@dataclass(frozen=True)
class FrozenFeatures:
    """Random tanh features of x and s = sqrt(t).

    Parameters
    ----------
    weights : ndarray, shape (2, m)
    biases : ndarray, shape (m,)
    """

    weights: np.ndarray
    biases: np.ndarray

    def values(self, x, t):
        """Return all features, shape (n, m), at x and t of shape (n,)."""
        s = np.sqrt(t)
        inside = np.outer(2 * x - 1, self.weights[0]) + np.outer(4 * s - 1, self.weights[1])
        return np.tanh(inside + self.biases)

    def derivatives(self, x, t):
        """Values of all features, and derivatives by x, by s and twice by x: four arrays (n, m)."""
        value = self.values(x, t)
        slope, (by_x, by_s) = 1 - value**2, self.weights * [[2.0], [4.0]]
        return value, slope * by_x, slope * by_s, -2 * value * slope * by_x**2


def random_features(rng, count):
    """Draw features and freeze them.

    Parameters
    ----------
    rng : numpy.random.Generator
    count : int

    Returns
    -------
    FrozenFeatures
    """
    biases = rng.uniform(-SPREAD, SPREAD, count)
    return FrozenFeatures(rng.normal(0, SPREAD, (2, count)), biases)


def least_squares(matrix, wanted):
    """Solve by QR with pivoting, and leave out what rounding has made indistinguishable."""
    cut = 50 * np.finfo(matrix.dtype).eps
    return lstsq(matrix, wanted, cond=cut, lapack_driver="gelsy", check_finite=False)[0]


def no_part(x, t, diffusivity):
    """Nothing known beforehand: 0 everywhere."""
    return np.zeros(np.broadcast_shapes(np.shape(x), np.shape(t)))


class FrozenHeat:
    """The chapter's heat problem in frozen features, ready to be solved for any diffusivity.

    Parameters
    ----------
    features : FrozenFeatures
    start : callable
        x -> temperature at t = 0.
    known : callable
        (x, t, diffusivity) -> a part of the temperature that obeys the heat equation exactly;
        what the features add is the rest.
    side : int
        The equation is demanded at `side` x `side` points, the start and each end at three times
        `side`; Chebyshev points, which crowd towards the ends.
    weight : float
        Of the start and the ends.
    """

    def __init__(self, features, start, known=no_part, *, side=36, weight=VALUES):
        self.features, self.known, self.weight = features, known, weight
        inner = 0.5 - 0.5 * np.cos(np.pi * (np.arange(side) + 0.5) / side)
        x, s = (v.ravel() for v in np.meshgrid(inner, DURATION**0.5 * inner))
        _, _, self._by_s, bent = features.derivatives(x, s**2)
        self._spread = 2 * s[:, None] * bent
        edge = 0.5 - 0.5 * np.cos(np.pi * np.arange(3 * side) / (3 * side - 1))
        nothing, one = np.zeros_like(edge), np.ones_like(edge)
        self._x = np.r_[edge, nothing, one]
        self._t = DURATION * np.r_[nothing, edge**2, edge**2]
        self._given = np.r_[start(edge), nothing, one]
        self._edges = weight * features.values(self._x, self._t)

    def solve(self, diffusivity=1.0, dtype=float):
        """Find the coefficients for one diffusivity.

        Parameters
        ----------
        diffusivity : float
        dtype : data-type
            Precision of the least-squares problem.

        Returns
        -------
        ndarray, shape (m,)
        """
        rest = self._given - np.asarray(self.known(self._x, self._t, diffusivity))
        matrix = np.concatenate([self._by_s - diffusivity * self._spread, self._edges])
        wanted = np.concatenate([np.zeros(len(self._by_s)), self.weight * rest])
        return least_squares(matrix.astype(dtype), wanted.astype(dtype))

    def temperature(self, coefficients, x, t, diffusivity=1.0):
        """Evaluate a solution.

        Parameters
        ----------
        coefficients : ndarray, shape (m,)
            From `solve`.
        x, t : array_like
            Broadcast.
        diffusivity : float
            The one that was solved for.

        Returns
        -------
        ndarray, of the broadcast shape
        """
        x, t = (v.copy() for v in np.broadcast_arrays(np.asarray(x, float), np.asarray(t, float)))
        smooth = self.features.values(x.ravel(), t.ravel()) @ coefficients
        return smooth.reshape(x.shape) + np.asarray(self.known(x, t, diffusivity))
