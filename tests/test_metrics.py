import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_pinball_loss, r2_score
from sklearn.model_selection import KFold, cross_val_predict, cross_val_score

from mlearth.metrics import (
    autocorrelation,
    coverage,
    effective_sample_size,
    fold_scores,
    interval_score,
    interval_width,
)


def autoregressive(rng, n, phi):
    series = np.empty(n)
    series[0] = rng.normal() / np.sqrt(1 - phi**2)
    for i in range(1, n):
        series[i] = phi * series[i - 1] + rng.normal()
    return series


def test_coverage_counts_what_lies_inside_and_on_the_ends():
    assert coverage([0, 1, 2, 3], [0, 2, 0, 0], [1, 3, 2, 2.9]) == 0.5
    assert coverage([5.0, -5.0], [-np.inf, -np.inf], [np.inf, np.inf]) == 1.0


def test_width_is_the_mean_distance_between_the_ends():
    assert interval_width([0.0, 1.0], [2.0, 5.0]) == 3.0
    assert interval_width([0.0, -np.inf], [2.0, np.inf]) == np.inf


def test_interval_score_is_the_sum_of_two_pinball_losses():
    rng = np.random.default_rng(0)
    y, lower, level = rng.normal(size=200), rng.normal(-1, 0.3, size=200), 0.8
    upper = lower + rng.uniform(1, 3, size=200)
    pinball = mean_pinball_loss(y, lower, alpha=0.1) + mean_pinball_loss(y, upper, alpha=0.9)
    assert interval_score(y, lower, upper, level) == pytest.approx(pinball * 2 / (1 - level))


def test_nothing_beats_the_true_quantiles_on_the_interval_score():
    y = np.random.default_rng(1).normal(size=20000)
    truth = stats.norm.ppf(0.95)
    scores = [
        interval_score(y, np.full(y.size, -half), np.full(y.size, half), 0.9)
        for half in (0.7 * truth, truth, 1.4 * truth)
    ]
    assert np.argmin(scores) == 1


def test_autocorrelation_follows_its_definition():
    series = np.array([1.0, 2.0, 4.0, 3.0, 0.0])
    d = series - 2.0
    assert autocorrelation(series, 0) == pytest.approx(1.0)
    assert autocorrelation(series, 1) == pytest.approx(np.sum(d[1:] * d[:-1]) / np.sum(d**2))
    assert autocorrelation(series, 4) == pytest.approx(d[4] * d[0] / np.sum(d**2))


@pytest.mark.parametrize("phi", [-0.4, 0.0, 0.6, 0.8])
def test_effective_sample_size_of_an_autoregressive_series_is_known(phi):
    rng = np.random.default_rng(2)
    sizes = [effective_sample_size(autoregressive(rng, 8000, phi)) for _ in range(10)]
    assert np.mean(sizes) == pytest.approx(8000 * (1 - phi) / (1 + phi), rel=0.15)


def test_a_trend_holds_few_independent_values_and_alternation_many():
    assert effective_sample_size(np.arange(400.0)) < 10
    assert effective_sample_size(np.tile([1.0, -1.0], 50)) > 100
    assert effective_sample_size([0.0, 1.0]) <= 4


def draw_folds(seed=0):
    rng = np.random.default_rng(seed)
    folds = np.repeat(np.arange(5), [40, 20, 60, 30, 50])
    x = rng.normal(size=(200, 2))
    return x, x[:, 0] + folds + rng.normal(size=200), folds


def test_fold_scores_are_scikit_learns():
    x, y, _ = draw_folds()
    splitter = KFold(5)
    folds = np.concatenate([[k] * len(test) for k, (_, test) in enumerate(splitter.split(x))])
    prediction = cross_val_predict(LinearRegression(), x, y, cv=splitter)
    scores = fold_scores(y, prediction, folds)
    theirs = cross_val_score(LinearRegression(), x, y, cv=splitter)
    assert scores.r2 == pytest.approx(theirs)
    assert scores.mean == pytest.approx(theirs.mean())
    assert scores.spread == pytest.approx(theirs.std(ddof=1))
    assert scores.pooled == pytest.approx(r2_score(y, prediction))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_the_gap_between_pooled_and_fold_scores_adds_up(seed):
    x, y, folds = draw_folds(seed)
    scores = fold_scores(y, x[:, 0] + folds.mean(), folds)
    assert scores.pooled == pytest.approx(1 - (1 - scores.weighted) * (1 - scores.between))
    weights = [np.sum((y[folds == k] - y[folds == k].mean()) ** 2) for k in scores.folds]
    assert scores.weighted == pytest.approx(np.average(scores.r2, weights=weights))


def test_knowing_only_the_fold_means_scores_nothing_within_folds_and_much_pooled():
    _, y, folds = draw_folds()
    means = np.array([y[folds == k].mean() for k in range(5)])[folds]
    scores = fold_scores(y, means, folds)
    assert scores.r2 == pytest.approx(np.zeros(5), abs=1e-12)
    assert scores.pooled == pytest.approx(scores.between)
    assert scores.between > 0.4


def test_fold_labels_need_not_be_numbers():
    _, y, folds = draw_folds()
    constant = DummyRegressor().fit(np.zeros((200, 1)), y).predict(np.zeros((200, 1)))
    scores = fold_scores(y, constant, np.array(list("abcde"))[folds])
    assert list(scores.folds) == list("abcde")
    assert scores.pooled == pytest.approx(0)
    assert scores.mean < 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: coverage([1.0, 2.0], [0.0], [3.0, 3.0]),
        lambda: coverage([1.0], [0.0], [3.0]),
        lambda: coverage([1.0, np.nan], [0.0, 0.0], [3.0, 3.0]),
        lambda: coverage([1.0, 2.0], [0.0, np.nan], [3.0, 3.0]),
        lambda: coverage([1.0, 2.0], [4.0, 0.0], [3.0, 3.0]),
        lambda: interval_width([[0.0, 1.0]], [[1.0, 2.0]]),
        lambda: interval_score([1.0, 2.0], [0.0, 0.0], [3.0, 3.0], 90),
        lambda: autocorrelation([1.0, 2.0, 3.0], 3),
        lambda: autocorrelation([1.0, 2.0, 3.0], -1),
        lambda: autocorrelation([0.1, 0.1, 0.1], 1),
        lambda: effective_sample_size([1.0]),
        lambda: effective_sample_size([1.0, np.inf]),
        lambda: fold_scores([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0], [0, 0, 1, 1]),
        lambda: fold_scores([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0], [0, 0, 1]),
        lambda: fold_scores([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0], [0, 0, 0, 1]),
        lambda: fold_scores([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0], [0, 0, 0, 0]),
        lambda: fold_scores([1.0, 2.0, 4.0, 4.0], [1.0, 2.0, 3.0, 4.0], [0, 0, 1, 1]),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(ValueError, match=r"must|need|exceeds|constant"):
        call()
