"""How sure a comparison is when neighbours in time resemble each other: the block bootstrap."""

from dataclasses import dataclass

import numpy as np


def block_bootstrap(values, statistic, rng, *, block, draws=1000):
    """Draw the statistic anew from series put together of whole blocks of the observed one.

    Blocks may start anywhere and run on from the end of the series to its start (the circular block
    bootstrap [politis1992circular]_), so that every value is drawn equally often. Neighbours
    within a block stay together, which keeps what they share; a block of 1 is the ordinary
    bootstrap.

    Parameters
    ----------
    values : array_like, shape (n, ...)
        In the order taken; rows are drawn whole.
    statistic : callable
        ndarray of the same shape -> float.
    rng : numpy.random.Generator
    block : int
        Rows in a block, from 1 to n; several times as long as neighbours resemble each other.
    draws : int

    Returns
    -------
    ndarray, shape (draws,)

    Raises
    ------
    ValueError
        If `block` is out of range.
    """
    values = np.asarray(values)
    n = len(values)
    if not 1 <= block <= n:
        raise ValueError(f"block must be from 1 to the {n} rows there are, got {block}")
    starts = rng.integers(n, size=(draws, -(-n // block)))
    rows = (starts[:, :, None] + np.arange(block)).reshape(draws, -1)[:, :n] % n
    return np.array([statistic(values[chosen]) for chosen in rows])


@dataclass(frozen=True)
class Comparison:
    """By how much one model beats another.

    Parameters
    ----------
    gain : float
        Mean loss of the second model minus that of the first; above 0 the first is better.
    lower, upper : float
        Ends of the interval for the gain.
    share_better : float
        Share of the drawn series on which the first model is better.
    """

    gain: float
    lower: float
    upper: float
    share_better: float


def compare(losses, other_losses, rng, *, block, level=0.9, draws=2000):
    """Compare two models case by case, on the same cases.

    Parameters
    ----------
    losses, other_losses : array_like, shape (n,)
        Of each model on each case, in order; smaller is better.
    rng : numpy.random.Generator
    block : int
        As in `block_bootstrap`.
    level : float
        Of the interval.
    draws : int

    Returns
    -------
    Comparison
    """
    losses, other_losses = np.asarray(losses, float), np.asarray(other_losses, float)
    if losses.shape != other_losses.shape or losses.ndim != 1:
        raise ValueError("Both models need one loss for each of the same cases.")
    gains = other_losses - losses
    drawn = block_bootstrap(gains, np.mean, rng, block=block, draws=draws)
    lower, upper = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Comparison(float(gains.mean()), float(lower), float(upper), float(np.mean(drawn > 0)))
