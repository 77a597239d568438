"""The diffusivity of a rod together with a source that warms it evenly, if there is one.

The strict law leaves the source out. Here its strength is a second unknown, found with k by Gauss
and Newton's steps; its error bar tells whether the readings ask for it.
"""

from typing import NamedTuple

import numpy as np


class SourceFit(NamedTuple):
    """What `m` sets of readings say, with standard deviations (`..._error`); each of shape (m,)."""

    diffusivity: np.ndarray
    source: np.ndarray
    diffusivity_error: np.ndarray
    source_error: np.ndarray


def fit_with_source(predictions, warming, x, t, readings, noise, steps=8):
    """Least squares for k and for the strength of a source.

    Parameters
    ----------
    predictions : mlearth.models.frozen_inversion.Predictions
        Of the readings without a source.
    warming : callable
        (x, t, source) -> what a source adds to the temperature, if k = 1.
    x, t : ndarray, shape (n,)
        Where and when the thermometers are read.
    readings : ndarray, shape (m, n)
        One row for each set of errors.
    noise : float
        Standard deviation of the errors.
    steps : int
        From k = 1 and no source.

    Returns
    -------
    SourceFit
    """
    log_k, source = np.zeros((2, len(readings)))
    for _ in range(steps):
        temperature, columns = _linearise(predictions, warming, x, t, log_k, source)
        square = columns @ columns.swapaxes(1, 2)
        step = np.linalg.solve(square, columns @ (readings - temperature)[:, :, None])[..., 0]
        log_k, source = log_k + np.clip(step[:, 0], -1, 1), source + step[:, 1]
    error = noise * np.sqrt(np.diagonal(np.linalg.inv(square), axis1=1, axis2=2))
    k = np.exp(log_k)
    return SourceFit(k, source, k * error[:, 0], error[:, 1])


def _linearise(predictions, warming, x, t, log_k, source, nudge=1e-5):
    """The temperature (m, n) and its derivatives by log k and by the source (m, 2, n)."""
    temperature, slope = predictions(log_k)
    warm, warmer = (
        warming(x, np.exp(each)[:, None] * t, np.exp(-each)[:, None])
        for each in (log_k, log_k + nudge)
    )
    slope = slope + source[:, None] * (warmer - warm) / nudge
    return temperature + source[:, None] * warm, np.stack([slope, warm], axis=1)
