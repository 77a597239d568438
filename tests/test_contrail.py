"""Contrails against published formulas, limits and an independent implementation."""

import numpy as np
import pytest

from mlearth.simulate import contrail

# openap 2.6.2, contrail.critical_temperature_water (Schumann's closed approximation), at its own
# water per fuel, 1.2232; good to about 0.05 K
OPENAP = {(20000.0, 0.3): 228.8994, (25000.0, 0.4): 232.8204, (30000.0, 0.3): 233.1200}


@pytest.mark.parametrize(
    ("function", "expected"),
    [(contrail.water_vapour_pressure, 12.335), (contrail.ice_vapour_pressure, 7.0202)],
)
def test_vapour_pressures_at_210_kelvin_agree_with_the_published_table(function, expected):
    """Murphy and Koop (2005), appendix C, as computed by openap 2.6.2: in Pa at 210 K."""
    assert function(210.0) == pytest.approx(expected / 10, rel=1e-4)


def test_water_and_ice_are_in_equilibrium_at_the_triple_point():
    water, ice = contrail.water_vapour_pressure(273.16), contrail.ice_vapour_pressure(273.16)
    assert water == pytest.approx(611.657, rel=1e-5)
    assert ice == pytest.approx(611.657, rel=1e-5)


def test_air_saturated_over_water_is_supersaturated_over_ice_below_freezing():
    temperature = np.linspace(200.0, 273.0, 50)
    excess = contrail.humidity_over_ice(temperature, 1.0)
    assert (excess > 1).all()
    assert (np.diff(excess) < 0).all()


@pytest.mark.parametrize(("place", "expected"), OPENAP.items())
def test_the_threshold_in_saturated_air_agrees_with_another_implementation(place, expected):
    slope = contrail.mixing_slope(*place) * 1.2232 / contrail.WATER_PER_FUEL
    assert contrail.threshold_temperature(1.0, slope) == pytest.approx(expected, abs=0.05)


def test_the_mixing_line_touches_the_saturation_curve_and_stays_below_it():
    slope, humidity = float(contrail.mixing_slope()), 0.6
    air = float(contrail.threshold_temperature(humidity))
    along = np.linspace(air, air + 20, 4001)
    line = humidity * contrail.water_vapour_pressure(air) + slope * (along - air)
    gap = contrail.water_vapour_pressure(along) - line
    assert gap.min() == pytest.approx(0.0, abs=1e-3)


def test_the_threshold_rises_with_humidity_pressure_and_efficiency():
    humid = contrail.threshold_temperature(np.linspace(0, 1, 11))
    assert (np.diff(humid) > 0).all()
    steeper = contrail.mixing_slope([20000.0, 25000.0], 0.3), contrail.mixing_slope(25000.0, 0.4)
    low, middle, high = (contrail.threshold_temperature(0.5, s) for s in (*steeper[0], steeper[1]))
    assert low < middle < high


def test_dry_air_has_the_threshold_where_the_line_starts_at_no_vapour():
    slope = float(contrail.mixing_slope())
    dry, wet = contrail.threshold_temperature([0.0, 1.0])
    assert contrail.water_vapour_pressure(wet) == pytest.approx(slope * (wet - dry), rel=1e-4)


def test_a_trail_stays_only_in_cold_air_that_is_supersaturated_over_ice():
    cold_humid, cold_dry, warm_humid = (215.0, 0.9), (215.0, 0.3), (235.0, 0.95)
    stays = contrail.trail_stays(*np.transpose([cold_humid, cold_dry, warm_humid]))
    assert stays.tolist() == [True, False, False]


def test_flights_err_as_much_as_they_say_and_share_the_truth_of_their_seed():
    flights = contrail.simulate_flights(np.random.default_rng(1), 4000)
    again = contrail.simulate_flights(np.random.default_rng(1), 4000)
    errors = flights.measured - flights.true
    assert errors.std(axis=0) == pytest.approx([0.5, 0.04], rel=0.05)
    assert (flights.measured == again.measured).all()
    assert (flights.stays == contrail.trail_stays(*flights.true.T)).all()
    assert 0.2 < flights.stays.mean() < 0.5


def test_the_best_probability_is_right_as_often_as_it_says_and_beats_the_formula():
    flights = contrail.simulate_flights(np.random.default_rng(2), 40_000)
    best = contrail.stay_probability(flights.measured)
    for low in (0.1, 0.4, 0.7):
        chosen = (best > low) & (best <= low + 0.2)
        assert flights.stays[chosen].mean() == pytest.approx(best[chosen].mean(), abs=0.04)
    temperature, humidity = flights.measured.T
    formula = contrail.trail_stays(temperature, np.clip(humidity, 0, 1))
    right = np.mean((best > 0.5) == flights.stays), np.mean(formula == flights.stays)
    assert right[0] >= right[1]


def test_far_from_the_boundary_the_best_probability_is_certain():
    sure = contrail.stay_probability(np.array([[214.0, 0.9], [233.0, 0.4]]))
    assert sure == pytest.approx([1, 0], abs=1e-6)


@pytest.mark.parametrize(
    "call",
    [
        lambda: contrail.water_vapour_pressure(-10.0),
        lambda: contrail.threshold_temperature(1.2),
        lambda: contrail.mixing_slope(25000.0, 1.0),
        lambda: contrail.mixing_slope(0.0, 0.3),
    ],
)
def test_what_cannot_be_is_refused(call):
    with pytest.raises(ValueError, match="must"):
        call()
