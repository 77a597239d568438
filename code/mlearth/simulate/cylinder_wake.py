"""The wake of a circular cylinder in a steady stream: vortices shed in turn from its two sides.

Stands in for wakes behind islands, piers and chimneys [williamson1996vortex]_ where the flow, the
pressure in it and what it carries must be known everywhere. The incompressible Navier-Stokes
equations are solved in two dimensions (`mlearth.simulate.cylinder_flow`) until the wake is
periodic; one period is kept. Units: diameters, free-stream speeds, and their ratio, a time; the
density is 1. The origin is the cylinder's centre, the stream comes from negative x.

At a Reynolds number of 100 others found, without walls, Strouhal numbers of 0.164 to 0.166, a mean
drag of 1.32 to 1.33 and a lift that swings by 0.32 to 0.33 [park1998numerical]_
[posdziech2007systematic]_.

What is left out: the third dimension, which real wakes have above a Reynolds number of about 190;
turbulence; buoyancy (the scalars are passive); what the fluid does beyond 12 diameters, where it is
made more viscous and scalars fade. There are no walls, but the outermost ring, 40 diameters away,
confines the flow: four times as far, drag, lift and frequency are about half a percent lower.

.. [williamson1996vortex] Williamson (1996), Vortex dynamics in the cylinder wake. Annual Review of
   Fluid Mechanics 28, 477-539.
.. [park1998numerical] Park, Kwon and Choi (1998), Numerical solutions of flow past a circular
   cylinder at Reynolds numbers up to 160. KSME International Journal 12, 1200-1205.
.. [posdziech2007systematic] Posdziech and Grundmann (2007), A systematic approach to the numerical
   calculation of fundamental quantities of the two-dimensional flow over a circular cylinder.
   Journal of Fluids and Structures 23, 479-499.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from mlearth.simulate.cylinder_flow import SCALARS, CylinderFlow, transfer
from mlearth.simulate.polar_flow import WALL, Grid
from mlearth.simulate.polar_spline import PolarSpline
from mlearth.simulate.wake_record import record_period

REACH = 10.2  # radius to which a wake is kept
COARSE = Grid(128, 48)  # on which the wake develops
SCALARS_DEVELOP = 35.0  # time
SETTLED = 0.005  # largest change of the lift's swing from one period to the next, as a share
BROKEN = 1e5  # no force is as large, unless the time step is too long


class Sample(NamedTuple):
    """Velocity, pressure and a scalar at some points: arrays of one shape."""

    u: np.ndarray
    v: np.ndarray
    p: np.ndarray
    c: np.ndarray


@dataclass(frozen=True)
class Wake:
    """Periodic flow past a cylinder, within about 10 diameters of it.

    Parameters
    ----------
    reynolds, peclet : float
        Free-stream speed times diameter, over viscosity and over the scalars' diffusivity.
    period : float
        Between two vortices from the same side.
    drag : float
        Mean drag coefficient.
    lift_amplitude : float
        Half the range of the lift coefficient.
    spacing : float
        Of the rings, in the logarithm of the radius.
    stream, pressure, dye, heat : ndarray of complex, shape (2 harmonics + 1, rings, modes)
        Amplitudes of 1, cos p, sin p, cos 2 p ... of the phase p, each a Fourier series around the
        cylinder; the velocity is u = stream_y, v = -stream_x.
    """

    reynolds: float
    peclet: float
    period: float
    drag: float
    lift_amplitude: float
    spacing: float
    stream: np.ndarray = field(repr=False)
    pressure: np.ndarray = field(repr=False)
    dye: np.ndarray = field(repr=False)
    heat: np.ndarray = field(repr=False)

    @property
    def strouhal(self):
        """Frequency of the shedding."""
        return 1 / self.period

    @cached_property
    def _splines(self):
        names = ("stream", "pressure", *SCALARS)
        return {name: PolarSpline(getattr(self, name), self.spacing) for name in names}

    def sample(self, x, y, t, scalar="dye"):
        """Evaluate the flow anywhere within reach, at any time.

        Parameters
        ----------
        x, y, t : array_like, of shapes that broadcast
            `x` along the stream.
        scalar : str
            ``"dye"``: c = y far away, no flux through the cylinder. ``"heat"``: c = 1 on the
            cylinder, 0 far away.

        Returns
        -------
        Sample
            u, v, p, c; NaN inside the cylinder. The pressure is 0 far away.

        Raises
        ------
        ValueError
            If a point is out of reach or not finite, or there is no such scalar.
        """
        if scalar not in SCALARS:
            raise ValueError(f"scalar must be one of {', '.join(SCALARS)}, got {scalar!r}")
        r, angle, polar, shape = self._polar(x, y, t)
        outwards = self._splines["stream"](*polar, dangle=1) / r
        around = -self._splines["stream"](*polar, ds=1) / r
        u = outwards * np.cos(angle) - around * np.sin(angle)
        v = outwards * np.sin(angle) + around * np.cos(angle)
        p, c = self._splines["pressure"](*polar), self._splines[scalar](*polar)
        return Sample(*(_outside(f, r).reshape(shape) for f in (u, v, p, c)))

    def vorticity(self, x, y, t):
        """Evaluate v_x - u_y, positive where the fluid turns anticlockwise; see `sample`."""
        r, _, polar, shape = self._polar(x, y, t)
        stream = self._splines["stream"]
        found = -(stream(*polar, ds=2) + stream(*polar, dangle=2)) / r**2
        return _outside(found, r).reshape(shape)

    def _polar(self, x, y, t):
        x, y, t = np.broadcast_arrays(*(np.asarray(a, float) for a in (x, y, t)))
        r, angle = np.hypot(x, y).ravel(), np.arctan2(y, x).ravel()
        farthest = WALL * np.exp(self.spacing * (self.stream.shape[1] - 1))
        if not (np.all(r <= farthest) and np.all(np.isfinite(t))):
            raise ValueError(f"Points must lie within {farthest:.1f} of the centre, t be finite.")
        s = np.log(np.maximum(r, WALL) / WALL)
        phase = 2 * np.pi * (t.ravel() / self.period % 1)
        return np.maximum(r, 1e-9), angle, (s, angle, phase), x.shape


def _outside(values, r):
    return np.where(r < WALL * (1 - 1e-12), np.nan, values)


def simulate_wake(
    reynolds=100.0,
    peclet=100.0,
    *,
    rows=256,
    modes=95,
    step=0.0075,
    develop=85.0,
    settle=36.0,
    progress=False,
):
    """Simulate a wake until it is periodic, first on a coarse grid, then on a fine one.

    Parameters
    ----------
    reynolds : float
        From 50 to 190. Below about 47 no vortices are shed, above the wake is not flat. The grid
        suits 100: samples leave 0.2 % of the momentum balance open at 100, 2 % at 180.
    peclet : float
        From 1 to 200.
    rows, modes : int
        Rings, and wave numbers around the cylinder, of the fine grid.
    step : float
        Of time; much longer ones are unstable, above a Reynolds number of 150 this one, too.
    develop, settle : float
        Time on the coarse grid (before scalars are added, which takes another 35) and on the fine.
    progress : bool
        Whether to show a progress bar where a person watches.

    Returns
    -------
    Wake

    Raises
    ------
    ValueError
        If a parameter is out of range.
    RuntimeError
        If the flow became unstable, or the wake is not periodic yet.
    """
    _check(reynolds, peclet, rows, modes, step, develop, settle)
    fine = Grid(rows, modes)
    stages = [(COARSE, (), develop), (COARSE, SCALARS, SCALARS_DEVELOP), (fine, SCALARS, settle)]
    steps = sum(round(duration / step) for _, _, duration in stages)
    flow = None
    with tqdm(total=steps, unit=" steps", disable=None if progress else True, leave=False) as bar:
        for grid, scalars, duration in stages:
            before, flow = flow, CylinderFlow(grid, reynolds, peclet, step, scalars)
            if before:
                transfer(before, flow)
            log = _run(flow, round(duration / step), bar)
        period = _period(log)
        bar.total += round(period / step)
        fields, log = record_period(flow, period, lambda f, n: _run(f, n, bar))
    kept = int(np.ceil(np.log(REACH / WALL) / flow.grid.spacing)) + 1
    arrays = {name: fields[name][:, :kept] for name in ("stream", "pressure", *SCALARS)}
    drag, swing = float(log[:, 1].mean()), float(np.ptp(log[:, 2]) / 2)
    return Wake(reynolds, peclet, period, drag, swing, flow.grid.spacing, **arrays)


def _check(reynolds, peclet, rows, modes, step, develop, settle):
    for name, value, (low, high) in (
        ("reynolds", reynolds, (50.0, 190.0)),
        ("peclet", peclet, (1.0, 200.0)),
        ("rows", rows, (64, 1024)),
        ("modes", modes, (24, 512)),
        ("step", step, (1e-4, 0.02)),
        ("develop", develop, (10, 1e4)),
        ("settle", settle, (20, 1e4)),
    ):
        if not low <= value <= high:
            raise ValueError(f"{name} must lie between {low:g} and {high:g}, got {value}.")


def _run(flow, steps, bar):
    """Advance; returns time, drag and lift after each step: (steps, 3)."""
    log = np.empty((steps, 3))
    for i in range(steps):
        flow.advance()
        log[i] = flow.time, *flow.forces()
        if not np.abs(log[i]).max() < BROKEN:
            raise RuntimeError(f"The flow became unstable: take a step below {flow.step:g}.")
        bar.update()
    return log


def _period(log):
    """Time between the last two upward zero crossings of the lift, which must be alike."""
    time, _, lift = log.T
    up = np.flatnonzero((lift[:-1] < 0) & (lift[1:] >= 0))
    if len(up) < 3:
        raise RuntimeError("The lift does not oscillate: let the wake develop longer.")
    swing = [np.ptp(lift[a : b + 1]) for a, b in zip(up[-3:-1], up[-2:], strict=True)]
    if abs(swing[1] - swing[0]) > SETTLED * swing[1]:
        raise RuntimeError(
            f"The lift swings by {swing[0]:.4f}, then by {swing[1]:.4f}: not settled."
        )
    share = lift[up] / (lift[up] - lift[up + 1])
    crossings = time[up] + share * (time[up + 1] - time[up])
    return float(crossings[-1] - crossings[-2])
