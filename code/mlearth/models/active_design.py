"""Choosing where to run a slow model next, from the covariance of an emulator.

The variance of a Gaussian process depends on where the runs are and not on what they gave. So we
know beforehand how much a run will reduce it, and can choose several runs before any is made.
"""

import numpy as np
from scipy.spatial.distance import cdist, pdist
from scipy.stats import qmc

CRITERIA = ("integrated", "largest")


def choose_next(covariance, noise, n, *, candidates=None, criterion="integrated"):
    """Choose runs one after another, each as if those before it had been made.

    Parameters
    ----------
    covariance : ndarray, shape (m, m)
        Covariance of the function at m places, given the runs that exist [output unit squared].
    noise : float
        Variance of the noise of a run [output unit squared], 0 or more.
    n : int
        How many to choose.
    candidates : sequence of int, optional
        Where a run is allowed; everywhere unless given.
    criterion : {"integrated", "largest"}
        Choose the run after which the mean variance at all m places is smallest, or the place
        where the variance is largest now.

    Returns
    -------
    list of int
        The chosen places, in order.

    Raises
    ------
    ValueError
        If the covariance is not square and finite, the noise is negative, the criterion is unknown,
        or there are fewer than `n` candidates.
    """
    left = _check(covariance, noise, criterion)
    free = np.zeros(len(left), dtype=bool)
    free[np.arange(len(left)) if candidates is None else list(candidates)] = True
    if free.sum() < n:
        raise ValueError(f"{n} runs are asked for, but there are {free.sum()} candidates")
    smallest = 1e-9 * np.diag(left).max()  # less than this is rounding
    chosen = []
    for _ in range(n):
        variance = np.maximum(np.diag(left), smallest)
        gain = np.sum(left**2, axis=0) / (variance + noise)
        score = gain if criterion == "integrated" else variance
        i = int(np.argmax(np.where(free, score, -np.inf)))
        left -= np.outer(left[:, i], left[i]) / (variance[i] + noise)
        free[i] = False
        chosen.append(i)
    return chosen


def extend_design(fit, inputs, outputs_of, chosen, n, *, batch=5, criterion="integrated"):
    """Choose runs in batches, each by an emulator of the runs before it.

    Parameters
    ----------
    fit : callable
        ``(inputs, outputs) -> emulator`` with ``posterior_covariance`` and ``noise_deviation``,
        such as `mlearth.models.emulator.fit_emulator`.
    inputs : ndarray, shape (m, d)
        Where a run is possible, and where the function is to be known.
    outputs_of : callable
        ``list of int -> ndarray``: makes these runs. It is called with chosen rows only.
    chosen : sequence of int
        Rows to begin with, enough for an emulator.
    n : int
        Runs in all.
    batch : int
        Runs between two fits.
    criterion : {"integrated", "largest"}
        See `choose_next`.

    Returns
    -------
    list of int, length n
        In the order in which they were chosen.
    """
    chosen = [int(i) for i in chosen]
    while len(chosen) < n:
        emulator = fit(inputs[chosen], outputs_of(chosen))
        chosen += choose_next(
            emulator.posterior_covariance(inputs),
            emulator.noise_deviation**2,
            min(batch, n - len(chosen)),
            candidates=np.setdiff1d(np.arange(len(inputs)), chosen),
            criterion=criterion,
        )
    return chosen


def maximin_latin_hypercube(n, d, rng, tries=200):
    """Fill the unit cube: of many Latin hypercubes, the one whose closest points are least close.

    Parameters
    ----------
    n, d : int
        Points and dimensions.
    rng : numpy.random.Generator
    tries : int

    Returns
    -------
    ndarray, shape (n, d)
    """
    drawn = [qmc.LatinHypercube(d, rng=rng).random(n) for _ in range(tries)]
    return max(drawn, key=lambda points: pdist(points).min())


def spread_out(points, n, first=None):
    """Choose rows that fill the space of all rows: each the furthest from those before it.

    Parameters
    ----------
    points : ndarray, shape (m, d)
        In units in which distances mean something, such as scaled to the unit cube.
    n : int
        At most m.
    first : int, optional
        The row closest to the centre unless given.

    Returns
    -------
    list of int

    Raises
    ------
    ValueError
        If there are fewer than `n` rows.
    """
    points = np.asarray(points, dtype=float)
    if n > len(points):
        raise ValueError(f"{n} rows are asked for, but there are {len(points)}")
    centre = np.sum((points - points.mean(axis=0)) ** 2, axis=1)
    chosen = [int(np.argmin(centre)) if first is None else int(first)]
    distance = cdist(points, points)
    while len(chosen) < n:
        chosen.append(int(np.argmax(distance[chosen].min(axis=0))))
    return chosen


def _check(covariance, noise, criterion):
    left = np.array(covariance, dtype=float)
    if left.ndim != 2 or left.shape[0] != left.shape[1]:
        raise ValueError(f"the covariance must be square, got {left.shape}")
    if not np.all(np.isfinite(left)):
        raise ValueError("the covariance must be finite: a value is missing or infinite")
    if not noise >= 0:
        raise ValueError(f"the variance of the noise must be 0 or more, got {noise}")
    if criterion not in CRITERIA:
        raise ValueError(f"the criterion is one of {', '.join(CRITERIA)}, not {criterion!r}")
    return left
