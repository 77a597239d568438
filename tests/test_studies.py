"""Studies: records, when they no longer fit, and that they repeat."""

import json

import pytest

from bookbuild import execute, pages, paths, studies

RUNTIME = (paths.CODE / "mlearth" / "runtime.py").read_text(encoding="utf-8")
PAGE = """
from mlearth import runtime
rng = runtime.seed_everything(0)
runtime.glue("heat.mean", rng.normal())
"""

CLAIM = '["heat.mean"]\npage = "heat"\nshows = "s"\nmin = -9\n'


@pytest.fixture
def little_study(little_book, monkeypatch):
    little_book.write("code/mlearth/runtime.py", RUNTIME)
    little_book.add_page("heat", PAGE)
    little_book.write("tests/claims/one.toml", CLAIM)
    monkeypatch.setattr(studies, "SEEDS", 3)
    monkeypatch.setattr(studies, "MODULES", little_book.root / "code/mlearth/studies")
    return little_book


def record(name="pages/heat"):
    return json.loads((paths.STUDIES / f"{name}.json").read_text())


def test_a_page_is_run_with_every_seed_and_its_results_are_kept(little_study):
    assert studies.run() == ["pages/heat"]
    results = record()["results"]
    assert [result["seed"] for result in results] == [0, 1, 2]
    assert len({result["values"]["heat.mean"] for result in results}) == 3
    assert {result["kind"] for result in results} == {"none"}
    low, high = studies.spread("pages/heat", "heat.mean", "none")
    assert low < high


def test_a_record_that_fits_is_not_made_again(little_study):
    studies.run()
    assert studies.run() == []
    assert studies.states() == {"pages/heat": ""}


def test_a_record_whose_code_changed_no_longer_fits(little_study):
    assert studies.states() == {"pages/heat": "there is no record"}
    studies.run()
    little_study.add_page("heat", PAGE.replace("normal()", "normal(2)"))
    assert "have changed" in studies.states()["pages/heat"]


def test_a_claim_must_hold_for_every_recorded_seed(little_study):
    studies.run()
    values = [result["values"]["heat.mean"] for result in record()["results"]]
    text = '["heat.mean"]\npage = "heat"\nshows = "s"\nmax = {}\n'
    little_study.write("tests/claims/one.toml", text.format(max(values)))
    assert studies.broken_claims() == []
    little_study.write("tests/claims/one.toml", text.format(sorted(values)[-2]))
    (problem,) = studies.broken_claims()
    assert f"seed {values.index(max(values))}" in problem


def test_a_page_with_data_is_also_run_on_the_stand_in(little_study, monkeypatch):
    from mlearth import data, runtime

    def prepare(names):
        return dict.fromkeys(names, "simulated" if runtime.offline() else "observed")

    monkeypatch.setattr(data, "prepare", prepare)
    little_study.add_page("heat", PAGE + "\nif False:\n    data.load_leaves()")
    studies.run()
    kinds = [(result["kind"], result["seed"]) for result in record()["results"]]
    assert kinds == [(kind, seed) for kind in ("observed", "simulated") for seed in range(3)]


def test_a_module_study_is_run_with_every_seed_and_finished_seeds_are_kept(
    little_study, monkeypatch
):
    monkeypatch.setattr(studies, "PACKAGE", "studies")
    monkeypatch.syspath_prepend(str(little_study.root / "code/mlearth"))
    (little_study.root / "code/mlearth/studies").mkdir()
    little_study.write("code/mlearth/studies/__init__.py", "")
    good = "def run(seed):\n    return {'x': 2 * seed}\n"
    little_study.write("code/mlearth/studies/sweep.py", good)
    assert studies.run(["sweep"]) == ["sweep"]
    assert [result["x"] for result in record("sweep")["results"]] == [0, 2, 4]
    little_study.write("code/mlearth/studies/sweep.py", good.replace("2", "3"))
    assert "have changed" in studies.states()["sweep"]
    (paths.STUDIES / "sweep.json").unlink()
    little_study.write("code/mlearth/studies/sweep.py", good)
    for file in (little_study.root / "cache/studies").rglob("[01].json"):
        file.write_text(file.read_text().replace('"x"', '"kept"'))
    studies.run(["sweep"])
    assert [list(result) for result in record("sweep")["results"]] == [
        ["seed", "kept"],
        ["seed", "kept"],
        ["seed", "x"],
    ]


def test_a_study_of_observed_data_refuses_stand_ins(little_study, monkeypatch):
    from bookbuild import build
    from mlearth import data

    (little_study.root / "code/mlearth/studies").mkdir()
    code = "from mlearth.data import load_leaves\ndef run(seed):\n    return {}\n"
    little_study.write("code/mlearth/studies/sweep.py", code)
    monkeypatch.setattr(data, "prepare", lambda names: dict.fromkeys(names, "simulated"))
    with pytest.raises(build.BuildError, match="leaf_temperature"):
        studies.run(["sweep"])
    little_study.add_page("heat", PAGE + "\nif False:\n    data.load_leaves()")
    with pytest.raises(build.BuildError, match="leaf_temperature"):
        studies.run(["pages/heat"])
    assert list(paths.STUDIES.rglob("*.json")) == []


def test_a_failing_page_leaves_no_record(little_study):
    from bookbuild import build

    little_study.add_page("heat", "1 / 0")
    with pytest.raises(build.BuildError, match="ZeroDivisionError"):
        studies.run()
    assert list(paths.STUDIES.rglob("*.json")) == []


def test_a_value_outside_the_recorded_spread_is_told_but_not_a_measured_time(little_study):
    studies.run()
    (result,) = execute.run(pages.find_pages())
    assert studies.outside_spread([result]) == []
    little_study.add_page("heat", PAGE.replace("rng.normal()", "99.0"))
    (result,) = execute.run(pages.find_pages())
    assert studies.outside_spread([result])[0].startswith("heat.mean = 99.0, outside [")
    little_study.write("tests/claims/one.toml", CLAIM + "repeats = false\n")
    assert studies.outside_spread([result]) == []


# The book's own records


def test_the_books_records_fit_and_keep_the_claims():
    assert {name: why for name, why in studies.states().items() if why} == {}
    assert studies.broken_claims() == []


@pytest.fixture(scope="module")
def executed_pages():
    with execute.build_lock():
        return execute.run(pages.find_pages())


def test_one_seed_of_each_page_repeats_within_its_recorded_spread(executed_pages):
    assert studies.outside_spread(executed_pages) == []
