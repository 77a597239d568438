import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor
from sklearn.ensemble._forest import _generate_sample_indices
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import cross_val_predict
from sklearn.tree import DecisionTreeRegressor

from mlearth.models.forest import (
    Forest,
    PhysicsResidual,
    QuantileForest,
    conformal_interval,
    out_of_bag_mean,
)
from mlearth.models.tree import RegressionTree


def draw_table(seed, n=300, n_features=5):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, n_features))
    return x, np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] + 0.3 * rng.normal(size=n)


def their_tree(rng):
    return DecisionTreeRegressor(max_features=2, random_state=int(rng.integers(2**31)))


@pytest.mark.parametrize(
    "make_tree", [their_tree, lambda rng: RegressionTree(max_features=2, rng=rng)]
)
def test_the_forest_predicts_like_scikit_learns(make_tree):
    (x, y), (fresh, truth) = draw_table(0), draw_table(1, n=1000)
    ours = Forest(make_tree, n_trees=60).fit(x, y, np.random.default_rng(0))
    theirs = [
        RandomForestRegressor(60, max_features=2, random_state=seed).fit(x, y).predict(fresh)
        for seed in range(3)
    ]
    predicted = ours.predict(fresh)
    scores = [r2_score(truth, t) for t in theirs]
    assert r2_score(truth, predicted) == pytest.approx(np.mean(scores), abs=0.03)
    apart = np.std(theirs[0] - theirs[1])  # two forests of scikit-learn's differ by as much
    assert np.std(predicted - theirs[0]) == pytest.approx(apart, rel=0.15)


def test_every_tree_gets_its_own_bootstrap_sample():
    x, y = draw_table(2)
    forest = Forest(their_tree, n_trees=50).fit(x, y, np.random.default_rng(3))
    assert forest.rows.shape == (50, 300)
    unseen = [1 - np.unique(rows).size / 300 for rows in forest.rows]
    assert np.mean(unseen) == pytest.approx((1 - 1 / 300) ** 300, abs=0.01)
    assert len({rows.tobytes() for rows in forest.rows}) == 50


def test_out_of_bag_mean_is_scikit_learns_given_its_bootstrap():
    x, y = draw_table(4)
    theirs = RandomForestRegressor(40, oob_score=True, random_state=1).fit(x, y)
    trees = theirs.estimators_
    rows = [_generate_sample_indices(tree.random_state, len(y), len(y), None) for tree in trees]
    ours = out_of_bag_mean([tree.predict(x) for tree in trees], rows)
    assert ours == pytest.approx(theirs.oob_prediction_, abs=1e-12)


def test_out_of_bag_error_agrees_with_the_error_on_fresh_rows():
    (x, y), (fresh, truth) = draw_table(5, n=500), draw_table(6, n=2000)
    forest = Forest(their_tree, n_trees=100).fit(x, y, np.random.default_rng(0))
    inside = r2_score(y, forest.predict_out_of_bag(x))
    assert inside == pytest.approx(r2_score(truth, forest.predict(fresh)), abs=0.05)
    assert inside < r2_score(y, forest.predict(x)) - 0.1


def test_a_row_that_every_tree_saw_has_no_out_of_bag_prediction():
    oob = out_of_bag_mean([[1.0, 2.0, 3.0], [3.0, 4.0, 5.0]], [[0, 1, 1], [0, 2, 2]])
    np.testing.assert_array_equal(oob, [np.nan, 4.0, 3.0])


def brute_force_weights(forest, x_train, x):
    """Meinshausen's weights, straight from the definition; columns in training order."""
    weights = np.zeros((len(x), len(x_train)))
    for tree in forest.estimators_:
        train_leaf, leaf = tree.apply(x_train), tree.apply(x)
        for i in range(len(x)):
            mates = np.flatnonzero(train_leaf == leaf[i])
            weights[i, mates] += 1 / mates.size / len(forest.estimators_)
    return weights


@pytest.mark.parametrize("kind", [RandomForestRegressor, ExtraTreesRegressor])
def test_leaf_weights_and_quantiles_follow_the_definition(kind):
    (x, y), (fresh, _) = draw_table(7, n=120), draw_table(8, n=25)
    forest = kind(12, min_samples_leaf=4, random_state=0).fit(x, y)
    expected = brute_force_weights(forest, x, fresh)[:, np.argsort(y)]
    quantile_forest = QuantileForest(forest, x, y)
    assert quantile_forest.weights(fresh) == pytest.approx(expected, abs=1e-12)
    rising = np.sort(y)
    for q, column in zip(
        [0.05, 0.5, 0.9], quantile_forest.predict(fresh, [0.05, 0.5, 0.9]).T, strict=True
    ):
        by_hand = [rising[np.flatnonzero(np.cumsum(w) >= q - 1e-12)[0]] for w in expected]
        np.testing.assert_array_equal(column, by_hand)


def test_without_bootstrap_the_weighted_mean_is_the_forests_prediction():
    (x, y), (fresh, _) = draw_table(9), draw_table(10, n=50)
    forest = ExtraTreesRegressor(20, min_samples_leaf=5, random_state=0).fit(x, y)
    quantile_forest = QuantileForest(forest, x, y)
    mean = quantile_forest.weights(fresh) @ quantile_forest.y
    assert mean == pytest.approx(forest.predict(fresh), abs=1e-10)


def test_quantiles_recover_a_spread_that_grows_with_the_feature():
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 2, size=(6000, 1))
    y = x[:, 0] + (0.5 + x[:, 0]) * rng.normal(size=6000)
    forest = RandomForestRegressor(60, min_samples_leaf=100, random_state=0).fit(x, y)
    where = np.linspace(0.2, 1.8, 30)[:, None]
    for q in (0.05, 0.5, 0.95):
        truth = where[:, 0] + (0.5 + where[:, 0]) * stats.norm.ppf(q)
        found = QuantileForest(forest, x, y).predict(where, [q])[:, 0]
        assert np.mean(found - truth) == pytest.approx(0, abs=0.1)
        assert np.sqrt(np.mean((found - truth) ** 2)) < 0.3


def test_an_interval_is_the_pair_of_central_quantiles():
    x, y = draw_table(11)
    forest = QuantileForest(RandomForestRegressor(10, random_state=0).fit(x, y), x, y)
    lower, upper = forest.interval(x[:7], 0.9)
    np.testing.assert_allclose(np.stack([lower, upper], 1), forest.predict(x[:7], [0.05, 0.95]))
    assert np.all(lower <= upper)


def test_eight_hundred_intervals_take_less_than_a_second():
    x, y = draw_table(12, n=805, n_features=8)
    forest = RandomForestRegressor(200, min_samples_leaf=5, random_state=0).fit(x, y)
    start = time.process_time()
    QuantileForest(forest, x, y).interval(x, 0.9)
    assert time.process_time() - start < 1.0


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 60), st.floats(0.02, 0.98), st.integers(0, 10**6))
def test_conformal_coverage_is_exact_when_each_of_n_plus_one_is_left_out_in_turn(n, level, seed):
    residuals = np.random.default_rng(seed).normal(size=n + 1)
    covered = 0
    for i in range(n + 1):
        lower, upper = conformal_interval(np.delete(residuals, i), [0.0], level)
        covered += lower[0] <= residuals[i] <= upper[0]
    expected = min(int(np.ceil((n + 1) * level - 1e-9)), n + 1)
    assert covered == expected
    assert covered / (n + 1) >= level - 1e-9


def test_conformal_intervals_are_centred_and_equally_wide():
    lower, upper = conformal_interval([-3.0, 1.0, 2.0, 0.5], [10.0, 20.0], 0.6)
    np.testing.assert_array_equal(lower, [8.0, 18.0])
    np.testing.assert_array_equal(upper, [12.0, 22.0])


def test_too_few_residuals_promise_nothing():
    lower, upper = conformal_interval([1.0, -2.0], [0.0], 0.9)
    assert (lower[0], upper[0]) == (-np.inf, np.inf)


def test_the_correction_learns_only_what_the_physics_lacks():
    x, _ = draw_table(13)
    physics = 10 * x[:, 0] ** 2
    y = physics + 2 * x[:, 1] - 1
    model = PhysicsResidual(LinearRegression()).fit(np.column_stack([x, physics]), y)
    assert model.predict(np.column_stack([x, physics])) == pytest.approx(y)
    assert model.regressor_.coef_ == pytest.approx([0, 2, 0, 0, 0, 0], abs=1e-10)
    first = PhysicsResidual(LinearRegression(), physics_column=0)
    table = np.column_stack([physics, x])
    assert cross_val_predict(first, table, y) == pytest.approx(y)


def test_misuse_is_refused_with_a_reason():
    x, y = draw_table(14, n=20)
    with pytest.raises(ValueError, match="not been fitted"):
        Forest(their_tree).predict(x)
    with pytest.raises(ValueError, match="inconsistent"):
        Forest(their_tree).fit(x, y[:-1], np.random.default_rng(0))
    with pytest.raises(ValueError, match="one 2-D shape"):
        out_of_bag_mean(np.ones((2, 3)), np.ones((2, 4), dtype=int))
    with pytest.raises(ValueError, match="not fitted"):
        QuantileForest(RandomForestRegressor(), x, y)
    quantile_forest = QuantileForest(RandomForestRegressor(3, random_state=0).fit(x, y), x, y)
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile_forest.predict(x, [0.5, 1.0])
    with pytest.raises(ValueError, match="features"):
        quantile_forest.predict(x[:, :2], [0.5])
    for level in (0.0, 1.0, 90.0):
        with pytest.raises(ValueError, match="between 0 and 1"):
            conformal_interval([1.0, 2.0], [0.0], level)
    for residuals in ([], [np.nan, 1.0], [[1.0]]):
        with pytest.raises(ValueError, match="residuals must be"):
            conformal_interval(residuals, [0.0], 0.5)
    with pytest.raises(ValueError, match="NaN"):
        PhysicsResidual(LinearRegression()).fit(np.full((3, 2), np.nan), np.ones(3))
