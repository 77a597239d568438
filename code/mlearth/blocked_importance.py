"""Permutation importance of groups of correlated features, on blocks that the model has not seen.

Rows of one day or plot resemble each other; a model can learn to recognise them by features that
have no effect. Such knowledge is worth nothing on the next day. Importance is therefore measured on
blocks left out of the fit, and for all correlated features together.
"""

import numpy as np
from scipy.sparse.csgraph import connected_components
from scipy.stats import rankdata
from sklearn.base import clone
from sklearn.utils import check_array, check_X_y


def correlated_groups(x, threshold):
    """Put features together that are rank-correlated, directly or through a third.

    Parameters
    ----------
    x : array_like, shape (n, n_features)
        Rows of the table, n >= 2, finite. Ranks make a few wild values harmless.
    threshold : float
        Size of Spearman's rank correlation above which two features belong together, in [0, 1].

    Returns
    -------
    list of list of int
        Columns of each group, rising; groups in the order of their first column.

    Raises
    ------
    ValueError
        If values are not finite, a column is constant, or the threshold is outside [0, 1].
    """
    x = check_array(x, dtype=np.float64, ensure_min_samples=2)
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold must lie between 0 and 1, got {threshold}")
    if np.any(np.ptp(x, axis=0) == 0):
        raise ValueError("a constant feature has no correlation: leave it out")
    linked = np.abs(np.atleast_2d(np.corrcoef(rankdata(x, axis=0).T))) > threshold
    _, label = connected_components(linked, directed=False)
    first = {name: int(np.flatnonzero(label == name)[0]) for name in np.unique(label)}
    return [np.flatnonzero(label == name).tolist() for name in sorted(first, key=first.get)]


def held_out_importance(model, x, y, groups, blocks, rng, repeats=10):
    """Drop in R2 on left-out blocks when a group of features is swapped for another row's.

    Each block is predicted by a model fitted to all others. The values of a group are replaced,
    together, by those of a row drawn from the whole table: the question is the same in every block.
    Weighted by the rows of the blocks, the mean is the drop of the pooled R2.

    Parameters
    ----------
    model : scikit-learn regressor
        Cloned and fitted once per block.
    x : array_like, shape (n, n_features)
        Features.
    y : array_like, shape (n,)
        Target.
    groups : sequence of sequences of int
        Columns of each group.
    blocks : array_like, shape (n,)
        Label of the block that each row is left out with; at least 2 blocks.
    rng : numpy.random.Generator
        Draws the replacements.
    repeats : int
        Replacements per row and group.

    Returns
    -------
    ndarray, shape (n_groups, n_blocks)
        Rise of the mean squared error in the block, divided by the variance of all of `y`. The
        spread over blocks, over the root of their number, is the standard error of the mean as far
        as the blocks are independent.

    Raises
    ------
    ValueError
        If shapes differ, values are not finite, there are fewer than 2 blocks, y is constant, or a
        group has no column or one that does not exist.

    References
    ----------
    fisher2019all, roberts2017cross
    """
    x, y = check_X_y(x, y, dtype=np.float64, ensure_min_samples=2, y_numeric=True)
    labels = np.unique(blocks)
    if np.shape(blocks) != y.shape or labels.size < 2:
        raise ValueError("blocks must give each row a label, and there must be at least 2 blocks")
    if not all(group and set(group) <= set(range(x.shape[1])) for group in groups):
        raise ValueError(f"groups {groups} must hold columns from 0 to {x.shape[1] - 1}")
    if np.ptp(y) == 0:
        raise ValueError("y is constant: R2 has no meaning")
    rise = np.empty((len(groups), labels.size))
    for k, label in enumerate(labels):
        out = np.asarray(blocks) == label
        predict = clone(model).fit(x[~out], y[~out]).predict
        for j, group in enumerate(groups):
            donors = x[rng.integers(len(y), size=repeats * out.sum())][:, group]
            rise[j, k] = _rise_in_error(predict, x[out], y[out], group, donors)
    return rise / np.var(y)


def chance_floor(drop, least):
    """Importance that a group must exceed to count: two standard errors, and at least `least`.

    Parameters
    ----------
    drop : array_like, shape (n_groups, n_blocks)
        From `held_out_importance`; at least 2 blocks.
    least : float
        What would be too little to matter even if it were certain, not negative.

    Returns
    -------
    ndarray, shape (n_groups,)
        Floor for `mlearth.explain.tied_ranking`.

    Raises
    ------
    ValueError
        If there are fewer than 2 blocks or `least` is negative.
    """
    drop = np.asarray(drop, dtype=np.float64)
    if drop.ndim != 2 or drop.shape[1] < 2 or least < 0:
        raise ValueError(f"need at least 2 blocks and least >= 0, got {drop.shape} and {least}")
    return np.maximum(least, 2 * drop.std(axis=1, ddof=1) / np.sqrt(drop.shape[1]))


def _rise_in_error(predict, x, y, columns, replacement):
    """Rise of the mean squared error when `columns` of x, tiled, take the values `replacement`."""
    repeats = len(replacement) // len(y)
    changed = np.tile(x, (repeats, 1))
    changed[:, columns] = replacement
    error_after = np.mean((np.tile(y, repeats) - predict(changed)) ** 2)
    return error_after - np.mean((y - predict(x)) ** 2)
