"""How far computed flow fields lie from the true ones, over a window and some times."""

import numpy as np

from mlearth.field_errors import relative_error


def window_grid(times, *, low=(1.0, -2.0), high=(8.0, 2.0), shape=(71, 41)):
    """Place points evenly over a window, at each of some times.

    Parameters
    ----------
    times : array_like, shape (n_times,)
    low, high : sequence of float
        Corners in x and y.
    shape : tuple of int
        Points in x and y.

    Returns
    -------
    x, y, t : ndarray, shape (n_times, points)
    """
    x, y = (np.linspace(*ends, n) for *ends, n in zip(low, high, shape, strict=True))
    y, x = (a.ravel() for a in np.meshgrid(y, x, indexing="ij"))
    t = np.broadcast_to(np.asarray(times, float)[:, None], (len(times), x.size))
    return np.broadcast_to(x, t.shape), np.broadcast_to(y, t.shape), t


def pressure_error(found, truth):
    """Relative error of a pressure after the mean over space is removed, at each time.

    The equations hold the gradient of the pressure alone: a constant that may differ from one time
    to the next stays unknown.

    Parameters
    ----------
    found, truth : ndarray, shape (n_times, points)

    Returns
    -------
    float
    """
    return relative_error(*(p - p.mean(axis=1, keepdims=True) for p in (found, truth)))


def score_discovery(fit, grid, truth, *, inertia=1.0, viscosity=0.01):
    """Compare what was discovered with the truth.

    Parameters
    ----------
    fit : System
        With fields psi and p of x, y and phase, and numbers rate, inertia, viscosity.
    grid : tuple of ndarray
        From `window_grid`.
    truth : object
        With u, v, p of the grid's shape.
    inertia, viscosity : float
        The true numbers.

    Returns
    -------
    errors : dict of str to float
        Relative errors of inertia, viscosity, u, v and pressure.
    pressure : ndarray, of the grid's shape
    """
    x, y, t = grid
    there = np.column_stack([x.ravel(), y.ravel(), fit.numbers["rate"] * t.ravel()])
    u, slope, p = (fit.evaluate(n, there).reshape(t.shape) for n in ("psi_y", "psi_x", "p"))
    errors = {
        "inertia": abs(fit.numbers["inertia"] / inertia - 1),
        "viscosity": abs(fit.numbers["viscosity"] / viscosity - 1),
        "u": relative_error(u, truth.u),
        "v": relative_error(-slope, truth.v),
        "pressure": pressure_error(p, truth.p),
    }
    return errors, p
