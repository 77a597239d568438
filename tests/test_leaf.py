"""The leaf energy balance: benchmark, limits, signs, and a second implementation."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq

from mlearth.simulate.leaf import (
    LeafConditions,
    energy_fluxes,
    saturation_vapour_pressure,
    solve_leaf_temperature,
)


def solved(**conditions):
    """Temperature above that of the air, and the fluxes, for `conditions`."""
    setting = LeafConditions(**conditions)
    temperature = solve_leaf_temperature(setting)
    return temperature - setting.air_temperature, energy_fluxes(temperature, setting)


def random_leaves(n=300):
    """Conditions far wider than any field day, as a dict of arrays of shape (n,)."""
    rng = np.random.default_rng(0)
    return {
        "air_temperature": rng.uniform(273, 318, n),
        "relative_humidity": rng.uniform(0, 1, n),
        "shortwave": rng.uniform(0, 1100, n),
        "wind": rng.uniform(0.05, 3, n),
        "leaf_size": rng.uniform(0.005, 0.015, n),
        "stomatal_conductance": rng.uniform(0, 12, n),
        "cuticular_conductance": rng.uniform(0, 0.3, n),
        "stomatal_ratio": rng.uniform(0, 1, n),
        "shortwave_absorptivity": rng.uniform(0.3, 0.9, n),
        "longwave_absorptivity": rng.uniform(0.9, 1, n),
        "reflectance": rng.uniform(0, 0.5, n),
        "pressure": rng.uniform(70, 105, n),
    }


def plain_surplus(leaf, c):
    """Gain minus loss [W m-2] of one leaf, written out again with floats and side by side."""

    def saturation(kelvin):
        x = 373.16 / kelvin
        return c["pressure"] * 10 ** (
            -7.90298 * (x - 1)
            + 5.02808 * math.log10(x)
            - 1.3816e-7 * 10 ** (11.344 * (1 - 1 / x) - 1)
            + 8.1328e-3 * (10 ** (-3.49149 * (x - 1)) - 1)
        )

    air = c["air_temperature"]
    middle = (leaf + air) / 2
    heat, momentum, water = (
        d * (middle / 273.15) ** 1.75 * 101.3246 / c["pressure"] for d in (19e-6, 13.3e-6, 21.2e-6)
    )
    inside, outside = saturation(leaf), c["relative_humidity"] * saturation(air)
    virtual = [t / (1 - 0.378 * p / c["pressure"]) for t, p in ((leaf, inside), (air, outside))]
    grashof = 9.8 * c["leaf_size"] ** 3 * abs(virtual[0] - virtual[1]) / air / momentum**2
    reynolds = c["wind"] * c["leaf_size"] / momentum
    forced = 0.6 * reynolds**0.5 if reynolds <= 4000 else 0.032 * reynolds**0.8
    sky = air - 0.02 * c["shortwave"]
    gain = c["shortwave_absorptivity"] * (1 + c["reflectance"]) * c["shortwave"]
    gain += 5.67e-8 * c["longwave_absorptivity"] * (sky**4 + air**4 - 2 * leaf**4)
    gradient = 1000 * (inside / leaf - outside / air) / 8.3144598
    ratio = c["stomatal_ratio"]
    for share, facing in ((ratio, leaf > air), (1 - ratio, leaf <= air)):
        free = (0.5 if facing else 0.23) * grashof**0.25
        nusselt = (forced**3.5 + free**3.5) ** (1 / 3.5)
        sherwood = (
            (forced * (heat / water) ** 0.33) ** 3.5 + (free * (heat / water) ** 0.25) ** 3.5
        ) ** (1 / 3.5)
        density = 1e3 * c["pressure"] / (287.058 * middle)
        gain -= density * 1010 * heat * nusselt / c["leaf_size"] * (leaf - air)
        skin = c["stomatal_conductance"] * share + c["cuticular_conductance"] / 2
        skin *= 8.3144598 * middle * 1e-6
        if skin > 0:
            conductance = 1 / (1 / skin + c["leaf_size"] / (water * sherwood))
            gain -= (56847.6825 - 43.12514 * leaf) * conductance * gradient
    return gain


def test_the_published_benchmark_is_reproduced_to_its_last_digit():
    setting = LeafConditions()
    leaf = solve_leaf_temperature(setting)
    fluxes = energy_fluxes(leaf, setting)
    assert round(float(leaf), 4) == 301.4181
    assert round(float(fluxes.absorbed), 3) == 1363.813
    assert round(float(fluxes.emitted), 3) == 907.950
    assert round(float(fluxes.sensible), 3) == 107.355
    assert round(float(fluxes.latent), 3) == 348.508
    assert round(float(fluxes.evaporation), 6) == 7.948e-3


@pytest.mark.parametrize(
    ("change", "temperature"),
    [({"stomatal_conductance": 4}, 302.1106), ({"shortwave_absorptivity": 0.8}, 305.8332)],
)
def test_the_benchmark_holds_for_other_leaves(change, temperature):
    assert round(float(solve_leaf_temperature(LeafConditions(**change))), 4) == temperature


def test_a_second_implementation_and_another_root_finder_agree():
    leaves = random_leaves()
    ours = solve_leaf_temperature(LeafConditions(**leaves))
    for i, temperature in enumerate(ours):
        one = {name: float(values[i]) for name, values in leaves.items()}
        air = one["air_temperature"]
        theirs = brentq(lambda t, c=one: plain_surplus(t, c), air - 60, air + 60, xtol=1e-10)
        assert temperature == pytest.approx(theirs, abs=1e-7)


def test_energy_closes_for_every_leaf():
    leaves = random_leaves() | {"stomatal_ratio": 0.5}
    warming, fluxes = solved(**leaves)
    assert np.abs(fluxes.surplus).max() < 1e-6
    assert warming.min() < -5
    assert warming.max() > 5


def test_arrays_give_what_scalars_give():
    leaves = random_leaves(20)
    together = solve_leaf_temperature(LeafConditions(**leaves))
    alone = [
        solve_leaf_temperature(LeafConditions(**{k: v[i] for k, v in leaves.items()}))
        for i in range(20)
    ]
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-8)


def test_inputs_broadcast_and_scalars_give_a_scalar():
    setting = LeafConditions(wind=np.array([[0.5], [1.0]]), shortwave=np.array([0.0, 300.0, 900.0]))
    leaf = solve_leaf_temperature(setting)
    assert leaf.shape == (2, 3)
    assert all(flux.shape == (2, 3) for flux in energy_fluxes(leaf, setting))
    assert solve_leaf_temperature(LeafConditions()).shape == ()


def test_a_leaf_that_nothing_drives_has_the_temperature_of_the_air():
    warming, fluxes = solved(shortwave=0.0, relative_humidity=np.array([0.2, 1.0]),
                             stomatal_conductance=np.array([0.0, 5.0]),
                             cuticular_conductance=np.array([0.0, 0.1]))  # fmt: skip
    np.testing.assert_allclose(warming, 0, atol=1e-8)
    np.testing.assert_allclose(fluxes.evaporation, 0, atol=1e-10)


def test_a_dark_leaf_in_dry_air_is_cooled_by_evaporation_alone():
    warming, fluxes = solved(shortwave=0.0)
    assert warming < 0
    assert fluxes.latent > 0 > fluxes.sensible


def test_a_leaf_gets_warmer_with_more_sun():
    warming, _ = solved(shortwave=np.linspace(0, 1200, 50))
    assert np.all(np.diff(warming) > 0)


def test_a_leaf_gets_cooler_with_more_open_stomata_and_evaporates_more():
    warming, fluxes = solved(stomatal_conductance=np.linspace(0, 20, 50))
    assert np.all(np.diff(warming) < 0)
    assert np.all(np.diff(fluxes.evaporation) > 0)


def test_a_leaf_gets_warmer_in_moister_air():
    warming, _ = solved(relative_humidity=np.linspace(0, 1, 50))
    assert np.all(np.diff(warming) > 0)


def test_wind_brings_a_dry_leaf_to_the_temperature_of_the_air():
    laminar = np.array([0.05, 0.1, 0.2, 0.4])  # the flow turns turbulent near 0.6 m/s
    dry = {"stomatal_conductance": 0.0, "cuticular_conductance": 0.0}
    warming, _ = solved(wind=laminar, **dry)
    assert np.all(np.diff(warming) < 0)
    storm, _ = solved(wind=1e5, **dry)
    assert 0 < storm < 0.01


def test_wind_brings_a_leaf_of_saturated_pores_to_the_wet_bulb():
    """With endless wind and open pores, heat and vapour pass the air alike."""
    warming, fluxes = solved(wind=1e5, stomatal_conductance=1e7, shortwave=0.0)
    assert fluxes.latent == pytest.approx(-fluxes.sensible, rel=0.01)
    assert -9 < warming < -6  # psychrometer tables: 298.15 K at 50 % has a wet bulb near 291 K


def test_turning_the_leaf_over_matters_only_through_free_convection():
    turned = [solved(stomatal_ratio=ratio, wind=50.0)[0] for ratio in (0.1, 0.9)]
    assert turned[0] == pytest.approx(turned[1], abs=1e-4)
    still = [solved(stomatal_ratio=ratio, wind=0.02, leaf_size=0.2)[0] for ratio in (0.1, 0.9)]
    assert abs(still[0] - still[1]) > 0.1


def test_a_leaf_at_the_temperature_of_the_air_has_no_jump_there():
    setting = LeafConditions(wind=0.1)
    below, at, above = energy_fluxes(298.15 + np.array([-1e-7, 0, 1e-7]), setting).surplus
    assert below == pytest.approx(at, abs=1e-4)
    assert above == pytest.approx(at, abs=1e-4)


def test_saturation_pressure_is_one_atmosphere_at_the_boiling_point_and_as_tealeaves_has_it():
    assert saturation_vapour_pressure(373.16) == pytest.approx(101.3246, rel=1e-6)
    examples = saturation_vapour_pressure(np.array([298.15, 300.0]))
    np.testing.assert_allclose(examples, [3.165367, 3.531683], rtol=2e-7)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("air_temperature", np.nan),
        ("air_temperature", 25.0),
        ("relative_humidity", 1.01),
        ("relative_humidity", -0.1),
        ("relative_humidity", 50.0),
        ("shortwave", -1.0),
        ("shortwave", np.inf),
        ("wind", 0.0),
        ("leaf_size", 0.0),
        ("leaf_size", -0.1),
        ("stomatal_conductance", -1.0),
        ("cuticular_conductance", np.nan),
        ("stomatal_ratio", 1.2),
        ("shortwave_absorptivity", 1.2),
        ("longwave_absorptivity", -0.2),
        ("reflectance", 2.0),
        ("pressure", 0.0),
        ("sky_temperature", 0.0),
    ],
)
def test_an_impossible_value_is_named(name, value):
    with pytest.raises(ValueError, match=f"^{name} must be finite and"):
        LeafConditions(**{name: value})


def test_one_impossible_value_among_many_is_shown():
    with pytest.raises(ValueError, match=r"1 of 3 values are not, the first is -2\.0"):
        LeafConditions(wind=np.array([1.0, -2.0, 3.0]))


def test_shapes_that_do_not_fit_are_an_error():
    with pytest.raises(ValueError, match="shape mismatch"):
        LeafConditions(wind=np.ones(3), shortwave=np.ones(4))


def test_a_leaf_that_no_temperature_balances_is_an_error():
    still = {"wind": 0.01, "stomatal_conductance": 0.0}
    with pytest.raises(ValueError, match="of 1 of 2 leaves has no root"):
        solve_leaf_temperature(LeafConditions(shortwave=np.array([500.0, 4000.0]), **still))
