"""How far a computed field lies from the true one."""

import numpy as np


def relative_error(predicted, truth):
    """The root of the summed squared differences, over that of the truth (relative L2).

    Parameters
    ----------
    predicted, truth : array_like
        Of one shape and unit, on points spread evenly.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the shapes differ or the truth is zero everywhere.
    """
    predicted, truth = np.asarray(predicted, float), np.asarray(truth, float)
    if predicted.shape != truth.shape:
        raise ValueError(f"Shapes differ: {predicted.shape} predicted, {truth.shape} true.")
    if not np.any(truth):
        raise ValueError("The truth is zero everywhere, so that no error is relative to it.")
    return float(np.linalg.norm(predicted - truth) / np.linalg.norm(truth))
