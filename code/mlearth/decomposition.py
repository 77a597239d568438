"""What the error of a method is made of, measured where the truth is known.

Takes predictions of the same rows by models that were fitted to many independent training sets,
which only a simulator can provide, and knows no model.
"""

import numpy as np


def bias_and_variance(predictions, truth):
    """Split the mean squared error against the truth into squared bias and variance.

    Both are free of the bias that a limited number of training sets would bring: the variance of
    the mean prediction is taken off the squared bias, which may therefore come out negative.

    Parameters
    ----------
    predictions : array_like, shape (n_sets, n)
        What the same method, fitted to independent training sets, predicts for the same rows.
    truth : array_like, shape (n,)
        The expected target of these rows, without noise.

    Returns
    -------
    squared_bias, variance : float
        Means over the rows, in the square of the target's unit.

    Raises
    ------
    ValueError
        If shapes do not fit, values are not finite, or there are fewer than 2 sets.

    References
    ----------
    hastie2009elements
    """
    predictions, truth = np.asarray(predictions, float), np.asarray(truth, float)
    if predictions.ndim != 2 or predictions.shape[1:] != truth.shape or len(predictions) < 2:
        raise ValueError(
            f"predictions must have shape (sets >= 2, rows), got {predictions.shape} beside a "
            f"truth of shape {truth.shape}"
        )
    if not (np.isfinite(predictions).all() and np.isfinite(truth).all()):
        raise ValueError("values must be finite: predictions, truth")
    variance = predictions.var(axis=0, ddof=1)
    squared_bias = (predictions.mean(axis=0) - truth) ** 2 - variance / len(predictions)
    return float(squared_bias.mean()), float(variance.mean())


def tree_correlation(predictions):
    """Correlation between the trees of a forest, and the variance of one tree.

    Over training sets and the forest's own draws, at fixed rows; covariances and variances are
    averaged over the rows before they are divided.

    Parameters
    ----------
    predictions : array_like, shape (n_sets, n_trees, n)
        What each tree of a forest predicts, for forests fitted to independent training sets.

    Returns
    -------
    correlation, variance : float
        Of two trees of one forest [-], and of one tree in the square of the target's unit.

    Raises
    ------
    ValueError
        If there are not at least 2 sets and 2 trees, or all predictions are the same.

    References
    ----------
    breiman2001random
    """
    predictions = np.asarray(predictions, float)
    if predictions.ndim != 3 or min(predictions.shape[:2]) < 2:
        raise ValueError(f"need shape (sets >= 2, trees >= 2, rows), got {predictions.shape}")
    n_trees = predictions.shape[1]
    variance = predictions.var(axis=0, ddof=1).mean()
    of_sum = predictions.sum(axis=1).var(axis=0, ddof=1).mean()
    if not variance > 0:
        raise ValueError("predictions do not vary between the sets")
    covariance = (of_sum - n_trees * variance) / (n_trees * (n_trees - 1))
    return float(covariance / variance), float(variance)


def variance_of_means(predictions, counts):
    """Variance of the mean of the first few trees, over training sets.

    Parameters
    ----------
    predictions : array_like, shape (n_sets, n_trees, n)
        What each tree of a forest predicts, for forests fitted to independent training sets.
    counts : sequence of int, shape (m,)
        Numbers of trees to average, each from 1 to n_trees.

    Returns
    -------
    ndarray, shape (m,)
        Mean over the rows, in the square of the target's unit.

    Raises
    ------
    ValueError
        If a count is out of range.
    """
    predictions = np.asarray(predictions, float)
    if min(counts) < 1 or max(counts) > predictions.shape[1]:
        raise ValueError(f"counts must lie between 1 and {predictions.shape[1]}, got {counts}")
    means = [predictions[:, :count].mean(axis=1) for count in counts]
    return np.array([mean.var(axis=0, ddof=1).mean() for mean in means])
