"""A channel with a narrow place, and points that follow its walls.

Lengths are half widths of the channel where it is wide. Along x fields are periodic and known at
equal steps; across they are known at the points of Chebyshev.
"""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev


@dataclass(frozen=True)
class Narrows:
    """Shape of the channel, y from `lower` to `upper`.

    Parameters
    ----------
    heights : tuple of float
        By how much the lower and the upper wall come closer at x = 0.
    width : float
        Of the narrow place (standard deviation of a bell).
    length : float
        After which the channel repeats itself.
    """

    heights: tuple = (0.6, 0.2)
    width: float = 1.0
    length: float = 12.0

    def bell(self, x):
        """1 at x = 0, next to 0 far away, and its derivative; periodic."""
        wave = 2 * np.pi / self.length
        value = np.exp((np.cos(wave * np.asarray(x)) - 1) / (wave * self.width) ** 2)
        return value, -np.sin(wave * np.asarray(x)) / (wave * self.width**2) * value

    def walls(self, x):
        """Return y of the lower and of the upper wall, shape of x each."""
        bell, _ = self.bell(x)
        return -1 + self.heights[0] * bell, 1 - self.heights[1] * bell

    def inside(self, points):
        """Tell which of some points, shape (n, 2), lie in the fluid."""
        lower, upper = self.walls(points[:, 0])
        return (points[:, 1] > lower) & (points[:, 1] < upper)

    def slopes(self, x):
        """Return dy/dx of the lower and of the upper wall, shape of x each."""
        _, slope = self.bell(x)
        return self.heights[0] * slope, -self.heights[1] * slope


class Grid:
    """Points along the channel (rows) and from the lower to the upper wall (columns).

    Parameters
    ----------
    narrows : Narrows
    nx, ny : int
        Even number of points along x; points across.

    Attributes
    ----------
    x, eta : ndarray, shape (nx, 1), (ny,)
        eta from -1 to 1.
    y, half : ndarray, shape (nx, ny), (nx, 1)
        Half the distance of the walls.
    """

    def __init__(self, narrows, nx, ny):
        self.narrows, self.shape = narrows, (nx, ny)
        self.x = narrows.length * (np.arange(nx) / nx - 0.5)[:, None]
        self.eta = -np.cos(np.pi * np.arange(ny) / (ny - 1))
        walls, slopes = narrows.walls(self.x), narrows.slopes(self.x)
        self.half = (walls[1] - walls[0]) / 2
        self.y = (walls[0] + walls[1]) / 2 + self.half * self.eta
        tilt = (slopes[0] + slopes[1]) / 2 + (slopes[1] - slopes[0]) / 2 * self.eta
        self.tilt = tilt  # dy/dx where eta is constant
        step = 1j * 2 * np.pi / narrows.length * np.fft.fftfreq(nx, 1 / nx)[:, None]
        step[nx // 2] = 0
        self.along = np.fft.ifft(step * np.fft.fft(np.eye(nx), axis=0), axis=0).real
        self.to_chebyshev = np.linalg.inv(chebyshev.chebvander(self.eta, ny - 1))
        slope = chebyshev.chebder(np.eye(ny), axis=0)
        self.across = chebyshev.chebvander(self.eta, ny - 2) @ slope @ self.to_chebyshev
        self._back = self.across.T.copy()

    def d_y(self, f):
        """df/dy, shape (..., nx, ny)."""
        return f @ self._back / self.half

    def gradient(self, f):
        """df/dx and df/dy."""
        f_y = self.d_y(f)
        return self.along @ f - self.tilt * f_y, f_y

    def matrices(self):
        """Matrices of d/dx and d/dy, shape (nx ny, nx ny), of fields written row by row."""
        ny = self.shape[1]
        d_y = np.kron(np.diag(1 / self.half[:, 0]), self.across)
        return np.kron(self.along, np.eye(ny)) - self.tilt.reshape(-1, 1) * d_y, d_y
