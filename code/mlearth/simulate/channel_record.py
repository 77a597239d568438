"""One period of flow and dye in a channel, and its values anywhere."""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev

from mlearth.simulate.channel_grid import Narrows


@dataclass(frozen=True)
class Channel:
    """Flow and dye of one period.

    Parameters
    ----------
    waves : ndarray of complex, shape (5, harmonics, nx, ny)
        u, v, pressure (periodic part), dye and vorticity: the real part of the sum over harmonics k
        of waves[:, k] exp(2 pi i k t / period).
    push : ndarray of complex, shape (harmonics,)
        Pressure gradient that drives the flow: the pressure is push x + its periodic part.
    narrows : Narrows
    period, reynolds, peclet : float
    change : float
        Largest change of u in the last period: how periodic the flow is.
    """

    waves: np.ndarray
    push: np.ndarray
    narrows: Narrows
    period: float
    reynolds: float
    peclet: float
    change: float

    def sample(self, x, y, t, scalar="dye"):
        """Interpolate, by the series that the flow was computed with.

        Parameters
        ----------
        x, y, t : array_like
            Broadcast against each other; y between the walls.
        scalar : {"dye"}

        Returns
        -------
        u, v, p, c : ndarray
            p over density, up to a number at each time.
        """
        if scalar != "dye":
            raise ValueError(f"The channel carries dye, not {scalar!r}.")
        return tuple(self._interpolate(slice(0, 4), x, y, t))

    def wall_shear(self, x, t):
        """Shear stress on the lower and on the upper wall, over density.

        Parameters
        ----------
        x, t : array_like
            Broadcast against each other.

        Returns
        -------
        lower, upper : ndarray
            Positive where the fluid next to the wall flows downstream.
        """
        walls = self.narrows.walls(x)
        lower, upper = (self._interpolate(slice(4, 5), x, y, t)[0] for y in walls)
        return -lower / self.reynolds, upper / self.reynolds

    def _interpolate(self, which, x, y, t):
        x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
        walls = self.narrows.walls(x)
        if np.any(y < walls[0] - 1e-9) or np.any(y > walls[1] + 1e-9):
            raise ValueError("Some points lie in the wall: y must be between `narrows.walls(x)`.")
        eta = (2 * y - walls[0] - walls[1]) / (walls[1] - walls[0])
        waves = self._at_points(self.waves[which], x.ravel(), eta.ravel())
        waves = waves.reshape(*waves.shape[:2], *x.shape)
        if which.start == 0:
            waves[2] += self.push.reshape(-1, *(1,) * x.ndim) * x
        turn = np.exp(2j * np.pi / self.period * np.asarray(t, float))
        return [sum((part * turn**k).real for k, part in enumerate(field)) for field in waves]

    def _at_points(self, waves, x, eta):
        """Shape (fields, harmonics, points); a few points at a time to save memory."""
        fields, harmonics, nx, ny = waves.shape
        grid_eta = -np.cos(np.pi * np.arange(ny) / (ny - 1))
        polynomials = np.linalg.inv(chebyshev.chebvander(grid_eta, ny - 1))
        series = np.fft.fft(waves @ polynomials.T, axis=2) / nx
        series = np.moveaxis(series, 2, 0).reshape(nx, -1)
        number = np.fft.fftfreq(nx, 1 / nx)
        number[nx // 2] = 0  # grid-scale waves are nothing
        angle = 2 * np.pi / self.narrows.length * x + np.pi
        parts = []
        for start in range(0, max(len(x), 1), 500):
            some = slice(start, start + 500)
            along = np.exp(1j * angle[some, None] * number) @ series
            along = along.reshape(-1, fields * harmonics, ny)
            across = chebyshev.chebvander(eta[some], ny - 1)
            parts.append(np.einsum("nfj,nj->fn", along, across))
        return np.concatenate(parts, axis=1).reshape(fields, harmonics, -1)
