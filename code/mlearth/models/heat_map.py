"""A map of the temperature without the heat equation: a Gaussian process of x and sqrt(t).

The rival of every method that uses the law. Lengths and variance are those under which the values
are likeliest; the start and the ends are values like the readings, with an error of their own.
"""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern

from mlearth.models.frozen_features import no_part

DURATION = 0.25
LENGTHS = [(0.05, 50), (0.05, 50)]  # in which those of x and of sqrt(t) are sought
EDGE_COUNT = 14  # values on the start and on each end


def map_without_law(readings_at, readings, noise, start, ask, known=no_part, edge_error=1e-3):
    """Interpolate readings and what is known at the start and at the ends.

    Parameters
    ----------
    readings_at, ask : (ndarray, ndarray)
        x and t of the n readings, and of the q places and times asked for.
    readings : ndarray, shape (m, n)
        One row for each set of errors.
    noise : float
        Standard deviation of the errors.
    start : callable
        x -> temperature at t = 0.
    known : callable
        (x, t, diffusivity) -> a part that is subtracted first, with diffusivity 1, and then added.
    edge_error : float
        Standard deviation granted to the start and the ends.

    Returns
    -------
    ndarray, shape (m, q)
    """
    x, t, given = _edges(start, EDGE_COUNT)
    x, t = np.r_[readings_at[0], x], np.r_[readings_at[1], t]
    values = np.c_[readings, np.tile(given, (len(readings), 1))].T
    errors = np.r_[np.full(readings.shape[1], noise), np.full(len(given), edge_error)]
    kernel = ConstantKernel(1.0) * Matern([0.5, 0.3], LENGTHS, nu=2.5)
    process = GaussianProcessRegressor(kernel, alpha=errors**2)
    with warnings.catch_warnings():  # no length suits a jump: the search may end at a bound
        warnings.simplefilter("ignore", ConvergenceWarning)
        process.fit(np.c_[x, np.sqrt(t)], values - np.asarray(known(x, t, 1.0))[:, None])
    found = process.predict(np.c_[ask[0], np.sqrt(ask[1])]).reshape(len(ask[0]), -1)
    return found.T + np.asarray(known(*ask, 1.0))


def _edges(start, count):
    edge = np.linspace(0, 1, count)
    nothing, one = np.zeros(count), np.ones(count)
    times = DURATION * np.r_[nothing, edge**2, edge**2]
    return np.r_[edge, nothing, one], times, np.r_[start(edge), nothing, one]
