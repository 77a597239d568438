"""Whether the errors of an emulator on runs that it has not seen are what it said they would be.

The emulator states a mean and a covariance for all the new runs together; neighbouring runs are
expected to err together. These are the checks of bastos2009diagnostics.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats
from scipy.linalg.lapack import dpstrf


class JointErrors(NamedTuple):
    """Errors on several new runs, judged together; made by `judge_jointly`.

    Attributes
    ----------
    standardised : ndarray, shape (m,)
        Each error over its own standard deviation.
    pivoted : ndarray, shape (m,)
        Errors over their deviations given those before them, the least certain run first: about
        independent and standard normal if the emulator is right. Large first ones speak against
        its variance, large last ones against its length scales.
    order : ndarray of int, shape (m,)
        The run that each of `pivoted` belongs to.
    distance : float
        Squared Mahalanobis distance, the sum of the squares of `pivoted`.
    probability : float
        Of a distance at least as large if the emulator is right: chi-squared, m degrees of freedom.
    """

    standardised: np.ndarray
    pivoted: np.ndarray
    order: np.ndarray
    distance: float
    probability: float


def judge_jointly(errors, covariance):
    """Compare errors on new runs with the covariance that was stated for them.

    Parameters
    ----------
    errors : ndarray, shape (m,)
        Runs minus predicted means.
    covariance : ndarray, shape (m, m)
        Stated before the runs were seen, their noise included [unit of errors squared].

    Returns
    -------
    JointErrors

    Raises
    ------
    ValueError
        If the shapes do not fit, or the covariance is not symmetric and positive definite.
    """
    errors, covariance = np.asarray(errors, float), np.asarray(covariance, float)
    m = errors.size
    if errors.shape != (m,) or covariance.shape != (m, m):
        raise ValueError(
            f"errors (m,) and covariance (m, m), got {errors.shape}, {covariance.shape}"
        )
    if not np.allclose(covariance, covariance.T, rtol=1e-6, atol=1e-12 * np.abs(covariance).max()):
        raise ValueError("the covariance is not symmetric")
    factor, pivots, rank, _ = dpstrf(covariance, lower=1)
    if rank < m:
        raise ValueError("the covariance is not positive definite: is the noise in it?")
    order = pivots - 1  # LAPACK counts from 1
    pivoted = np.linalg.solve(np.tril(factor), errors[order])
    distance = float(pivoted @ pivoted)
    standardised = errors / np.sqrt(np.diag(covariance))
    return JointErrors(standardised, pivoted, order, distance, float(stats.chi2.sf(distance, m)))
