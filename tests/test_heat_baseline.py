"""The baseline solves the chapter's problem, and reports the least time that is good enough."""

import numpy as np
import pytest

from mlearth import heat_baseline
from mlearth.field_errors import relative_error
from mlearth.heat_baseline import Run
from mlearth.simulate import heat


@pytest.fixture(scope="module")
def truth():
    x, t = heat.error_grid()
    return heat.exact_temperature(x, t[:, None])


@pytest.mark.parametrize("scheme", heat_baseline.LADDERS)
def test_every_scheme_approaches_the_truth_as_its_grid_is_refined(scheme, truth):
    ladder = heat_baseline.LADDERS[scheme][1:4]
    errors = [relative_error(heat_baseline.solve(scheme, *grid), truth) for grid in ladder]
    assert errors[2] < errors[1] < errors[0] < 0.01


def test_extrapolation_removes_the_leading_error(truth):
    errors = {
        scheme: relative_error(heat_baseline.solve(scheme, 100, 800), truth)
        for scheme in ("damped", "extrapolated")
    }
    assert errors["extrapolated"] < errors["damped"] / 50


def test_the_goal_of_a_millionth_is_reached_in_far_less_than_two_seconds():
    run = heat_baseline.time_run("extrapolated", 100, 800, repeats=1)
    assert run.error < 1e-6
    assert 0 < run.seconds < 2


def test_the_exact_formula_is_timed_over_the_whole_error_grid(monkeypatch):
    asked, clock, truth = [], iter([0.0, 0.4, 1.0, 1.1, 2.0, 2.3]), heat.exact_temperature

    def exact(x, t):
        asked.append(np.broadcast_shapes(x.shape, t.shape))
        return truth(x, t)

    monkeypatch.setattr(heat_baseline.time, "process_time", lambda: next(clock))
    monkeypatch.setattr(heat, "exact_temperature", exact)
    assert heat_baseline.time_exact(repeats=3) == pytest.approx(0.1)
    assert asked == [(101, 101)] * 3


def test_the_first_and_last_column_are_the_ends_on_coarse_grids_too():
    found = heat_baseline.solve("implicit", 20, 100)
    assert found.shape == (101, 101)
    assert found[:, 0] == pytest.approx(0, abs=1e-14)
    assert found[:, -1] == pytest.approx(1, abs=1e-14)
    assert np.array_equal(found[0], heat.initial_temperature(heat.error_grid()[0]))


@pytest.mark.parametrize(("cells", "steps"), [(30, 100), (150, 100), (100, 150)])
def test_a_grid_that_misses_the_error_grid_is_refused(cells, steps):
    with pytest.raises(ValueError, match="error grid"):
        heat_baseline.solve("implicit", cells, steps)


def test_an_unknown_scheme_is_refused_by_naming_the_known():
    with pytest.raises(ValueError, match="LSODA"):
        heat_baseline.solve("magic", 100, 100)


def test_the_fastest_is_the_quickest_of_the_good_ones():
    runs = [
        Run("a", 10, 100, 3.0, 1e-7),
        Run("b", 10, 100, 2.0, 1e-6),
        Run("c", 10, 100, 1.0, 1e-3),
    ]
    assert heat_baseline.fastest(runs, 1e-6).scheme == "b"
    assert heat_baseline.fastest(runs, 1e-9) is None


def test_work_precision_runs_every_ladder_from_coarse_to_fine(monkeypatch):
    monkeypatch.setattr(heat_baseline, "LADDERS", {"implicit": [(20, 100), (100, 100)]})
    runs = heat_baseline.work_precision(repeats=1)
    assert [(run.cells, run.steps) for run in runs["implicit"]] == [(20, 100), (100, 100)]
    assert all(run.seconds > 0 and run.error < 0.02 for run in runs["implicit"])
