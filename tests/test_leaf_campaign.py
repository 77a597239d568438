"""The simulated field campaign: its truth, its hidden days, and its likeness to the observed."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, cross_val_score

from mlearth.simulate import leaf_campaign
from mlearth.simulate.leaf import solve_leaf_temperature
from mlearth.simulate.leaf_campaign import (
    ACTIVE,
    FEATURES,
    INERT,
    Campaign,
    draw_independent_features,
    expected_differential,
    leaf_conditions,
    simulate_campaign,
    stomatal_conductance,
)

TARGET = "differential"


@pytest.fixture(scope="module")
def campaigns():
    """Five campaigns of the observed size."""
    return [simulate_campaign(np.random.default_rng(seed)) for seed in range(5)]


@pytest.fixture(scope="module")
def long_campaign():
    """Enough days to speak of averages."""
    return simulate_campaign(np.random.default_rng(7), 40_000)


def lag_one(series):
    return np.corrcoef(series[:-1], series[1:])[0, 1]


def forest(min_samples_leaf=1):
    return RandomForestRegressor(
        40, min_samples_leaf=min_samples_leaf, max_features=1 / 3, random_state=0
    )


def test_the_table_has_the_nine_columns_in_order(campaigns):
    campaign = campaigns[0]
    assert isinstance(campaign, Campaign)
    assert tuple(campaign.columns) == (*FEATURES, TARGET)
    assert all(column.shape == (805,) for column in campaign.columns.values())
    assert campaign.features.shape == (805, 8)
    assert all(np.isfinite(column).all() for column in campaign.columns.values())


def test_the_same_seed_gives_the_same_table_and_another_seed_another():
    first, again, other = (simulate_campaign(np.random.default_rng(s), 60) for s in (1, 1, 2))
    for name in (*FEATURES, TARGET):
        np.testing.assert_array_equal(first.columns[name], again.columns[name])
        assert not np.allclose(first.columns[name], other.columns[name])


def test_the_differential_is_the_sum_of_its_parts(campaigns):
    for c in campaigns:
        parts = c.expected + c.day_effect + c.noise
        np.testing.assert_allclose(c.columns[TARGET], parts, atol=1e-12)


def test_the_planted_truth_is_recovered_from_the_features(campaigns):
    for c in campaigns:
        np.testing.assert_allclose(expected_differential(c.features), c.expected, atol=1e-8)


def test_the_day_effect_is_the_energy_balance_under_the_hidden_conditions(campaigns):
    c = campaigns[0]
    conditions = leaf_conditions(c.features, c.wind, c.conductance_factor)
    felt = solve_leaf_temperature(conditions) - conditions.air_temperature + c.offset
    np.testing.assert_allclose(felt, c.expected + c.day_effect, atol=1e-8)


def test_rows_of_a_day_share_its_hidden_conditions_and_days_differ(campaigns):
    c = campaigns[0]
    for hidden in (c.wind, c.conductance_factor, c.offset):
        values = [np.unique(hidden[c.day == day]) for day in np.unique(c.day)]
        assert all(len(value) == 1 for value in values)
        assert len(np.unique(values)) == len(values)


def test_the_day_effect_varies_between_days_much_more_than_within(long_campaign):
    c = long_campaign
    mean = np.bincount(c.day, c.day_effect) / np.bincount(c.day)
    within = np.var(c.day_effect - mean[c.day])
    assert within < 0.15 * np.var(c.day_effect)


def test_no_model_of_the_features_can_foresee_day_effect_or_noise(long_campaign):
    """Their means, and their slopes against the truth, vanish within what 1500 days allow."""
    c = long_campaign
    for surprise in (c.day_effect, c.noise):
        assert abs(surprise.mean()) < 0.12
        assert abs(np.polyfit(c.expected, surprise, 1)[0]) < 0.05


def test_rows_run_through_seasons_days_and_plots_in_order(campaigns):
    for c in campaigns:
        assert np.unique(c.season).tolist() == [0, 1, 2]
        assert set(np.diff(c.season)) == {0, 1}
        assert set(np.diff(c.day)) == {0, 1}
        assert 30 <= c.day.max() + 1 <= 45
        for plot in np.unique(c.plot):
            assert len(np.unique(c.season[c.plot == plot])) == 1


def test_more_leaves_mean_more_days_not_longer_ones(campaigns, long_campaign):
    longest = [np.bincount(c.day).max() for c in (campaigns[0], long_campaign)]
    assert longest == [40, 40]


@pytest.mark.parametrize("n", [4, 5, 17, 101])
def test_small_campaigns_have_the_rows_that_were_asked_for(n):
    c = simulate_campaign(np.random.default_rng(0), n)
    assert len(c.day) == len(c.columns[TARGET]) == n
    assert np.unique(c.season).tolist() == [0, 1, 2]


def test_fewer_leaves_than_a_campaign_needs_are_an_error():
    with pytest.raises(ValueError, match="4 leaves or more, not 3"):
        simulate_campaign(np.random.default_rng(0), 3)


def test_active_and_inert_features_are_all_the_features():
    assert sorted(ACTIVE + INERT) == sorted(FEATURES)
    assert not set(ACTIVE) & set(INERT)


@pytest.mark.parametrize("name", INERT)
def test_an_inert_feature_has_exactly_no_effect(name, campaigns):
    features = campaigns[0].features
    changed = features.copy()
    changed[:, FEATURES.index(name)] = np.random.default_rng(0).uniform(-1e3, 1e3, 805)
    np.testing.assert_array_equal(expected_differential(changed), campaigns[0].expected)


def total_effects(n=4000):
    """Share of the variance that each independent feature has a part in (Jansen's estimate)."""
    rng = np.random.default_rng(0)
    base, other = draw_independent_features(rng, n), draw_independent_features(rng, n)
    truth = expected_differential(base)
    shares = {}
    for column, name in enumerate(FEATURES):
        changed = base.copy()
        changed[:, column] = other[:, column]
        shares[name] = np.mean((expected_differential(changed) - truth) ** 2) / 2 / truth.var()
    return shares


def test_active_features_matter_each_clearly_more_than_the_next():
    shares = total_effects()
    assert all(shares[name] == 0 for name in INERT)
    order = ["humidity", "air_temperature", "light", "phi2", "angle"]
    values = [shares[name] for name in order]
    assert values[-1] > 0.01
    assert all(big > 1.2 * small for big, small in pairwise(values))


def test_a_leaf_is_cooler_in_drier_air_and_warmer_flat_than_upright():
    leaf = np.tile([33.0, 55.0, 600.0, 0.5, 0.15, 40.0, 0.8, 40.0], (2, 1))
    drier, upright = leaf.copy(), leaf.copy()
    drier[1, FEATURES.index("humidity")] = 35
    upright[:, FEATURES.index("angle")] = [0, 85]
    assert np.diff(expected_differential(drier)) < -1
    assert np.diff(expected_differential(upright)) < -0.2


def test_stomata_open_with_photosynthesis_and_close_in_dry_air():
    light = np.array([0.0, 300.0, 900.0])
    assert np.all(np.diff(stomatal_conductance(light, 0.5, 2.0)) > 0)
    assert np.all(np.diff(stomatal_conductance(500.0, light / 1000, 2.0)) > 0)
    assert np.all(np.diff(stomatal_conductance(500.0, 0.5, light / 300)) < 0)


@pytest.mark.parametrize(
    ("name", "mean", "spread", "low", "high"),
    [
        ("air_temperature", (31.5, 35), (2.5, 4.2), 15, 47),
        ("humidity", (50, 60), (6, 11), 15, 95),
        ("light", (420, 720), (300, 520), 5, 2200),
        ("phi2", (0.46, 0.56), (0.06, 0.11), 0.1, 0.75),
        ("vh", (0.05, 0.4), (0.05, 2), -4, 25),
        ("chlorophyll", (38, 43), (5, 8.5), 5, 65),
        ("thickness", (0.7, 1.15), (0.4, 0.9), 0.03, 5.5),
        ("angle", (35, 48), (17, 24), 0, 99),
        ("differential", (-5.2, -3.4), (1.8, 2.8), -14, 9),
    ],
)
def test_ranges_are_like_the_observed_ones(name, mean, spread, low, high, campaigns):
    for c in campaigns:
        column = c.columns[name]
        assert mean[0] < column.mean() < mean[1]
        assert spread[0] < column.std() < spread[1]
        assert low <= column.min() < column.max() <= high


def test_neighbouring_rows_and_correlations_are_like_the_observed_ones(campaigns):
    for c in campaigns:
        assert 0.8 < lag_one(c.columns["air_temperature"]) < 0.93
        assert 0.8 < lag_one(c.columns["humidity"]) < 0.93
        assert 0.6 < lag_one(c.columns[TARGET]) < 0.8
        assert 0.5 < lag_one(c.columns["light"]) < 0.75
        r = np.corrcoef([c.columns[k] for k in ("air_temperature", "humidity", "light", "phi2")])
        assert -0.88 < r[0, 1] < -0.6
        assert -0.9 < r[2, 3] < -0.65


def test_independent_features_keep_each_distribution_and_no_dependence(long_campaign):
    free = draw_independent_features(np.random.default_rng(3), 40_000)
    assert free.shape == (40_000, 8)
    assert np.abs(np.corrcoef(free.T) - np.eye(8)).max() < 0.03
    levels = np.linspace(0.05, 0.95, 10)
    for column, theirs in zip(free.T, long_campaign.features.T, strict=True):
        ours, campaign = np.quantile(column, levels), np.quantile(theirs, levels)
        np.testing.assert_allclose(ours, campaign, atol=0.1 * np.ptp(campaign))


def test_shuffled_folds_flatter_as_they_do_on_the_observed_leaves(campaigns):
    scores = []
    for c in campaigns[:3]:
        folds = KFold(10, shuffle=True, random_state=0), KFold(10)
        data = (c.features, c.columns[TARGET])
        scores.append([cross_val_score(forest(), *data, cv=f, scoring="r2").mean() for f in folds])
    shuffled, blocked = np.mean(scores, axis=0)
    assert 0.5 < shuffled < 0.68
    assert 0.0 < blocked < 0.3


def test_physics_with_wrong_constants_and_a_forest_comes_near_the_best_possible():
    """A good model can reach 95 % of the score that the truth itself has."""
    train = simulate_campaign(np.random.default_rng(0))
    fresh = simulate_campaign(np.random.default_rng(1000), 10_000)

    def physics(features):
        conditions = leaf_conditions(features, wind=0.5, conductance_factor=0.8)
        return solve_leaf_temperature(conditions) - conditions.air_temperature

    model = forest(20).fit(train.features, train.columns[TARGET] - physics(train.features))
    prediction = physics(fresh.features) + model.predict(fresh.features)
    best = r2_score(fresh.columns[TARGET], fresh.expected)
    assert 0.45 < best < 0.65
    assert r2_score(fresh.columns[TARGET], prediction) > 0.95 * best


@pytest.mark.parametrize("shape", [(8,), (3, 7), (3, 9)])
def test_features_of_the_wrong_shape_are_an_error(shape):
    with pytest.raises(ValueError, match=r"shape \(n, 8\)"):
        expected_differential(np.ones(shape))


def test_features_that_no_leaf_can_have_are_an_error(campaigns):
    features = campaigns[0].features
    features[3, FEATURES.index("humidity")] = 120
    with pytest.raises(ValueError, match="relative_humidity must be finite and from 0 to 1"):
        expected_differential(features)


def test_the_flow_over_the_leaves_stays_laminar_on_every_day(long_campaign):
    """Beyond a Reynolds number of 4000 the balance jumps, and so would the truth."""
    reynolds = long_campaign.wind.max() * leaf_campaign.LEAF_SIZE / 15e-6
    assert reynolds < 4000
