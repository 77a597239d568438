"""Forecasts of a monthly series that grows and has seasons: a Gaussian process and its rivals.

All take the past without gaps in time (a missing month is NaN) and return the mean and the standard
deviation of the observations to come, for a number of months from the next one on.
"""

import numpy as np

from mlearth.models.gaussian_process import condition
from mlearth.models.marginal_likelihood import climb


def forecast_polynomial(values, months, *, degree=1, harmonics=3):
    """Extend a polynomial and a fixed season, fitted by least squares.

    Parameters
    ----------
    values : array_like, shape (n,)
        The past, a month each; NaN where missing.
    months : int
        How many to forecast.
    degree : int
        Of the polynomial in time: 1 is a line.
    harmonics : int
        Waves of the season: with periods of 12, 6, 4 ... months.

    Returns
    -------
    mean, deviation : ndarray, shape (months,)
        In the unit of `values`. The deviation takes the form of the model for right and its
        residuals for independent.

    Raises
    ------
    ValueError
        If there are not more values than coefficients.
    """
    values = _past(values, degree + 2 + 2 * harmonics)
    year = (np.arange(len(values) + months) - len(values) / 2) / 12
    waves = [f(2 * np.pi * k * year) for k in range(1, harmonics + 1) for f in (np.sin, np.cos)]
    table = np.column_stack([*((year / 10) ** power for power in range(degree + 1)), *waves])
    seen, ahead = table[: len(values)][np.isfinite(values)], table[len(values) :]
    known = values[np.isfinite(values)]
    q, r = np.linalg.qr(seen)
    coefficients = np.linalg.solve(r, q.T @ known)
    variance = np.sum((known - seen @ coefficients) ** 2) / (len(known) - table.shape[1])
    leverage = np.sum(np.linalg.solve(r.T, ahead.T) ** 2, axis=0)
    return ahead @ coefficients, np.sqrt(variance * (1 + leverage))


def forecast_by_growth(values, months):
    """Repeat the last twelve months, a mean year's growth higher with each year.

    Growth from a month to the same month a year later is taken to be random, and independent from
    year to year: the deviation rises with the root of the number of years.

    Parameters
    ----------
    values : array_like, shape (n,)
        The past, at least 36 months; NaN where missing, but not among the last twelve.
    months : int
        How many to forecast.

    Returns
    -------
    mean, deviation : ndarray, shape (months,)
        In the unit of `values`.

    Raises
    ------
    ValueError
        If the series is too short, or has a gap in the last twelve months.
    """
    values = _past(values, 36)
    if np.isnan(values[-12:]).any():
        raise ValueError("a month is missing among the last twelve")
    growth, years = values[12:] - values[:-12], np.arange(months) // 12 + 1
    mean = values[-12:][np.arange(months) % 12] + years * np.nanmean(growth)
    return mean, np.nanstd(growth, ddof=1) * np.sqrt(years)


def forecast_process(values, months, *, kernel, noise, degree=0):
    """Extend a Gaussian process around a polynomial, after fitting first one, then the other.

    Parameters
    ----------
    values : array_like, shape (n,)
        The past, a month each; NaN where missing.
    months : int
        How many to forecast.
    kernel : Kernel
        Of the time in years; its free parameters are the start of the fit.
    noise : float
        Variance, the start of the fit.
    degree : int
        Of the polynomial, by least squares: 0 is the mean of the past.

    Returns
    -------
    mean, deviation : ndarray, shape (months,)
        In the unit of `values`. The deviation takes the fitted kernel, noise and polynomial for
        right.

    Raises
    ------
    ValueError
        If there are hardly any values, or as `mlearth.models.marginal_likelihood.climb`.
    """
    found = fit_process(values, kernel=kernel, noise=noise, degree=degree)
    seen, known, line = _around(values, degree)
    ahead = (np.arange(months) + len(values) / 2) / 12
    posterior = condition(found.kernel, seen, known, found.noise, mean=line)
    return posterior.predict(ahead, noise=found.noise)


def fit_process(values, *, kernel, noise, degree=0):
    """Fit a Gaussian process to what a polynomial leaves of the past.

    Parameters
    ----------
    values, kernel, noise, degree
        As in `forecast_process`.

    Returns
    -------
    mlearth.models.marginal_likelihood.Optimum
        Its log marginal likelihood takes the polynomial as given.

    Raises
    ------
    ValueError
        As `forecast_process`.
    """
    seen, known, line = _around(values, degree)
    return climb(kernel, seen, known - line(seen), noise)


def _around(values, degree):
    values = _past(values, degree + 3)
    there = np.isfinite(values)
    seen, known = ((np.arange(len(values)) - len(values) / 2) / 12)[there], values[there]
    return seen, known, np.polynomial.Polynomial.fit(seen, known, degree)


def _past(values, least):
    values = np.asarray(values, float)
    if values.ndim != 1 or np.sum(np.isfinite(values)) < least:
        raise ValueError(f"need at least {least} months that are not missing")
    return values
