"""Two-dimensional incompressible flow past a circular cylinder, on a grid that widens outwards.

Lengths are in diameters, speeds in free-stream speeds. The radius is r = exp(s) / 2: equal steps in
s are fine at the wall and coarse far away. Around the cylinder a field is a Fourier series: row i,
column k of a complex array is the coefficient of exp(i k angle) at radius r_i, k = 0 ... `modes`.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy import fft

WALL = 0.5  # radius of the cylinder
STENCIL = 9  # points of a difference: eighth order


@dataclass(frozen=True)
class Grid:
    """Rings around the cylinder.

    Parameters
    ----------
    rows : int
        Rings, that on the wall and the outermost included.
    modes : int
        Highest wave number around the cylinder.
    radius : float
        Of the outermost ring.
    """

    rows: int
    modes: int
    radius: float = 40.0

    @property
    def spacing(self):
        """Step in s."""
        return np.log(self.radius / WALL) / (self.rows - 1)

    @property
    def r(self):
        """Radii, shape (rows, 1)."""
        return WALL * np.exp(self.spacing * np.arange(self.rows))[:, None]

    @property
    def k(self):
        """Wave numbers, shape (modes + 1,)."""
        return np.arange(self.modes + 1)

    @property
    def angles(self):
        """Points around the cylinder: enough that products of two fields are free of aliases."""
        return fft.next_fast_len(3 * self.modes + 1, real=True)


def difference_weights(rows, spacing):
    """Weights of the eighth-order first derivative: central inside, one-sided at both ends.

    Returns
    -------
    weights : ndarray, shape (rows, STENCIL)
    first : ndarray of int, shape (rows,)
        Row at which the stencil of each row begins.
    """
    first = np.clip(np.arange(rows) - STENCIL // 2, 0, rows - STENCIL)
    target = np.eye(STENCIL)[1]
    weights = np.empty((rows, STENCIL))
    for i in range(rows):
        offsets = first[i] + np.arange(STENCIL) - i
        weights[i] = np.linalg.solve(np.vander(offsets, increasing=True).T, target)
    return weights / spacing, first


@njit(cache=True)
def differentiate(weights, first, field):
    """First derivative along the rows."""
    out = np.zeros_like(field)
    for i in range(field.shape[0]):
        for j in range(weights.shape[1]):
            weight, row = weights[i, j], first[i] + j
            for k in range(field.shape[1]):
                out[i, k] += weight * field[row, k]
    return out


@njit(cache=True)
def _sweep(lower, inverse, upper, field):
    """Solve tridiagonal systems in place, one for each column."""
    rows, columns = field.shape
    for k in range(columns):
        field[0, k] *= inverse[0, k]
    for i in range(1, rows):
        for k in range(columns):
            field[i, k] = (field[i, k] - lower[i, k] * field[i - 1, k]) * inverse[i, k]
    for i in range(rows - 2, -1, -1):
        for k in range(columns):
            field[i, k] -= upper[i, k] * field[i + 1, k]


class Helmholtz:
    """Solve f'' - q f = g along the rows by a compact scheme of fourth order.

    Parameters
    ----------
    q : ndarray, shape (rows, columns)
    spacing : float
    outer : ndarray, shape (columns,) or float
        At the outer end (f_N - f_N-1) / spacing + outer (f_N + f_N-1) / 2 is prescribed.
    """

    def __init__(self, q, spacing, outer=0.0):
        lower, upper = np.zeros_like(q), np.zeros_like(q)
        diagonal = -2 / spacing**2 - 10 / 12 * q
        lower[1:-1] = 1 / spacing**2 - q[:-2] / 12
        upper[1:-1] = 1 / spacing**2 - q[2:] / 12
        diagonal[0] = 1.0
        lower[-1], diagonal[-1] = outer / 2 - 1 / spacing, outer / 2 + 1 / spacing
        self.lower, self.inverse, self.upper = lower, np.empty_like(q), upper
        for i in range(len(q)):
            before = lower[i] * self.upper[i - 1] if i else 0.0
            self.inverse[i] = 1 / (diagonal[i] - before)
            self.upper[i] = upper[i] * self.inverse[i]
        unit = np.zeros_like(q)
        unit[0] = 1.0
        _sweep(self.lower, self.inverse, self.upper, unit)
        self.response = unit  # to the value 1 on the wall

    def solve(self, g, outer=0.0):
        """Solution that is 0 on the wall; `outer` is what is prescribed at the outer end."""
        field = np.empty_like(g)
        field[1:-1] = (g[:-2] + 10 * g[1:-1] + g[2:]) / 12
        field[0], field[-1] = 0.0, outer
        _sweep(self.lower, self.inverse, self.upper, field)
        return field
