"""The study of many runs: it runs, what it times is what it says, and its record repeats."""

import numpy as np
import pytest

from mlearth.data import load_study
from mlearth.simulate.sea_level import simulate_highstand, simulate_runs
from mlearth.studies import many_runs


@pytest.fixture
def runs():
    return simulate_runs(np.random.default_rng(0), 1200)


def test_the_whole_study_runs_on_a_few_runs(monkeypatch):
    for name, value in {
        "EXACT": (40, 80),
        "FITTED": 40,
        "FACTORISED": (50,),
        "SPARSE": (40, 100),
        "INDUCING": (10, 20),
        "N_TEST": 50,
    }.items():
        monkeypatch.setattr(many_runs, name, value)
    result = many_runs.run(0)
    found = [(fit["method"], fit["n"], fit["inducing"]) for fit in result["fits"]]
    sparse = [
        (m, n, k) for n, k in ((40, 10), (40, 20), (100, 10), (100, 20)) for m in ("sgpr", "svgp")
    ]
    assert found == [("exact", 40, 0), ("exact", 80, 0), *sparse]
    assert all(0 <= fit["coverage"] <= 1 and fit["rmse"] < 0.1 for fit in result["fits"])
    assert result["factorising"][0]["n"] == 50
    assert 0 < result["quadratic_rmse"] < 0.1


def test_factorising_twice_as_many_runs_takes_more_than_twice_as_long(runs):
    short, long = (many_runs.time_factorising(runs, n)["seconds"] for n in (600, 1200))
    assert long > 2 * short


def test_the_share_inside_is_that_of_95_percent_intervals():
    values = np.array([0.0, 1.95, 1.97, -1.97])
    assert many_runs.share_inside(values, np.zeros(4), np.ones(4)) == 0.5


def test_a_quadratic_predicts_the_small_model_to_about_a_millimetre(runs):
    inputs = simulate_runs(np.random.default_rng(1), 500).stresses
    error = many_runs.quadratic_rmse(runs, inputs, simulate_highstand(inputs))
    assert 1e-4 < error < 0.5 * np.std(simulate_highstand(inputs))


def test_the_recorded_errors_of_a_sparse_emulator_repeat():
    record = [fit for one in load_study("many_runs")["results"] for fit in one["fits"]]
    rng = np.random.default_rng(0)
    test = simulate_runs(rng, many_runs.N_TEST)
    runs = simulate_runs(rng, max(many_runs.SPARSE))
    truth = simulate_highstand(test.stresses)
    found = many_runs.fit_one("sgpr", runs, 1000, 50, np.random.default_rng(5), test, truth)
    alike = [one for one in record if all(one[k] == found[k] for k in ("method", "n", "inducing"))]
    recorded = [one["rmse"] for one in alike]
    assert 0.7 * min(recorded) < found["rmse"] < 1.3 * max(recorded)
