"""Which aircraft leave a trail, and which trails stay.

Exhaust is hot and moist. As it mixes with the air outside, its temperature and vapour pressure
move along a straight line towards those of the air; where that line crosses the saturation curve of
liquid water, droplets form and freeze: a contrail [schumann1996conditions]_. It stays for hours if
the air itself is supersaturated over ice, and sublimes within minutes if not.

`simulate_flights` stands in for a camera that sees whether a trail stays, and for the aircraft's
own thermometer and hygrometer, which err. It breaks down where nature is richer: engines differ,
the air is not the same along a flight, and real humidities are clustered near ice saturation
instead of spread evenly.

.. [schumann1996conditions] Schumann (1996), On conditions for contrail formation from aircraft
   exhausts. Meteorologische Zeitschrift 5, 4-23.
.. [murphy2005review] Murphy and Koop (2005), Review of the vapour pressures of ice and supercooled
   water for atmospheric applications. QJRMS 131, 1539-1565.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import elementwise

HEAT_CAPACITY = 1004.0  # of air at constant pressure, J kg-1 K-1
WATER_TO_AIR = 0.622  # ratio of molar masses
WATER_PER_FUEL = 1.25  # kg of water vapour per kg of kerosene
HEAT_PER_FUEL = 43.0e6  # J per kg of kerosene
COLDEST, WARMEST = 150.0, 300.0  # between which thresholds are sought, K

TEMPERATURES = (210.0, 236.0)  # of the simulated air, spread evenly, K
HUMIDITIES = (0.2, 1.0)  # over liquid water, spread evenly, as fractions
TEMPERATURE_ERROR = 0.5  # standard deviation of the thermometer's error, K
HUMIDITY_ERROR = 0.04  # of the hygrometer's, as a fraction
CRUISE_PRESSURE = 25000.0  # Pa
ENGINE_EFFICIENCY = 0.3


def water_vapour_pressure(temperature):
    """Saturation vapour pressure over liquid water, supercooled too [murphy2005review]_, eq. 10.

    Parameters
    ----------
    temperature : array_like, shape (...)
        From 123 to 332 [K].

    Returns
    -------
    ndarray, shape (...)
        [Pa].
    """
    t = _temperature(temperature)
    low = 54.842763 - 6763.22 / t - 4.210 * np.log(t) + 0.000367 * t
    high = 53.878 - 1331.22 / t - 9.44523 * np.log(t) + 0.014025 * t
    return np.exp(low + np.tanh(0.0415 * (t - 218.8)) * high)


def ice_vapour_pressure(temperature):
    """Saturation vapour pressure over ice [murphy2005review]_, eq. 7.

    Parameters
    ----------
    temperature : array_like, shape (...)
        Above 110 [K].

    Returns
    -------
    ndarray, shape (...)
        [Pa].
    """
    t = _temperature(temperature)
    return np.exp(9.550426 - 5723.265 / t + 3.53068 * np.log(t) - 0.00728332 * t)


def humidity_over_ice(temperature, humidity):
    """Relative humidity over ice of air whose relative humidity over liquid water is known.

    Parameters
    ----------
    temperature : array_like, shape (...)
        [K].
    humidity : array_like, shape (...)
        Over liquid water, a fraction; 1 is saturation.

    Returns
    -------
    ndarray, shape (...)
        Over ice, a fraction; below 273 K it exceeds `humidity`.
    """
    ratio = water_vapour_pressure(temperature) / ice_vapour_pressure(temperature)
    return np.asarray(humidity) * ratio


def mixing_slope(pressure=CRUISE_PRESSURE, efficiency=ENGINE_EFFICIENCY):
    """Slope of the line along which exhaust mixes with air [schumann1996conditions]_.

    Parameters
    ----------
    pressure : array_like, shape (...)
        Of the air [Pa].
    efficiency : array_like, shape (...)
        Share of the fuel's energy that drives the aircraft and does not heat the exhaust; from 0
        to below 1.

    Returns
    -------
    ndarray, shape (...)
        Vapour pressure gained per kelvin [Pa K-1].
    """
    pressure, efficiency = np.asarray(pressure, float), np.asarray(efficiency, float)
    if np.any(pressure <= 0) or np.any((efficiency < 0) | (efficiency >= 1)):
        raise ValueError("The pressure must exceed 0 Pa and the efficiency be in [0, 1).")
    heat = WATER_TO_AIR * HEAT_PER_FUEL * (1 - efficiency)
    return WATER_PER_FUEL * HEAT_CAPACITY * pressure / heat


def threshold_temperature(humidity, slope=None):
    """Find the warmest air in which a trail forms.

    The mixing line through such air just touches the saturation curve of liquid water.

    Parameters
    ----------
    humidity : array_like, shape (...)
        Of the air over liquid water, a fraction from 0 to 1.
    slope : array_like, shape (...), optional
        Of the mixing line [Pa K-1], `mixing_slope` unless given.

    Returns
    -------
    ndarray, shape (...)
        [K].
    """
    humidity = np.asarray(humidity, float)
    if np.any((humidity < 0) | (humidity > 1)):
        raise ValueError("The humidity over liquid water must be a fraction from 0 to 1.")
    humidity, slope = np.broadcast_arrays(humidity, mixing_slope() if slope is None else slope)
    touching = _root(_steeper, COLDEST, WARMEST, slope)
    dry = touching - water_vapour_pressure(touching) / slope  # the line's vapour pressure is 0
    return np.where(
        humidity < 1, _root(_excess, dry - 1e-6, touching, touching, humidity, slope), touching
    )


def trail_stays(temperature, humidity, slope=None):
    """Tell whether an aircraft leaves a trail that stays.

    Parameters
    ----------
    temperature : array_like, shape (...)
        Of the air [K].
    humidity : array_like, shape (...)
        Of the air over liquid water, a fraction from 0 to 1.
    slope : array_like, shape (...), optional
        Of the mixing line [Pa K-1], `mixing_slope` unless given.

    Returns
    -------
    ndarray of bool, shape (...)
        True where a trail forms and the air is supersaturated over ice.
    """
    forms = np.asarray(temperature) <= threshold_temperature(humidity, slope)
    return forms & (humidity_over_ice(temperature, humidity) > 1)


@dataclass(frozen=True)
class Flights:
    """What was measured and seen on simulated flights, and the truth.

    Parameters
    ----------
    measured : ndarray, shape (n, 2)
        Temperature [K] and humidity over liquid water [fraction] as the instruments give them.
    stays : ndarray of bool, shape (n,)
        Whether a trail was seen to stay.
    true : ndarray, shape (n, 2)
        What the instruments should have given.
    """

    measured: np.ndarray
    stays: np.ndarray
    true: np.ndarray


def simulate_flights(rng, n):
    """Simulate flights at one level through air of all kinds.

    Parameters
    ----------
    rng : numpy.random.Generator
    n : int

    Returns
    -------
    Flights
    """
    true = np.column_stack([rng.uniform(*TEMPERATURES, n), rng.uniform(*HUMIDITIES, n)])
    noise = rng.normal(size=(n, 2)) * [TEMPERATURE_ERROR, HUMIDITY_ERROR]
    return Flights(measured=true + noise, stays=trail_stays(*true.T), true=true)


def stay_probability(measured, *, nodes=400):
    """Work out what nobody can improve on: the probability of a trail, given the measurements.

    The mean of the truth over all air that `simulate_flights` draws from, each weighted by how
    likely its measurement is (Bayes' rule).

    Parameters
    ----------
    measured : ndarray, shape (n, 2)
        As in `Flights`.
    nodes : int
        Of the grid in temperature and in humidity over which the mean is taken.

    Returns
    -------
    ndarray, shape (n,)
    """
    temperature, humidity = (
        low + (np.arange(nodes) + 0.5) * (high - low) / nodes
        for low, high in (TEMPERATURES, HUMIDITIES)
    )
    stays = trail_stays(temperature[:, None], humidity)
    measured = np.asarray(measured, float)
    by_temperature = _likelihood(measured[:, :1], temperature, TEMPERATURE_ERROR)
    by_humidity = _likelihood(measured[:, 1:], humidity, HUMIDITY_ERROR)
    return np.sum(by_temperature @ stays * by_humidity, axis=1)


def _likelihood(measured, nodes, error):
    """Return each node's share in what was measured, shape (n, nodes)."""
    misfit = -0.5 * ((measured - nodes) / error) ** 2
    weight = np.exp(misfit - misfit.max(axis=1, keepdims=True))
    return weight / weight.sum(axis=1, keepdims=True)


def _water_slope(t, step=1e-3):
    """Return the slope of the saturation curve [Pa K-1], by central differences."""
    rise = water_vapour_pressure(t + step) - water_vapour_pressure(t - step)
    return rise / (2 * step)


def _steeper(t, slope):
    return _water_slope(t) - slope


def _excess(t, touching, humidity, slope):
    """Vapour pressure on the mixing line above that of the air [Pa]."""
    line = water_vapour_pressure(touching) - slope * (touching - t)
    return line - humidity * water_vapour_pressure(t)


def _root(function, low, high, *args):
    low, high = (np.broadcast_to(end, args[-1].shape) for end in (low, high))
    return elementwise.find_root(function, (low, high), args=args).x


def _temperature(value):
    value = np.asarray(value, float)
    if np.any(value <= 0):
        raise ValueError("Temperatures are in kelvin and must exceed 0.")
    return value
