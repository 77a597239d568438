"""Ice, bending plate and sea level: limits, conservation, second ways, published values."""

import time

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.special import j0, kerp

from mlearth.simulate import sea_level as model

LENGTH = model.flexural_length()
MIDDLE = model.RANGES.mean(axis=1)[None]  # one run, every stress in the middle of its range


def random_stresses(n, seed=0):
    return np.random.default_rng(seed).uniform(*model.RANGES.T, (n, 4))


def even_ice(thickness, cells):
    return np.full((1, cells), thickness)


# ---------------------------------------------------------------- ice


def test_on_one_kind_of_bed_the_profile_is_nyes_parabola():
    stress = 1e5
    x = np.linspace(0, model.SHEET_LENGTH, 101)
    nye = np.sqrt(2 * stress * np.minimum(x, model.SHEET_LENGTH - x) / (910 * 9.81))
    (thickness,) = model.ice_profile(np.full((1, 4), stress), x)
    assert thickness == pytest.approx(nye, rel=1e-12)
    assert model.ice_profile([[1e5] * 4], [500e3])[0, 0] == pytest.approx(3347, abs=1)


def test_the_drag_at_the_base_is_the_stress_of_the_bed_there():
    (stresses,) = random_stresses(1)
    x = np.arange(500.0, model.SHEET_LENGTH, 1e3)
    ends = np.cumsum([length for _, length in model.BEDS])
    kinds = [model.PARAMETERS.index(model.BEDS[k][0]) for k in np.searchsorted(ends, x)]
    left, right = (model.ice_profile(stresses[None], x + d)[0] for d in (-1.0, 1.0))
    drag = 910 * 9.81 * (left + right) / 2 * (right - left) / 2.0
    top = np.argmax(left)
    inside = np.abs(np.arange(len(x)) - top) > 1
    sign = np.where(np.arange(len(x)) < top, 1, -1)
    assert drag[inside] == pytest.approx((sign * stresses[kinds])[inside], rel=1e-6)


def test_ice_ends_at_both_margins_and_grows_with_every_stress():
    outside = model.ice_profile(MIDDLE, [-1e5, 0.0, model.SHEET_LENGTH, 9e6])
    assert outside == pytest.approx(np.zeros((1, 4)), abs=1e-3)
    base = model.ice_profile(MIDDLE)
    for column in range(4):
        more = MIDDLE * np.where(np.arange(4) == column, 1.1, 1)
        assert (model.ice_profile(more) >= base).all()
        assert (model.ice_profile(more) > base + 1).any()


def test_the_volume_of_even_ice_is_thickness_times_area():
    radii = np.array([model.SITE_DISTANCE, model.SITE_DISTANCE + model.SHEET_LENGTH])
    area = np.diff(np.pi * radii**2)[0] / 2
    assert model.ice_volume(even_ice(2000, 50)) == pytest.approx(2000 * area)


def test_a_cubic_metre_of_water_on_the_ocean_weighs_what_the_ice_weighed():
    volume = 1e16
    rise = model.sea_level_equivalent(volume)
    assert rise * model.OCEAN_AREA * 1028 == pytest.approx(volume * 910)
    assert model.sea_level_equivalent(1e15) == pytest.approx(2.45, abs=0.05)  # per million km3


def test_the_volume_is_the_published_one_of_the_eurasian_ice_sheet():
    # Pollard et al. (2023): 48 +- 8 m of sea level at the Penultimate Glacial Maximum.
    rise = model.sea_level_equivalent(model.ice_volume(model.ice_profile(random_stresses(2000))))
    assert 40 < rise.mean() < 56
    assert rise.min() > 48 - 2 * 8
    assert rise.max() < 48 + 2 * 8
    assert rise.std() > 2


# ---------------------------------------------------------------- the plate


def test_the_response_to_a_point_has_the_tabulated_values_of_kei():
    # kei(0) = -pi/4; kei(1) and kei(5) as tabulated, to ten digits.
    unit = 2 * np.pi * model.MANTLE_DENSITY * LENGTH**2
    found = model.point_load_response(np.array([0, 1, 5]) * LENGTH, unit)
    assert found == pytest.approx([-np.pi / 4, -0.4949946365, 0.0111875865], abs=1e-10)


@pytest.mark.parametrize("distance", [0.3, 1.0, 3.0, 4.9, 8.0])
def test_the_response_to_a_point_is_the_inverse_hankel_transform_of_the_plate_equation(distance):
    # (D k^4 + rho_m g) w(k) = -m g, back from wavenumbers in units of one over the length.
    cells = [
        quad(lambda k: k / (1 + k**4) * j0(k * distance), a, a + 2)[0] for a in range(0, 400, 2)
    ]
    partial = np.cumsum(cells)
    transform = partial[-100:].mean()  # the tail swings about its limit
    mass = 1e18
    expected = -mass * 9.81 / (2 * np.pi * model.RIGIDITY) * LENGTH**2 * transform
    found = model.point_load_response(distance * LENGTH, mass)
    assert found == pytest.approx(expected, rel=2e-3)


def test_a_point_pushes_down_beside_itself_and_lifts_a_ring_farther_away():
    distance = np.arange(0, 12, 0.001) * LENGTH
    response = model.point_load_response(distance, 1e18)
    assert distance[response > 0][0] == pytest.approx(3.9147 * LENGTH, rel=1e-3)
    assert distance[response.argmax()] == pytest.approx(4.9318 * LENGTH, rel=1e-3)
    assert response.max() == pytest.approx(-0.01428 * response[0], rel=1e-3)


def test_the_displaced_mantle_weighs_what_the_load_weighs():
    total = quad(lambda r: 2 * np.pi * r * model.point_load_response(r, 1e18), 0, 30 * LENGTH)[0]
    assert -total * model.MANTLE_DENSITY == pytest.approx(1e18, rel=1e-6)


@pytest.mark.parametrize("rigidity", [1e22, 1e25])
def test_a_stiffer_plate_spreads_the_same_displacement_wider(rigidity):
    length = model.flexural_length(rigidity)
    assert rigidity == pytest.approx(length**4 * 3300 * 9.81)
    depth = model.point_load_response(0.0, 1e18, rigidity)
    assert depth == pytest.approx(-1e18 / (8 * 3300 * length**2))


def test_under_wide_ice_the_ground_sinks_by_the_ratio_of_the_densities():
    wide = model.site_displacement(even_ice(1000, 20_000), site_distance=0.0, angle=2 * np.pi)
    assert wide == pytest.approx(-1000 * 910 / 3300, rel=3e-4)


def test_under_a_disc_the_ground_sinks_as_the_closed_form_says(monkeypatch):
    # Of a disc of radius a in flexural lengths: (rho_i / rho_m) h (1 + a ker'(a)).
    for radius in (0.5, 1, 2, 4):
        monkeypatch.setattr(model, "SHEET_LENGTH", radius * LENGTH)
        found = model.site_displacement(even_ice(1000, 4000), site_distance=0.0, angle=2 * np.pi)
        assert found == pytest.approx(-1000 * 910 / 3300 * (1 + radius * kerp(radius)), rel=1e-4)


def plate_on_a_grid(stresses, half=4.8e6, n=960):
    """Ice and displacement on a square grid, from the plate equation solved in wavenumbers."""
    x = (np.arange(n) - n // 2) * 2 * half / n  # the site is the point n // 2, n // 2
    east, north = np.meshgrid(x, x)
    margin = np.hypot(east, north) - model.SITE_DISTANCE
    ice = model.ice_profile(stresses, margin.ravel()).reshape(n, n)
    ice *= np.where(north > 0, 1.0, np.where(north == 0, 0.5, 0.0))
    wave = 2 * np.pi * np.fft.fftfreq(n, 2 * half / n)
    stiffness = model.RIGIDITY * (wave[:, None] ** 2 + wave**2) ** 2 + 3300 * 9.81
    return ice, np.fft.ifft2(np.fft.fft2(-910 * 9.81 * ice) / stiffness).real, (2 * half / n) ** 2


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_plate_solved_on_a_map_lifts_the_site_as_much(seed):
    stresses = random_stresses(1, seed)
    ice, displacement, cell = plate_on_a_grid(stresses)
    thickness = model.ice_profile(stresses)
    assert ice.sum() * cell == pytest.approx(model.ice_volume(thickness)[0], rel=2e-3)
    assert displacement[480, 480] == pytest.approx(model.site_displacement(thickness)[0], rel=0.01)
    assert -displacement.sum() * 3300 == pytest.approx(ice.sum() * 910)


def test_near_ice_presses_the_site_down_and_far_ice_lifts_it():
    distance = model.SITE_DISTANCE + model.cell_centres()
    effect = model.site_displacement(np.eye(model.CELLS))
    near, bulge = distance < 3.91 * LENGTH, (distance > 3.92 * LENGTH) & (distance < 7 * LENGTH)
    assert near.sum() > 5
    assert (effect[near] < 0).all()
    assert (effect[bulge] > 0).all()
    assert np.abs(effect[distance > 10 * LENGTH]).max() < 0.06 * effect.max()


# ---------------------------------------------------------------- time


def test_the_displacement_follows_the_ice_as_the_relaxation_equation_says():
    rise, ages = 50.0, np.linspace(140, 110, 61)

    def slope(passed, share):
        return (model.remaining_ice(140 - passed, rise) - share) / 3.0

    path = solve_ivp(slope, (0, 30), [1.0], t_eval=140 - ages, max_step=0.05, rtol=1e-9, atol=1e-12)
    assert model.remaining_displacement(ages, rise) == pytest.approx(path.y[0], abs=2e-5)


def test_after_the_ice_the_displacement_dies_away_to_one_in_e_each_relaxation_time():
    end = model.MELT_START - 48 / model.MELT_RATE
    ages = end - np.array([0.0, 3.0, 6.0, 9.0])
    left = model.remaining_displacement(ages, 48.0)
    assert left[1:] / left[:-1] == pytest.approx(np.exp([-1, -1, -1]))
    slow = model.remaining_displacement(ages, 48.0, relaxation=6.0)
    assert slow[1:] / slow[:-1] == pytest.approx(np.exp([-0.5] * 3))


def test_if_all_melts_at_once_the_displacement_only_dies_away():
    ages = model.MELT_START - np.array([0.0, 3.0, 14.0])
    left = model.remaining_displacement(ages, 1e-6)
    assert left == pytest.approx(np.exp([0, -1, -14 / 3]), abs=1e-6)


def test_ice_melts_at_its_rate_and_more_ice_melts_longer():
    ages = model.MELT_START - np.array([-9.0, 0.0, 1.0, 3.0, 4.0, 9.0])
    assert model.remaining_ice(ages, 48.0) == pytest.approx([1, 1, 0.75, 0.25, 0, 0])
    assert model.remaining_ice(ages[4], 60.0) == pytest.approx(0.2)
    less, more = (model.remaining_displacement(122.0, rise) for rise in (48.0, 60.0))
    assert more > 1.1 * less


def test_sea_level_begins_at_the_low_of_ice_and_bulge_and_ends_at_zero():
    thickness = model.ice_profile(MIDDLE)
    start = -model.sea_level_equivalent(model.ice_volume(thickness))
    start -= model.site_displacement(thickness)
    levels = model.relative_sea_level(MIDDLE, np.array([150.0, 60.0]))
    assert levels[0, 0] == pytest.approx(start[0])
    assert levels[0, 1] == pytest.approx(0, abs=1e-6)
    rising = model.relative_sea_level(MIDDLE, np.linspace(140, 60, 200))[0]
    assert (np.diff(rising) >= -1e-9).all()


# ---------------------------------------------------------------- the highstand


def test_the_ice_melts_in_the_published_span_of_the_deglaciation():
    # Menviel et al. (2019): the penultimate deglaciation took from about 138 to about 128 ka.
    rise = model.sea_level_equivalent(model.ice_volume(model.ice_profile(random_stresses(2000))))
    end = model.MELT_START - rise / model.MELT_RATE
    assert model.MELT_START < 138
    assert end.mean() == pytest.approx(128, abs=0.5)
    assert np.abs(end - 128).max() < 1


def test_no_ice_is_left_at_the_highstand_and_the_bulge_keeps_the_sea_low():
    stresses = random_stresses(2000)
    thickness = model.ice_profile(stresses)
    rise = model.sea_level_equivalent(model.ice_volume(thickness))
    land = model.site_displacement(thickness)
    assert (model.remaining_ice(model.HIGHSTAND_AGE, rise) == 0).all()
    assert (land > 0).all()
    left = model.remaining_displacement(model.HIGHSTAND_AGE, rise)
    assert model.simulate_highstand(stresses) == pytest.approx(-land * left)
    assert np.ptp(model.simulate_highstand(stresses)) > 0.7


def test_ice_of_the_same_volume_elsewhere_gives_another_highstand():
    stresses = random_stresses(20_000)
    thickness = model.ice_profile(stresses)
    rise = model.sea_level_equivalent(model.ice_volume(thickness))
    alike = np.abs(rise - np.median(rise)) < 0.1
    highstand = model.simulate_highstand(stresses)
    assert alike.sum() > 200
    assert highstand[alike].std() > 0.7 * highstand.std()


def test_the_weight_of_the_water_would_add_as_much_as_the_bulge_takes():
    # Under an ocean of even depth the floor sinks by the ratio of the densities, and as slowly.
    stresses = random_stresses(2000)
    rise = model.sea_level_equivalent(model.ice_volume(model.ice_profile(stresses)))
    left = model.remaining_displacement(model.HIGHSTAND_AGE, rise)
    floor = (rise * model.WATER_DENSITY / model.MANTLE_DENSITY * left).mean()
    assert floor == pytest.approx(1.2, abs=0.1)
    assert floor == pytest.approx(-model.simulate_highstand(stresses).mean(), rel=0.25)


def total_indices(n=4000):
    """Share of the variance that each stress takes part in (Jansen's estimate)."""
    first, second = random_stresses(2 * n).reshape(2, n, 4)
    base = model.simulate_highstand(first)
    mixed = [np.where(np.arange(4) == c, second, first) for c in range(4)]
    changes = [model.simulate_highstand(m) - base for m in mixed]
    return np.mean(np.square(changes), axis=1) / 2 / base.var()


def test_the_softer_the_bed_the_more_its_stress_matters_but_all_do():
    ice_streams, marine, onshore, bedrock = total_indices()
    assert 0.45 < ice_streams < 0.7
    assert ice_streams > marine > onshore > 3 * bedrock
    assert bedrock > 0.003


def test_more_stress_on_any_bed_lowers_the_highstand_by_a_curve():
    stresses = np.repeat(MIDDLE, 41, axis=0)
    for column in range(4):
        path = stresses.copy()
        path[:, column] = np.linspace(*model.RANGES[column], 41)
        level = model.simulate_highstand(path)
        first, second = np.diff(level), np.diff(level, 2)
        assert (first < 0).all()
        assert np.ptp(first) > 0.02 * np.abs(first).mean()
        assert np.abs(second).max() < 0.2 * np.abs(first).max()  # no jump, no corner


def test_the_highstand_hardly_depends_on_the_grid(monkeypatch):
    stresses = random_stresses(200)
    used = model.simulate_highstand(stresses)
    profile = model.ice_profile
    fine = model.cell_centres(20 * model.CELLS)
    monkeypatch.setattr(model, "ice_profile", lambda stresses: profile(stresses, fine))
    assert model.simulate_highstand(stresses) == pytest.approx(used, abs=2.5e-4)


def test_a_hundred_thousand_runs_take_less_than_five_seconds():
    stresses = random_stresses(100_000)
    start = time.process_time()
    highstand = model.simulate_highstand(stresses)
    assert time.process_time() - start < 5
    assert highstand.shape == (100_000,)
    assert highstand[-3:] == pytest.approx(model.simulate_highstand(stresses[-3:]))


def test_no_run_gives_no_highstand():
    assert model.simulate_highstand(np.zeros((0, 4))).shape == (0,)


# ---------------------------------------------------------------- runs and bad input


def test_runs_fill_each_range_evenly_and_come_again_with_the_seed():
    runs = model.simulate_runs(np.random.default_rng(3), 50)
    unit = (runs.stresses - model.RANGES[:, 0]) / np.ptp(model.RANGES, axis=1)
    assert (np.sort((unit * 50).astype(int), axis=0) == np.arange(50)[:, None]).all()
    again = model.simulate_runs(np.random.default_rng(3), 50)
    assert (again.stresses == runs.stresses).all()
    assert (model.simulate_runs(np.random.default_rng(4), 50).stresses != runs.stresses).any()


def test_the_highstand_of_a_run_is_rounded_to_a_millimetre():
    runs = model.simulate_runs(np.random.default_rng(0))
    assert runs.stresses.shape == (91, 4)
    exact = model.simulate_highstand(runs.stresses)
    assert np.abs(runs.highstand - exact).max() <= 0.5e-3 + 1e-12
    assert runs.highstand * 1000 == pytest.approx(np.round(runs.highstand * 1000), abs=1e-9)
    assert np.abs(runs.highstand - exact).std() > 1e-4


@pytest.mark.parametrize("shape", [(4,), (3, 3), (2, 5), (1, 2, 4)])
@pytest.mark.parametrize("run", [model.ice_profile, model.simulate_highstand])
def test_stresses_of_another_shape_are_refused(run, shape):
    with pytest.raises(ValueError, match=r"shape \(n, 4\).*bedrock; these have the shape"):
        run(np.ones(shape))


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, -5e3])
@pytest.mark.parametrize("run", [model.ice_profile, model.simulate_highstand])
def test_stresses_that_no_bed_can_have_are_refused(run, value):
    stresses = random_stresses(3)
    stresses[1, 2] = value
    with pytest.raises(ValueError, match=f"1 of 12 are not, the first is {value}"):
        run(stresses)


def test_an_age_that_is_none_is_refused():
    with pytest.raises(ValueError, match="ages must be finite"):
        model.relative_sea_level(MIDDLE, np.array([122.0, np.nan]))


@pytest.mark.parametrize("n", [0, -3])
def test_less_than_one_run_is_refused(n):
    with pytest.raises(ValueError, match=f"at least 1, not {n}"):
        model.simulate_runs(np.random.default_rng(0), n)
