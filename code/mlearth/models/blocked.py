"""Held-out predictions for rows that come in blocks: two blocks left out at a time.

A model that has seen neither block `o` nor block `j` serves twice. For somebody who scores on
block `o`, its errors on block `j` are honest errors to choose a setting by, or to set the width of
an interval; for somebody who scores on block `j`, those on block `o` are. So the nested search over
ten blocks takes 45 fits per candidate on top of the ten that give the scores themselves.
"""

import numpy as np
from sklearn.base import clone

from mlearth.models.forest import conformal_interval


def block_labels(n, n_blocks, shift=0):
    """Cut rows into contiguous blocks of nearly equal length.

    Parameters
    ----------
    n : int
        Number of rows.
    n_blocks : int
        From 2 to n // 2.
    shift : int
        Rows by which the inner boundaries are moved towards the end (start if negative); the first
        and the last block give and take. With 0, the blocks are those of an unshuffled
        `sklearn.model_selection.KFold`.

    Returns
    -------
    ndarray of int, shape (n,)
        The block of each row, from 0.

    Raises
    ------
    ValueError
        If a block would have fewer than two rows.
    """
    if not 2 <= n_blocks <= n // 2:
        raise ValueError(f"{n} rows can be cut into 2 to {n // 2} blocks, not {n_blocks}")
    sizes = np.full(n_blocks, n // n_blocks) + (np.arange(n_blocks) < n % n_blocks)
    sizes[0] += shift
    sizes[-1] -= shift
    if sizes.min() < 2:
        raise ValueError(f"a shift of {shift} leaves fewer than two rows in a block")
    return np.repeat(np.arange(n_blocks), sizes)


def predict_pairs(model, x, y, blocks):
    """Predict every row without its own block and without one block more.

    Parameters
    ----------
    model : scikit-learn regressor
        Cloned for every fit.
    x, y : ndarray, shapes (n, n_features) and (n,)
    blocks : ndarray of int, shape (n,)
        Labels 0 to n_blocks - 1.

    Returns
    -------
    ndarray, shape (n_blocks, n)
        Entry (o, i) comes from a model that saw neither block o nor the block of row i.
    """
    n_blocks = blocks.max() + 1
    pairs = np.empty((n_blocks, len(y)))
    for o in range(n_blocks):
        for j in range(o, n_blocks):
            seen = (blocks != o) & (blocks != j)
            fitted = clone(model).fit(x[seen], y[seen])
            for outer, row_block in {(o, j), (j, o)}:
                rows = blocks == row_block
                pairs[outer, rows] = fitted.predict(x[rows])
    return pairs


def held_out(pairs, blocks):
    """Pick out the ordinary cross-validated predictions: every row without its own block only.

    Parameters
    ----------
    pairs : ndarray, shape (n_blocks, n)
        From `predict_pairs`.
    blocks : ndarray of int, shape (n,)

    Returns
    -------
    ndarray, shape (n,)
    """
    return pairs[blocks, np.arange(blocks.size)]


def inner_score(pairs, y, blocks, outer):
    """Score a candidate without the outer block: mean R2 over the other blocks.

    Parameters
    ----------
    pairs : ndarray, shape (n_blocks, n)
        From `predict_pairs`.
    y : ndarray, shape (n,)
    blocks : ndarray of int, shape (n,)
    outer : int
        The block that must have no say.

    Returns
    -------
    float
    """
    labels = np.delete(np.arange(len(pairs)), outer)
    return float(np.mean([_r2(y[blocks == j], pairs[outer, blocks == j]) for j in labels]))


def choose_nested(candidates, y, blocks):
    """For each block, take the candidate that scores best on all the others.

    Parameters
    ----------
    candidates : dict of str to ndarray, shape (n_blocks, n)
        `predict_pairs` of each.
    y : ndarray, shape (n,)
    blocks : ndarray of int, shape (n,)

    Returns
    -------
    prediction : ndarray, shape (n,)
        Held out from the choice as well as from the fit.
    chosen : list of str, length n_blocks
        The name taken for each block.
    """
    chosen = [
        max(candidates, key=lambda name: inner_score(candidates[name], y, blocks, outer))
        for outer in range(blocks.max() + 1)
    ]
    by_block = np.stack([candidates[name][o] for o, name in enumerate(chosen)])
    return held_out(by_block, blocks), chosen


def blocked_interval(pairs, y, blocks, level):
    """Prediction intervals as wide as the errors on blocks that the model had not seen.

    Parameters
    ----------
    pairs : ndarray, shape (n_blocks, n)
        From `predict_pairs`.
    y : ndarray, shape (n,)
    blocks : ndarray of int, shape (n,)
    level : float
        Wanted coverage, in (0, 1).

    Returns
    -------
    lower, upper : ndarray, shape (n,)
        In the unit of y; the rows of a block had no say in their own intervals.
    """
    ends = np.empty((2, y.size))
    for o in range(blocks.max() + 1):
        rows = blocks == o
        residuals = (y - pairs[o])[~rows]
        ends[:, rows] = conformal_interval(residuals, pairs[o, rows], level)
    return ends[0], ends[1]


def _r2(y, prediction):
    return 1 - np.sum((y - prediction) ** 2) / np.sum((y - y.mean()) ** 2)
