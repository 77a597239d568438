"""Scores on arrays: intervals, autocorrelated series, folds.

Scores that scikit-learn has (R2, squared and absolute error) are taken from there. Everything here
takes one-dimensional arrays, returns plain numbers and knows no model.
"""

from dataclasses import dataclass

import numpy as np


def coverage(y, lower, upper):
    """Share of the values inside their interval, ends included.

    Parameters
    ----------
    y, lower, upper : array_like, shape (n,)
        Truth and interval ends in one unit; the ends may be infinite.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If shapes differ, a value is NaN, n < 2, or a lower end exceeds its upper end.
    """
    y, lower, upper = _interval(y, lower, upper)
    return float(np.mean((lower <= y) & (y <= upper)))


def interval_width(lower, upper):
    """Mean width of the intervals.

    Parameters
    ----------
    lower, upper : array_like, shape (n,)
        Interval ends in one unit.

    Returns
    -------
    float
        In the same unit; infinite if one interval is.

    Raises
    ------
    ValueError
        As `coverage`.
    """
    _, lower, upper = _interval(np.zeros(np.shape(lower)), lower, upper)
    return float(np.mean(upper - lower))


def interval_score(y, lower, upper, level):
    """Mean interval score: width plus a fine for every miss; smaller is better.

    A miss by d costs 2 d / (1 - level) on top of the width. The score is proper: in expectation
    nothing beats the true quantiles.

    Parameters
    ----------
    y, lower, upper : array_like, shape (n,)
        Truth and ends of the central interval, in one unit.
    level : float
        Coverage that the interval claims, in (0, 1).

    Returns
    -------
    float
        In the same unit.

    Raises
    ------
    ValueError
        As `coverage`, or if `level` is outside (0, 1).

    References
    ----------
    gneiting2007strictly
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    y, lower, upper = _interval(y, lower, upper)
    miss = np.maximum(lower - y, 0) + np.maximum(y - upper, 0)
    return float(np.mean(upper - lower + 2 / (1 - level) * miss))


def autocorrelation(series, lag):
    """Correlation of a series with itself `lag` steps later.

    Parameters
    ----------
    series : array_like, shape (n,)
        Values in the order taken.
    lag : int
        0 <= lag < n.

    Returns
    -------
    float
        Sum of lagged products about the mean, over the sum of squares; 1 at lag 0.

    Raises
    ------
    ValueError
        If the series is not finite, shorter than 2, constant, or `lag` is out of range.
    """
    (series,) = _finite(series=series)
    if not 0 <= lag < series.size:
        raise ValueError(f"lag must be at least 0 and below {series.size}, got {lag}")
    return float(_autocorrelations(series)[lag])


def effective_sample_size(series):
    """How many independent values would give the mean of a series the same uncertainty.

    n / (1 + 2 sum of autocorrelations); the sum stops before the first pair of neighbouring lags
    whose sum is not positive, beyond which there is only noise.

    Parameters
    ----------
    series : array_like, shape (n,)
        Values in the order taken.

    Returns
    -------
    float
        Below n where neighbours resemble each other, above n (at most n**2) where they alternate.

    Raises
    ------
    ValueError
        If the series is not finite, shorter than 2, or constant.
    """
    (series,) = _finite(series=series)
    rho = _autocorrelations(series)
    pairs = rho[: rho.size // 2 * 2].reshape(-1, 2).sum(axis=1)  # lags (0, 1), (2, 3), ...
    n_pairs = np.argmin(pairs > 0) if np.any(pairs <= 0) else pairs.size
    time = max(2 * pairs[:n_pairs].sum() - 1, 1 / series.size)
    return float(series.size / time)


@dataclass(frozen=True)
class FoldScores:
    """R2 of the same predictions, computed in several ways.

    ``pooled = 1 - (1 - weighted) * (1 - between)`` holds exactly: pooling also credits a
    model for the differences between the folds' means.

    Attributes
    ----------
    folds : ndarray, shape (n_folds,)
        Labels in sorted order.
    r2 : ndarray, shape (n_folds,)
        R2 within each fold, against the fold's own mean.
    mean : float
        Mean of `r2`: every fold counts the same, however little there is to explain in it.
    spread : float
        Standard deviation of `r2` over the folds (n - 1).
    weighted : float
        All errors over all deviations from the own fold's mean: folds count by their variance.
    pooled : float
        R2 of all rows together, against the one mean of all rows.
    between : float
        Share of the variance of y that lies between the means of the folds.
    """

    folds: np.ndarray
    r2: np.ndarray
    mean: float
    spread: float
    weighted: float
    pooled: float
    between: float


def fold_scores(y, prediction, folds):
    """Score held-out predictions fold by fold and together.

    Parameters
    ----------
    y, prediction : array_like, shape (n,)
        Truth, and what a model said that had not seen the row.
    folds : array_like, shape (n,)
        Label of the fold that each row was held out in; at least 2 folds of 2 rows.

    Returns
    -------
    FoldScores
        See there.

    Raises
    ------
    ValueError
        If shapes differ, values are not finite, there are too few folds or rows, or y is
        constant within a fold.
    """
    y, prediction = _finite(y=y, prediction=prediction)
    labels, index, n_rows = np.unique(folds, return_inverse=True, return_counts=True)
    if np.shape(folds) != y.shape or labels.size < 2 or n_rows.min() < 2:
        raise ValueError("folds must give each row a label: at least 2 folds of 2 rows or more")
    fold_mean = np.bincount(index, y) / n_rows
    error = np.bincount(index, (y - prediction) ** 2)
    within = np.bincount(index, (y - fold_mean[index]) ** 2)
    if np.any(within == 0):
        raise ValueError(f"y is constant in fold {labels[np.argmin(within)]}: R2 has no meaning")
    r2 = 1 - error / within
    total = np.sum((y - y.mean()) ** 2)
    return FoldScores(
        folds=labels,
        r2=r2,
        mean=float(r2.mean()),
        spread=float(r2.std(ddof=1)),
        weighted=float(1 - error.sum() / within.sum()),
        pooled=float(1 - error.sum() / total),
        between=float(1 - within.sum() / total),
    )


def _autocorrelations(series):
    """(n,) -> (n,): autocorrelation at lags 0 to n - 1."""
    deviation = series - series.mean()
    power = np.abs(np.fft.rfft(deviation, 2 * series.size)) ** 2  # zero-padded: no wrap-around
    covariance = np.fft.irfft(power)[: series.size]
    if np.ptp(series) == 0:
        raise ValueError("series is constant: it has no autocorrelation")
    return covariance / covariance[0]


def _finite(**named):
    """Return the arrays as float64 after checking that they are finite series of one length."""
    arrays = [np.asarray(values, dtype=np.float64) for values in named.values()]
    shapes = {name: array.shape for name, array in zip(named, arrays, strict=True)}
    if len(set(shapes.values())) != 1 or arrays[0].ndim != 1 or arrays[0].size < 2:
        raise ValueError(f"need one-dimensional arrays of one length, at least 2; got {shapes}")
    if not all(np.all(np.isfinite(array)) for array in arrays):
        raise ValueError(f"values must be finite: {', '.join(named)}")
    return arrays


def _interval(y, lower, upper):
    """Check truth and interval ends; only the ends may be infinite."""
    arrays = [np.asarray(values, dtype=np.float64) for values in (y, lower, upper)]
    shapes = [array.shape for array in arrays]
    if len(set(shapes)) != 1 or arrays[0].ndim != 1 or arrays[0].size < 2:
        raise ValueError(f"y, lower and upper must be 1-D, of one length >= 2; got {shapes}")
    y, lower, upper = arrays
    if not np.all(np.isfinite(y)) or np.any(np.isnan(lower) | np.isnan(upper)):
        raise ValueError("y must be finite, lower and upper must not be NaN")
    if np.any(lower > upper):
        raise ValueError("a lower end exceeds its upper end")
    return arrays
