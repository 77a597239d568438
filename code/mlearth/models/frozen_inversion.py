"""The diffusivity from scattered readings, with frozen features as the model of the heat.

For each diffusivity the coefficients follow from one linear least-squares problem, so that a search
over a single number remains: variable projection [golub2003separable]_. The start and the ends are
known; the readings have no say in the coefficients, only in k.

.. [golub2003separable] Golub and Pereyra (2003), Separable nonlinear least squares: the variable
   projection method and its applications. Inverse Problems 19, R1-R26.
"""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev

NODES = 32  # diffusivities at which the problem is solved; between them we interpolate
LONGEST = 1.0  # step of the search, in log k


@dataclass(frozen=True)
class Predictions:
    """The temperature at given readings for every diffusivity in a range.

    Parameters
    ----------
    coefficients : ndarray, shape (nodes, n)
        Of Chebyshev polynomials in log k, scaled to [-1, 1]; one column per reading.
    low, high : float
        The range of k.
    """

    coefficients: np.ndarray
    low: float
    high: float

    def __call__(self, log_k):
        """Temperatures (m, n) and their derivatives by log k (m, n), for log k of shape (m,)."""
        middle, half = self._range()
        place = (np.asarray(log_k) - middle) / half
        slope = chebyshev.chebval(place, chebyshev.chebder(self.coefficients)) / half
        return chebyshev.chebval(place, self.coefficients).T, slope.T

    def _range(self):
        ends = np.log([self.low, self.high])
        return ends.mean(), np.ptp(ends) / 2


def predict_readings(problem, x, t, low=0.1, high=10.0):
    """Solve the problem for a number of diffusivities, and note what the readings would be.

    Parameters
    ----------
    problem : mlearth.models.frozen_features.FrozenHeat
    x, t : ndarray, shape (n,)
        Where and when the thermometers are read.
    low, high : float
        Range of k.

    Returns
    -------
    Predictions
    """
    nodes = np.cos(np.pi * (np.arange(NODES) + 0.5) / NODES)
    middle, half = np.log([low, high]).mean(), np.log(high / low) / 2
    table = [problem.temperature(problem.solve(k), x, t, k) for k in np.exp(middle + half * nodes)]
    return Predictions(chebyshev.chebfit(nodes, np.array(table), NODES - 1), low, high)


def fit_diffusivity(predictions, readings, start, steps=30):
    """Least squares for k by Gauss-Newton in log k, for many sets of readings at once.

    Parameters
    ----------
    predictions : Predictions
    readings : ndarray, shape (m, n)
        One row for each set of errors.
    start : float
        Where the search for k begins.
    steps : int

    Returns
    -------
    ndarray, shape (steps + 1, m)
        k, from the start to the end of the search.

    Raises
    ------
    ValueError
        If the start lies outside the range of the predictions.
    """
    if not predictions.low <= start <= predictions.high:
        raise ValueError(f"{start} is outside {predictions.low} to {predictions.high}.")
    path = [np.full(len(readings), np.log(start))]
    for _ in range(steps):
        temperature, slope = predictions(path[-1])
        step = np.sum((readings - temperature) * slope, axis=1) / np.sum(slope**2, axis=1)
        ends = np.log([predictions.low, predictions.high])
        path.append(np.clip(path[-1] + np.clip(step, -LONGEST, LONGEST), *ends))
    return np.exp(path)
