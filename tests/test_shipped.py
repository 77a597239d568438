"""The files that come with the book: intact, and what they say they are."""

import numpy as np
import pytest

from mlearth import data
from mlearth.data import shipped


def test_el_nino_has_every_month_and_the_two_great_events():
    series = data.load_el_nino()
    assert series.time[[0, -1]].astype(str).tolist() == ["1950-01", "2010-12"]
    assert (np.diff(series.time) == np.timedelta64(1, "M")).all()
    assert np.isfinite(series.values).all()
    anomaly = series.values.reshape(-1, 12) - series.values.reshape(-1, 12).mean(axis=0)
    years = 1950 + np.argsort(anomaly.max(axis=1))[-4:]
    assert {1983, 1997} <= set(years.tolist())


def test_carbon_dioxide_rises_by_its_known_amount_and_keeps_its_gaps():
    series = data.load_carbon_dioxide()
    assert (np.diff(series.time) == np.timedelta64(7, "D")).all()
    assert np.isnan(series.values).sum() == 59
    yearly = [
        np.nanmean(series.values[series.time.astype("M8[Y]") == np.datetime64(str(year))])
        for year in (1959, 2001)
    ]
    assert yearly == pytest.approx([315.98, 371.02], abs=0.5)


def test_the_maps_are_warm_in_the_west_and_have_land_in_africa():
    fields = data.load_tropical_sst()
    assert fields.values.shape == (54, 18, 432)
    assert fields.time[[0, -1]].astype(str).tolist() == ["2006-04", "2010-09"]
    sea = ~np.isnan(fields.values).all(axis=(0, 1))
    mean = np.full(432, np.nan)
    mean[sea] = np.nanmean(fields.values[:, :, sea], axis=(0, 1))
    west, east = (np.nanmean(mean[np.abs(fields.longitude - at) < 5]) for at in (160, 265))
    assert west > 28.5 > 26 > east
    assert np.isnan(fields.values[:, :, np.abs(fields.longitude - 20) < 3]).all()
    assert 15 < np.nanmin(fields.values) < np.nanmax(fields.values) < 33


def test_both_records_of_the_pacific_agree_where_they_overlap():
    series, fields = data.load_el_nino(), data.load_tropical_sst()
    box = (fields.longitude > 270) & (fields.longitude < 280)
    south = fields.latitude < 0
    east = np.nanmean(fields.values[:, south][:, :, box], axis=(1, 2))
    common = np.isin(series.time, fields.time)
    assert np.corrcoef(series.values[common], east)[0, 1] > 0.95


@pytest.mark.parametrize("name", shipped.SHA256)
def test_a_file_that_was_changed_is_refused(name, tmp_path, monkeypatch):
    whole = shipped._path(name).read_bytes()
    place = tmp_path / "mlearth" / "shipped" / name
    place.parent.mkdir(parents=True)
    place.write_bytes(whole[:-1] + b"0")
    monkeypatch.setattr(shipped, "__file__", str(tmp_path / "mlearth" / "data" / "shipped.py"))
    with pytest.raises(data.DataError, match="not the file that the book shipped"):
        shipped._path(name)
    place.unlink()
    with pytest.raises(data.DataError, match="missing"):
        shipped._path(name)
