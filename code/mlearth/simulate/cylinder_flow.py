"""Step the flow past a cylinder, and scalars that it carries, through time.

The unknowns are the vorticity v_x - u_y and the stream function: u = stream_y, v = -stream_x. Each
step takes diffusion implicitly and advection extrapolated (backward differences of second order);
both are solved wave number by wave number around the cylinder. The vorticity on the wall is what
makes the flow stick to it. Beyond the outermost ring the flow is taken to be free of vorticity.

Far from the cylinder, beyond `SPONGE_START`, the flow is more viscous than it should be, and what
comes near the outermost ring fades away: a wake that the rings are too wide for must not come back.
"""

import numpy as np
from scipy import fft
from scipy.interpolate import make_interp_spline

from mlearth.simulate.polar_flow import STENCIL, Helmholtz, difference_weights, differentiate

SCALARS = ("dye", "heat")
SPONGE_START = 12.0  # radius
SPONGE_VISCOSITY = 0.3  # added at the outermost ring
VORTICITY_FADES = (0.6, 1.0)  # between these shares of the outer radius
SCALARS_FADE = (SPONGE_START, 25.0)  # between these radii
FADING = 1.0  # rate
ARC = 64.0  # wave number per unit of arc up to which advection is computed
START = (1.2, 0.3, 0.1)  # x, y and squared radius of the vortex that breaks the symmetry


class CylinderFlow:
    """A flow set going at once around a cylinder at rest, with a vortex behind it.

    Parameters
    ----------
    grid : mlearth.simulate.polar_flow.Grid
    reynolds, peclet : float
        Free-stream speed times diameter over viscosity, and over the scalars' diffusivity.
    step : float
        Of time.
    scalars : tuple of str
        Of ``"dye"`` (c = y far away, no flux through the cylinder) and ``"heat"`` (c = 1 on the
        cylinder, 0 far away). Below, a scalar is its deviation from the far field.

    Attributes
    ----------
    time : float
    stream : ndarray of complex, shape (rows, modes + 1)
    carried : dict of str to ndarray of complex, shape (rows, modes + 1)
        The ``"vorticity"`` and the scalars.
    """

    def __init__(self, grid, reynolds, peclet, step, scalars=SCALARS):
        self.grid, self.reynolds, self.peclet, self.step = grid, reynolds, peclet, step
        self.weights, self.first = difference_weights(grid.rows, grid.spacing)
        self.y = np.zeros((grid.rows, grid.modes + 1), complex)
        self.y[:, 1] = -0.5j * grid.r[:, 0]
        self.resolved = grid.k <= ARC * grid.r
        self._prepare_solvers()
        self._prepare_wall()
        self.time, self.before = 0.0, None
        self.carried = {"vorticity": self._vortex()} | {name: 0 * self.y for name in scalars}
        self.stream = self.invert(self.carried["vorticity"])

    def _prepare_solvers(self):
        grid, r, k = self.grid, self.grid.r, self.grid.k
        self.viscosity = 1 / self.reynolds + SPONGE_VISCOSITY * ramp(r, SPONGE_START, grid.radius)
        square = k**2 + 0 * r
        fading = FADING * ramp(r, *(share * grid.radius for share in VORTICITY_FADES))
        self.poisson = Helmholtz(square, grid.spacing, outer=1.0 * k)
        rate = r**2 * (1.5 / self.step + fading) / self.viscosity
        self.diffusion = Helmholtz(square + rate, grid.spacing)
        rate = r**2 * (1.5 / self.step + FADING * ramp(r, *SCALARS_FADE)) * self.peclet
        self.mixing = Helmholtz(square + rate, grid.spacing)
        free = (self.y[-1] - self.y[-2]) / grid.spacing + k * (self.y[-1] + self.y[-2]) / 2
        self.free_stream = free  # what the undisturbed flow prescribes at the outer end

    def _prepare_wall(self):
        """What a unit of vorticity on the wall does to the flow, mode by mode."""
        self.wall_vorticity = self.diffusion.response / self.viscosity + 0j
        self.wall_stream = self.poisson.solve(-(self.grid.r**2) * self.wall_vorticity)
        self.wall_slip = self._slip(self.wall_vorticity, self.wall_stream)

    def _slip(self, vorticity, stream):
        """What must be 0: the speed along the wall and, so that pressure has one value, k = 0."""
        slip = self._wall_slope(stream)
        slip[0] = self._wall_slope(vorticity)[0]
        return slip

    def _vortex(self):
        angle = 2 * np.pi * np.arange(self.grid.angles) / self.grid.angles
        x, y = self.grid.r * np.cos(angle), self.grid.r * np.sin(angle)
        return self.spectral(np.exp(-((x - START[0]) ** 2 + (y - START[1]) ** 2) / START[2]))

    def physical(self, modes):
        """Values at the points of each ring: (rows, modes + 1) -> (rows, angles)."""
        return fft.irfft(modes, n=self.grid.angles, norm="forward")

    def spectral(self, values):
        """Fourier coefficients: (rows, angles) -> (rows, modes + 1)."""
        return fft.rfft(values, norm="forward")[:, : self.grid.modes + 1]

    def slope(self, modes):
        """Derivative in s."""
        return differentiate(self.weights, self.first, modes)

    def _wall_slope(self, modes):
        return self.weights[0] @ modes[:STENCIL]

    def invert(self, vorticity):
        """Stream function of a vorticity, with no speed along the wall on average."""
        stream = self.poisson.solve(-(self.grid.r**2) * vorticity, self.free_stream)
        return self._at_rest(stream)

    def _at_rest(self, stream):
        stream[:, 0] -= self._wall_slope(stream)[0] * self.grid.spacing * np.arange(self.grid.rows)
        return stream

    def totals(self):
        """Vorticity and scalars with their far fields, by name."""
        return {n: f + self.y if n == "dye" else f for n, f in self.carried.items()}

    def advance(self):
        """Take one step of time."""
        now, flux = self.carried, self._advection()
        past, past_flux = self.before or (now, flux)  # a start costs half a step
        self.before = now, flux
        r2 = self.grid.r**2
        known = {
            n: r2 * (0.5 * past[n] - 2 * now[n]) / self.step + 2 * flux[n] - past_flux[n]
            for n in now
        }
        self.carried = {"vorticity": self._step_flow(known.pop("vorticity"))}
        self.carried |= {name: self._step_scalar(name, g) for name, g in known.items()}
        self.time += self.step

    def _advection(self):
        """r^2 (u q_x + v q_y) for all q that are carried."""
        ik = 1j * self.grid.k
        outwards, around = self.physical(ik * self.stream), self.physical(self.slope(self.stream))
        found = {}
        for name, q in self.totals().items():
            flux = outwards * self.physical(self.slope(q))
            flux -= around * self.physical(ik * q)
            found[name] = self.spectral(flux) * self.resolved
        return found

    def _step_flow(self, known):
        vorticity = self.diffusion.solve(known) / self.viscosity
        stream = self.poisson.solve(-(self.grid.r**2) * vorticity, self.free_stream)
        strength = -self._slip(vorticity, stream) / self.wall_slip
        self.stream = self._at_rest(stream + strength * self.wall_stream)
        return vorticity + strength * self.wall_vorticity

    def _step_scalar(self, name, known):
        field = self.mixing.solve(known * self.peclet)
        if name == "heat":
            field[:, 0] += self.mixing.response[:, 0]
            return field
        flux = self._wall_slope(field + self.y)
        return field - flux / self._wall_slope(self.mixing.response) * self.mixing.response

    def forces(self):
        """Drag and lift coefficient: force over half of density, speed squared and diameter."""
        vorticity = self.carried["vorticity"]
        first = vorticity[0, 1] - self._wall_slope(vorticity)[1]
        return 2 * np.pi / self.reynolds * np.array([first.imag, first.real])


def ramp(r, start, end):
    """Rise smoothly from 0 at `start` to 1 at `end`."""
    share = np.clip((r - start) / (end - start), 0, 1)
    return share**2 * (3 - 2 * share)


def transfer(source, target):
    """Give a flow the state of another, on another grid; scalars that it lacks start at 0.

    Parameters
    ----------
    source, target : CylinderFlow
        The outer radius must be the same.
    """
    old = source.grid.spacing * np.arange(source.grid.rows)
    new = target.grid.spacing * np.arange(target.grid.rows)
    shared = min(source.grid.modes, target.grid.modes) + 1
    for name in target.carried.keys() & source.carried.keys():
        field = np.zeros_like(target.y)
        field[:, :shared] = make_interp_spline(old, source.carried[name][:, :shared], k=5)(new)
        target.carried[name] = field
    target.stream = target.invert(target.carried["vorticity"])
    target.time, target.before = source.time, None
