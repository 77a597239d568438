"""Forecast scores against their definitions and closed forms."""

import numpy as np
import pytest
from scipy.integrate import trapezoid
from scipy.stats import norm

from mlearth import verification as v


def crps_by_definition(y, members):
    """Integrate (F - step)^2 over a fine grid."""
    grid = np.linspace(-12, 12, 240_001)
    distribution = np.mean(np.asarray(members)[:, None] <= grid, axis=0)
    return trapezoid((distribution - (grid >= y)) ** 2, grid)


@pytest.mark.parametrize(("y", "mean", "deviation"), [(0.3, 0.0, 1.0), (-2.0, 1.0, 0.5)])
def test_the_crps_of_a_normal_forecast_is_the_integral_that_defines_it(y, mean, deviation):
    grid = np.linspace(-12, 12, 240_001)
    gap = (norm.cdf(grid, mean, deviation) - (grid >= y)) ** 2
    expected = trapezoid(gap, grid)
    assert v.crps_normal([y], [mean], [deviation]) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("y", [-3.0, 0.4, 2.0])
def test_the_crps_of_an_ensemble_is_the_integral_that_defines_it(y):
    members = [0.0, 1.5, -0.7, 2.2]
    expected = crps_by_definition(y, members)
    assert v.crps_ensemble([y], [members]) == pytest.approx(expected, abs=2e-4)


def test_a_large_normal_ensemble_scores_as_the_normal_forecast():
    members = np.random.default_rng(0).normal(1.0, 2.0, size=(1, 40_000))
    assert v.crps_ensemble([0.0], members) == pytest.approx(
        v.crps_normal([0.0], [1.0], [2.0]), rel=0.02
    )


def test_the_crps_of_one_member_is_the_absolute_error():
    assert v.crps_ensemble([1.0, 5.0], [[3.0], [4.0]]) == pytest.approx(1.5)


def test_the_true_spread_beats_a_wider_and_a_narrower_one():
    y = np.random.default_rng(1).normal(size=4000)
    scores = [v.crps_normal(y, np.zeros(4000), np.full(4000, d)) for d in (0.5, 1.0, 2.0)]
    assert scores[1] == min(scores)


def test_skill_is_one_for_perfect_zero_for_the_reference_and_negative_below():
    assert v.skill_score(0.0, 4.0) == 1
    assert v.skill_score(4.0, 4.0) == 0
    assert v.skill_score(8.0, 4.0) == -1
    assert v.skill_score(0.9, 0.8, perfect=1.0) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="reference is perfect"):
        v.skill_score(1.0, 0.0)


def test_the_brier_score_of_a_coin_that_is_called_a_coin_is_a_quarter():
    assert v.brier_score([0, 1, 1], [0.5, 0.5, 0.5]) == 0.25
    assert v.brier_score([0, 1], [0.0, 1.0]) == 0


def test_honest_probabilities_lie_within_chance_and_overconfident_ones_do_not():
    rng = np.random.default_rng(2)
    truth = rng.uniform(size=5000)
    outcomes = rng.random(5000) < truth
    honest = v.reliability(outcomes, truth, rng)
    bold = v.reliability(outcomes, np.clip(2 * truth - 0.5, 0, 1), rng)
    inside, outside = (
        np.mean((r.lower <= r.happened) & (r.happened <= r.upper)) for r in (honest, bold)
    )
    assert outside <= 0.5 < 0.7 <= inside
    assert honest.calibration_error < 0.03 < bold.calibration_error


def test_chance_alone_gives_honest_probabilities_a_calibration_error():
    rng, stated = np.random.default_rng(3), np.full(100, 0.3)
    found = v.reliability(rng.random(100) < stated, stated, rng, draws=4000)
    spread = np.sqrt(0.3 * 0.7 / 100)  # of the share in the one bin
    assert found.chance_error == pytest.approx(spread * np.sqrt(2 / np.pi), rel=0.05)


def test_bins_without_a_forecast_are_left_out_and_certainty_has_a_place():
    found = v.reliability([0, 1, 1], [0.05, 1.0, 1.0], np.random.default_rng(0))
    assert found.stated.tolist() == [0.05, 1.0]
    assert found.counts.tolist() == [1, 2]
    assert found.happened.tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    "call",
    [
        lambda: v.brier_score([0, 2], [0.5, 0.5]),
        lambda: v.brier_score([0, 1], [0.5, 1.5]),
        lambda: v.brier_score([0, 1], [0.5]),
        lambda: v.crps_normal([0.0], [0.0], [0.0]),
        lambda: v.crps_ensemble([0.0, 1.0], [[0.0, 1.0]]),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(ValueError, match="must"):
        call()
