"""Two more exact temperatures on the line of the heat problem, with diffusivity 1.

Both are without unit. `source_warming` is what a source spread evenly along the rod adds, as the
decay of uranium, thorium and potassium does in rock. `surface_wave` is the wave that a surface
which warms and cools in a cycle sends into deep ground.

.. [carslaw1959conduction] Carslaw and Jaeger (1959), Conduction of Heat in Solids, ch. 2 and 3.
"""

import numpy as np

TERMS = np.arange(1, 80, 2)  # odd waves; the next would add less than 1e-6 of the source


def source_warming(x, t, source):
    """Temperature above that without a source, if both ends are held.

    Parameters
    ----------
    x, t : array_like
        Place, from 0 to 1, and time, 0 or more; of shapes that broadcast.
    source : float
        Temperature per time that it would add if nothing spread.

    Returns
    -------
    ndarray, of the broadcast shape
        0 at the start and at both ends; x (1 - x) / 2 times the source after long times.
    """
    x, t = (v[..., None] for v in np.broadcast_arrays(np.asarray(x, float), np.asarray(t, float)))
    number = np.pi * TERMS
    fading = 4 / number**3 * np.exp(-(number**2) * t) * np.sin(number * x)
    x = x[..., 0]
    return source * (x * (1 - x) / 2 - np.sum(fading, axis=-1))


def surface_wave(x, t, frequency, phase):
    """Temperature below a surface at x = 1 that swings as a cosine; the ground has no lower end.

    Parameters
    ----------
    x, t : array_like
        Place, at most 1, and time; of shapes that broadcast.
    frequency : float
        Radians per unit of time.
    phase : float
        Radians by which the surface lags.

    Returns
    -------
    ndarray, of the broadcast shape
    """
    lag = np.sqrt(frequency / 2) * (1 - np.asarray(x, float))
    return np.exp(-lag) * np.cos(frequency * np.asarray(t, float) - lag - phase)
