"""Monthly series: anomalies from a climatology, and rows to learn forecasts from."""

import numpy as np


def anomalies(values, base):
    """Subtract from each month the mean of that month of the year over chosen months.

    Parameters
    ----------
    values : array_like, shape (n,)
        A month each, without gaps, starting with a January.
    base : array_like of bool, shape (n,)
        Months that the climatology is computed from; in training these must not be later.

    Returns
    -------
    ndarray, shape (n,)
        In the unit of `values`.

    Raises
    ------
    ValueError
        If some month of the year is not in `base`, or the shapes differ.
    """
    values, base = np.asarray(values, float), np.asarray(base, bool)
    if values.ndim != 1 or values.shape != base.shape:
        raise ValueError(f"need one value and one flag a month, got {values.shape}, {base.shape}")
    month = np.arange(len(values)) % 12
    count = np.bincount(month[base], minlength=12)
    if len(values) < 12 or (count == 0).any():
        raise ValueError("the base period must contain each month of the year")
    climatology = np.bincount(month[base], values[base], minlength=12) / count
    return values - climatology[month]


def lag_table(series, lags, lead):
    """Lay a series out as rows: what is known when a forecast is made, and what comes.

    Parameters
    ----------
    series : array_like, shape (n,)
    lags : int
        Known values in a row: that of today and those before it.
    lead : int
        Steps from today to the value to forecast, at least 1.

    Returns
    -------
    x : ndarray, shape (m, lags)
        The newest first; m = n - lags + 1 - lead.
    y : ndarray, shape (m,)
        What comes.
    today : ndarray of int, shape (m,)
        Position of the newest known value; y is at today + lead.

    Raises
    ------
    ValueError
        If `lags` or `lead` is below 1, or the series is too short for a row.
    """
    series = np.asarray(series)
    if lags < 1 or lead < 1 or len(series) < lags + lead:
        raise ValueError(f"no row of {lags} lags and a lead of {lead} in {len(series)} values")
    today = np.arange(lags - 1, len(series) - lead)
    return series[today[:, None] - np.arange(lags)], series[today + lead], today
