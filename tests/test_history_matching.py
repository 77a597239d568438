"""History matching: what is ruled out, and when a posterior keeps its promise."""

import numpy as np
import pytest

from mlearth.models.history_matching import (
    credible_level,
    implausibility,
    log_likelihood,
    posterior_weights,
)


def test_implausibility_counts_standard_deviations_of_both_errors_together():
    found = implausibility(np.array([10.0, 5.0]), np.array([3.0, 0.0]), 0.0, 4.0)
    np.testing.assert_allclose(found, [2.0, 1.25])


def test_a_surer_emulator_never_makes_an_input_less_implausible():
    deviations = np.linspace(0, 2, 9)
    found = implausibility(np.full(9, 3.0), deviations, 1.0, 0.5)
    assert np.all(np.diff(found) < 0)


def test_the_likelihood_is_the_normal_density_of_the_sum_of_both_errors():
    found = np.exp(log_likelihood(np.array([1.0]), np.array([0.6]), 2.0, 0.8))
    np.testing.assert_allclose(found, np.exp(-0.5) / np.sqrt(2 * np.pi))


def test_the_weights_give_the_known_posterior_of_a_straight_line():
    u = (np.arange(20000) + 0.5) / 20000
    weights = posterior_weights(log_likelihood(10 * u, np.zeros_like(u), 4.0, 0.5))
    mean = weights @ u
    assert weights.sum() == pytest.approx(1)
    assert mean == pytest.approx(0.4, abs=1e-4)
    assert np.sqrt(weights @ (u - mean) ** 2) == pytest.approx(0.05, abs=1e-4)


def test_weights_survive_likelihoods_too_small_for_floating_point():
    np.testing.assert_allclose(posterior_weights(np.array([-1e5, -1e5])), 0.5)


def test_a_right_posterior_holds_the_truth_as_often_as_it_says_and_a_cocksure_one_does_not():
    rng = np.random.default_rng(0)
    u = (np.arange(2000) + 0.5) / 2000
    levels = {0.5: [], 0.1: []}
    for truth in rng.random(1000):
        observed = 10 * truth + 0.5 * rng.normal()
        for error in levels:
            at_truth = log_likelihood(10 * truth, 0.0, observed, error)
            likelihoods = log_likelihood(10 * u, np.zeros_like(u), observed, error)
            levels[error].append(credible_level(likelihoods, at_truth))
    assert np.mean(np.array(levels[0.5]) <= 0.9) == pytest.approx(0.9, abs=0.03)
    assert np.mean(np.array(levels[0.1]) <= 0.9) < 0.5


def test_what_cannot_be_judged_is_refused():
    with pytest.raises(ValueError, match="error above 0"):
        implausibility(np.ones(2), np.zeros(2), 1.0, 0.0)
    with pytest.raises(ValueError, match="must be finite"):
        implausibility(np.array([np.nan]), np.ones(1), 1.0, 1.0)
    with pytest.raises(ValueError, match="cannot be explained"):
        posterior_weights(np.full(3, -np.inf))
