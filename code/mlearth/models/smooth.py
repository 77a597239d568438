"""Kernel ridge regression, which bends but never jumps, with its held-out predictions for free.

It is linear in the targets: how it would predict some rows without having seen them follows from
one matrix, the inverse of the kernel matrix of all rows. So blocks are held out without a single
fit beyond the first, and long lists of settings can be searched.
"""

import numpy as np
from scipy.linalg import cho_factor, cho_solve

INTERCEPT = 1e3  # variance of the constant, over that of the kernel: the level is free


def gaussian_kernel(x, length):
    """Likeness of rows: one for equal rows, near zero for rows many lengths apart.

    Parameters
    ----------
    x : ndarray, shape (n, n_features)
        Standardised here, over all rows; no column may be constant.
    length : float
        In standard deviations of the features.

    Returns
    -------
    ndarray, shape (n, n)
    """
    z = (x - x.mean(axis=0)) / x.std(axis=0) / length
    square = np.sum(z**2, axis=1)
    distance = np.maximum(square[:, None] + square[None, :] - 2 * z @ z.T, 0)
    return np.exp(-distance / 2)


def predict_pairs_smoothly(x, y, blocks, length, noise):
    """Do what `mlearth.models.blocked.predict_pairs` does, for kernel ridge, without refitting.

    With A the kernel matrix plus the noise, the errors on rows S of a fit to all others are
    ``inv(inv(A)[S, S]) @ (inv(A) @ y)[S]``.

    Parameters
    ----------
    x, y : ndarray, shapes (n, n_features) and (n,)
    blocks : ndarray of int, shape (n,)
        Labels 0 to n_blocks - 1.
    length : float
        Of the kernel, in standard deviations of the features.
    noise : float
        Variance of the noise over that of the kernel.

    Returns
    -------
    ndarray, shape (n_blocks, n)
        Entry (o, i) is predicted without block o and without the block of row i.

    References
    ----------
    rasmussen2006gaussian, section 5.4.2, for single rows; blocks follow likewise
    """
    matrix = gaussian_kernel(x, length) + INTERCEPT + noise * np.eye(len(y))
    inverse = cho_solve(cho_factor(matrix, lower=True), np.eye(len(y)))
    weight = inverse @ y
    rows = [np.flatnonzero(blocks == block) for block in range(blocks.max() + 1)]
    pairs = np.empty((len(rows), len(y)))
    for o in range(len(rows)):
        for j in range(o, len(rows)):
            out = np.union1d(rows[o], rows[j])
            error = np.linalg.solve(inverse[np.ix_(out, out)], weight[out])
            without = np.full(len(y), np.nan)
            without[out] = y[out] - error
            pairs[o, rows[j]], pairs[j, rows[o]] = without[rows[j]], without[rows[o]]
    return pairs
