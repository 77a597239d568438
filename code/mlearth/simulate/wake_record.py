"""From a flow that has settled into its rhythm to one period of it, and the pressure in it."""

import numpy as np
from scipy.interpolate import make_interp_spline

from mlearth.simulate.polar_spline import phase_basis

HARMONICS = 12  # of the shedding frequency
SNAPSHOTS = 64  # about, of a period


def record_period(flow, period, run):
    """Follow a flow for one period and express it in harmonics of it.

    Parameters
    ----------
    flow : mlearth.simulate.cylinder_flow.CylinderFlow
        Periodic by now; advanced by about `period`.
    period : float
    run : callable
        ``run(flow, steps)`` advances the flow and returns time, drag and lift of each step.

    Returns
    -------
    fields : dict of str to ndarray of complex, shape (2 HARMONICS + 1, rows, modes + 1)
        ``"stream"``, ``"vorticity"``, ``"pressure"`` and the scalars: amplitudes of 1, cos p,
        sin p, cos 2 p ... of the phase p, each a Fourier series around the cylinder.
    log : ndarray, shape (steps, 3)
    """
    stride = int(period / flow.step / SNAPSHOTS)
    start, times, shots, logs = flow.time, [], [], []
    for _ in range(int(np.ceil(period / flow.step / stride))):
        times.append(flow.time - start)
        shots.append({"stream": flow.stream} | flow.totals())
        logs.append(run(flow, stride))
    basis = phase_basis(2 * np.pi * np.array(times) / period, HARMONICS)
    fit = np.linalg.pinv(basis)
    fields = {n: np.tensordot(fit, np.array([s[n] for s in shots]), 1) for n in shots[0]}
    fields["pressure"] = _pressure(flow, fields, period)
    return fields, np.concatenate(logs)


def _pressure(flow, fields, period):
    """Pressure at some phases, expressed in harmonics."""
    count = 4 * HARMONICS
    basis = phase_basis(2 * np.pi * np.arange(count) / count, HARMONICS)
    rate = 2 * np.pi / period * np.arange(1, HARMONICS + 1)
    change = np.zeros_like(basis)  # derivative of the basis in time
    change[:, 1::2], change[:, 2::2] = -rate * basis[:, 2::2], rate * basis[:, 1::2]
    found = [
        pressure_from_momentum(
            flow,
            np.tensordot(now, fields["stream"], 1),
            np.tensordot(now, fields["vorticity"], 1),
            np.tensordot(then, fields["stream"], 1),
        )
        for now, then in zip(basis, change, strict=True)
    ]
    return np.tensordot(np.linalg.pinv(basis), np.array(found), 1)


def pressure_from_momentum(flow, stream, vorticity, change):
    """Pressure that the momentum balance along the rings asks for; its mean, that across them.

    With the total head h = p + speed^2 / 2 the balance reads, along and across the rings,
    h_a = -stream_a w + (viscosity w)_s + change_s and h_s = -stream_s w - viscosity w_a - change_a.

    Parameters
    ----------
    flow : mlearth.simulate.cylinder_flow.CylinderFlow
        Its grid and viscosity.
    stream, vorticity, change : ndarray of complex, shape (rows, modes + 1)
        `change` is the rate of change of the stream function.

    Returns
    -------
    ndarray of complex, shape (rows, modes + 1)
        Its mean over the outermost ring is 0.
    """
    grid = flow.grid
    w, across = flow.physical(vorticity), flow.physical(flow.slope(stream))
    along = flow.physical(1j * grid.k * stream)
    slope = flow.spectral(-along * w) + flow.slope(flow.viscosity * vorticity + change)
    head = slope / (1j * np.maximum(grid.k, 1))
    s = grid.spacing * np.arange(grid.rows)
    mean = flow.spectral(-across * w)[:, 0].real
    head[:, 0] = make_interp_spline(s, mean, k=5).antiderivative()(s)
    pressure = head - flow.spectral((across**2 + along**2) / (2 * grid.r**2))
    pressure[:, 0] -= pressure[-1, 0]
    return pressure
