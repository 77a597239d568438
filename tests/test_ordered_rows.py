"""Regressors for ordered rows do what their names say."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from mlearth.models.ordered_rows import (
    BlockBootstrapForest,
    PerCampaign,
    QuietRowsFirst,
    find_change,
)


def test_a_planted_change_is_found_whatever_the_units_and_despite_an_outlier():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 3))
    x[230:, 1] += 2
    x[10, 0] = 1e6
    assert abs(find_change(x * [1, 1e-3, 1e3]) - 230) <= 3


def test_the_change_is_where_brute_force_puts_it():
    rng = np.random.default_rng(1)
    ranks = np.argsort(np.argsort(rng.normal(size=(80, 2)), axis=0), axis=0)
    cost = [
        sum(np.sum((part - part.mean(axis=0)) ** 2) for part in (ranks[:k], ranks[k:]))
        for k in range(10, 71)
    ]
    assert find_change(ranks, shortest=10) == 10 + np.argmin(cost)


def test_too_few_rows_for_two_parts_are_refused():
    with pytest.raises(ValueError, match="cannot be cut"):
        find_change(np.zeros((100, 2)))


def test_each_campaign_follows_its_own_law():
    x = np.column_stack([np.tile(np.arange(50.0), 2), np.repeat([0, 1], 50)])
    y = np.where(x[:, 1] == 0, x[:, 0], -3 * x[:, 0])
    model = PerCampaign(LinearRegression()).fit(x, y)
    np.testing.assert_allclose(model.predict(x), y, atol=1e-9)


def test_a_campaign_that_is_small_or_unknown_is_predicted_from_all_rows():
    x = np.column_stack([np.arange(60.0), np.repeat([0, 1], [50, 10])])
    y = 2 * x[:, 0] + 1
    model = PerCampaign(LinearRegression()).fit(x, y)
    assert set(model.regressors_) == {0}
    np.testing.assert_allclose(model.predict(np.array([[5.0, 1], [5.0, 7]])), 11)


def test_a_forest_of_runs_learns_a_step():
    x = np.arange(200.0)[:, None]
    y = np.where(x[:, 0] < 100, 0.0, 1.0)
    model = BlockBootstrapForest(max_features=None, random_state=0).fit(x, y)
    np.testing.assert_allclose(model.predict([[20.0], [180.0]]), [0, 1], atol=0.05)


def test_runs_are_drawn_whole():

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(100, 1)), rng.normal(size=100)
    single = BlockBootstrapForest(length=1, n_estimators=20, min_samples_leaf=1).fit(x, y)
    whole = BlockBootstrapForest(length=100, n_estimators=20, min_samples_leaf=1).fit(x, y)
    np.testing.assert_allclose(whole.predict(x), y)  # a run of all rows leaves none out
    assert not np.allclose(single.predict(x), y)


def test_quiet_rows_weigh_more():
    rng = np.random.default_rng(0)
    y = np.concatenate([1 + 0.01 * rng.normal(size=80), 5 + rng.normal(size=80)])
    model = QuietRowsFirst(LinearRegression()).fit(np.zeros((160, 1)), y)
    assert model.predict([[0.0]])[0] == pytest.approx(1, abs=0.01)
