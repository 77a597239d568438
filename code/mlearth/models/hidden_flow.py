"""Find a flow that nobody measured from a film of what it carries.

The film is turned into a smooth field first (`film`). Then stream function, pressure and the two
numbers of the equations are sought by the method of Gauss and Newton, as for velocities
that were measured (`flow_discovery`), but with the equation of the scalar in the place of the data.
"""

import numpy as np

from mlearth.models.flow_equations import MOMENTUM, momentum_residual
from mlearth.models.flow_features import HarmonicField, draw_neurons
from mlearth.models.flow_fit import Condition, System

KAPPA = 1.3  # wavenumber that the pattern travels with, per diameter
STREAM_SIZES = (250, 250, 200, 150, 120, 100, 80, 60, 50)
PRESSURE_SIZES = (150, 150, 120, 100, 80, 60, 50, 40, 40)
DYE_WEIGHTS = (0.1, 1.0, 0.1, 0.1, 0.1)  # of the momentum equation, step by step


def features(rng, low, high, *, neurons, size, slope, points=2500):
    """Draw frozen neurons, finer and denser towards the upstream edge, and combine them.

    Parameters
    ----------
    rng : numpy.random.Generator
    low, high : sequence of float
        Corners of the window in x and y; y from -high to high.
    neurons, size : int
        Neurons drawn, and combinations kept.
    slope : sequence of two float
        Typical slope far downstream, and how much more upstream [1 / diameter].
    points : int
        Over which the combinations are made orthonormal.

    Returns
    -------
    even, odd : TanhFeatures
        Under y -> -y.
    """
    where = rng.uniform(low, high, (points, 2))

    def steepness(places):
        return slope[0] + slope[1] * np.exp(-(places[:, 0] - low[0]) / 2.0)

    return tuple(
        draw_neurons(rng, neurons, low, high, steepness, crowd=(2, 1), parity=parity).compress(
            where, size
        )
        for parity in (1, -1)
    )


def flow_fields(rng, low, high, *, neurons=900):
    """Stream function and pressure with the symmetry of vortices shed in turn.

    Returns
    -------
    dict of str to HarmonicField
        psi and p.
    """
    even, odd = features(rng, low, high, neurons=neurons, size=STREAM_SIZES[0], slope=(0.6, 2.0))
    return {
        "psi": HarmonicField((odd, even), STREAM_SIZES, KAPPA),
        "p": HarmonicField((even, odd), PRESSURE_SIZES, KAPPA),
    }


def scalar_field(rng, low, high, *, like, neurons=1500, size=700, harmonics=12):
    """A field for what is seen; finer than that of the flow, since it is differentiated twice.

    Parameters
    ----------
    rng, low, high, neurons, size
        As for `features`.
    like : {"dye", "heat"}
        Symmetry: dye changes sign under y -> -y half a period later, as y does; heat does not.
    harmonics : int

    Returns
    -------
    HarmonicField
    """
    if like not in ("dye", "heat"):
        raise ValueError(f"like must be dye or heat, got {like!r}")
    pair = features(rng, low, high, neurons=neurons, size=size, slope=(1.5, 3.0))
    return HarmonicField(pair[::-1] if like == "dye" else pair, (size,) * (harmonics + 1), KAPPA)


def dye_residual(f, q, columns):
    """Left minus right side of c_t + u c_x + v c_y = diffusivity (c_xx + c_yy), c being known.

    Parameters
    ----------
    f : dict of str to Tensor
        psi_x, psi_y.
    q : dict of str to Tensor
        rate, diffusivity.
    columns : dict of str to Tensor
        c_x, c_y, c_xx, c_yy, c_t.

    Returns
    -------
    tuple of one Tensor, shape (n,)
    """
    carried = f["psi_y"] * columns["c_x"] - f["psi_x"] * columns["c_y"]
    spread = q["diffusivity"] * (columns["c_xx"] + columns["c_yy"])
    return (q["rate"] * columns["c_t"] + carried - spread,)


def uniform_misfit(f, q, columns):
    """Velocity minus that of the undisturbed stream."""
    return f["psi_y"] - 1, f["psi_x"]


def roughness(f, q, columns):
    """How fast the velocity changes from place to place."""
    return f["psi_xx"], f["psi_yy"], np.sqrt(2) * f["psi_xy"]


def dye_alone(
    psi, film, points, rate, *, prior=uniform_misfit, weight=1e-4, diffusivity=0.02, also=None
):
    """Find the stream function that the scalar's equation alone allows: linear, one step.

    Parameters
    ----------
    psi : HarmonicField
    film : dict of str to ndarray
        From `film.Film.derivatives`, at `points`.
    points : ndarray, shape (n, 3)
    rate : float
        [rad per unit of time]
    prior : callable
        What to prefer among the many that fit: `uniform_misfit` or `roughness`.
    weight : float
        Of the prior.
    diffusivity : float
        First guess of 1/Pe.
    also : dict of str to Condition, optional
        What else is known.

    Returns
    -------
    System
    """
    system = _alone(psi, film, points, rate, prior, weight, diffusivity, also)
    system.step()
    system.release()
    return system


def smooth_flows(psi, film, points, rate, weights, *, diffusivity=0.02):
    """Yield, for each weight of `roughness`, what `dye_alone` finds; the features are kept.

    Yields
    ------
    weight : float
    System
        The same one each time.
    """
    system = _alone(psi, film, points, rate, roughness, 1.0, diffusivity)
    for weight in weights:
        system.conditions["prior"].weight = weight
        system.step()
        yield weight, system
    system.release()


def _alone(psi, film, points, rate, prior, weight, diffusivity, also=None):
    uses = ("psi_x", "psi_y") if prior is uniform_misfit else ("psi_xx", "psi_yy", "psi_xy")
    conditions = {
        "dye": Condition(dye_residual, ("psi_x", "psi_y"), points, film),
        "prior": Condition(prior, uses, points, {}, weight),
        **(also or {}),
    }
    numbers = {"rate": rate, "diffusivity": diffusivity}
    return System({"psi": psi}, numbers, conditions, fixed=["rate"])


def uniform_start(psi, points, rate, *, diffusivity=0.02):
    """Start from the undisturbed stream, whatever the film shows.

    Returns
    -------
    System
        As `dye_alone`.
    """
    stream = {"stream": Condition(uniform_misfit, ("psi_x", "psi_y"), points, {})}
    system = System({"psi": psi}, {"rate": rate}, stream, fixed=["rate"], ridge=1e-8)
    system.step()
    system.release()
    system.numbers["diffusivity"] = diffusivity
    return system


def reveal(
    fields, film, points, start, *, weights=DYE_WEIGHTS, viscosity=0.02, watch=None, also=None
):
    """Find velocity, pressure and both numbers by steps of Gauss and Newton.

    Parameters
    ----------
    fields : dict of str to HarmonicField
        psi and p.
    film : dict of str to ndarray
        From `film.Film.derivatives`, at `points`.
    points : ndarray, shape (n, 3)
        Where both equations should hold.
    start : System
        From `dye_alone`: its stream function and diffusivity are the first guess.
    weights : sequence of float
        Of the momentum equation, one for each step; that of the scalar's equation is 1.
    viscosity : float
        First guess of 1/Re.
    watch : callable, optional
        System -> anything; called after each step.
    also : dict of str to Condition, optional
        What else is known.

    Returns
    -------
    System
    """
    conditions = {
        "dye": Condition(dye_residual, ("psi_x", "psi_y"), points, film),
        "physics": Condition(momentum_residual, MOMENTUM, points, {}),
        **(also or {}),
    }
    numbers = start.numbers | {"viscosity": viscosity, "inertia": 1.0}
    system = System(fields, numbers, conditions, fixed=["rate", "inertia"])
    system.coefficients["psi"] = start.coefficients["psi"]
    for weight in weights:
        system.conditions["physics"].weight = weight
        system.step()
        if watch:
            watch(system)
    system.release()
    return system
