"""Heat on a line of which neither the start nor the ends are known, from readings inside.

Two ways, both by least squares. `DifferenceEnds` is the classical one: the start and both ends are
unknown numbers at knots, between which they run in straight lines, and Crank-Nicolson leads from
them to the readings. `FeatureEnds` is that of a physics-informed network: nothing is asked of the
start and the ends, only of the law inside. Both are kept calm by a penalty, whose settings are
chosen by leaving out each reading in turn.
"""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import RegularGridInterpolator
from scipy.linalg import cho_factor, cho_solve, solve_banded

from mlearth.models.soft_law import lowest

DURATION = 0.25


@dataclass(frozen=True)
class DifferenceEnds:
    """Crank-Nicolson from knots of the start and of both ends, which share the corners.

    Parameters
    ----------
    knots : int
        On each of the three edges.
    strengths : sequence of float
        Of the penalty, to choose from.
    cells, steps : int
        Of the grid.
    """

    knots: int = 16
    strengths: tuple = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
    cells: int = 60
    steps: int = 120

    def priors(self, diffusivity):
        """Penalise bends along each edge, and values a little: for each strength F, (p, p).

        The penalty on coefficients c is |F^-1 c|^2.
        """
        bend = self.knots**1.5 * np.diff(np.eye(self.knots), 2, axis=0)
        bends = [bend @ edge for edge in self._edges()]
        penalty = np.concatenate([*bends, 1e-2 * np.eye(3 * self.knots - 2)])
        loose = np.linalg.inv(np.linalg.qr(penalty, mode="r"))
        return [loose / strength for strength in self.strengths]

    def values(self, diffusivity):
        """Solve for each knot alone; return x, t -> temperature by knots (n, 3 * knots - 2)."""
        places, times = np.linspace(0, 1, self.cells + 1), np.linspace(0, 1, self.steps + 1)
        left, start, right = self._edges()
        field = np.empty((self.steps + 1, self.cells + 1, 3 * self.knots - 2))
        field[0] = self._along(places) @ start
        left, right = self._along(times) @ left, self._along(times) @ right
        for step in range(self.steps):
            field[step + 1] = self._advance(
                field[step], left[step + 1], right[step + 1], diffusivity
            )
        interpolate = RegularGridInterpolator((DURATION * times, places), field)
        return lambda x, t: interpolate((t, x))

    def _edges(self):
        """Which knots lie on x = 0, on t = 0 and on x = 1, in the order of t, x and t."""
        every, k = np.eye(3 * self.knots - 2), self.knots
        return every[k - 1 :: -1], every[k - 1 : 2 * k - 1], every[2 * k - 2 :]

    def _along(self, place):
        """Straight lines between the knots of one edge: (n, knots)."""
        at = np.linspace(0, 1, self.knots)
        return np.stack([np.interp(place, at, e) for e in np.eye(self.knots)], axis=1)

    def _advance(self, old, left, right, diffusivity):
        number = diffusivity * DURATION / self.steps * self.cells**2
        bands = np.full((3, self.cells + 1), -number / 2)
        bands[1] = 1 + number
        bands[1, [0, -1]], bands[0, 1], bands[2, -2] = 1, 0, 0
        wanted = old.copy()
        wanted[1:-1] += number / 2 * np.diff(old, 2, axis=0)
        wanted[0], wanted[-1] = left, right
        return solve_banded((1, 1), bands, wanted)


class FeatureEnds:
    """Frozen tanh features of x and t, of which only the law is demanded.

    Parameters
    ----------
    rng : numpy.random.Generator
    count : int
        Number of features.
    spread : (float, float)
        Standard deviation of the weights of x and of t, both scaled to [-1, 1].
    laws, strengths : sequence of float
        Weights of the law (a reading has 1) and strengths of the penalty, to choose from.
    side : int
        The law is demanded at `side` x `side` Chebyshev points.
    """

    def __init__(
        self,
        rng,
        count,
        spread=(2.0, 2.0),
        *,
        laws=(0.01, 0.1, 1.0),
        strengths=(1e-5, 1e-4, 1e-3, 1e-2),
        side=30,
    ):
        self.laws, self.strengths = laws, strengths
        self.weights = rng.normal(size=(2, count)) * np.array(spread)[:, None]
        self.biases = -np.sum(self.weights * rng.uniform(-1, 1, (2, count)), axis=0)
        inner = 0.5 - 0.5 * np.cos(np.pi * (np.arange(side) + 0.5) / side)
        self._points = [v.ravel() for v in np.meshgrid(inner, DURATION * inner)]

    def rows(self, diffusivity):
        """The law at its points, of mean square 1 if all are 1: (side**2, count)."""
        value, (by_x, by_t) = self._values(*self._points), self.weights * [[2], [2 / DURATION]]
        left = (1 - value**2) * (by_t + 2 * diffusivity * value * by_x**2)
        return left / len(left) ** 0.5

    def priors(self, diffusivity):
        """Penalise a broken law, and all coefficients alike: for each pair of weights F, (p, p).

        The penalty on coefficients c is |F^-1 c|^2.
        """
        _, broken, modes = np.linalg.svd(np.linalg.qr(self.rows(diffusivity), mode="r"))
        return [
            modes.T / np.sqrt((law * broken) ** 2 + strength**2)
            for law in self.laws
            for strength in self.strengths
        ]

    def values(self, diffusivity):
        """Return x, t -> features (n, count); they do not depend on k."""
        return self._values

    def _values(self, x, t):
        scaled = np.stack([2 * x - 1, 2 * t / DURATION - 1], axis=1)
        return np.tanh(scaled @ self.weights + self.biases)


@dataclass(frozen=True)
class Recovered:
    """What was found for `m` sets of readings.

    Parameters
    ----------
    diffusivity : ndarray, shape (m,)
    field : ndarray, shape (m, q)
        Temperature at the places and times asked for.
    left_out : ndarray, shape (m,)
        Root mean square misfit of the readings, each as predicted by the others.
    """

    diffusivity: np.ndarray
    field: np.ndarray
    left_out: np.ndarray


def recover(model, x, t, readings, ask, trial):
    """Find k and the temperature; readings left out in turn choose the penalty.

    Parameters
    ----------
    model : DifferenceEnds or FeatureEnds
    x, t : ndarray, shape (n,)
    readings : ndarray, shape (m, n)
        One row for each set of errors.
    ask : (ndarray, ndarray), both of shape (q,)
        Where and when the temperature is wanted.
    trial : ndarray, shape (k,)
        Diffusivities in a geometric series; between them the sum of squares is interpolated.

    Returns
    -------
    Recovered
    """
    sums = []  # (k, priors, 2, m): misfit of the readings left out, least sum
    for k in trial:
        seen = model.values(k)(x, t)
        sums.append([_sums(seen @ prior, readings.T) for prior in model.priors(k)])
    sums = np.array(sums)
    chosen = np.argmin(sums[:, :, 0].min(axis=0), axis=0)
    least = np.take_along_axis(sums[:, :, 1], chosen[None, None], axis=1)[:, 0]  # (k, m)
    best = np.argmin(least, axis=0)
    fields = [
        _field(model, x, t, reading, ask, trial[j], i)
        for reading, i, j in zip(readings, chosen, best, strict=True)
    ]
    misfit = np.sqrt(sums[:, :, 0].min(axis=(0, 1)) / len(x))
    return Recovered(np.exp(lowest(np.log(trial), least)), np.array(fields), misfit)


def _sums(seen, measured):
    """The squares of the misfits of readings left out, and the least sum of squares: (2, m)."""
    back = cho_solve(cho_factor(seen @ seen.T + np.eye(len(seen))), np.eye(len(seen)))
    weights = back @ measured
    left_out = np.sum((weights / np.diag(back)[:, None]) ** 2, axis=0)
    return np.stack([left_out, np.sum(measured * weights, axis=0)])


def _field(model, x, t, reading, ask, diffusivity, prior):
    """The temperature asked for, for one set of readings."""
    at, loose = model.values(diffusivity), model.priors(diffusivity)[prior]
    seen = at(x, t) @ loose
    weights = np.linalg.solve(seen @ seen.T + np.eye(len(seen)), reading)
    return at(*ask) @ (loose @ (seen.T @ weights))
