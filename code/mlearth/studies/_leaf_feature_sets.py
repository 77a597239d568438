"""What the ideas of the leaf study learn from, made of the features alone."""

import numpy as np
import pandas as pd

from mlearth.models.leaf_features import smooth_features, tame
from mlearth.models.ordered_rows import find_change
from mlearth.simulate.leaf import solve_leaf_temperature
from mlearth.simulate.leaf_campaign import NOMINAL_WIND, expected_differential, leaf_conditions


def feature_sets(x):
    """Make what the ideas learn from; none of it knows a target.

    Parameters
    ----------
    x : ndarray, shape (n, 8)
        Columns of the leaf table, rows in the order taken.

    Returns
    -------
    dict of str to ndarray, shape (n, ...)
    """
    smooth, tamed = smooth_features(x), tame(x)
    air, humidity, light, phi2, vh, chlorophyll = tamed.T[:6]
    deficit, log_light = smooth[:, 8], smooth[:, 2]
    campaign = (np.arange(len(x)) >= find_change(x)).astype(float)
    third = np.searchsorted([len(x) / 3, 2 * len(x) / 3], np.arange(len(x))).astype(float)
    nominal = expected_differential(x)
    return {
        "raw": x,
        "smooth": smooth,
        "derived": np.column_stack([x, deficit, log_light, light * phi2, light * (1 - phi2)]),
        "weather": np.column_stack([air, humidity, log_light, deficit]),
        "steady": np.column_stack([air, humidity, light, tamed[:, 7], deficit]),
        "earlier": np.column_stack([tamed, *_earlier(air, 10), *_earlier(log_light, 10)]),
        "visit": np.column_stack([tamed, _visit_means(np.column_stack([air, log_light, phi2]))]),
        "around": np.column_stack([tamed, _around(tamed[:, [3, 5, 6]]), _around(_steps(air))]),
        "tamed": tamed,
        "deficit": np.column_stack([x, deficit]),
        "tamed, campaign": np.column_stack([tamed, campaign]),
        "tamed, third": np.column_stack([tamed, third]),
        "smooth, campaign": np.column_stack([smooth, campaign]),
        "smooth without thickness": np.delete(smooth, 6, axis=1),
        "few": np.column_stack([air, humidity, log_light, phi2, chlorophyll]),
        "few and deficit": np.column_stack([air, deficit, log_light, phi2, chlorophyll, vh]),
        "smoothed over the visit": _visit_means(smooth[:, [0, 1, 8, 2, 3, 5, 7]]),
        "campaign": campaign[:, None],
        "physics": physics_settings(x),
        "physics, campaign": np.column_stack([physics_settings(x), campaign]),
        "nominal": nominal[:, None],
        "raw, nominal": np.column_stack([x, nominal]),
    }


def physics_settings(x):
    """Solve the leaf's energy balance for a grid of winds and stomatal openings.

    Parameters
    ----------
    x : ndarray, shape (n, 8)
        Columns of the leaf table.

    Returns
    -------
    ndarray, shape (n, 60)
        Leaf minus air temperature [K]: for each of five winds twelve conductances.
    """
    columns = []
    for wind in NOMINAL_WIND * np.geomspace(0.3, 8, 5):
        for factor in np.geomspace(0.05, 3, 12):
            conditions = leaf_conditions(x, wind, factor)
            columns.append(solve_leaf_temperature(conditions) - conditions.air_temperature)
    return np.column_stack(columns)


def _steps(values):
    """(n,) -> (n, 1): size of the step from the row before."""
    return np.abs(np.diff(values, prepend=values[0]))[:, None]


def _earlier(values, rows):
    """(n,) -> two arrays (n,): mean of the rows before, and the difference from it."""
    before = pd.Series(values).shift(1).rolling(rows, min_periods=1).mean()
    before = before.fillna(values[0]).to_numpy()
    return before, values - before


def _around(values, rows=21):
    """(n, k) -> (n, k): running median over the rows before and after."""
    return pd.DataFrame(values).rolling(rows, center=True, min_periods=5).median().to_numpy()


def _visit_means(values):
    """(n, k) -> (n, k): means between jumps of the first column of more than 1 K."""
    visit = np.cumsum(_steps(values[:, 0])[:, 0] > 1)
    return pd.DataFrame(values).groupby(visit).transform("mean").to_numpy()
