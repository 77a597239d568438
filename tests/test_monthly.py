"""Anomalies know only their base years, and rows hold what they say in the right order."""

import numpy as np
import pytest

from mlearth import monthly


def test_a_season_that_repeats_leaves_no_anomaly():
    season = np.tile(np.arange(12.0), 5)
    assert monthly.anomalies(season, np.arange(60) < 24) == pytest.approx(np.zeros(60))


def test_values_outside_the_base_years_do_not_move_the_climatology():
    values, base = np.random.default_rng(0).normal(size=60), np.arange(60) < 36
    changed = values + np.where(base, 0, 100)
    before, after = monthly.anomalies(values, base), monthly.anomalies(changed, base)
    assert after - before == pytest.approx(np.where(base, 0, 100))
    assert before[base].reshape(3, 12).mean(axis=0) == pytest.approx(np.zeros(12))


@pytest.mark.parametrize(
    ("n", "base"), [(60, np.arange(60) < 11), (60, np.arange(59) < 24), (11, np.arange(11) < 11)]
)
def test_a_base_without_all_months_is_refused(n, base):
    with pytest.raises(ValueError, match=r"each month of the year|one flag a month"):
        monthly.anomalies(np.zeros(n), base)


def test_a_row_holds_the_newest_value_first_and_the_target_at_its_lead():
    x, y, today = monthly.lag_table(np.arange(10), lags=3, lead=2)
    assert x[0].tolist() == [2, 1, 0]
    assert x[-1].tolist() == [7, 6, 5]
    assert y.tolist() == (today + 2).tolist() == list(range(4, 10))
    assert (x[:, 0] == today).all()


@pytest.mark.parametrize(("lags", "lead"), [(0, 1), (1, 0), (6, 5)])
def test_rows_that_cannot_be_are_refused(lags, lead):
    with pytest.raises(ValueError, match="no row"):
        monthly.lag_table(np.arange(10), lags, lead)
