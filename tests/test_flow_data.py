"""A wake is simulated once for each set of parameters and stored whole or not at all."""

import sys
import threading
import time

import numpy as np
import pytest

from mlearth.data import DataError, flow
from mlearth.data.flow import load_wake
from mlearth.simulate import cylinder_wake
from mlearth.simulate.cylinder_wake import Wake


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """An empty cache and a simulator that only counts; each entry is what it was asked for."""
    asked = []

    def simulate(**settings):
        asked.append(settings)
        time.sleep(0.05)
        field = np.full((3, 12, 4), 1 + 2j)
        return Wake(settings["reynolds"], settings["peclet"], 6.0, 1.3, 0.3, 0.2, *[field] * 4)

    monkeypatch.setenv("MLEARTH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cylinder_wake, "simulate_wake", simulate)
    return asked


def stored(tmp_path):
    return [p for p in (tmp_path / "cache/wakes").iterdir() if p.suffix != ".lock"]


def test_the_second_load_simulates_nothing_and_is_the_same(runs):
    first, second = load_wake(), load_wake(100, 100)
    assert len(runs) == 1
    assert (first.period, first.reynolds) == (second.period, second.reynolds) == (6.0, 100.0)
    assert np.array_equal(first.dye, second.dye)


def test_other_parameters_are_another_run(runs):
    load_wake(), load_wake(peclet=50.0), load_wake(rows=100)
    assert [(s["peclet"], s.get("rows")) for s in runs] == [(100, None), (50, None), (100, 100)]


def test_a_changed_simulator_runs_again(runs, monkeypatch):
    load_wake()
    monkeypatch.setattr(flow, "_without_words", lambda source: source + "x = 1")
    load_wake()
    assert len(runs) == 2


def test_only_what_a_source_does_names_its_runs():
    plain = flow._without_words('"""Why."""\nx = 1')
    assert flow._without_words('"""What."""\nx = 1  # how') == plain
    assert flow._without_words('"""Why."""\nx = 2') != plain


def test_every_part_of_the_simulator_counts():
    reached, open_ends = set(), [cylinder_wake.__name__]
    while open_ends:
        name = open_ends.pop()
        reached.add(name.rsplit(".", 1)[1])
        modules = {getattr(v, "__module__", None) for v in vars(sys.modules[name]).values()}
        ours = {m for m in modules if isinstance(m, str) and m.startswith("mlearth.simulate.")}
        open_ends += [m for m in ours if m.rsplit(".", 1)[1] not in reached]
    assert reached == set(flow.PARTS)


def test_an_interrupted_run_leaves_nothing(runs, tmp_path, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", interrupt)
    with pytest.raises(KeyboardInterrupt):
        load_wake()
    assert stored(tmp_path) == []
    monkeypatch.undo()


def test_two_that_ask_at_once_simulate_once(runs):
    threads = [threading.Thread(target=load_wake) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(runs) == 1


def test_a_damaged_file_is_an_error_that_names_it(runs, tmp_path):
    load_wake()
    (path,) = stored(tmp_path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DataError, match=f"{path.name} is damaged.*Delete it"):
        load_wake()


def test_a_cache_that_cannot_be_written_is_told_before_the_simulation(runs, tmp_path):
    (tmp_path / "cache").write_text("a file, not a folder")
    with pytest.raises(DataError, match="set MLEARTH_CACHE"):
        load_wake()
    assert runs == []
