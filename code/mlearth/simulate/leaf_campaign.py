"""Three growing seasons of leaf thermometry in a bean field, with the truth known.

Stands in for the 805 observed bean leaves of [lifd2025notebooks]_: the same nine columns, similar
ranges, correlations and likeness of neighbouring rows. Five leaves are measured at each visit to a
plot, several visits make a day, and the first season has few long days of much the same weather.
The leaf temperature solves the energy balance of `mlearth.simulate.leaf`. Wind, the soil's water
and the offset of the thermometer belong to a day and are hidden: the table does not hold them.

It breaks down as a picture of the observed leaves wherever those know more than this code. The
conductance law, the day effects and the share of chance were chosen to look plausible and to give
scores like the observed ones, not fitted leaf by leaf; the stomata are as open as leaves so much
cooler than the air require, and no porometer has checked them; days are independent of each other;
vH+ follows the light less closely than in the field; leaves warmer than the air are rarer; and
chlorophyll, leaf thickness and vH+ do nothing at all here, which nobody knows of the observed
leaves. What a model scores on this table is therefore no evidence about beans.

.. [lifd2025notebooks] Leeds Institute for Fluid Dynamics and Centre for Environmental Modelling and
   Computation (2025), LIFD Machine Learning for Earth Sciences: Jupyter notebooks.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mlearth.simulate.leaf import LeafConditions, saturation_vapour_pressure, solve_leaf_temperature

FEATURES = (
    "air_temperature",
    "humidity",
    "light",
    "phi2",
    "vh",
    "chlorophyll",
    "thickness",
    "angle",
)
ACTIVE = ("air_temperature", "humidity", "light", "phi2", "angle")
INERT = tuple(name for name in FEATURES if name not in ACTIVE)

ZERO_CELSIUS = 273.15  # K
PAR_PER_WATT = 2.06  # umol of photosynthetically active photons per joule of sunlight
NOMINAL_WIND = 0.35  # among the leaves, m s-1
LEAF_SIZE = 0.08  # m
DIFFUSE_SHARE = 0.6  # of the light, which reaches a leaf whatever its angle
OPEN_CONDUCTANCE = 480.0  # limit of endless transport, phi2 of 1, moist air; umol m-2 s-1 Pa-1
CLOSED_CONDUCTANCE = 0.5  # in the dark, umol m-2 s-1 Pa-1
HALF_TRANSPORT = 2500.0  # electron transport that gives half of that, umol m-2 s-1
HALF_DEFICIT = 3.0  # vapour pressure deficit that halves the conductance, kPa

LEAVES_PER_VISIT = 5
PLOTS_PER_SEASON = 12
WIND_SPREAD = 0.3  # of the logarithm, between days
CONDUCTANCE_SPREAD = 0.4  # likewise
OFFSET_SPREAD = 1.0  # of the thermometer, between days, K
READING_SPREAD = 0.9  # of one reading of the thermometer, K


class Season(NamedTuple):
    """What distinguishes a season; spreads are standard deviations."""

    share: float  # of all leaves
    visits_per_day: int
    temperature: float  # mean [deg C]
    temperature_spread: float  # between days, and again between the visits of a day [K]
    vapour_pressure: float  # typical, in air of 33 deg C [kPa]
    vapour_spread: float  # of the logarithm, between days and again between visits
    hidden_spread: float  # factor on the spread of wind and conductance


SEASONS = (
    Season(0.50, 8, 33.2, 1.1, 2.88, 0.05, 1.4),
    Season(0.25, 3, 33.8, 3.0, 2.65, 0.09, 1.0),
    Season(0.25, 3, 32.6, 3.3, 2.70, 0.09, 1.0),
)


@dataclass(frozen=True)
class Campaign:
    """A simulated table and what it was made of; differential = expected + day_effect + noise.

    Attributes
    ----------
    columns : dict of str to ndarray, shape (n,)
        The eight `FEATURES` and "differential", leaf minus air temperature [K], negative where the
        leaf is cooler than the air. Air temperature [deg C], humidity [%], light
        [umol m-2 s-1 PAR], phi2 [-], vh [relative], chlorophyll [SPAD-like], thickness [mm], angle
        from the horizontal [degrees].
    season, day, plot : ndarray of int, shape (n,)
        Counted from 0 through the whole campaign, in the order in which the rows were taken.
    expected : ndarray, shape (n,)
        Differential [K] that the features determine: `expected_differential` of them.
    day_effect : ndarray, shape (n,)
        What the hidden wind, soil water and offset of the day add [K].
    noise : ndarray, shape (n,)
        Error of the single reading [K].
    wind, conductance_factor, offset : ndarray, shape (n,)
        The hidden conditions, equal for all rows of a day: wind [m s-1], factor on the stomatal
        conductance [-], and offset of the thermometer [K].
    """

    columns: dict[str, np.ndarray]
    season: np.ndarray
    day: np.ndarray
    plot: np.ndarray
    expected: np.ndarray
    day_effect: np.ndarray
    noise: np.ndarray
    wind: np.ndarray
    conductance_factor: np.ndarray
    offset: np.ndarray

    @property
    def features(self):
        """The columns named by `FEATURES`, as an array of shape (n, 8)."""
        return np.column_stack([self.columns[name] for name in FEATURES])


def stomatal_conductance(light, phi2, deficit):
    """Conductance of bean stomata: open with photosynthesis, closed by dry air.

    Parameters
    ----------
    light : ndarray
        Photosynthetically active radiation [umol m-2 s-1].
    phi2 : ndarray
        Share of the light that drives photosystem II [-]; light times `phi2` stands for the
        electron transport.
    deficit : ndarray
        Vapour pressure that the air lacks to saturation [kPa].

    Returns
    -------
    ndarray
        Conductance to water vapour, both sides of the leaf together [umol m-2 s-1 Pa-1].
    """
    transport = light * phi2
    opening = phi2 * transport / (transport + HALF_TRANSPORT) / (1 + deficit / HALF_DEFICIT)
    return CLOSED_CONDUCTANCE + OPEN_CONDUCTANCE * opening


def leaf_conditions(features, wind=NOMINAL_WIND, conductance_factor=1.0):
    """Conditions of the energy balance that belong to rows of the table.

    Parameters
    ----------
    features : ndarray, shape (n, 8)
        Columns in the order of `FEATURES`, in the units of `Campaign`.
    wind : ndarray, shape (n,), or float
        Wind among the leaves [m s-1].
    conductance_factor : ndarray, shape (n,), or float
        Factor on the stomatal conductance [-]; below 1 where the soil is dry.

    Returns
    -------
    LeafConditions
        Of shape (n,); `solve_leaf_temperature` takes it.

    Raises
    ------
    ValueError
        If `features` has not eight columns, or holds values that no leaf can have.
    """
    features = np.asarray(features, dtype=float)
    if features.ndim != 2 or features.shape[1] != len(FEATURES):
        raise ValueError(f"features must have shape (n, {len(FEATURES)}), not {features.shape}")
    column = dict(zip(FEATURES, features.T, strict=True))
    air = column["air_temperature"] + ZERO_CELSIUS
    humidity = column["humidity"] / 100
    deficit = saturation_vapour_pressure(air) * (1 - humidity)
    opening = stomatal_conductance(column["light"], column["phi2"], deficit)
    sunlight = column["light"] / PAR_PER_WATT
    tilt = np.abs(np.cos(np.radians(column["angle"])))
    return LeafConditions(
        air_temperature=air,
        relative_humidity=humidity,
        shortwave=sunlight * (DIFFUSE_SHARE + (1 - DIFFUSE_SHARE) * tilt),
        sky_temperature=air - 20 * sunlight / 1000,
        reflectance=0.0,  # the light sensor already sees what neighbours and ground return
        wind=wind,
        leaf_size=LEAF_SIZE,
        stomatal_conductance=conductance_factor * opening,
    )


def expected_differential(features):
    """The known truth: leaf minus air temperature on a day of nominal wind and soil water.

    Parameters
    ----------
    features : ndarray, shape (n, 8)
        Columns in the order of `FEATURES`, in the units of `Campaign`; those named in `INERT`
        have no effect.

    Returns
    -------
    ndarray, shape (n,)
        Leaf minus air temperature [K].

    Raises
    ------
    ValueError
        If `features` has not eight columns, or holds values that no leaf can have.
    """
    return _differential(leaf_conditions(features))


def _differential(conditions):
    """Leaf minus air temperature [K] under `conditions`."""
    return solve_leaf_temperature(conditions) - conditions.air_temperature


class _Design(NamedTuple):
    """Who belongs together: integer arrays of shape (n,)."""

    season: np.ndarray
    day: np.ndarray
    visit: np.ndarray
    slot: np.ndarray  # which visit of its day
    plot: np.ndarray


def _lay_out(n_leaves):
    """Deal `n_leaves` rows to seasons, days, visits and plots, in the order taken."""
    ends = np.round(np.cumsum([season.share for season in SEASONS]) * n_leaves).astype(int)
    parts, days, visits = [], 0, 0
    for index, (season, size) in enumerate(zip(SEASONS, np.diff(ends, prepend=0), strict=True)):
        visit = np.arange(size) // LEAVES_PER_VISIT
        day, slot = np.divmod(visit, season.visits_per_day)
        plot = visit % PLOTS_PER_SEASON + PLOTS_PER_SEASON * index
        parts.append(np.stack([np.full(size, index), day + days, visit + visits, slot, plot]))
        days, visits = days + day.max(initial=-1) + 1, visits + visit.max(initial=-1) + 1
    return _Design(*np.concatenate(parts, axis=1))


def _share(rng, group, bounded=False):
    """One draw of unit variance per group (uniform if `bounded`), repeated for each of its rows."""
    size = group.max() + 1
    draws = rng.uniform(-np.sqrt(3), np.sqrt(3), size) if bounded else rng.standard_normal(size)
    return draws[group]


def _per_row(name, design):
    """Attribute `name` of each row's season, shape (n,)."""
    return np.array([getattr(season, name) for season in SEASONS])[design.season]


def _draw_weather(rng, design):
    """Air temperature [deg C], humidity [%] and light [umol m-2 s-1] of each row, shape (n,)."""
    day, visit = design.day, design.visit
    part_of_day = (design.slot + rng.uniform(size=visit.max() + 1)[visit]) / _per_row(
        "visits_per_day", design
    )
    hour = 9.5 + 5 * part_of_day
    spell = _share(rng, day, bounded=True) + _share(rng, visit, bounded=True)
    warmth = _per_row("temperature_spread", design) * spell
    afternoon = 4 * (np.sin(np.pi * (hour - 6) / 14) - 0.93)  # warmest at 13 h
    anomaly = warmth + afternoon + 0.25 * rng.standard_normal(len(day))
    temperature = _per_row("temperature", design) + anomaly

    moisture = _per_row("vapour_spread", design) * (_share(rng, day) + _share(rng, visit))
    moisture += 0.018 * (temperature - 33) + 0.012 * rng.standard_normal(len(day))
    vapour = _per_row("vapour_pressure", design) * np.exp(moisture)
    saturation = saturation_vapour_pressure(temperature + ZERO_CELSIUS)
    humidity = np.clip(100 * vapour / saturation, 15, 95)

    clouds = 0.35 * _share(rng, day) + 0.4 * _share(rng, visit) + 0.05 * (temperature - 33)
    shade = 0.32 * rng.standard_normal(len(day))
    sun = np.sin(np.pi * (hour - 6) / 12) ** 1.3
    light = np.clip(500 * sun * np.exp(clouds + shade), 5, 2200)
    return temperature, humidity, light


def _draw_leaves(rng, design, temperature, light):
    """phi2, vh, chlorophyll, thickness and angle of each row: five arrays of shape (n,)."""

    def mixture(plot, day, visit, leaf):
        groups = plot * _share(rng, design.plot) + day * _share(rng, design.day)
        groups += visit * _share(rng, design.visit)
        return groups + leaf * rng.standard_normal(len(light))

    phi2 = 0.63 / (1 + light / 2000) + mixture(0.01, 0.025, 0.025, 0.03)
    vh = 0.13 * np.sqrt(light / 430) * np.exp(mixture(0.1, 0.15, 0.15, 0.35))
    failed = rng.uniform(size=len(light)) < 0.0025  # fits of the instrument that went wrong
    vh = np.where(failed, rng.uniform(-4, 25, len(light)), vh)
    chlorophyll = 40.7 + mixture(2.5, 4.5, 2, 4.2)
    thickness = 0.7 * np.exp(mixture(0.2, 0.2, 0.2, 0.5))
    angle = np.abs(40 + 0.8 * (temperature - 33) + mixture(6, 8, 13, 14))
    return (
        np.clip(phi2, 0.1, 0.75),
        vh,
        np.clip(chlorophyll, 5, 65),
        np.clip(thickness, 0.03, 5.5),
        np.minimum(angle, 99),
    )


def _draw_features(rng, design):
    """The table's eight features, shape (n, 8)."""
    temperature, humidity, light = _draw_weather(rng, design)
    leaves = _draw_leaves(rng, design, temperature, light)
    return np.column_stack([temperature, humidity, light, *leaves])


def simulate_campaign(rng, n_leaves=805):
    """Simulate a field campaign.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    n_leaves : int
        Rows of the table, at least 4; more leaves mean more days, not longer ones.

    Returns
    -------
    Campaign
        The table, its truth, and the hidden conditions.

    Raises
    ------
    ValueError
        If `n_leaves` is below 4.
    """
    if n_leaves < 4:
        raise ValueError(f"a campaign of three seasons needs 4 leaves or more, not {n_leaves}")
    design = _lay_out(n_leaves)
    features = _draw_features(rng, design)
    spread = _per_row("hidden_spread", design)
    day = design.day
    wind = NOMINAL_WIND * np.exp(WIND_SPREAD * spread * _share(rng, day, bounded=True))
    dryness = CONDUCTANCE_SPREAD * spread
    factor = np.exp(dryness * _share(rng, day, bounded=True) + dryness**2 / 3)
    offset = OFFSET_SPREAD * _share(rng, day)
    noise = READING_SPREAD * rng.standard_normal(n_leaves)

    expected = expected_differential(features)
    felt = _differential(leaf_conditions(features, wind, factor)) + offset
    columns = dict(zip(FEATURES, features.T, strict=True)) | {"differential": felt + noise}
    return Campaign(
        columns, design.season, day, design.plot, expected, felt - expected, noise,
        wind, factor, offset,
    )  # fmt: skip


def draw_independent_features(rng, n):
    """Features with the campaign's distributions, column by column, and no dependence.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    n : int
        Number of rows, at least 4.

    Returns
    -------
    ndarray, shape (n, 8)
        Columns in the order of `FEATURES`, in the units of `Campaign`.
    """
    return rng.permuted(_draw_features(rng, _lay_out(n)), axis=0)
