"""Red noise: the simplest series in which each value remembers the one before.

Stands in for series such as monthly anomalies of sea-surface temperature where the truth must be
known: that the mean is 0, that two series have nothing to do with each other. It has no seasons,
no oscillation and no extremes beyond the normal ones, all of which the ocean has
[hasselmann1976stochastic]_.
"""

import numpy as np
from scipy.signal import lfilter


def simulate_red_noise(rng, shape, memory):
    """Draw stationary autoregressive series of order 1, of mean 0 and variance 1.

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : int or tuple of int
        Time comes last; the series before it are independent of each other.
    memory : float
        Correlation of each value with the next, from above -1 to below 1.

    Returns
    -------
    ndarray, shape `shape`

    Raises
    ------
    ValueError
        If `memory` is out of range.
    """
    if not -1 < memory < 1:
        raise ValueError(f"memory must lie between -1 and 1, got {memory}")
    fresh = rng.standard_normal(shape)
    fresh[..., 1:] *= np.sqrt(1 - memory**2)  # the first value is drawn as the others are spread
    return lfilter([1.0], [1.0, -memory], fresh, axis=-1)
