"""Features of leaves and regressors built on physics."""

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LinearRegression

from mlearth.models.leaf_features import (
    FittedPhysics,
    ScaledTarget,
    smooth_features,
    tame,
    vapour_pressure_deficit,
)
from mlearth.simulate.leaf import saturation_vapour_pressure

LEAF = np.array([[30.0, 50.0, 400.0, 0.5, 24.0, 40.0, 5.0, 60.0]])


def test_the_deficit_agrees_with_the_simulators_formula():
    temperature = np.linspace(5, 45, 9)
    expected = 0.4 * saturation_vapour_pressure(temperature + 273.15)
    np.testing.assert_allclose(vapour_pressure_deficit(temperature, 60), expected, rtol=0.005)


def test_saturated_air_lacks_nothing():
    assert vapour_pressure_deficit(25.0, 100.0) == 0


def test_only_impossible_readings_are_tamed():
    np.testing.assert_array_equal(tame(LEAF)[0, [4, 6]], [0.6, 2.5])
    np.testing.assert_array_equal(np.delete(tame(LEAF), [4, 6], axis=1), np.delete(LEAF, [4, 6], 1))
    assert LEAF[0, 4] == 24.0  # the table itself is not changed


def test_smooth_features_hold_logarithm_cosine_and_deficit():
    features = smooth_features(LEAF)[0]
    assert features[2] == pytest.approx(np.log(400))
    assert features[7] == pytest.approx(0.5)
    assert features[8] == pytest.approx(vapour_pressure_deficit(30.0, 50.0))


def test_fitted_physics_finds_the_setting_that_made_the_data():
    rng = np.random.default_rng(0)
    settings = np.outer(rng.normal(size=100), [0.5, 1.0, 2.0])
    model = FittedPhysics().fit(settings, settings[:, 1] + 0.1)
    assert (model.column_, model.offset_) == (1, 0)
    shifted = FittedPhysics(with_offset=True).fit(settings, settings[:, 2] - 3)
    assert shifted.column_ == 2
    np.testing.assert_allclose(shifted.predict(settings), settings[:, 2] - 3)


def test_a_scaled_target_recovers_a_product():
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.normal(size=100), rng.uniform(1, 3, size=100)])
    y = x[:, 1] * (2 * x[:, 0] + 1)
    model = ScaledTarget(LinearRegression()).fit(x, y)
    np.testing.assert_allclose(model.predict(x), y)


def test_a_scaled_target_makes_the_squared_error_smallest_in_the_unit_of_the_target():
    scale, y = np.array([1.0, 2.0, 4.0]), np.array([3.0, 1.0, 2.0])
    x = np.column_stack([np.zeros(3), scale])
    slope = np.linalg.lstsq(scale[:, None], y, rcond=None)[0]
    model = ScaledTarget(DummyRegressor()).fit(x, y)
    np.testing.assert_allclose(model.predict(x), slope * scale)
