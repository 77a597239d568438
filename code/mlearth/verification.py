"""Scores of forecasts, single and probabilistic, and whether stated probabilities come true.

Everything takes arrays, knows no model, and follows one sign: smaller is better, but for skill.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr


def skill_score(score, reference, perfect=0.0):
    """Share of the way from a reference forecast to a perfect one.

    Parameters
    ----------
    score, reference : float
        Of the forecast and of the reference, such as two mean squared errors.
    perfect : float
        Score of a perfect forecast.

    Returns
    -------
    float
        1 is perfect, 0 no better than the reference, below 0 worse.

    Raises
    ------
    ValueError
        If the reference is perfect already.
    """
    if reference == perfect:
        raise ValueError("The reference is perfect; there is no skill to measure against it.")
    return float((reference - score) / (reference - perfect))


def brier_score(outcomes, probabilities):
    """Mean squared difference of stated probabilities from what happened.

    Parameters
    ----------
    outcomes : array_like of bool or of 0 and 1, shape (n,)
    probabilities : array_like, shape (n,)
        In [0, 1].

    Returns
    -------
    float
        From 0 to 1.
    """
    outcomes, probabilities = _events(outcomes, probabilities)
    return float(np.mean((probabilities - outcomes) ** 2))


@dataclass(frozen=True)
class Reliability:
    """How often events happened, by the probability that was stated.

    Parameters
    ----------
    stated : ndarray, shape (k,)
        Mean probability stated in each bin that is not empty.
    happened : ndarray, shape (k,)
        Share of the events in it that happened.
    counts : ndarray of int, shape (k,)
        Events in it.
    lower, upper : ndarray, shape (k,)
        Between these, 9 times in 10, the share would lie if the statements were right
        (from the binomial distribution with the stated probabilities, one event independent of the
        next: where events come in spells, chance reaches further) [brocker2007increasing]_.
    chance_error : float
        Mean calibration error that chance alone gives to statements that are right.
    """

    stated: np.ndarray
    happened: np.ndarray
    counts: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    chance_error: float

    @property
    def calibration_error(self):
        """Mean distance of share from statement, weighted by count [guo2017calibration]_."""
        return float(np.average(np.abs(self.happened - self.stated), weights=self.counts))


def reliability(outcomes, probabilities, rng, *, bins=10, draws=1000):
    """Compare stated probabilities with how often the events happened.

    Parameters
    ----------
    outcomes : array_like of bool or of 0 and 1, shape (n,)
    probabilities : array_like, shape (n,)
        In [0, 1].
    rng : numpy.random.Generator
        For what chance alone explains.
    bins : int
        Of equal width.
    draws : int
        Simulated outcomes behind `lower`, `upper` and `chance_error`.

    Returns
    -------
    Reliability
    """
    outcomes, probabilities = _events(outcomes, probabilities)
    member = np.minimum((probabilities * bins).astype(int), bins - 1)
    counts = np.bincount(member, minlength=bins)
    full = counts > 0
    mean = _bin_means(member, bins, counts, full)
    chance = [mean(rng.random(len(outcomes)) < probabilities) for _ in range(draws)]
    lower, upper = np.quantile(chance, [0.05, 0.95], axis=0)
    stated, n = mean(probabilities), counts[full]
    chance_error = np.average(np.abs(chance - stated).mean(axis=0), weights=n)
    return Reliability(stated, mean(outcomes), n, lower, upper, float(chance_error))


def crps_normal(y, mean, deviation):
    """Mean continuous ranked probability score of normal forecasts; smaller is better.

    For a forecast without spread it is the absolute error.

    Parameters
    ----------
    y, mean : array_like, shape (n,)
        Truth and mean of the forecast, in one unit.
    deviation : array_like, shape (n,)
        Standard deviation of the forecast, above 0, in the same unit.

    Returns
    -------
    float
        In the same unit.

    References
    ----------
    gneiting2007strictly, eq. 21 (there with the opposite sign)
    """
    y, mean, deviation = (np.asarray(a, float) for a in (y, mean, deviation))
    if np.any(deviation <= 0):
        raise ValueError("The standard deviations must exceed 0.")
    z = (y - mean) / deviation
    density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    return float(np.mean(deviation * (z * (2 * ndtr(z) - 1) + 2 * density - np.pi**-0.5)))


def crps_ensemble(y, members):
    """Mean continuous ranked probability score of ensembles; smaller is better.

    Parameters
    ----------
    y : array_like, shape (n,)
        Truth.
    members : array_like, shape (n, m)
        What each member of the ensemble said, in the same unit.

    Returns
    -------
    float
        In the same unit; the score of the ensemble's own step-like distribution.

    References
    ----------
    gneiting2007strictly, eq. 20
    """
    y, members = np.asarray(y, float), np.sort(np.asarray(members, float), axis=1)
    if members.ndim != 2 or y.shape != members.shape[:1]:
        raise ValueError(f"y and members must have n rows each, got {y.shape}, {members.shape}")
    m = members.shape[1]
    weights = (2 * np.arange(1, m + 1) - m - 1) / m**2  # sum of pairwise distances, once sorted
    return float(np.mean(np.abs(members - y[:, None]).mean(axis=1) - members @ weights))


def _events(outcomes, probabilities):
    outcomes, probabilities = np.asarray(outcomes, float), np.asarray(probabilities, float)
    if outcomes.shape != probabilities.shape or outcomes.ndim != 1 or not outcomes.size:
        raise ValueError("outcomes and probabilities must be one-dimensional and equally long")
    if not np.isin(outcomes, (0, 1)).all():
        raise ValueError("outcomes must be 0 or 1")
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise ValueError("probabilities must be from 0 to 1")
    return outcomes, probabilities


def _bin_means(member, bins, counts, full):
    def mean(values):
        return np.bincount(member, weights=values, minlength=bins)[full] / counts[full]

    return mean
