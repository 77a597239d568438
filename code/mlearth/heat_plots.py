"""Figures for heat on a line and for solvers compared, by the rules of `mlearth.plotting`.

Every function takes arrays and ``ax`` (the current axes unless given) and returns the axes.
"""

import matplotlib.pyplot as plt
import numpy as np

from mlearth.plotting import ABOVE, MODEL, OBSERVED, SECOND

STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
MARKERS = "osD^vP*"


def plot_profiles(x, curves, *, ax=None, **kwargs):
    """Draw temperatures along the line, each with a style of its own.

    Parameters
    ----------
    x : array_like, shape (n,)
    curves : dict of str to array_like, shape (n,)
        Temperatures by label.
    ax : matplotlib.axes.Axes, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    for number, (label, curve) in enumerate(curves.items()):
        style = {"label": label, "linestyle": STYLES[number % 6]}
        ax.plot(x, curve, **style | kwargs)
    ax.set(xlabel="place $x$ (in $L$)", ylabel="temperature $u$ (in jumps)")
    return ax


def plot_errors(curves, *, xlabel, ax=None, **kwargs):
    """Draw relative errors against what they cost, both on logarithmic axes.

    Parameters
    ----------
    curves : dict of str to (array_like, array_like), both of shape (n,)
        Costs (cells, seconds, ...) and errors, by label.
    xlabel : str
        Of the costs, with the unit.
    ax : matplotlib.axes.Axes, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    for number, (label, (cost, error)) in enumerate(curves.items()):
        style = {
            "marker": MARKERS[number % len(MARKERS)],
            "linestyle": STYLES[number % 6],
        }
        ax.plot(cost, error, **{"label": label} | style | kwargs)
    ax.set(xscale="log", yscale="log", xlabel=xlabel, ylabel="relative error")
    return ax


def plot_estimates(estimates, truth, bound, *, xlabel, ax=None):
    """Draw a histogram of estimates, and the Gaussian of the least spread that theory allows.

    Parameters
    ----------
    estimates : array_like, shape (n,)
    truth, bound : float
        Centre and standard deviation of the Gaussian.
    xlabel : str
        Of the estimated quantity, with the unit.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    ax.hist(estimates, 20, density=True, color=MODEL, alpha=0.4, label="estimates")
    value = truth + bound * np.linspace(-3.5, 3.5, 141)
    density = np.exp(-(((value - truth) / bound) ** 2) / 2) / (bound * np.sqrt(2 * np.pi))
    ax.plot(value, density, color=SECOND, label="the bound")
    ax.axvline(truth, color=OBSERVED, linewidth=0.8)
    ax.set(xlabel=xlabel, ylabel="density")
    ax.locator_params(axis="x", nbins=4)
    ax.legend(**ABOVE)
    return ax
