"""Heat that spreads along a line: three finite-difference schemes, and the truth to check them.

The temperature u(x, t) obeys u_t = k u_xx for x in [0, 1]. It starts as a hat, u(x, 0) =
1/2 - |x - 1/2|, with u(0, t) = 0 and u(1, t) = 1: at x = 1 the boundary jumps away from the hat at
once. We say that the boundary wins: u(1, 0) = 1.

All is without unit. With a length L [m] and the diffusivity K [m2 s-1] of a rock, x = 1 stands
for L and k t = 1 for L^2 / K: for L = 100 m and K = 1e-6 m2 s-1 that is 317 years. What is left
out: rock that is not the same everywhere, water that moves, and ground that freezes or thaws.

.. [carslaw1959conduction] Carslaw and Jaeger (1959), Conduction of Heat in Solids, ch. 2 and 3.
.. [rannacher1984finite] Rannacher (1984), Finite element solution of diffusion problems with
   irregular data. Numerische Mathematik 43, 309-327.
"""

import numpy as np
from scipy.linalg.lapack import dpttrf, dpttrs
from scipy.special import erfc

DURATION = 0.25  # of the chapter's problem
SWITCH = 0.05  # k t below which the exact solution is summed as images, above as Fourier series
TERMS = np.arange(1, 12)  # of the series: at the switch the next is below 1e-30
IMAGES = np.arange(-4, 4)  # of the line, mirrored: at the switch the next are below 1e-30
NARROWEST = 1e-100  # instead of a diffusion length of 0: what is left at t = 0 is the limit


def initial_temperature(x):
    """The hat, and 1 at the corner x = 1.

    Parameters
    ----------
    x : array_like, shape (...)
        From 0 to 1.

    Returns
    -------
    ndarray, shape (...)
    """
    return exact_temperature(x, 0.0)


def exact_temperature(x, t, diffusivity=1.0):
    """The temperature itself, with an error near that of rounding at all times.

    Parameters
    ----------
    x, t : array_like
        Place, from 0 to 1, and time, 0 or more; of shapes that broadcast.
    diffusivity : float or array_like
        k, above 0.

    Returns
    -------
    ndarray, of the broadcast shape
        At t = 0 the hat, and 1 at x = 1.

    Raises
    ------
    ValueError
        If an x lies outside [0, 1], a time is negative or a diffusivity is not positive.
    """
    x, age = _checked(x, t, diffusivity)
    early = age < SWITCH
    found = np.empty(x.shape)
    found[early] = _image_sum(x[early], age[early])
    found[~early] = _series_sum(x[~early], age[~early])
    return found


def exact_sensitivity(x, t, diffusivity=1.0):
    """The derivative of the temperature by the diffusivity, which is t u_xx.

    Parameters
    ----------
    x, t, diffusivity : array_like
        As for `exact_temperature`.

    Returns
    -------
    ndarray, of the broadcast shape
        Temperature per unit of diffusivity; 0 at t = 0.

    Raises
    ------
    ValueError
        As for `exact_temperature`.
    """
    x, age = _checked(x, t, diffusivity)
    early = age < SWITCH
    found = np.empty(x.shape)  # the derivative by log(k t)
    found[early] = _image_sum(x[early], age[early], by_log_age=True)
    found[~early] = _series_sum(x[~early], age[~early], by_log_age=True)
    return found / np.asarray(diffusivity)


def _checked(x, t, diffusivity):
    x, t, diffusivity = np.broadcast_arrays(*(np.asarray(v, float) for v in (x, t, diffusivity)))
    if not np.all((x >= 0) & (x <= 1)):
        raise ValueError("The line runs from x = 0 to x = 1; an x lies outside or is not a number.")
    if not np.all(t >= 0):
        raise ValueError("Times start at 0; a time is negative or not a number.")
    if not np.all(diffusivity > 0):
        raise ValueError("A diffusivity must be above 0.")
    return x, diffusivity * t


def _series_sum(x, age, by_log_age=False):
    x, age = x[..., None], age[..., None]
    number = np.pi * TERMS
    height = 4 * np.sin(number / 2) / number**2 + 2 * np.cos(number) / number
    waves = height * np.sin(number * x) * np.exp(-(number**2) * age)
    if by_log_age:
        return np.sum(-(number**2) * age * waves, axis=-1)
    return x[..., 0] + np.sum(waves, axis=-1)


def _image_sum(x, age, by_log_age=False):
    """Sum kinks of the mirrored hat, each rounded off by diffusion, and mirrored steps."""
    width = np.maximum(2 * np.sqrt(age), NARROWEST)[..., None]
    x = x[..., None]
    kinks = np.abs(x - 0.5 - IMAGES) / width
    steps = (1 + 2 * IMAGES - x) / width  # with the sign of the side that the step is on
    sign = (-1.0) ** IMAGES
    if by_log_age:
        rounding = width * np.exp(-(kinks**2)) / (2 * np.sqrt(np.pi))
        warming = steps * np.exp(-(steps**2)) / np.sqrt(np.pi)
        return np.sum(warming - sign * rounding, axis=-1)
    rounding = width * (np.exp(-(kinks**2)) / np.sqrt(np.pi) - kinks * erfc(kinks))
    warming = np.where(IMAGES < 0, -1, 1) * erfc(np.abs(steps))
    return 0.5 - np.abs(x[..., 0] - 0.5) + np.sum(warming - sign * rounding, axis=-1)


def solve_explicit(initial, steps, *, duration=DURATION, diffusivity=1.0, every=1):
    """March forwards in time with the curvature of the old temperature (forward Euler).

    Stable only if k dt / dx^2 is at most 1/2; beyond, the result grows without bound, unasked.

    Parameters
    ----------
    initial : array_like, shape (n,) or (n, m)
        Temperature at `n` >= 3 places, evenly spaced from x = 0 to 1; `m` problems side by side.
        The first and the last stay as they are.
    steps : int
        Number of steps.
    duration : float
        The time that they cover.
    diffusivity : float
        k, above 0.
    every : int
        Keep each such step only; must divide `steps`.

    Returns
    -------
    ndarray, shape (steps / every + 1, n) or (steps / every + 1, n, m)
        The temperature from the start to the end.

    Raises
    ------
    ValueError
        If an argument is not as described.
    """
    initial, number = _prepared(initial, steps, duration, diffusivity, every)

    def advance(departure, _):
        departure[1:-1] += number * np.diff(departure, 2, axis=0)

    return _march(advance, initial, steps, every)


def solve_implicit(initial, steps, *, duration=DURATION, diffusivity=1.0, every=1):
    """March forwards in time with the curvature of the new temperature (backward Euler).

    Parameters and results are those of `solve_explicit`. Stable for every step.
    """
    initial, number = _prepared(initial, steps, duration, diffusivity, every)
    solve = _implicit_step(len(initial), number)

    def advance(departure, _):
        departure[1:-1] = solve(departure[1:-1])

    return _march(advance, initial, steps, every)


def solve_crank_nicolson(
    initial, steps, *, duration=DURATION, diffusivity=1.0, every=1, damped_steps=0
):
    """March with the mean of the old and the new curvature (Crank-Nicolson).

    The matrix of this scheme is that of an implicit half-step: if that leads from u to w, then
    Crank-Nicolson's step leads to 2 w - u.

    Parameters
    ----------
    initial, steps, duration, diffusivity, every
        As for `solve_explicit`, and so are the result and the errors. Stable for every step.
    damped_steps : int
        So many steps at the start are made of two implicit half-steps each, which damp the ringing
        that a jump sets off [rannacher1984finite]_; two suffice.
    """
    initial, number = _prepared(initial, steps, duration, diffusivity, every)
    solve = _implicit_step(len(initial), number / 2)

    def advance(departure, done):
        inner = departure[1:-1]
        halfway = solve(inner)
        inner[...] = solve(halfway) if done < damped_steps else 2 * halfway - inner

    return _march(advance, initial, steps, every)


def _prepared(initial, steps, duration, diffusivity, every):
    initial = np.asarray(initial, dtype=float)
    if initial.ndim not in (1, 2) or len(initial) < 3 or not np.all(np.isfinite(initial)):
        raise ValueError("`initial` must hold at least 3 finite temperatures, one row per place.")
    if min(steps, every) < 1 or steps % every:
        raise ValueError(f"`every` ({every}) must divide `steps` ({steps}), both at least 1.")
    if not (duration > 0 and diffusivity > 0):
        raise ValueError("Duration and diffusivity must be above 0.")
    return initial, diffusivity * duration / steps * (len(initial) - 1) ** 2


def _implicit_step(n, number):
    """Factor the matrix of an implicit step once; return what solves with it."""
    diagonal, lower, _ = dpttrf(np.full(n - 2, 1 + 2 * number), np.full(n - 3, -number))
    return lambda right: dpttrs(diagonal, lower, right)[0]


def _march(advance, initial, steps, every):
    """Advance the departure from the steady state, whose ends are 0."""
    share = np.linspace(0, 1, len(initial)).reshape(-1, *[1] * (initial.ndim - 1))
    steady = (1 - share) * initial[0] + share * initial[-1]
    departure = initial - steady
    kept = np.empty((steps // every + 1, *initial.shape))
    kept[0] = initial
    for done in range(steps):
        advance(departure, done)
        if (done + 1) % every == 0:
            kept[(done + 1) // every] = steady + departure
    return kept


def error_grid():
    """Where the chapter compares temperatures: evenly over line and time, with the corner.

    Returns
    -------
    x : ndarray, shape (101,)
    t : ndarray, shape (101,)
    """
    return np.linspace(0, 1, 101), np.linspace(0, DURATION, 101)
