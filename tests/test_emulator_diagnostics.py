"""Errors drawn from the stated covariance pass; wrong spreads and wrong correlations do not."""

import numpy as np
import pytest
from scipy import stats

from mlearth.emulator_diagnostics import judge_jointly


@pytest.fixture
def covariance():
    x = np.linspace(0, 1, 30)
    return np.exp(-((x[:, None] - x) ** 2) / 0.02) * (1 + x[:, None]) * (1 + x) + 0.01 * np.eye(30)


def drawn(covariance, n, seed=0):
    return np.random.default_rng(seed).multivariate_normal(np.zeros(30), covariance, size=n)


def test_the_distance_of_right_errors_is_chi_squared(covariance):
    judged = [judge_jointly(errors, covariance) for errors in drawn(covariance, 400)]
    assert stats.kstest([j.distance for j in judged], stats.chi2(30).cdf).pvalue > 0.01
    assert stats.kstest([j.probability for j in judged], "uniform").pvalue > 0.01


def test_pivoted_errors_of_right_errors_are_independent_and_standard(covariance):
    pivoted = np.array(
        [judge_jointly(errors, covariance).pivoted for errors in drawn(covariance, 4000)]
    )
    np.testing.assert_allclose(np.cov(pivoted.T), np.eye(30), atol=0.12)


def test_the_distance_is_that_of_mahalanobis(covariance):
    (errors,) = drawn(covariance, 1)
    expected = errors @ np.linalg.inv(covariance) @ errors
    assert judge_jointly(errors, covariance).distance == pytest.approx(expected, rel=1e-6)


def test_the_least_certain_run_comes_first(covariance):
    (errors,) = drawn(covariance, 1)
    judged = judge_jointly(errors, covariance)
    first = np.argmax(np.diag(covariance))
    assert judged.order[0] == first
    assert judged.pivoted[0] == pytest.approx(judged.standardised[first])
    assert sorted(judged.order) == list(range(30))


def test_standardised_errors_are_errors_over_their_own_deviation(covariance):
    judged = judge_jointly(np.full(30, 2.0), covariance)
    np.testing.assert_allclose(judged.standardised, 2 / np.sqrt(np.diag(covariance)))


def test_errors_twice_as_large_as_stated_are_found(covariance):
    judged = [judge_jointly(2 * errors, covariance) for errors in drawn(covariance, 50)]
    assert max(j.probability for j in judged) < 0.01


def test_too_rough_errors_show_among_the_last_pivots(covariance):
    rough = np.diag(np.diag(covariance))  # the right spread of each, but no likeness
    pivoted = np.array([judge_jointly(e, covariance).pivoted for e in drawn(rough, 200)])
    spread = np.sqrt(np.mean(pivoted**2, axis=0))
    assert spread[0] == pytest.approx(1, abs=0.2)
    assert spread[-10:].mean() > 3


@pytest.mark.parametrize(
    ("errors", "matrix", "message"),
    [
        (np.zeros(2), np.eye(3), "errors"),
        (np.zeros((2, 1)), np.eye(2), "errors"),
        (np.zeros(2), np.array([[1.0, 0.5], [0.0, 1.0]]), "not symmetric"),
        (np.zeros(2), np.ones((2, 2)), "not positive definite"),
        (np.zeros(2), np.array([[1.0, 2.0], [2.0, 1.0]]), "not positive definite"),
    ],
)
def test_what_is_no_covariance_of_these_errors_is_refused(errors, matrix, message):
    with pytest.raises(ValueError, match=message):
        judge_jointly(errors, matrix)
