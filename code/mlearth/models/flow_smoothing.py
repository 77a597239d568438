"""The rival of fitting flow and law together: smooth the velocities first, then look for the law.

The smoothing knows no equation of motion; how rough the flow may be is left to held-out data. The
numbers are then sought at points, where third derivatives of the stream function are needed, or in
integrals against smooth test functions (the weak form), where none is [messenger2021weak]_.

.. [messenger2021weak] Messenger and Bortz (2021), Weak SINDy for partial differential equations.
   Journal of Computational Physics 443, 110525.
"""

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from mlearth.models.flow_discovery import (
    fit_velocity,
    velocity_condition,
    velocity_error,
    wake_fields,
)
from mlearth.models.flow_equations import MOMENTUM, momentum_residual
from mlearth.models.flow_fit import Condition, System

PRESSURE = ("p_x", "p_y")
ROUGHNESS = ("psi_xxx", "psi_xxy", "psi_xyy", "psi_yyy")


def roughness(f, q, columns):
    """Laplacians of u and of -v, as a residual: what friction needs.

    Returns
    -------
    tuple of two Tensors, shape (n,)
    """
    return f["psi_xxy"] + f["psi_yyy"], f["psi_xxx"] + f["psi_xyy"]


def smooth_velocities(features, measured, held, places, rate, amounts):
    """Fit stream function and rate to velocities alone, as smooth as held-out data want them.

    Parameters
    ----------
    features : tuple of TanhFeatures
        From `wake_features`.
    measured, held : dict of str to ndarray
        Measurements that are fitted, and those that choose among `amounts`.
    places : ndarray, shape (n, 3)
        x, y and phase where the roughness is taken.
    rate : float
        First guess.
    amounts : sequence of float
        Weights of the mean square roughness, to be tried.

    Returns
    -------
    fields : dict of str to HarmonicField
        psi and p.
    stream : ndarray
        Coefficients of psi.
    rate : float
    tried : dict of float to float
        Error on `held` for each amount.
    """
    _, rate = fit_velocity(wake_fields(features, 0.2), measured, rate)
    fields, tried, kept = wake_fields(features), {}, None
    psi, conditions = {"psi": fields["psi"]}, {"data": velocity_condition(measured)}
    data = System(psi, {"rate": rate}, conditions, fixed=["rate"])
    matrix, slope, _ = data.normal_equations()
    rough = {"rough": Condition(roughness, ROUGHNESS, places, {})}
    bend, _, _ = System(psi, {}, rough, ridge=0).normal_equations()
    for amount in amounts:
        stream = cho_solve(cho_factor(matrix + amount * bend, overwrite_a=True), -slope)
        tried[amount] = velocity_error(fields, stream, rate, held)
        if tried[amount] == min(tried.values()):
            kept = stream
    return fields, kept, rate, tried


def regress(fields, stream, places, rate, numbers=None):
    """Find the pressure, and the numbers unless they are given, for velocities as they are.

    Linear least squares on the momentum equations at points.

    Parameters
    ----------
    fields : dict of str to HarmonicField
        psi and p.
    stream : ndarray
        Coefficients of psi.
    places : ndarray, shape (n, 3)
    rate : float
    numbers : tuple of two floats, optional
        Inertia and viscosity, if known.

    Returns
    -------
    System
    """
    psi, names = fields["psi"], [name for name in MOMENTUM if name.startswith("psi")]
    prepared = psi.prepare(places, [name[4:] for name in names])
    seen = {name: psi.values(prepared, name[4:], stream) for name in names}
    physics = Condition(lambda f, q, c: momentum_residual(f | c, q, c), PRESSURE, places, seen)
    start = dict(zip(("inertia", "viscosity"), numbers or (0.0, 0.0), strict=True))
    fixed = ["rate"] if numbers is None else ["rate", "inertia", "viscosity"]
    system = System({"p": fields["p"]}, {"rate": rate, **start}, {"physics": physics}, fixed=fixed)
    system.step()  # one suffices: all that is sought enters linearly
    both = System(fields, system.numbers, {})
    both.coefficients = {"psi": stream, "p": system.coefficients["p"]}
    return both


def sample_period(psi, stream, x, y, count):
    """Evaluate the velocities on a grid, at even phases of one period.

    Parameters
    ----------
    psi : HarmonicField
    stream : ndarray
    x : ndarray, shape (nx,)
    y : ndarray, shape (ny,)
    count : int

    Returns
    -------
    u, v : ndarray, shape (count, nx, ny)
    """
    places = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
    points = np.column_stack([places, np.zeros(len(places))])
    _, spatial = psi.prepare(points, ("x", "y"))
    found = np.empty((2, count, len(x), len(y)))
    for k, phase in enumerate(np.arange(count) * 2 * np.pi / count):
        points[:, 2] = phase
        for axis, (letter, sign) in enumerate((("y", 1), ("x", -1))):
            values = psi.values((points, spatial), letter, stream)
            found[axis, k] = sign * values.reshape(len(x), len(y))
    return found


def weak_numbers(x, y, u, v, rate, *, halves=(1.2, 0.8), counts=(12, 7), harmonics=4):
    """Find inertia and viscosity from integrals of velocities alone.

    The momentum equations are multiplied by the velocities of small eddies without divergence and
    integrated by parts: the pressure disappears, and all derivatives pass to the eddies.

    Parameters
    ----------
    x : ndarray, shape (nx,)
    y : ndarray, shape (ny,)
        Evenly spaced.
    u, v : ndarray, shape (phases, nx, ny)
        At even phases of one period.
    rate : float
        [rad per unit of time].
    halves : tuple of float
        Half the width of an eddy in x and in y.
    counts : tuple of int
        Eddies in x and in y.
    harmonics : int
        By which the eddies turn, beside those that stand.

    Returns
    -------
    inertia, viscosity : float
    """
    along, across = (
        _bumps(*axis) for axis in zip((x, y), halves, counts, strict=True)
    )  # each (4, eddies, points)
    turns, slopes = _rhythms(len(u), harmonics)

    def integral(field, i, j, rhythm):
        ends = (rhythm, field, along[i], across[j])
        return np.einsum("gt,txy,ax,by->gab", *ends, optimize=True).ravel()

    unsteady = rate * (integral(u, 0, 1, slopes) - integral(v, 1, 0, slopes))
    carried = integral(u * u - v * v, 1, 1, turns)
    carried += integral(u * v, 0, 2, turns) - integral(u * v, 2, 0, turns)
    spread = integral(u, 2, 1, turns) + integral(u, 0, 3, turns)
    spread -= integral(v, 3, 0, turns) + integral(v, 1, 2, turns)
    found, *_ = np.linalg.lstsq(np.column_stack([carried, spread]), -unsteady, rcond=None)
    return float(found[0]), float(found[1])


def _bumps(points, half, count):
    """Smooth bumps, zero with their first derivatives where they end; orders 0 to 3."""
    centres = np.linspace(points[0] + half, points[-1] - half, count)[:, None]
    shares, bump = (points - centres) / half, np.polynomial.Polynomial([1, 0, -1]) ** 7
    inside = np.abs(shares) < 1
    return [np.where(inside, bump.deriv(k)(shares), 0) / half**k for k in range(4)]


def _rhythms(count, harmonics):
    """1, cosines and sines over a period, and their derivatives by the phase."""
    phase = np.arange(count) * 2 * np.pi / count
    turns, slopes = [np.ones(count)], [np.zeros(count)]
    for k in range(1, harmonics + 1):
        turns += [np.cos(k * phase), np.sin(k * phase)]
        slopes += [-k * np.sin(k * phase), k * np.cos(k * phase)]
    return np.array(turns), np.array(slopes)
