"""Readings weighed against a law: frozen features for heat, and how far each of both gives way.

A physics-informed network minimises a sum of squares: what is left of the law, and what is left of
the readings. With frozen features that sum is quadratic in the coefficients, so that its least
value for any weights is one linear problem, for as many sets of readings as we like at once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev
from scipy.linalg import lstsq

DURATION = 0.25
GIVEN = 30.0  # weight of the start and the ends, whose values are known


@dataclass(frozen=True)
class SoftFit:
    """The best compromise for `m` sets of readings.

    Parameters
    ----------
    coefficients : ndarray, shape (p, m)
        Of the features.
    misfit, residual, given : ndarray, shape (m,)
        Mean squares: of readings minus temperature; of 2 s (u_t - k u_xx) with s = sqrt(t); of what
        the start and the ends miss.
    """

    coefficients: np.ndarray
    misfit: np.ndarray
    residual: np.ndarray
    given: np.ndarray

    def loss(self, weight):
        """The sum that was made least, shape (m,); `weight` is that of the readings."""
        return self.residual + weight**2 * self.misfit + GIVEN**2 * self.given


class SoftLaw:
    """The chapter's heat problem, as a demand among others.

    Parameters
    ----------
    features : mlearth.models.frozen_features.FrozenFeatures
    start : callable
        x -> temperature at t = 0.
    known : callable
        (x, t, diffusivity) -> a part of the temperature that obeys the law exactly.
    x, t : ndarray, shape (n,)
        Where and when the thermometers are read.
    side : int
        The law is demanded at `side` x `side` points.
    """

    def __init__(self, features, start, known, x, t, *, side=24):
        self.features, self.known, self.x, self.t = features, known, x, t
        inner = 0.5 - 0.5 * np.cos(np.pi * (np.arange(side) + 0.5) / side)
        place, s = (v.ravel() for v in np.meshgrid(inner, DURATION**0.5 * inner))
        _, _, self._by_s, bent = features.derivatives(place, s**2)
        self._spread = 2 * s[:, None] * bent
        edge = np.linspace(0, 1, 2 * side)
        nothing, one = np.zeros_like(edge), np.ones_like(edge)
        self.edge = np.r_[edge, nothing, one], DURATION * np.r_[nothing, edge**2, edge**2]
        self.given = np.r_[start(edge), nothing, one]
        self._rows = features.values(x, t), features.values(*self.edge)

    def fit(self, readings, diffusivity, weight):
        """Find the coefficients with the least sum of squares, for a given diffusivity.

        Parameters
        ----------
        readings : ndarray, shape (m, n)
            One row for each set of errors.
        diffusivity : float
        weight : float
            Of the readings; the law has the weight 1.

        Returns
        -------
        SoftFit
        """
        parts = self._by_s - diffusivity * self._spread, *self._rows
        targets = self._targets(np.atleast_2d(readings), diffusivity)
        scales = [w / len(p) ** 0.5 for w, p in zip((1.0, weight, GIVEN), parts, strict=True)]
        matrix = np.concatenate([w * p for w, p in zip(scales, parts, strict=True)])
        wanted = np.concatenate([w * v for w, v in zip(scales, targets, strict=True)])
        found = lstsq(matrix, wanted, cond=1e-12, lapack_driver="gelsy", check_finite=False)[0]
        left = [np.mean((p @ found - v) ** 2, axis=0) for p, v in zip(parts, targets, strict=True)]
        return SoftFit(found, left[1], left[0], left[2])

    def best_diffusivity(self, readings, weight, low=0.1, high=10.0, nodes=32):
        """Choose, for each set of readings, the diffusivity whose sum of squares is least.

        Parameters
        ----------
        readings : ndarray, shape (m, n)
        weight : float
        low, high : float
            Range of the search.
        nodes : int
            Diffusivities that are tried; between them the sum is interpolated.

        Returns
        -------
        ndarray, shape (m,)
        """
        at = np.cos(np.pi * (np.arange(nodes) + 0.5) / nodes)
        scale = np.log([low * high, high / low]) / 2  # middle and half of the range of log k
        tried = np.exp(scale[0] + scale[1] * at)
        losses = np.array([self.fit(readings, k, weight).loss(weight) for k in tried])
        place = np.linspace(-1, 1, 2001)
        table = chebyshev.chebval(place, chebyshev.chebfit(at, losses, nodes - 1)).T
        return np.exp(scale[0] + scale[1] * lowest(place, table))

    def temperature(self, coefficients, x, t, diffusivity):
        """Evaluate a fit at x and t of shape (q,): ndarray (q, m)."""
        known = np.asarray(self.known(x, t, diffusivity))
        return self.features.values(x, t) @ coefficients + known[:, None]

    def _targets(self, readings, diffusivity):
        known = [np.asarray(self.known(*at, diffusivity)) for at in ((self.x, self.t), self.edge)]
        return (
            np.zeros((len(self._by_s), len(readings))),
            readings.T - known[0][:, None],
            np.repeat((self.given - known[1])[:, None], len(readings), axis=1),
        )


def lowest(place, table):
    """Find where each column of a table is lowest, by a parabola through three entries.

    Parameters
    ----------
    place : ndarray, shape (k,)
        Evenly spaced.
    table : ndarray, shape (k, m)

    Returns
    -------
    ndarray, shape (m,)
    """
    best = np.clip(np.argmin(table, axis=0), 1, len(place) - 2)
    low, middle, high = (table[best + i, np.arange(table.shape[1])] for i in (-1, 0, 1))
    bend = np.maximum(low - 2 * middle + high, 1e-300)
    shift = np.clip(0.5 * (low - high) / bend, -1, 1)
    return place[best] + shift * (place[1] - place[0])
