"""Kernel ridge: the closed form equals the fits that it saves."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.kernel_ridge import KernelRidge

from mlearth.models.blocked import block_labels, predict_pairs
from mlearth.models.smooth import INTERCEPT, gaussian_kernel, predict_pairs_smoothly


class Refitted(RegressorMixin, BaseEstimator):
    """Kernel ridge with the same kernel; x holds the row numbers."""

    def __init__(self, kernel):
        self.kernel = kernel

    def fit(self, x, y):
        self.rows_ = x[:, 0].astype(int)
        matrix = self.kernel[np.ix_(self.rows_, self.rows_)]
        self.ridge_ = KernelRidge(alpha=0.5, kernel="precomputed").fit(matrix, y)
        return self

    def predict(self, x):
        return self.ridge_.predict(self.kernel[np.ix_(x[:, 0].astype(int), self.rows_)])


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 3)) * [1.0, 10.0, 0.1]
    return x, 20 + np.sin(2 * x[:, 0]) + 0.1 * rng.normal(size=60), block_labels(60, 4)


def test_the_closed_form_equals_a_refit_without_each_pair_of_blocks(table):
    x, y, blocks = table
    kernel = gaussian_kernel(x, 2.0) + INTERCEPT
    expected = predict_pairs(Refitted(kernel), np.arange(60.0)[:, None], y, blocks)
    found = predict_pairs_smoothly(x, y, blocks, length=2.0, noise=0.5)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_the_unit_of_a_feature_does_not_matter(table):
    x, y, blocks = table
    one = predict_pairs_smoothly(x, y, blocks, 2.0, 0.5)
    other = predict_pairs_smoothly(x * [1000, 1, 0.001] + 7, y, blocks, 2.0, 0.5)
    np.testing.assert_allclose(one, other, rtol=1e-6)


def test_a_level_added_to_the_target_is_added_to_the_predictions(table):
    x, y, blocks = table
    low = predict_pairs_smoothly(x, y, blocks, 2.0, 0.5)
    high = predict_pairs_smoothly(x, y + 5, blocks, 2.0, 0.5)
    np.testing.assert_allclose(high - low, 5, atol=0.01)


def test_the_kernel_is_one_on_the_diagonal_and_falls_with_distance(table):
    kernel = gaussian_kernel(np.arange(10.0)[:, None], 1.0)
    np.testing.assert_allclose(np.diag(kernel), 1)
    assert np.all(np.diff(kernel[0]) < 0)
