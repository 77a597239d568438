from itertools import combinations
from math import factorial

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeRegressor

from mlearth import explain
from mlearth.explain import (
    accumulated_local_effects,
    conditional_permutation_importance,
    grouped_permutation_importance,
    tied_ranking,
    tree_shap,
)


def correlated(seed, n, rho, n_features=3):
    """Columns 0 and 1 have correlation rho, the others are independent; all are standard normal."""
    x = np.random.default_rng(seed).normal(size=(n, n_features))
    x[:, 1] = rho * x[:, 0] + np.sqrt(1 - rho**2) * x[:, 1]
    return x


def first(x):
    return x[:, 0]


def test_groups_of_one_give_scikit_learns_permutation_importance():
    x = correlated(0, 1500, 0.5)
    y = 3 * x[:, 0] - x[:, 1] + np.random.default_rng(1).normal(size=1500)
    model = LinearRegression().fit(x, y)
    ours = grouped_permutation_importance(
        model.predict, x, y, [[0], [1], [2]], np.random.default_rng(2), repeats=30
    )
    theirs = permutation_importance(model, x, y, n_repeats=30, random_state=0).importances
    assert ours.shape == (3, 30)
    assert ours.mean(axis=1) == pytest.approx(theirs.mean(axis=1), abs=0.02)
    assert ours.std(axis=1) == pytest.approx(theirs.std(axis=1), rel=0.5, abs=1e-3)


def test_shuffling_a_group_costs_twice_its_variance_as_one():
    rho = -0.8
    x = correlated(3, 4000, rho)
    y = x[:, 0] - x[:, 1]
    drop = grouped_permutation_importance(
        lambda z: z[:, 0] - z[:, 1], x, y, [[0, 1], [0]], np.random.default_rng(0)
    )
    assert drop[0].mean() == pytest.approx(2.0, rel=0.03)  # the pair keeps its variance
    assert drop[1].mean() == pytest.approx(2 / np.var(y), rel=0.03)


def test_conditional_importance_of_a_gaussian_feature_is_its_unexplained_variance():
    rho = -0.77
    x = correlated(4, 4000, rho)
    y = x[:, 0] + 0.5 * x[:, 2]
    drop = conditional_permutation_importance(
        lambda z: z[:, 0] + 0.5 * z[:, 2],
        x,
        y,
        np.random.default_rng(0),
        regressor=LinearRegression(),
    ).mean(axis=1)
    assert drop[0] == pytest.approx(2 * (1 - rho**2) / np.var(y), rel=0.05)
    assert drop[1] == 0
    assert drop[2] == pytest.approx(2 * 0.25 / np.var(y), rel=0.05)


def test_the_forest_behind_conditional_importance_follows_curved_dependence():
    rng = np.random.default_rng(5)
    x = rng.uniform(-1, 1, size=(1500, 2))
    x[:, 0] = x[:, 1] ** 2 + 0.1 * rng.normal(size=1500)  # uncorrelated, yet nearly a copy
    y = x[:, 0]
    found = [
        conditional_permutation_importance(lambda z: z[:, 0], x, y, rng, regressor=regressor)[0]
        for regressor in (None, LinearRegression())
    ]
    exact = 2 * 0.1**2 / np.var(y)
    assert found[0].mean() == pytest.approx(exact, rel=0.35)
    assert found[1].mean() > 5 * exact


def test_folds_by_day_keep_the_day_from_telling_a_feature():
    rng = np.random.default_rng(7)
    day = np.repeat(np.arange(60), 15)
    x = rng.normal(size=(60, 2))[day] + 0.02 * rng.normal(size=(900, 2))  # unrelated, per day
    found = [
        conditional_permutation_importance(lambda z: z[:, 0], x, x[:, 0], rng, blocks=blocks)
        for blocks in (None, day)
    ]
    by_row, by_day = (drop[0].mean() for drop in found)
    assert by_row < 1.5  # a forest reads the day off the other mark, and so part of this one
    assert by_day > 1.9  # on other days the mark tells nothing: at least the plain importance, 2


def test_conditional_importance_of_independent_features_is_the_plain_one():
    x = correlated(6, 1500, 0.0)
    y = 2 * x[:, 0] + x[:, 1]
    rng = np.random.default_rng(0)
    plain = grouped_permutation_importance(
        lambda z: 2 * z[:, 0] + z[:, 1], x, y, [[0], [1], [2]], rng
    )
    conditional = conditional_permutation_importance(lambda z: 2 * z[:, 0] + z[:, 1], x, y, rng)
    assert conditional.mean(axis=1) == pytest.approx(plain.mean(axis=1), rel=0.15, abs=1e-12)


def test_local_effects_of_a_linear_function_are_its_slopes_whatever_the_correlation():
    x = correlated(7, 2000, 0.95)
    for feature, slope in enumerate([3.0, -2.0, 0.0]):
        edges, effect = accumulated_local_effects(
            lambda z: 3 * z[:, 0] - 2 * z[:, 1] + 7, x, feature
        )
        assert np.diff(effect) == pytest.approx(slope * np.diff(edges), abs=1e-10)
        assert effect[-1] - effect[0] == pytest.approx(slope * np.ptp(x[:, feature]), abs=1e-9)


def test_local_effects_of_a_product_are_half_the_correlation_times_the_square():
    rho = 0.8
    x = correlated(8, 50000, rho)

    def product(z):
        return z[:, 0] * z[:, 1]

    edges, effect = accumulated_local_effects(product, x, 0, bins=40)
    inner = np.abs(edges) < 2
    assert effect[inner] == pytest.approx(rho * (edges[inner] ** 2 - 1) / 2, abs=0.05)


def test_local_effects_stay_where_the_data_are_and_partial_dependence_does_not():
    x = correlated(9, 3000, 0.98)

    def odd_off_the_line(z):  # what a model may do where it has seen nothing
        return z[:, 0] + 50 * (np.abs(z[:, 0] - z[:, 1]) > 2)

    edges, effect = accumulated_local_effects(odd_off_the_line, x, 0)
    assert np.diff(effect)[1:-1] == pytest.approx(np.diff(edges)[1:-1], abs=1e-10)
    flat = RandomForestRegressor(1).fit(x, x[:, 0])
    flat.predict = odd_off_the_line
    averaged = partial_dependence(flat, x, [0], method="brute", grid_resolution=5)["average"][0]
    assert np.ptp(averaged) > 10


def test_local_effects_average_to_zero_and_survive_repeated_values():
    x = np.random.default_rng(0).integers(0, 3, size=(300, 2)).astype(float)
    edges, effect = accumulated_local_effects(lambda z: z[:, 0] ** 2, x, 0, bins=30)
    assert list(edges) == [0, 1, 2]
    assert np.diff(effect) == pytest.approx([1.0, 3.0])
    assert effect[x[:, 0].astype(int)].mean() == pytest.approx(0)


def expected_value(tree, row, known, node=0):
    """Prediction of one tree when only the features in `known` are known (others by cover)."""
    left, right = tree.children_left[node], tree.children_right[node]
    if left < 0:
        return tree.value[node, 0, 0]
    feature = tree.feature[node]
    if feature in known:
        goes_left = row[feature] <= tree.threshold[node]
        return expected_value(tree, row, known, left if goes_left else right)
    n = tree.weighted_n_node_samples
    sides = [n[side] * expected_value(tree, row, known, side) for side in (left, right)]
    return sum(sides) / n[node]


def brute_force_shapley(forest, row, n_features):
    def value(known):
        return np.mean([expected_value(t.tree_, row, known) for t in forest.estimators_])

    shares = np.zeros(n_features)
    for j in range(n_features):
        others = [k for k in range(n_features) if k != j]
        for size in range(n_features):
            weight = factorial(size) * factorial(n_features - size - 1) / factorial(n_features)
            for known in combinations(others, size):
                shares[j] += weight * (value({*known, j}) - value(set(known)))
    return shares


def test_tree_shap_is_the_shapley_value_over_all_subsets():
    x = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
    y = x[:, 0] * x[:, 1] + x[:, 2]
    forest = RandomForestRegressor(3, max_depth=3, random_state=0).fit(x, y)
    shares = tree_shap(forest, x[:4])
    expected = [brute_force_shapley(forest, row, 4) for row in x[:4]]
    assert shares == pytest.approx(np.array(expected), abs=1e-6)


@pytest.mark.parametrize(
    "model",
    [
        DecisionTreeRegressor(max_depth=4, random_state=0),
        RandomForestRegressor(20, random_state=0),
        GradientBoostingRegressor(n_estimators=20, random_state=0),
    ],
)
def test_shapley_values_of_every_row_add_up_to_its_prediction(model):
    x = correlated(1, 200, 0.5, n_features=5)
    y = x[:, 0] * x[:, 1] + x[:, 2]
    model.fit(x, y)
    rest = model.predict(x) - tree_shap(model, x).sum(axis=1)
    assert rest == pytest.approx(np.full(200, rest.mean()), abs=1e-5)
    assert rest.mean() == pytest.approx(y.mean(), abs=0.1)


def test_what_cannot_be_told_from_nothing_shares_the_last_rank():
    np.testing.assert_array_equal(tied_ranking([0.5, 0.01, 0.9, -0.02, 0.0], 0.02), [2, 3, 1, 3, 3])
    np.testing.assert_array_equal(tied_ranking([0.3, 0.0, 0.0], 0), [1, 2, 2])
    np.testing.assert_array_equal(tied_ranking([0.3, 0.4], [0.1, 0.5]), [1, 2])
    np.testing.assert_array_equal(tied_ranking([0.1, 0.2], 1.0), [1, 1])


@pytest.mark.parametrize(
    "call",
    [
        lambda x, y, rng: grouped_permutation_importance(len, x, y[:-1], [[0]], rng),
        lambda x, y, rng: grouped_permutation_importance(len, x, y, [[3]], rng),
        lambda x, y, rng: grouped_permutation_importance(len, x, y, [[]], rng),
        lambda x, y, rng: grouped_permutation_importance(len, x, np.ones(20), [[0]], rng),
        lambda x, y, rng: grouped_permutation_importance(len, x * np.nan, y, [[0]], rng),
        lambda x, y, rng: grouped_permutation_importance(len, x[:1], y[:1], [[0]], rng),
        lambda x, y, rng: conditional_permutation_importance(len, x[:, :1], y, rng),
        lambda x, y, rng: conditional_permutation_importance(len, x[:4], y[:4], rng),
        lambda x, y, rng: conditional_permutation_importance(first, x, y, rng, blocks=y > 0),
        lambda x, y, rng: conditional_permutation_importance(first, x, y, rng, blocks=y[:9]),
        lambda x, y, rng: accumulated_local_effects(len, x, 3),
        lambda x, y, rng: accumulated_local_effects(len, x, 0, bins=0),
        lambda x, y, rng: accumulated_local_effects(len, np.ones((5, 2)), 0),
        lambda x, y, rng: accumulated_local_effects(len, x * np.nan, 0),
        lambda x, y, rng: tree_shap(RandomForestRegressor(2).fit(x, y), x[:, :2]),
        lambda x, y, rng: tied_ranking([1.0, 2.0], [0.1, 0.1, 0.1]),
        lambda x, y, rng: tied_ranking([1.0, np.nan], 0.1),
        lambda x, y, rng: tied_ranking([1.0, 2.0], -0.1),
    ],
)
def test_bad_input_is_refused(call):
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r".+"):
        call(rng.normal(size=(20, 3)), rng.normal(size=20), rng)


def test_partial_dependence_is_scikit_learns_about_its_mean():
    x = correlated(0, 300, 0.8)
    model = DecisionTreeRegressor(max_depth=4).fit(x, x[:, 0] * x[:, 1] + x[:, 2])
    theirs = partial_dependence(
        model, x, [1], grid_resolution=7, percentiles=(0, 1), method="brute"
    )
    ours = explain.partial_dependence(model.predict, x, 1, theirs["grid_values"][0])
    assert ours == pytest.approx(theirs["average"][0] - model.predict(x).mean())


def test_partial_dependence_of_a_line_is_that_line_whatever_is_correlated():
    x = correlated(1, 200, 0.9)
    found = explain.partial_dependence(lambda x: 3 * x[:, 0] - x[:, 1], x, 0, [-1.0, 0.0, 2.0])
    assert np.diff(found) == pytest.approx([3, 6])
