"""The temperature at which a leaf loses as much energy as it gains.

The model is the one of the R package tealeaves [muir2019tealeaves]_: a flat leaf, both of whose
sides exchange radiation, heat and water vapour with the air around it, in steady state. It stands
in for a thermometer on a leaf in the field. It breaks down where a leaf stores heat (if thick, or
when a cloud passes), where neighbours shade it or radiate on it, where dew wets it, and in air so
still that the leaf's own plume feeds back on it. Fluxes are per square metre of leaf (one side
counted) and positive away from the leaf, except the absorbed radiation.

Two switches of the published model make the balance jump: convection turns turbulent at a Reynolds
number of 4000, and the sides of the leaf change roles when it becomes warmer than the air. A leaf
whose balance changes sign across such a jump is given the temperature of the jump, and its fluxes
do not close there.

.. [muir2019tealeaves] Muir (2019), tealeaves: an R package for modelling leaf temperature using
   energy budgets. AoB PLANTS 11, plz054.
"""

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from scipy.optimize import elementwise

STEFAN_BOLTZMANN = 5.67e-8  # W m-2 K-4
GAS_CONSTANT = 8.3144598  # J mol-1 K-1
DRY_AIR_GAS_CONSTANT = 287.058  # J kg-1 K-1
HEAT_CAPACITY = 1010.0  # of air, J kg-1 K-1
GRAVITY = 9.8  # m s-2
WATER_TO_AIR = 0.622  # ratio of molar masses
HEAT_DIFFUSIVITY = 19.0e-6  # in air at 273.15 K and one atmosphere, m2 s-1
MOMENTUM_DIFFUSIVITY = 13.3e-6  # likewise
VAPOUR_DIFFUSIVITY = 21.2e-6  # likewise
ATMOSPHERE = 101.3246  # kPa
TURBULENT_REYNOLDS = 4000.0
MIXING_POWER = 3.5  # of forced and free convection
SEARCH = 60.0  # a leaf is sought within this distance of the air temperature, K


@dataclass(frozen=True)
class LeafConditions:
    """A leaf and the air around it: scalars, or arrays that broadcast against each other.

    The defaults are those of the benchmark published with tealeaves.

    Parameters
    ----------
    air_temperature : ndarray or float
        Air temperature [K], from 200 to 340.
    relative_humidity : ndarray or float
        Relative humidity of the air, a fraction from 0 to 1.
    shortwave : ndarray or float
        Shortwave radiation that arrives from above [W m-2].
    wind : ndarray or float
        Wind speed [m s-1]; must exceed 0.
    leaf_size : ndarray or float
        Width of the leaf along the wind [m]; must exceed 0.
    stomatal_conductance, cuticular_conductance : ndarray or float
        Conductance of the stomata and of the skin to water vapour, both sides together
        [umol m-2 s-1 Pa-1].
    stomatal_ratio : ndarray or float
        Share of the stomata that sits on the upper side, from 0 to 1.
    shortwave_absorptivity, longwave_absorptivity : ndarray or float
        Share of the radiation that the leaf absorbs, from 0 to 1.
    reflectance : ndarray or float
        Share of the shortwave radiation that the ground sends back up, from 0 to 1.
    pressure : ndarray or float
        Air pressure [kPa]; must exceed 0.
    sky_temperature : ndarray, float or None
        Temperature at which the sky radiates [K]; by default 20 K below the air for every
        1000 W m-2 of shortwave radiation.

    Raises
    ------
    ValueError
        If a value is not finite or outside its range, or if shapes do not broadcast.
    """

    air_temperature: np.ndarray | float = 298.15
    relative_humidity: np.ndarray | float = 0.5
    shortwave: np.ndarray | float = 1000.0
    wind: np.ndarray | float = 2.0
    leaf_size: np.ndarray | float = 0.1
    stomatal_conductance: np.ndarray | float = 5.0
    cuticular_conductance: np.ndarray | float = 0.1
    stomatal_ratio: np.ndarray | float = 0.5
    shortwave_absorptivity: np.ndarray | float = 0.5
    longwave_absorptivity: np.ndarray | float = 0.97
    reflectance: np.ndarray | float = 0.2
    pressure: np.ndarray | float = ATMOSPHERE
    sky_temperature: np.ndarray | float | None = None

    def __post_init__(self):
        """Turn every value into float64, fill in the sky, and check the ranges."""
        if self.sky_temperature is None:
            air, shortwave = np.asarray(self.air_temperature), np.asarray(self.shortwave)
            object.__setattr__(self, "sky_temperature", air - 20 * shortwave / 1000)
        for field in fields(self):
            value = np.asarray(getattr(self, field.name), dtype=float)
            object.__setattr__(self, field.name, value)
            _check_range(field.name, value)
        np.broadcast_shapes(*(getattr(self, field.name).shape for field in fields(self)))


_POSITIVE = (np.nextafter(0, 1), np.inf)
_RANGES = {
    "air_temperature": (200.0, 340.0),
    "relative_humidity": (0.0, 1.0),
    "shortwave": (0.0, np.inf),
    "wind": _POSITIVE,
    "leaf_size": _POSITIVE,
    "stomatal_conductance": (0.0, np.inf),
    "cuticular_conductance": (0.0, np.inf),
    "stomatal_ratio": (0.0, 1.0),
    "shortwave_absorptivity": (0.0, 1.0),
    "longwave_absorptivity": (0.0, 1.0),
    "reflectance": (0.0, 1.0),
    "pressure": _POSITIVE,
    "sky_temperature": _POSITIVE,
}


def _check_range(name, value):
    """Raise ValueError if `value` is not finite or outside the range allowed for `name`."""
    low, high = _RANGES[name]
    wrong = ~(np.isfinite(value) & (value >= low) & (value <= high))
    if wrong.any():
        bound = "above 0" if (low, high) == _POSITIVE else f"from {low:g} to {high:g}"
        raise ValueError(
            f"{name} must be finite and {bound}; {wrong.sum()} of {value.size} values are not, "
            f"the first is {value[wrong].flat[0]!s}"
        )


class EnergyFluxes(NamedTuple):
    """What a leaf gains and loses; arrays of one shape.

    Attributes
    ----------
    absorbed : ndarray
        Shortwave and longwave radiation that the leaf takes up [W m-2].
    emitted : ndarray
        Longwave radiation that both its sides send out [W m-2].
    sensible : ndarray
        Heat given to the air [W m-2]; negative where the leaf is cooler than the air.
    latent : ndarray
        Heat spent on evaporation [W m-2]; negative where dew forms.
    evaporation : ndarray
        Water vapour given to the air [mol m-2 s-1].
    """

    absorbed: np.ndarray
    emitted: np.ndarray
    sensible: np.ndarray
    latent: np.ndarray
    evaporation: np.ndarray

    @property
    def surplus(self):
        """Gain minus loss [W m-2]: zero in balance, positive if the leaf must warm."""
        return self.absorbed - self.emitted - self.sensible - self.latent


def saturation_vapour_pressure(temperature, pressure=ATMOSPHERE):
    """Vapour pressure of air that is saturated over water, after Goff and Gratch.

    Written as tealeaves writes it, so that its benchmark is reproduced: in the third term the 1 is
    taken from the exponent, in the original from the power. At 25 deg C that makes the pressure
    0.005 % higher.

    Parameters
    ----------
    temperature : ndarray or float
        Temperature [K].
    pressure : ndarray or float
        Air pressure [kPa]; the formula's boiling point belongs to one atmosphere.

    Returns
    -------
    ndarray
        Saturation vapour pressure [kPa].
    """
    boiling = 373.16 / np.asarray(temperature, dtype=float)
    exponent = (
        -7.90298 * (boiling - 1)
        + 5.02808 * np.log10(boiling)
        - 1.3816e-7 * 10 ** (11.344 * (1 - 1 / boiling) - 1)
        + 8.1328e-3 * (10 ** (-3.49149 * (boiling - 1)) - 1)
    )
    return pressure * 10**exponent


class _Known(NamedTuple):
    """What the balance needs and the leaf temperature does not change; units as above."""

    absorbed: np.ndarray
    air_temperature: np.ndarray
    virtual_air_temperature: np.ndarray
    air_vapour: np.ndarray  # mol m-3
    wind: np.ndarray
    leaf_size: np.ndarray
    upper_conductance: np.ndarray  # stomata and skin, umol m-2 s-1 Pa-1
    lower_conductance: np.ndarray
    emissivity: np.ndarray
    pressure: np.ndarray


def _virtual_temperature(temperature, vapour_pressure, pressure):
    """Temperature [K] at which dry air is as light as this moist air."""
    return temperature / (1 - (1 - WATER_TO_AIR) * vapour_pressure / pressure)


def _collect_known(conditions):
    """Everything in the balance that does not depend on the leaf temperature."""
    c = conditions
    air, skin = c.air_temperature, c.cuticular_conductance / 2
    vapour_pressure = c.relative_humidity * saturation_vapour_pressure(air, c.pressure)
    longwave = STEFAN_BOLTZMANN * (c.sky_temperature**4 + air**4)
    shortwave = (1 + c.reflectance) * c.shortwave
    return _Known(
        absorbed=c.shortwave_absorptivity * shortwave + c.longwave_absorptivity * longwave,
        air_temperature=air,
        virtual_air_temperature=_virtual_temperature(air, vapour_pressure, c.pressure),
        air_vapour=1e3 * vapour_pressure / (GAS_CONSTANT * air),
        wind=c.wind,
        leaf_size=c.leaf_size,
        upper_conductance=c.stomatal_conductance * c.stomatal_ratio + skin,
        lower_conductance=c.stomatal_conductance * (1 - c.stomatal_ratio) + skin,
        emissivity=c.longwave_absorptivity,
        pressure=c.pressure,
    )


def _convection(leaf_temperature, leaf_vapour_pressure, diffusion, known):
    """Forced Nusselt number, and the free ones of the upper and the lower side."""
    momentum = MOMENTUM_DIFFUSIVITY * diffusion  # m2 s-1
    reynolds = known.wind * known.leaf_size / momentum
    forced = np.where(reynolds > TURBULENT_REYNOLDS, 0.032 * reynolds**0.8, 0.6 * np.sqrt(reynolds))
    virtual_leaf = _virtual_temperature(leaf_temperature, leaf_vapour_pressure, known.pressure)
    lift = np.abs(virtual_leaf - known.virtual_air_temperature) / known.air_temperature
    grashof = lift * GRAVITY * known.leaf_size**3 / momentum**2
    root = np.sqrt(np.sqrt(grashof))
    upper = np.where(leaf_temperature > known.air_temperature, 0.5, 0.23) * root
    lower = np.where(leaf_temperature > known.air_temperature, 0.23, 0.5) * root
    return forced, upper, lower


def _mix(forced, free):
    """Nusselt or Sherwood number of forced and free convection acting together."""
    return (forced**3 * np.sqrt(forced) + free**3 * np.sqrt(free)) ** (1 / MIXING_POWER)


def _vapour_conductance(forced, free, diffusion, known):
    """Conductance [m s-1] from inside the leaf to the air: both sides, skin and air in series."""
    ratio = HEAT_DIFFUSIVITY / VAPOUR_DIFFUSIVITY
    per_sherwood = VAPOUR_DIFFUSIVITY * diffusion / known.leaf_size
    total = 0.0
    for surface, side in zip((known.upper_conductance, known.lower_conductance), free, strict=True):
        air = per_sherwood * _mix(forced * ratio**0.33, side * ratio**0.25)
        total = total + surface * air / (surface + air)
    return total


def _fluxes(leaf_temperature, known):
    """The energy balance itself: EnergyFluxes at a leaf temperature [K]."""
    warming = leaf_temperature - known.air_temperature
    mean = known.air_temperature + warming / 2
    diffusion = (mean / 273.15) ** 1.75 * ATMOSPHERE / known.pressure
    vapour_pressure = saturation_vapour_pressure(leaf_temperature, known.pressure)
    forced, *free = _convection(leaf_temperature, vapour_pressure, diffusion, known)

    exchange = sum(_mix(forced, side) for side in free) * HEAT_DIFFUSIVITY * diffusion
    density = 1e3 * known.pressure / (DRY_AIR_GAS_CONSTANT * mean)  # kg m-3
    sensible = density * HEAT_CAPACITY * exchange / known.leaf_size * warming

    molar = 1e-6 * GAS_CONSTANT * mean  # from umol m-2 s-1 Pa-1 to m s-1
    inside = known._replace(
        upper_conductance=known.upper_conductance * molar,
        lower_conductance=known.lower_conductance * molar,
    )
    vapour = 1e3 * vapour_pressure / (GAS_CONSTANT * leaf_temperature)  # mol m-3
    conductance = _vapour_conductance(forced, free, diffusion, inside)
    evaporation = conductance * (vapour - known.air_vapour)
    return EnergyFluxes(
        absorbed=known.absorbed,
        emitted=2 * STEFAN_BOLTZMANN * known.emissivity * leaf_temperature**4,
        sensible=sensible,
        latent=(56847.6825 - 43.12514 * leaf_temperature) * evaporation,
        evaporation=evaporation,
    )


def energy_fluxes(leaf_temperature, conditions):
    """What a leaf of a given temperature gains and loses.

    Parameters
    ----------
    leaf_temperature : ndarray or float
        Leaf temperature [K]; broadcasts against the conditions.
    conditions : LeafConditions
        The leaf and the air around it.

    Returns
    -------
    EnergyFluxes
        Fluxes [W m-2] and evaporation [mol m-2 s-1], all of the common shape.
    """
    temperature = np.asarray(leaf_temperature, dtype=float)
    return EnergyFluxes(*np.broadcast_arrays(*_fluxes(temperature, _collect_known(conditions))))


def solve_leaf_temperature(conditions):
    """Leaf temperature at which the energy balance closes.

    Parameters
    ----------
    conditions : LeafConditions
        The leaf and the air around it.

    Returns
    -------
    ndarray
        Leaf temperature [K], of the shape to which the conditions broadcast.

    Raises
    ------
    ValueError
        If no temperature within 60 K of the air balances the fluxes of some leaf.
    """
    known = _collect_known(conditions)
    air = known.air_temperature

    def surplus(temperature, *values):
        return _fluxes(temperature, _Known(*values)).surplus

    result = elementwise.find_root(
        surplus,
        (air - SEARCH, air + SEARCH),
        args=tuple(known),
        tolerances={"xatol": 1e-9, "fatol": 1e-9},
    )
    if not np.all(result.success):
        failed = np.size(result.success) - np.count_nonzero(result.success)
        raise ValueError(
            f"the energy balance of {failed} of {np.size(result.success)} leaves has no root "
            f"within {SEARCH:g} K of the air temperature: check radiation, wind and conductances"
        )
    return np.asarray(result.x)
