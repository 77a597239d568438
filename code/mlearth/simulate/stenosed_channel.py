"""Pulsating flow through a channel with a narrow place, and a dye that it carries.

Stands in for what is common to a narrowed artery, a fracture and a river's narrows: a jet, a slow
eddy behind the narrow place, and shear that is strongest on its wall. The channel repeats itself
every `Narrows.length`: a train of narrowings far apart. Fourier series along x and Chebyshev
polynomials across, on a grid that follows the walls; vorticity and stream function, third-order
steps in time until nothing but the pulse changes. Lengths are half widths of the channel where it
is wide, speeds the mean speed there over a period.

What is left out: walls that give way, the third dimension, blood that is no Newtonian fluid, rough
walls, and turbulence, which real narrowings have from Reynolds numbers of some hundreds.

References
----------
Peyret (2002), Spectral Methods for Incompressible Viscous Flow, Springer: influence matrix for the
vorticity on the walls.
"""

import numpy as np
from numpy.polynomial import chebyshev

from mlearth.simulate.channel_grid import Grid, Narrows
from mlearth.simulate.channel_record import Channel

BACKWARD = (11 / 6, 3.0, -1.5, 1 / 3)  # third-order derivative in time
AHEAD = (3.0, -3.0, 1.0)  # third-order extrapolation
FRINGE = 8.0  # rate at which dye is renewed upstream
NARROWS = Narrows()
HARMONICS, FRAMES = 12, 32  # kept of a period; more frames than harmonics can tell apart


class Solvers:
    """Inverses of the implicit part of a step, for a flow and for what it carries.

    Parameters
    ----------
    grid : Grid
    viscosity, diffusivity, dt : float
    renewal : ndarray, shape (nx, 1)
        Rate at which the dye is renewed.
    """

    def __init__(self, grid, viscosity, diffusivity, dt, renewal):
        d_x, d_y = grid.matrices()
        nx, ny = grid.shape
        rows = np.arange(nx * ny).reshape(nx, ny)
        walls = rows[:, [0, -1]].ravel()
        laplace, one = d_x @ d_x + d_y @ d_y, np.eye(nx * ny)
        inside = np.ones(nx * ny)
        inside[walls] = 0
        steady = BACKWARD[0] / dt * one
        poisson = np.linalg.inv(_replace(laplace, walls, one))
        vorticity = np.linalg.inv(_replace(steady - viscosity * laplace, walls, one))
        answer = -(poisson * inside) @ vorticity  # stream function for given right side, walls 0
        slope = d_y[walls]
        pull = np.linalg.inv(slope @ answer[:, walls])
        self.flow = (answer - answer[:, walls] @ (pull @ (slope @ answer))) * inside
        unit = poisson[:, rows[:, -1]].sum(axis=1)  # a flux of 1: psi = 1 on the upper wall
        self.unit = (unit - answer[:, walls] @ (pull @ (slope @ unit))).reshape(grid.shape)
        self.viscosity, self.laplace = viscosity, laplace
        tight = d_y - grid.tilt.reshape(-1, 1) * d_x  # no dye through the walls
        balance = steady + np.diag(np.repeat(renewal, ny)) - diffusivity * laplace
        self.dye = np.linalg.inv(_replace(balance, walls, tight)) * inside


def _replace(matrix, rows, other):
    matrix = matrix.copy()
    matrix[rows] = other[rows]
    return matrix


def simulate_channel(
    reynolds=20.0,
    peclet=50.0,
    *,
    narrows=NARROWS,
    period=5.0,
    pulse=0.4,
    periods=4,
    shape=(48, 25),
    steps=320,
):
    """Simulate pulsating flow through a narrow place until it repeats itself.

    The flux per half width is 1 + pulse cos(2 pi t / period). Far upstream the dye is
    y + cos(2 pi t / period); none passes the walls.

    Parameters
    ----------
    reynolds, peclet : float
        Mean speed times half width over viscosity and over diffusivity of the dye.
    narrows : Narrows
    period, pulse : float
        In half widths over mean speed; relative.
    periods : int
        Run before the last, which is recorded.
    shape : tuple of int
        Points along (even) and across (odd).
    steps : int
        In a period; a multiple of 32.

    Returns
    -------
    Channel

    Raises
    ------
    ValueError
        If a number is out of range, or steps are too long for the flow.
    """
    if min(reynolds, peclet, period) <= 0 or sum(narrows.heights) >= 2:
        raise ValueError(
            "Reynolds and Péclet number and period are above 0, heights below 2 in sum."
        )
    if shape[0] % 2 or not shape[1] % 2 or steps % FRAMES:
        raise ValueError("shape is (even, odd) and steps a multiple of 32.")
    grid, dt = Grid(narrows, *shape), period / steps
    renewal = _renewal(grid)
    solvers = Solvers(grid, 1 / reynolds, 1 / peclet, dt, renewal)
    rate = 2 * np.pi / period
    record, every = [], steps // FRAMES
    history = _Stepper(grid, solvers, dt, 2 * solvers.unit, grid.y + 0 * grid.x, renewal)
    for step in range((periods + 1) * steps):
        if step >= (periods - 1) * steps and step % every == 0:
            record.append((history.psi[0], history.c[0]))
        swing = np.cos(rate * (step + 1) * dt)
        history.step(2 + 2 * pulse * swing, grid.y + swing)
    psi, c = (np.array(f) for f in zip(*record, strict=True))
    half = len(psi) // 2
    change = np.max(abs(grid.d_y(psi[half:] - psi[:half])))
    if not np.isfinite(change):
        raise ValueError(f"The flow grew without bound: more steps than {steps} a period.")
    return _analyse(grid, psi[half:], c[half:], narrows, period, reynolds, peclet, change)


def _renewal(grid):
    """Rate at which the dye is renewed: 0 but for a stretch upstream."""
    wave = 2 * np.pi / grid.narrows.length
    return FRINGE * np.exp((np.cos(wave * (grid.x + 5.25)) - 1) / (wave * 0.5) ** 2)


class _Stepper:
    """The last three states; lists begin with the newest."""

    def __init__(self, grid, solvers, dt, psi, c, renewal):
        self.grid, self.solvers, self.dt, self.renewal = grid, solvers, dt, renewal
        self.psi, self.c = [psi] * 3, [c] * 3
        self.vorticity = [self._vorticity(p) for p in self.psi]
        self.moved = [
            self._advection(*s) for s in zip(self.psi, self.vorticity, self.c, strict=True)
        ]

    def _vorticity(self, psi):
        x, y = self.grid.gradient(psi)
        return -self.grid.gradient(x)[0] - self.grid.d_y(y)

    def _advection(self, psi, vorticity, c):
        psi_x, psi_y = self.grid.gradient(psi)
        both = self.grid.gradient(np.array([vorticity, c]))
        return psi_y * both[0] - psi_x * both[1]

    def step(self, flux, renewed):
        """Go one step; flux and renewed dye are those at its end."""
        right = [
            sum(w * f for w, f in zip(BACKWARD[1:], past, strict=True)) / self.dt
            for past in (self.vorticity, self.c)
        ]
        moved = sum(w * f for w, f in zip(AHEAD, self.moved, strict=True))
        right = [r - m for r, m in zip(right, moved, strict=True)]
        right[1] = right[1] + self.renewal * renewed
        shape = self.grid.shape
        psi = (self.solvers.flow @ right[0].ravel()).reshape(shape) + flux * self.solvers.unit
        c = (self.solvers.dye @ right[1].ravel()).reshape(shape)
        vorticity = self._vorticity(psi)
        moved = self._advection(psi, vorticity, c)
        for past, new in zip(
            (self.psi, self.c, self.vorticity, self.moved), (psi, c, vorticity, moved), strict=True
        ):
            past.insert(0, new)
            past.pop()


def _analyse(grid, psi, c, narrows, period, reynolds, peclet, change):
    """Velocities, pressure and vorticity of one period, as harmonics."""
    psi_x, u = grid.gradient(psi)
    v = -psi_x
    turn = 2j * np.pi / period * np.arange(len(psi) // 2 + 1)[:, None, None]
    forces = []
    for w in (u, v):
        w_x, w_y = grid.gradient(w)
        w_t = np.fft.irfft(turn * np.fft.rfft(w, axis=0), len(w), axis=0)
        bent = grid.gradient(w_x)[0] + grid.d_y(w_y)
        forces.append(bent / reynolds - w_t - u * w_x - v * w_y)
    vorticity = grid.gradient(v)[0] - grid.d_y(u)
    p, push = _pressure(grid, *forces)
    waves = _harmonics(np.array([u, v, p, c, vorticity]))
    return Channel(waves, _harmonics(push[None])[0], narrows, period, reynolds, peclet, change)


def _pressure(grid, p_x, p_y):
    """Integrate a gradient: along the middle, then across."""
    nx, ny = grid.shape
    middle = (p_x + p_y * grid.tilt)[:, :, ny // 2]  # (times, nx)
    push = middle.mean(axis=1)
    wave = 2j * np.pi / grid.narrows.length * np.fft.fftfreq(nx, 1 / nx)
    wave[[0, nx // 2]] = np.inf
    line = np.fft.ifft(np.fft.fft(middle, axis=1) / wave, axis=1).real
    series = np.moveaxis(p_y * grid.half @ grid.to_chebyshev.T, -1, 0)
    whole = chebyshev.chebint(series, axis=0)
    across = chebyshev.chebval(grid.eta, whole)
    across -= across[..., ny // 2, None]
    return line[:, :, None] + across, push


def _harmonics(fields):
    """(n, times, ...) -> (n, HARMONICS + 1, ...) complex."""
    waves = np.fft.rfft(fields, axis=1)[:, : HARMONICS + 1] / fields.shape[1]
    waves[:, 1:] *= 2
    return waves
