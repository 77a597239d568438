"""Features made from the columns of the leaf table, and two regressors that use physics.

Columns come in the order of the table: air temperature [deg C], humidity [%], light
[umol m-2 s-1], phi2 [-], vh [relative], chlorophyll [SPAD-like], thickness [mm], angle [degrees].
"""

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.utils.validation import check_is_fitted

VH_RANGE = (-0.3, 0.6)  # beyond it the instrument's fit has failed
THICKEST = 2.5  # bean leaf, mm; more is a bad reading


def vapour_pressure_deficit(temperature, humidity):
    """Vapour pressure that the air lacks to saturation.

    Parameters
    ----------
    temperature : ndarray
        Air temperature [deg C].
    humidity : ndarray
        Relative humidity [%].

    Returns
    -------
    ndarray
        Deficit [kPa].

    References
    ----------
    campbell1998introduction, eq. 3.8
    """
    saturation = 0.611 * np.exp(17.502 * temperature / (temperature + 240.97))
    return saturation * (1 - humidity / 100)


def tame(x):
    """Cut the readings that no leaf can have back to the nearest that one can.

    Parameters
    ----------
    x : ndarray, shape (n, 8)
        Columns of the table.

    Returns
    -------
    ndarray, shape (n, 8)
        The same with vh within `VH_RANGE` and thickness at most `THICKEST`.
    """
    tamed = np.array(x, dtype=float)
    tamed[:, 4] = np.clip(tamed[:, 4], *VH_RANGE)
    tamed[:, 6] = np.minimum(tamed[:, 6], THICKEST)
    return tamed


def smooth_features(x):
    """Features for models that think in distances and slopes rather than in thresholds.

    Parameters
    ----------
    x : ndarray, shape (n, 8)
        Columns of the table; light must exceed 0.

    Returns
    -------
    ndarray, shape (n, 9)
        The tamed columns, with the logarithm of the light and the cosine of the angle, and the
        vapour pressure deficit [kPa] as a ninth.
    """
    features = tame(x)
    features[:, 2] = np.log(features[:, 2])
    features[:, 7] = np.cos(np.radians(features[:, 7]))
    return np.column_stack([features, vapour_pressure_deficit(x[:, 0], x[:, 1])])


class FittedPhysics(RegressorMixin, BaseEstimator):
    """Choose the setting of a physical model that fits best.

    The physics comes as the columns of x: the output of the model for each of its settings.

    Parameters
    ----------
    with_offset : bool
        Whether to add the mean of what the physics leaves unexplained.

    Attributes
    ----------
    column_ : int
        The setting with the smallest squared error on the training rows.
    offset_ : float
        Zero unless `with_offset`.
    """

    def __init__(self, with_offset=False):
        self.with_offset = with_offset

    def fit(self, x, y):
        """Fit to x (n, n_settings) and y (n,), both in the unit of the target."""
        residual = y[:, None] - x
        offset = residual.mean(axis=0) * self.with_offset
        self.column_ = int(np.argmin(np.mean((residual - offset) ** 2, axis=0)))
        self.offset_ = float(offset[self.column_])
        return self

    def predict(self, x):
        """(n, n_settings) -> (n,)."""
        check_is_fitted(self)
        return x[:, self.column_] + self.offset_


class ScaledTarget(RegressorMixin, BaseEstimator):
    """Learn the target per unit of one column, such as kelvin of cooling per kilopascal.

    Parameters
    ----------
    regressor : scikit-learn regressor
        Takes `sample_weight`: each row weighs by the square of the column, so that errors count
        in the unit of the target.
    column : int
        Column of x, positive.
    """

    def __init__(self, regressor, column=-1):
        self.regressor = regressor
        self.column = column

    def fit(self, x, y):
        """Fit to x (n, n_features) and y (n,)."""
        scale = x[:, self.column]
        self.regressor_ = clone(self.regressor).fit(x, y / scale, sample_weight=scale**2)
        return self

    def predict(self, x):
        """(n, n_features) -> (n,)."""
        check_is_fitted(self)
        return x[:, self.column] * self.regressor_.predict(x)
