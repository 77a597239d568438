"""Bias, variance and the correlation of trees are recovered where they were planted."""

import numpy as np
import pytest

from mlearth.decomposition import bias_and_variance, tree_correlation, variance_of_means


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def planted(rng, n_sets, n_trees, n, sigma2, rho):
    """Predictions of trees with variance sigma2 and correlation rho within each training set."""
    shared = np.sqrt(rho * sigma2) * rng.standard_normal((n_sets, 1, n))
    own = np.sqrt((1 - rho) * sigma2) * rng.standard_normal((n_sets, n_trees, n))
    return shared + own


def test_planted_bias_and_variance_are_recovered(rng):
    truth = rng.normal(size=4000)
    predictions = truth + 0.5 + 1.5 * rng.standard_normal((12, 4000))
    squared_bias, variance = bias_and_variance(predictions, truth)
    assert squared_bias == pytest.approx(0.25, abs=0.04)
    assert variance == pytest.approx(2.25, rel=0.03)


def test_an_unbiased_method_gets_no_bias_from_having_few_training_sets(rng):
    truth = rng.normal(size=20_000)
    squared_bias, _ = bias_and_variance(truth + rng.standard_normal((2, 20_000)), truth)
    assert squared_bias == pytest.approx(0, abs=0.03)


def test_squared_bias_and_variance_add_up_to_the_squared_error_of_a_new_training_set(rng):
    truth = rng.normal(size=20_000)
    predictions = truth - 0.3 + rng.standard_normal((30, 20_000))
    parts = sum(bias_and_variance(predictions[:-1], truth))
    assert parts == pytest.approx(np.mean((predictions[-1] - truth) ** 2), rel=0.03)


def test_planted_correlation_and_variance_of_trees_are_recovered(rng):
    correlation, variance = tree_correlation(planted(rng, 20, 8, 3000, sigma2=2.0, rho=0.3))
    assert correlation == pytest.approx(0.3, abs=0.02)
    assert variance == pytest.approx(2.0, rel=0.03)


def test_correlation_and_variance_predict_the_variance_of_the_mean_of_trees(rng):
    predictions = planted(rng, 20, 30, 3000, sigma2=1.0, rho=0.1)
    rho, sigma2 = tree_correlation(predictions[:, :10])
    counts = np.array([1, 4, 20])
    measured = variance_of_means(predictions[:, 10:], counts)
    np.testing.assert_allclose(measured, rho * sigma2 + (1 - rho) * sigma2 / counts, rtol=0.05)


def test_trees_that_are_copies_of_each_other_have_correlation_one(rng):
    copies = np.repeat(rng.normal(size=(5, 1, 50)), 4, axis=1)
    assert tree_correlation(copies)[0] == pytest.approx(1)


@pytest.mark.parametrize(
    ("predictions", "truth"),
    [(np.zeros((1, 3)), np.zeros(3)), (np.zeros((4, 3)), np.zeros(4)), (np.zeros(3), np.zeros(3))],
)
def test_shapes_that_do_not_fit_are_errors(predictions, truth):
    with pytest.raises(ValueError, match="predictions must have shape"):
        bias_and_variance(predictions, truth)


def test_a_missing_value_is_an_error():
    with pytest.raises(ValueError, match="finite"):
        bias_and_variance([[1.0, np.nan], [1.0, 2.0]], [1.0, 2.0])


def test_a_single_tree_or_constant_predictions_have_no_correlation():
    with pytest.raises(ValueError, match="trees >= 2"):
        tree_correlation(np.zeros((4, 1, 3)))
    with pytest.raises(ValueError, match="do not vary"):
        tree_correlation(np.zeros((4, 2, 3)))


def test_more_trees_than_there_are_cannot_be_averaged():
    with pytest.raises(ValueError, match="between 1 and 3"):
        variance_of_means(np.zeros((4, 3, 5)), [2, 4])
