"""Blocked predictions: nobody sees what he must not, and the shortcuts equal the long way."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, cross_val_predict

from mlearth import metrics
from mlearth.models.blocked import (
    block_labels,
    blocked_interval,
    choose_nested,
    held_out,
    inner_score,
    predict_pairs,
)


@pytest.fixture
def series():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 2))
    return x, x @ [1.0, -2.0] + rng.normal(size=50), block_labels(50, 5)


class Witness(RegressorMixin, BaseEstimator):
    """Predicts 1 if it was trained on the row whose number is asked for, else 0."""

    def fit(self, x, y):
        self.seen_ = set(x[:, 0])
        return self

    def predict(self, x):
        return np.array([float(row in self.seen_) for row in x[:, 0]])


def test_blocks_are_those_of_an_unshuffled_kfold():
    for fold, (_, rows) in enumerate(KFold(10).split(np.zeros(805))):
        assert set(block_labels(805, 10)[rows]) == {fold}


def test_a_shift_moves_the_inner_boundaries():
    assert np.flatnonzero(np.diff(block_labels(30, 3, shift=4))).tolist() == [13, 23]


@pytest.mark.parametrize(("n_blocks", "shift"), [(1, 0), (6, 0), (5, 2)])
def test_blocks_of_fewer_than_two_rows_are_refused(n_blocks, shift):
    with pytest.raises(ValueError, match=r"two rows|2 to"):
        block_labels(10, n_blocks, shift)


def test_no_row_is_predicted_by_a_model_that_saw_its_block_or_the_outer_one():
    rows = np.arange(20.0)[:, None]
    assert not predict_pairs(Witness(), rows, rows[:, 0], block_labels(20, 4)).any()


def test_the_outer_block_has_no_influence_on_its_inner_predictions(series):
    x, y, blocks = series
    changed = np.where(blocks == 2, 100 * y, y)
    before = predict_pairs(LinearRegression(), x, y, blocks)[2, blocks != 2]
    after = predict_pairs(LinearRegression(), x, changed, blocks)[2, blocks != 2]
    np.testing.assert_array_equal(before, after)


def test_the_diagonal_is_ordinary_cross_validation(series):
    x, y, blocks = series
    expected = cross_val_predict(LinearRegression(), x, y, cv=KFold(5))
    pairs = predict_pairs(LinearRegression(), x, y, blocks)
    np.testing.assert_allclose(held_out(pairs, blocks), expected)


def test_the_inner_score_is_the_mean_over_the_other_blocks(series):
    x, y, blocks = series
    pairs = predict_pairs(LinearRegression(), x, y, blocks)
    others = [r2_score(y[blocks == j], pairs[3, blocks == j]) for j in (0, 1, 2, 4)]
    assert inner_score(pairs, y, blocks, 3) == pytest.approx(np.mean(others))


def test_a_candidate_that_is_good_only_where_it_is_reported_is_not_chosen(series):
    _, y, blocks = series
    own = blocks[None, :] == np.arange(5)[:, None]
    flatterer = np.where(own, y, 9.0)  # perfect on the outer block, useless on the inner ones
    honest = np.where(own, 0.0, y)
    prediction, chosen = choose_nested({"flatterer": flatterer, "honest": honest}, y, blocks)
    assert chosen == ["honest"] * 5
    np.testing.assert_array_equal(prediction, 0)


def test_blocked_intervals_hold_what_they_promise_on_independent_blocks():
    rng = np.random.default_rng(1)
    blocks = block_labels(2000, 10)
    y = rng.normal(size=2000)
    lower, upper = blocked_interval(np.zeros((10, 2000)), y, blocks, 0.9)
    assert metrics.coverage(y, lower, upper) == pytest.approx(0.9, abs=0.02)


def test_the_rows_of_a_block_have_no_say_in_their_own_interval():
    y = np.array([0.0, 0.0, 1.0, 1.0, 50.0, 50.0])
    lower, upper = blocked_interval(np.zeros((3, 6)), y, block_labels(6, 3), 0.8)
    np.testing.assert_array_equal((upper - lower)[4:], 2.0)
