"""Find the numbers in the Navier-Stokes equations, and the pressure, from scattered velocities.

Stream function and pressure are harmonics of an unknown period; their features are frozen tanh
neurons. One fit is coarse, the next starts from it and is fine.
"""

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from mlearth.models.flow_equations import MOMENTUM, VELOCITY, momentum_residual, velocity_misfit
from mlearth.models.flow_features import HarmonicField, draw_neurons
from mlearth.models.flow_fit import Condition, System

STREAM_SIZES = (350, 300, 300, 200, 160, 120, 100, 80, 50, 30)
PRESSURE_SIZES = (100, 100, 100, 80, 60, 40, 30, 30, 20, 20)
KAPPA = 1.3  # wavenumber that the pattern travels with, per diameter


def wake_features(rng, low, high, *, neurons=700, points=3000, size=STREAM_SIZES[0]):
    """Draw frozen neurons that are finer and denser near the cylinder.

    Parameters
    ----------
    rng : numpy.random.Generator
    low, high : sequence of float
        Corners of the window in x and y; y from -high to high.
    neurons, points : int
        Neurons drawn, and points over which they are made orthonormal.
    size : int
        Functions kept.

    Returns
    -------
    even, odd : TanhFeatures
        Under y -> -y.
    """
    where = rng.uniform(low, high, (points, 2))

    def slope(places):
        return 0.5 + 2.0 * np.exp(-(places[:, 0] - low[0]) / 2.0)

    return tuple(
        draw_neurons(rng, neurons, low, high, slope, crowd=(2, 1), parity=parity).compress(
            where, size
        )
        for parity in (1, -1)
    )


def wake_fields(features, share=1.0):
    """Stream function and pressure with the symmetry of vortices shed in turn.

    psi(x, -y, t + T/2) = -psi(x, y, t) and p(x, -y, t + T/2) = p(x, y, t).

    Parameters
    ----------
    features : tuple of TanhFeatures
        Even and odd, from `wake_features`.
    share : float
        Of the functions per harmonic.

    Returns
    -------
    dict of str to HarmonicField
        psi and p.
    """
    even, odd = features
    sizes = [[max(4, round(share * n)) for n in all_] for all_ in (STREAM_SIZES, PRESSURE_SIZES)]
    return {
        "psi": HarmonicField((odd, even), sizes[0], KAPPA),
        "p": HarmonicField((even, odd), sizes[1], KAPPA),
    }


def velocity_condition(measured):
    """Ask that the fields have the velocities that were measured.

    Parameters
    ----------
    measured : dict of str to ndarray, shape (n,)
        x, y, t, u, v.

    Returns
    -------
    Condition
    """

    def points(numbers):
        return np.column_stack([measured["x"], measured["y"], numbers["rate"] * measured["t"]])

    return Condition(velocity_misfit, VELOCITY, points, {k: measured[k] for k in ("t", "u", "v")})


def find_rate(features, measured, periods):
    """Find how fast the phase turns: the period whose coarse harmonics fit best.

    Parameters
    ----------
    features : tuple of TanhFeatures
    measured : dict of str to ndarray
    periods : ndarray
        To be tried.

    Returns
    -------
    rate : float
        [rad per unit of time].
    misfits : ndarray
        Root mean square for each of `periods`.
    """
    psi = HarmonicField(features[::-1], (40, 40, 30, 20))
    points = np.column_stack([measured["x"], measured["y"], 0 * measured["t"]])
    _, spatial = psi.prepare(points, ("x", "y"))
    wanted, misfits = np.concatenate([measured["u"], measured["v"]]), []
    ones = np.ones(len(points))
    for period in periods:
        points[:, 2] = 2 * np.pi / period * measured["t"]
        rows = [psi.jacobian((points, spatial), {d: s * ones}) for d, s in (("y", 1), ("x", -1))]
        matrix = np.vstack(rows)
        found = cho_solve(
            cho_factor(matrix.T @ matrix + 0.01 * np.eye(psi.size)), matrix.T @ wanted
        )
        misfits.append(np.sqrt(np.mean((matrix @ found - wanted) ** 2)))
    return 2 * np.pi / periods[int(np.argmin(misfits))], np.array(misfits)


def fit_velocity(fields, measured, rate, *, ridge=1e-6, steps=3):
    """Fit the stream function and the rate to the measurements alone.

    Returns
    -------
    stream : ndarray
        Coefficients of psi.
    rate : float
    """
    numbers, psi = {"rate": rate}, {"psi": fields["psi"]}
    data = {"data": velocity_condition(measured)}
    system = System(psi, numbers, data, ridge=ridge, fixed=["rate"])
    system.step()
    free = System(psi, numbers, data, ridge=ridge)
    free.coefficients = system.coefficients
    for _ in range(steps):
        free.step()
    return free.coefficients["psi"], free.numbers["rate"]


def wake_system(fields, measured, collocation, rate, *, weight):
    """Set up the fit of fields, rate, inertia (lambda 1) and viscosity (lambda 2), both from 0.

    Parameters
    ----------
    fields : dict
        From `wake_fields`.
    measured : dict of str to ndarray
    collocation : ndarray, shape (n, 3)
        x, y and phase where the equations should hold.
    rate : float
    weight : float
        Of the mean square residual, against that of the misfit.

    Returns
    -------
    System
    """
    conditions = {
        "data": velocity_condition(measured),
        "physics": Condition(momentum_residual, MOMENTUM, collocation, {}, weight),
    }
    return System(fields, {"rate": rate, "inertia": 0.0, "viscosity": 0.0}, conditions)


def velocity_error(fields, stream, rate, measured):
    """Root mean square misfit of a stream function to measurements, such as held-out ones.

    Returns
    -------
    float
    """
    condition = {"data": velocity_condition(measured)}
    system = System({"psi": fields["psi"]}, {"rate": rate}, condition)
    system.coefficients["psi"] = stream
    return system.misfits()["data"]


def discover(features, measured, collocation, rate, *, weight=0.03, coarse=3, fine=3, watch=None):
    """Fit coarsely, then finely.

    Parameters
    ----------
    features, measured, collocation, rate, weight
        As for `wake_system`.
    coarse, fine : int
        Steps of Gauss and Newton.
    watch : callable, optional
        System -> anything; called after each step.

    Returns
    -------
    System
    """
    fields = wake_fields(features, 0.4)
    stream, rate = fit_velocity(fields, measured, rate)
    system = wake_system(fields, measured, collocation[::2], rate, weight=weight)
    system.coefficients["psi"] = stream
    _walk(system, coarse, watch)
    system.release()
    finer = wake_system(wake_fields(features), measured, collocation, rate, weight=weight)
    finer.numbers = dict(system.numbers)
    for name, field in fields.items():
        finer.coefficients[name] = field.widen(system.coefficients[name], finer.fields[name])
    _walk(finer, fine, watch)
    return finer


def choose_weight(system, held, weights):
    """Go on from a fit with other weights of the physics; keep the best on held-out data.

    Parameters
    ----------
    system : System
        From `discover`; ends with the weight chosen and the fit that belongs to it.
    held : dict of str to ndarray
        Measurements that were not fitted.
    weights : sequence of float
        To be tried, one step each.

    Returns
    -------
    dict of float to tuple
        For each weight: error on `held`, inertia, viscosity.
    """
    tried, best = {}, np.inf
    for weight in weights:
        system.conditions["physics"].weight = weight
        system.step()
        error = velocity_error(
            system.fields, system.coefficients["psi"], system.numbers["rate"], held
        )
        tried[weight] = error, system.numbers["inertia"], system.numbers["viscosity"]
        if error < best:
            best, kept = error, (dict(system.coefficients), dict(system.numbers), system.inverse)
            chosen = weight
    system.coefficients, system.numbers, system.inverse = kept
    system.conditions["physics"].weight = chosen
    system.release()
    return tried


def _walk(system, steps, watch):
    for _ in range(steps):
        system.step()
        if watch:
            watch(system)
