"""Thermometers scattered over the line and the time of the heat problem, with errors.

They stand in for strings of sensors in the ground. Real ones hang at a few fixed depths, drift, and
read often, so that their errors are not independent as these are.
"""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import RegularGridInterpolator

from mlearth.simulate.heat import DURATION, exact_temperature


@dataclass(frozen=True)
class Readings:
    """What the thermometers read, where and when.

    Parameters
    ----------
    x, t : ndarray, shape (n,)
        Places from 0 to 1 and times from 0 to 0.25.
    temperature : ndarray, shape (n,)
        With errors.
    truth : ndarray, shape (n,)
        Without.
    noise : float
        Standard deviation of the errors.
    """

    x: np.ndarray
    t: np.ndarray
    temperature: np.ndarray
    truth: np.ndarray
    noise: float


def simulate_readings(rng, count=100, noise=0.01, diffusivity=1.0):
    """Draw places and times evenly, and read the exact temperature there with Gaussian errors.

    Parameters
    ----------
    rng : numpy.random.Generator
    count : int
        Number of readings, at least 1.
    noise : float
        Standard deviation of the errors, as a share of the boundary's jump, which is 1; 0 or more.
    diffusivity : float
        k, above 0.

    Returns
    -------
    Readings

    Raises
    ------
    ValueError
        If there are no readings or the noise is negative.
    """
    if count < 1 or not noise >= 0:
        raise ValueError(f"At least 1 reading with noise of 0 or more, not {count} with {noise}.")
    x, t = rng.uniform(0, 1, count), rng.uniform(0, DURATION, count)
    truth = exact_temperature(x, t, diffusivity)
    return Readings(x, t, truth + noise * rng.normal(size=count), truth, noise)


def read_field(field, x, t, duration=DURATION):
    """Read temperatures that a scheme has computed, by straight lines between its points.

    Parameters
    ----------
    field : ndarray, shape (n_t, n_x)
        Temperature at even times from 0 to `duration` and even places from 0 to 1.
    x, t : ndarray, shape (n,)
        Where and when to read.
    duration : float

    Returns
    -------
    ndarray, shape (n,)
    """
    axes = (np.linspace(0, duration, field.shape[0]), np.linspace(0, 1, field.shape[1]))
    return RegularGridInterpolator(axes, field)((t, x))
