"""Which inputs of a model fit an observation, judged by an emulator that may be wrong itself."""

import numpy as np
from scipy.stats import norm

CUT = 3.0  # implausibility beyond which an input is ruled out


def implausibility(mean, deviation, observed, error):
    """Distance between prediction and observation, in standard deviations of all that is unknown.

    Parameters
    ----------
    mean, deviation : ndarray, shape (m,)
        The emulator's prediction, and its standard deviation (zeros ignore it).
    observed : float
    error : float
        Standard deviation of the observation, and of the model itself if that is known.

    Returns
    -------
    ndarray, shape (m,)

    Raises
    ------
    ValueError
        If a value is not finite, or nothing is uncertain.
    """
    mean, deviation = np.asarray(mean, dtype=float), np.asarray(deviation, dtype=float)
    spread = np.sqrt(deviation**2 + error**2)
    if not (np.all(np.isfinite(mean)) and np.all(np.isfinite(spread)) and np.isfinite(observed)):
        raise ValueError("prediction and observation must be finite: a value is missing")
    if np.any(spread <= 0):
        raise ValueError("the observation or the prediction must have an error above 0")
    return np.abs(mean - observed) / spread


def log_likelihood(mean, deviation, observed, error):
    """Logarithm of the density of an observation, the emulator's variance added to its own.

    Parameters
    ----------
    mean, deviation : ndarray, shape (m,)
    observed, error : float

    Returns
    -------
    ndarray, shape (m,)
    """
    spread = np.sqrt(np.asarray(deviation, dtype=float) ** 2 + error**2)
    return norm.logpdf(observed, mean, spread)


def posterior_weights(log_likelihoods):
    """Weights that turn points spread evenly over a uniform prior into the posterior.

    Parameters
    ----------
    log_likelihoods : ndarray, shape (m,)

    Returns
    -------
    ndarray, shape (m,)
        They add up to 1.

    Raises
    ------
    ValueError
        If none is finite.
    """
    top = np.max(log_likelihoods)
    if not np.isfinite(top):
        raise ValueError("no point has a finite likelihood: the observation cannot be explained")
    weights = np.exp(log_likelihoods - top)
    return weights / weights.sum()


def credible_level(log_likelihoods, at_truth):
    """Size of the smallest credible set of highest density that holds the truth.

    A posterior that is right holds the truth in its 90 % set for 90 % of all truths: this level is
    then spread evenly between 0 and 1.

    Parameters
    ----------
    log_likelihoods : ndarray, shape (m,)
        At points spread evenly over a uniform prior.
    at_truth : float
        Log likelihood at the true inputs.

    Returns
    -------
    float
        Between 0 and 1.
    """
    weights = posterior_weights(log_likelihoods)
    return float(weights[log_likelihoods > at_truth].sum())
