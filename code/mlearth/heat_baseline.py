"""How fast the schemes without learning solve the chapter's heat problem, and how well.

The baseline for any network: seconds of one processor against the relative error on the error grid.
"""

import time
from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline

from mlearth.field_errors import relative_error
from mlearth.simulate import heat

DAMPED = 2  # steps at the start of Crank-Nicolson that are made of implicit halves
LADDERS = {  # cells and steps, from coarse to fine
    "explicit": [(20, 300), (50, 1600), (100, 6300), (200, 25_000), (400, 100_000)],
    "implicit": [(20, 100), (50, 400), (100, 1600), (200, 6400), (400, 25_600)],
    "Crank-Nicolson": [(20, 100), (50, 200), (100, 400), (200, 800), (400, 1600), (800, 3200)],
    "damped": [(20, 100), (50, 200), (100, 400), (200, 800), (400, 1600), (800, 3200)],
    "extrapolated": [(20, 200), (50, 400), (100, 800), (200, 1600), (400, 3200)],
    "LSODA": [(20, 100), (50, 100), (100, 100), (200, 100), (400, 100), (800, 100)],
}


@dataclass(frozen=True)
class Run:
    """One solution of the problem.

    Parameters
    ----------
    scheme : str
    cells, steps : int
        Of the coarser grid, if there are two.
    seconds : float
        Of one processor, the least of several tries.
    error : float
        Relative L2 error on the error grid.
    """

    scheme: str
    cells: int
    steps: int
    seconds: float
    error: float


def solve(scheme, cells, steps):
    """Solve the problem by one scheme and look at it on the error grid.

    Parameters
    ----------
    scheme : str
        A key of `LADDERS`. "damped" is Crank-Nicolson with two damped steps, "extrapolated" takes
        that on two grids, the second twice as fine, and removes the leading error. "LSODA" is
        SciPy's solver, which chooses its own steps in time.
    cells, steps : int
        Of the grid; `cells` must divide 100 or be a multiple of it, `steps` a multiple of 100.

    Returns
    -------
    ndarray, shape (101, 101)
        Times by places.

    Raises
    ------
    ValueError
        If there is no such scheme, or the grid does not fit.
    """
    if steps % 100 or (cells % 100 and 100 % cells):
        raise ValueError(f"{cells} cells and {steps} steps do not fit the 100 of the error grid.")
    if scheme not in LADDERS:
        raise ValueError(f"{scheme!r} is not among the schemes {list(LADDERS)}.")
    return _on_error_grid(_SOLVERS[scheme](cells, steps))


def _start(cells):
    return heat.initial_temperature(np.linspace(0, 1, cells + 1))


def _explicit(cells, steps):
    return heat.solve_explicit(_start(cells), steps, every=steps // 100)


def _implicit(cells, steps):
    return heat.solve_implicit(_start(cells), steps, every=steps // 100)


def _crank_nicolson(cells, steps, damped_steps=0):
    every = steps // 100
    return heat.solve_crank_nicolson(_start(cells), steps, every=every, damped_steps=damped_steps)


def _damped(cells, steps):
    return _crank_nicolson(cells, steps, DAMPED)


def _extrapolated(cells, steps):
    coarse, fine = _damped(cells, steps), _damped(2 * cells, 2 * steps)[:, ::2]
    return fine + (fine - coarse) / 3


def _lsoda(cells, steps):
    def warming(_, temperature):
        rate = np.zeros_like(temperature)
        rate[1:-1] = np.diff(temperature, 2) * cells**2
        return rate

    span, times, tolerance = (0, heat.DURATION), heat.error_grid()[1], 1e-2 / cells**2
    options = {"method": "LSODA", "lband": 1, "uband": 1, "rtol": tolerance, "atol": tolerance}
    return solve_ivp(warming, span, _start(cells), t_eval=times, **options).y.T


_SOLVERS = {
    "explicit": _explicit,
    "implicit": _implicit,
    "Crank-Nicolson": _crank_nicolson,
    "damped": _damped,
    "extrapolated": _extrapolated,
    "LSODA": _lsoda,
}


def _on_error_grid(temperature):
    """Thin a fine grid, or lay splines through a coarse one; the start is known."""
    x, cells = heat.error_grid()[0], temperature.shape[1] - 1
    if cells >= len(x) - 1:
        return temperature[:, :: cells // (len(x) - 1)]
    found = CubicSpline(np.linspace(0, 1, cells + 1), temperature, axis=1)(x)
    found[0] = heat.initial_temperature(x)
    return found


def time_run(scheme, cells, steps, repeats=3):
    """Solve the problem several times and keep the least time.

    Parameters
    ----------
    scheme, cells, steps
        As for `solve`.
    repeats : int

    Returns
    -------
    Run
    """
    seconds, field = _timed(lambda: solve(scheme, cells, steps), repeats)
    return Run(scheme, cells, steps, seconds, relative_error(field, _truth()))


def time_exact(repeats=3):
    """Fill the error grid by the exact formula several times and keep the least time.

    Parameters
    ----------
    repeats : int

    Returns
    -------
    float
        Seconds of one processor.
    """
    return _timed(_truth, repeats)[0]


def _truth():
    x, t = heat.error_grid()
    return heat.exact_temperature(x, t[:, None])


def _timed(make, repeats):
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        made = make()
        seconds.append(time.process_time() - start)
    return min(seconds), made


def work_precision(repeats=3):
    """Run every scheme from coarse to fine grids.

    Parameters
    ----------
    repeats : int
        Of each, for the time.

    Returns
    -------
    dict of str to list of Run
    """
    return {
        scheme: [time_run(scheme, *grid, repeats) for grid in ladder]
        for scheme, ladder in LADDERS.items()
    }


def fastest(runs, error):
    """The fastest run whose error is small enough.

    Parameters
    ----------
    runs : iterable of Run
    error : float
        Largest relative error that will do.

    Returns
    -------
    Run or None
        None if no run is good enough.
    """
    good = [run for run in runs if run.error <= error]
    return min(good, key=lambda run: run.seconds, default=None)
