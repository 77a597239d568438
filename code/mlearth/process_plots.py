"""Figures for the chapter on Gaussian processes, by the rules of `mlearth.plotting`.

Every function takes arrays and ``ax`` (the current axes unless given) and returns the axes.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from mlearth.plotting import ABOVE, MODEL, MUTED, OBSERVED, SECOND


def plot_band(x, mean, deviation, *, ax=None, label="mean", **kwargs):
    """Draw a mean with its band of 95 %, which reaches 1.96 standard deviations to both sides.

    Parameters
    ----------
    x, mean, deviation : array_like, shape (n,)
        In the order of `x`; mean and deviation in one unit.
    ax : matplotlib.axes.Axes, optional
    label : str
        Of the mean; the band has none.
    **kwargs
        Passed to `matplotlib.axes.Axes.plot` for the mean.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    mean, half = np.asarray(mean), 1.96 * np.asarray(deviation)
    (line,) = ax.plot(x, mean, **{"color": MODEL, "label": label} | kwargs)
    ax.fill_between(x, mean - half, mean + half, color=line.get_color(), alpha=0.2, linewidth=0)
    return ax


def plot_slice(pairs, at, width, curves, *, unit, axes=None):
    """Draw pairs of values as dots, and what a slice through them says about the second.

    Parameters
    ----------
    pairs : ndarray, shape (n, 2)
    at, width : float
        The slice holds the pairs whose first value lies within half a `width` of `at`.
    curves : dict of str to (values, density)
        For the right panel, by label: first for all pairs, then for the slice.
    unit : str
    axes : sequence of two matplotlib.axes.Axes, optional

    Returns
    -------
    sequence of two matplotlib.axes.Axes
    """
    if axes is None:
        _, axes = plt.subplots(1, 2, figsize=(6, 3.9))
    left, right = axes
    inside = np.abs(pairs[:, 0] - at) < width / 2
    left.plot(*pairs[:3000].T, ".", color=MUTED, markersize=2, rasterized=True)
    left.axvspan(at - width / 2, at + width / 2, color=SECOND, alpha=0.6, linewidth=0)
    left.set(xlabel=f"first ({unit})", ylabel=f"second ({unit})", aspect="equal")
    looks = zip(curves.items(), (pairs[:, 1], pairs[inside, 1]), (MUTED, SECOND), strict=True)
    for (label, curve), drawn, colour in looks:
        right.hist(drawn, 40, density=True, color=colour, alpha=0.4)
        right.plot(*curve, color=OBSERVED if colour == MUTED else SECOND, label=label)
    right.set(xlabel=f"second ({unit})", ylabel="density")
    right.legend(**ABOVE)
    return axes


def plot_draws(x, panels, *, columns=2, xlabel="input"):
    """Draw functions from several priors, one panel for each.

    Parameters
    ----------
    x : ndarray, shape (m,)
    panels : dict of str to ndarray, shape (n, m)
        By title.
    columns : int
        Panels side by side.
    xlabel : str
        Beneath the lowest panels.

    Returns
    -------
    ndarray of matplotlib.axes.Axes, shape (len(panels),)
    """
    rows = -(-len(panels) // columns)
    size = (6, 0.4 + 1.7 * rows)
    _, axes = plt.subplots(rows, columns, figsize=size, sharex=True, squeeze=False)
    for ax, (title, draws) in zip(axes.flat, panels.items(), strict=False):
        ax.plot(x, np.transpose(draws), linewidth=1.3)
        ax.set_title(title, fontsize=11)
        ax.axhline(0, color=MUTED, linewidth=0.8, zorder=0)
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
    for ax in axes[-1]:
        ax.set_xlabel(xlabel)
    return axes.flat[: len(panels)]


def plot_terrain(x, y, height, paths, *, depth=4.0, ax=None):
    """Draw contours of a log likelihood over two positive parameters, and ascents on it.

    Parameters
    ----------
    x : ndarray, shape (n_x,)
    y : ndarray, shape (n_y,)
    height : ndarray, shape (n_y, n_x)
        [nats].
    paths : sequence of ndarray, shape (steps, 2)
        In x and y, from the start (a dot) to the end (a cross).
    depth : float
        Lower than this below the top, nothing is told apart [nats].
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    top = np.max(height)
    levels = np.linspace(top - depth, top, 17)
    filled = ax.contourf(x, y, np.maximum(height, levels[0]), levels)
    bar = ax.figure.colorbar(filled, ax=ax, label="log marginal likelihood (nats)")
    bar.set_ticks(np.arange(np.ceil(levels[0]), top))
    for path in paths:
        ax.plot(*np.transpose(path), color="white", linewidth=1.2)
        ax.plot(*path[0], "o", color="white", markersize=4)
    for path in paths:
        ax.plot(*path[-1], "x", color=SECOND, markersize=9, markeredgewidth=2.5)
    ax.set(xscale="log", yscale="log", xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 3)))
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axis.set_minor_locator(NullLocator())
    return ax
