"""The sceptic's forecasts find what was planted, and their intervals mean what they say."""

import numpy as np
import pytest

from mlearth.models.gaussian_process import sample_prior
from mlearth.models.kernels import Matern, Periodic
from mlearth.models.seasonal_trend import (
    fit_process,
    forecast_by_growth,
    forecast_polynomial,
    forecast_process,
)

MONTH = np.arange(360)
SEASON = 3 * np.sin(2 * np.pi * MONTH / 12) + np.cos(2 * np.pi * MONTH / 6)


@pytest.mark.parametrize("degree", [1, 2])
def test_a_planted_polynomial_and_season_are_continued(degree):
    series = 300 + 1.5 * MONTH / 12 + 0.02 * (degree - 1) * (MONTH / 12) ** 2 + SEASON
    past = series[:240].copy()
    past[[3, 50, 51]] = np.nan
    mean, deviation = forecast_polynomial(past, 120, degree=degree)
    np.testing.assert_allclose(mean, series[240:], atol=1e-8)
    assert deviation.max() < 1e-8


def test_a_line_through_a_bent_series_falls_behind():
    series = 300 + 0.02 * (MONTH / 12) ** 2 + SEASON
    mean, _ = forecast_polynomial(series[:240], 120)
    assert mean[-1] < series[-1] - 1


def test_the_deviations_of_the_line_hold_what_they_promise():
    rng = np.random.default_rng(0)
    held = []
    for _ in range(300):
        series = 300 + MONTH / 10 + SEASON + rng.normal(0, 0.5, 360)
        mean, deviation = forecast_polynomial(series[:240], 120)
        held.append(np.abs(series[-1] - mean[-1]) < 1.96 * deviation[-1])
    assert 0.91 < np.mean(held) < 0.98


def test_steady_growth_is_continued_without_doubt():
    series = 300 + MONTH / 6 + SEASON
    past = series[:245].copy()
    past[20:40] = np.nan
    mean, deviation = forecast_by_growth(past, 115)
    np.testing.assert_allclose(mean, series[245:], rtol=1e-12)
    assert deviation.max() < 1e-8


def test_the_deviation_of_growth_rises_with_the_root_of_the_years():
    rng = np.random.default_rng(0)
    yearly = np.cumsum(rng.normal(1, 0.5, 400))
    _, deviation = forecast_by_growth(np.repeat(yearly, 12), 48)
    assert deviation[0] == pytest.approx(0.5, rel=0.1)
    assert deviation[-1] == pytest.approx(2 * deviation[0])


def test_a_process_forecasts_what_was_drawn_from_it_as_surely_as_it_says():
    rng, spreads, errors = np.random.default_rng(0), [], []
    kernel = Periodic(4.0, 1.5, 1.0).hold("period") + Matern(1.0, 2.0, 1.5)
    for _ in range(20):
        series = sample_prior(kernel, MONTH / 12, rng)[0] + rng.normal(0, 0.3, 360)
        past = series[:180].copy()
        past[[10, 90]] = np.nan
        mean, deviation = forecast_process(past, 12, kernel=kernel, noise=0.1)
        spreads.append(deviation)
        errors.append(series[180:192] - mean)
    assert 0.85 < np.mean(np.abs(errors) < 1.96 * np.array(spreads)) <= 1
    assert np.std(errors) == pytest.approx(np.sqrt(np.mean(np.square(spreads))), rel=0.25)


def test_the_polynomial_is_the_mean_to_which_a_process_returns():
    rng = np.random.default_rng(0)
    past = 300 + 2 * MONTH / 12 + rng.normal(0, 0.3, 360)
    kernel = Matern(0.1, 0.5, 1.5)
    flat, _ = forecast_process(past, 600, kernel=kernel.hold("length"), noise=0.1)
    line, deviation = forecast_process(past, 600, kernel=kernel.hold("length"), noise=0.1, degree=1)
    assert flat[-1] == pytest.approx(past.mean(), abs=0.1)
    assert line[-1] == pytest.approx(300 + 2 * 80, abs=0.5)
    assert deviation[-1] == pytest.approx(0.3, rel=0.1)  # all is noise, and it is counted once


def test_a_forecast_from_the_fitted_process_is_the_forecast():
    rng = np.random.default_rng(0)
    past = 300 + MONTH[:120] / 6 + sample_prior(Matern(1.0, 2.0, 1.5), MONTH[:120] / 12, rng)[0]
    past += rng.normal(0, 0.3, 120)
    past[7] = np.nan
    found = fit_process(past, kernel=Matern(0.5, 1.0, 1.5), noise=0.1, degree=1)
    again = {"kernel": found.kernel, "noise": found.noise, "degree": 1}
    mean, deviation = forecast_process(past, 24, **again)
    first = forecast_process(past, 24, kernel=Matern(0.5, 1.0, 1.5), noise=0.1, degree=1)
    np.testing.assert_allclose(mean, first[0], atol=0.01)
    np.testing.assert_allclose(deviation, first[1], rtol=0.02)


def test_too_few_months_and_a_gap_at_the_end_are_named():
    with pytest.raises(ValueError, match="at least 36 months"):
        forecast_by_growth(np.arange(30.0), 12)
    with pytest.raises(ValueError, match="at least 9 months"):
        forecast_polynomial(np.full(40, np.nan), 12)
    with pytest.raises(ValueError, match="last twelve"):
        forecast_by_growth(np.append(np.arange(40.0), np.nan), 12)
