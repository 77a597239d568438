"""What is executed again, what is not, and what survives a failure."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from types import SimpleNamespace

import nbformat
import pytest

from bookbuild import claims, execute, executor, pages, paths

REAL_CODE = paths.CODE


@pytest.fixture
def two_pages(little_book):
    """Two pages that import one simulator each; `waves` also reaches `grid` through its own."""
    little_book.write("code/mlearth/simulate/heat.py", "VALUE = 1\n")
    little_book.write("code/mlearth/simulate/grid.py", "SIZE = 2\n")
    little_book.write(
        "code/mlearth/simulate/waves.py", "from mlearth.simulate.grid import SIZE\nVALUE = SIZE\n"
    )
    little_book.add_page("heat", "from mlearth.simulate import heat\nprint(heat.VALUE)")
    little_book.add_page("waves", "from mlearth.simulate.waves import VALUE\nprint(VALUE)")
    assert sorted(little_book.ran()) == ["heat", "waves"]
    return little_book


def output(result):
    return result.notebook.cells[-1].outputs[0]["text"].strip()


def test_a_second_run_executes_nothing(two_pages):
    assert two_pages.ran() == []


def test_results_serve_another_clone(two_pages):
    (paths.BUILD / ".jupyter_cache").rename(paths.BUILD / "gone")
    assert two_pages.ran() == []
    assert [output(result) for result in two_pages.run()] == ["1", "2"]


def test_cold_ignores_earlier_results(two_pages):
    assert sorted(two_pages.ran(cold=True)) == ["heat", "waves"]


def test_an_edited_simulator_reruns_only_the_pages_that_import_it(two_pages):
    two_pages.write("code/mlearth/simulate/heat.py", "VALUE = 5\n")
    results = two_pages.run()
    assert [r.page.name for r in results if not r.cached] == ["heat"]
    assert output(results[0]) == "5"


def test_an_edit_to_a_module_imported_by_a_module_reruns_the_page(two_pages):
    two_pages.write("code/mlearth/simulate/grid.py", "SIZE = 7\n")
    results = two_pages.run()
    assert [r.page.name for r in results if not r.cached] == ["waves"]
    assert output(results[1]) == "7"


def test_an_edited_cell_reruns_its_page(two_pages):
    two_pages.add_page("heat", "from mlearth.simulate import heat\nprint(heat.VALUE + 1)")
    assert two_pages.ran() == ["heat"]


def test_edited_prose_reruns_nothing(two_pages):
    cell = "from mlearth.simulate import heat\nprint(heat.VALUE)"
    two_pages.add_page("heat", cell, prose="Other prose.")
    assert two_pages.ran() == []


def test_new_package_versions_rerun_everything(two_pages):
    two_pages.write("constraints.txt", "numpy==2\n")
    assert sorted(two_pages.ran()) == ["heat", "waves"]


def test_another_profile_reruns_everything_and_the_first_is_still_known(two_pages, monkeypatch):
    monkeypatch.setenv("MLEARTH_PROFILE", "gpu")
    assert sorted(two_pages.ran()) == ["heat", "waves"]
    monkeypatch.delenv("MLEARTH_PROFILE")
    assert two_pages.ran() == []


def test_another_seed_reruns_everything(two_pages, monkeypatch):
    monkeypatch.setenv("MLEARTH_SEED", "3")
    assert sorted(two_pages.ran()) == ["heat", "waves"]


def test_a_change_of_registry_or_source_reruns_only_the_page_that_loads_the_data(
    little_book, monkeypatch
):
    from mlearth import data

    little_book.add_page("heat", "print(1)")
    little_book.add_page("leaves", "if False:\n    data.load_leaves()\nprint(2)")
    little_book.write("code/mlearth/simulate/leaf.py", "VALUE = 1\n")
    stand_in = "mlearth.simulate.leaf.simulate"
    registry = {"leaf_temperature": SimpleNamespace(stand_in=stand_in, sha256="1")}
    sources = {"leaf_temperature": "observed"}
    monkeypatch.setattr(data, "registry", lambda: registry)
    monkeypatch.setattr(data, "prepare", lambda names: {name: sources[name] for name in names})
    assert sorted(little_book.ran()) == ["heat", "leaves"]
    registry["leaf_temperature"].sha256 = "2"
    assert little_book.ran() == ["leaves"]
    little_book.write("code/mlearth/simulate/leaf.py", "VALUE = 2\n")
    assert little_book.ran() == ["leaves"]  # what stands in for its data changed
    sources["leaf_temperature"] = "simulated"
    results = little_book.run()
    assert [r.page.name for r in results if not r.cached] == ["leaves"]
    assert results[1].facts["sources"] == {"leaf_temperature": "simulated"}


@pytest.mark.parametrize("changed", ["sea_level_stresses", "sea_level_highstand"])
def test_a_page_whose_data_are_two_files_is_run_again_if_either_changes(
    little_book, monkeypatch, changed
):
    from mlearth import data

    little_book.add_page("sea", "if False:\n    data.load_sea_level()\nprint(2)")
    little_book.write("code/mlearth/simulate/sea_level.py", "VALUE = 1\n")
    stand_in = "mlearth.simulate.sea_level.simulate_runs"
    names = ("sea_level_stresses", "sea_level_highstand")
    registry = {name: SimpleNamespace(stand_in=stand_in, sha256="1") for name in names}
    sources = dict.fromkeys(names, "observed")
    monkeypatch.setattr(data, "registry", lambda: registry)
    monkeypatch.setattr(data, "prepare", lambda names: {name: sources[name] for name in names})
    assert little_book.ran() == ["sea"]
    assert little_book.ran() == []
    registry[changed].sha256 = "2"
    assert little_book.ran() == ["sea"]
    sources[changed] = "simulated"
    assert little_book.ran() == ["sea"]
    little_book.write("code/mlearth/simulate/sea_level.py", "VALUE = 2\n")
    assert little_book.ran() == ["sea"]


def test_a_changed_study_record_reruns_the_page_that_reads_it(little_book):
    little_book.add_page("heat", "print(1)")
    little_book.add_page("sweep", 'if False:\n    data.load_study("sweep")\nprint(2)')
    little_book.write("data/studies/sweep.json", "{}")
    assert sorted(little_book.ran()) == ["heat", "sweep"]
    little_book.write("data/studies/sweep.json", '{"a": 1}')
    assert little_book.ran() == ["sweep"]


def test_a_failing_cell_is_named_and_the_other_pages_still_run(little_book):
    little_book.add_page("good", "print(1)")
    little_book.add_page("bad", "x = 1", "raise RuntimeError('the sky fell')")
    good, bad = little_book.run()
    assert good.error is None
    assert output(good) == "1"
    assert "code cell 2 of 2" in bad.error
    assert "RuntimeError: the sky fell" in bad.error
    assert little_book.ran() == ["bad"]  # it fails again, nothing else runs


def test_a_damaged_cache_and_a_damaged_store_are_made_anew(two_pages):
    for file in [*paths.BUILD.rglob("*.ipynb"), *two_pages.store.folder.glob("*.ipynb")]:
        file.write_text('{"truncat', encoding="utf-8")
    assert sorted(two_pages.ran()) == ["heat", "waves"]
    (paths.BUILD / ".jupyter_cache" / "global.db").write_bytes(b"not a database")
    assert two_pages.ran() == []


def test_a_folder_left_by_a_killed_writer_does_no_harm(two_pages):
    for file in paths.BUILD.rglob("base.ipynb"):
        file.unlink()
    assert two_pages.ran() == []


def test_time_memory_and_page_are_recorded(two_pages):
    facts = two_pages.run()[0].facts
    assert facts["page"] == "heat"
    assert 0 < facts["seconds"] < 60
    assert 20 < facts["peak_memory_mb"] < 2000


def test_pages_share_the_cores(little_book, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    ask = "import os\nprint(os.environ['OMP_NUM_THREADS'])"
    little_book.add_page("one", ask)
    little_book.add_page("two", ask)
    assert [output(result) for result in little_book.run()] == ["1", "1"]
    assert "OMP_NUM_THREADS" not in os.environ


def test_the_longest_page_runs_first(little_book, monkeypatch):
    for name in ("short", "long", "new"):
        little_book.add_page(name, f"import time\nprint(time.time())  # {name}")
    little_book.store.folder.mkdir()
    (little_book.store.folder / "seconds.json").write_text('{"short": 1, "long": 9}')
    started = {r.page.name: float(output(r)) for r in little_book.run(workers=1)}
    assert started["new"] < started["long"] < started["short"]


BUILD_SCRIPT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
sys.path.insert(0, {real!r})
from pathlib import Path
from bookbuild import execute, pages, paths
root = Path({root!r})
paths.ROOT, paths.BOOK, paths.CODE = root, root / "book", root / "code"
paths.BUILD, paths.STUDIES = root / "book/_build", root / "data/studies"
paths.CONSTRAINTS = root / "constraints.txt"
if __name__ == "__main__":
    with execute.build_lock():
        results = execute.run(pages.find_pages(), store=execute.Store(root / "store"), workers=1)
    print(sum(not result.cached for result in results))
"""


def start_build(book, name="build.py"):
    script = book.root / name
    script.write_text(BUILD_SCRIPT.format(real=str(REAL_CODE), root=str(book.root)))
    command = [sys.executable, str(script)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def test_a_killed_build_resumes(little_book):
    little_book.add_page("quick", "print(1)")
    little_book.add_page("slow", "import time\ntime.sleep(20)")
    little_book.store.folder.mkdir()
    (little_book.store.folder / "seconds.json").write_text('{"quick": 9, "slow": 1}')
    build = start_build(little_book)
    deadline = time.time() + 60
    while not list(little_book.store.folder.glob("*.ipynb")):
        assert time.time() < deadline, "the first page never finished"
        time.sleep(0.1)
    os.killpg(build.pid, signal.SIGKILL)
    build.communicate()
    little_book.add_page("slow", "print(2)")
    assert little_book.ran() == ["slow"]


def test_ctrl_c_ends_a_build_at_once_and_without_noise_from_its_kernels(little_book):
    little_book.add_page("slow", "open('started', 'w').close()\nimport time\ntime.sleep(120)")
    build = start_build(little_book)
    deadline = time.time() + 60
    while not (paths.BOOK / "started").exists():
        assert time.time() < deadline, "the page never started"
        time.sleep(0.1)
    os.killpg(build.pid, signal.SIGINT)
    _, errors = build.communicate(timeout=60)  # half as long as the page sleeps
    assert errors.rstrip().endswith("KeyboardInterrupt")  # of the build, which commands answer
    for noise in ("SpawnPoolWorker", "nbclient", "ipykernel"):
        assert noise not in errors


def test_two_builds_at_once_take_turns_and_run_each_page_once(little_book):
    little_book.add_page("one", "print(1)")
    little_book.add_page("two", "print(2)")
    builds = [start_build(little_book, f"build{i}.py") for i in range(2)]
    told = [build.communicate(timeout=120) for build in builds]
    assert [build.returncode for build in builds] == [0, 0], told
    assert sorted(out.strip().splitlines()[-1] for out, _ in told) == ["0", "2"]


def test_old_results_are_pruned(two_pages):
    old = two_pages.store.folder / "old.ipynb"
    old.write_text("{}")
    os.utime(old, (0, 0))
    two_pages.run()
    assert not old.exists()
    assert len(list(two_pages.store.folder.glob("*.ipynb"))) == 2


def test_refresh_brings_results_up_to_date_for_a_build_by_hand(two_pages, monkeypatch):
    monkeypatch.setattr(execute, "default_store", lambda: two_pages.store)
    two_pages.write("code/mlearth/simulate/heat.py", "VALUE = 6\n")
    execute.refresh()
    heat = two_pages.pages()[0]
    _, notebook = execute.open_cache(paths.BUILD).merge_match_into_notebook(heat.notebook)
    assert notebook.cells[-1].outputs[0]["text"] == "6\n"
    two_pages.write("code/mlearth/simulate/heat.py", "1 / 0\n")
    with pytest.raises(RuntimeError, match=r"heat: code cell 1 of 1[\s\S]*ZeroDivisionError"):
        execute.refresh()


def test_the_default_store_is_in_the_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("MLEARTH_CACHE", str(tmp_path))
    assert execute.default_store().folder == tmp_path / "executions"


def test_the_key_does_not_depend_on_where_the_clone_is(little_book, tmp_path, monkeypatch):
    little_book.write("code/mlearth/simulate/heat.py", "VALUE = 1\n")
    little_book.add_page("heat", "from mlearth.simulate import heat")
    before = pages.page_key(little_book.pages()[0], {})
    moved = tmp_path / "elsewhere"
    little_book.root.rename(moved)
    for name in ("ROOT", "BOOK", "CODE", "CONSTRAINTS"):
        place = getattr(paths, name)
        monkeypatch.setattr(paths, name, moved / place.relative_to(little_book.root))
    assert pages.page_key(pages.find_pages()[0], {}) == before


def test_a_page_that_the_contents_list_but_nobody_wrote_is_named(little_book):
    little_book.add_page("heat", "print(1)")
    little_book.write("book/_toc.yml", "format: jb-book\nroot: heat\nchapters:\n- file: ghost\n")
    with pytest.raises(FileNotFoundError, match="ghost"):
        pages.find_pages()


def test_glued_values_survive_execution(little_book):
    real = textwrap.indent((REAL_CODE / "mlearth" / "runtime.py").read_text(), "")
    little_book.write("code/mlearth/runtime.py", real)
    little_book.add_page(
        "heat",
        """
        import numpy as np
        from mlearth import runtime
        runtime.glue("a", np.float64(0.25))
        runtime.glue("b", True)
        runtime.glue("c", "light")
        runtime.glue("d", float("nan"))
        """,
    )
    values = claims.glued_values(little_book.run()[0].notebook)
    assert json.dumps(values) == '{"a": 0.25, "b": true, "c": "light", "d": NaN}'


def test_peak_memory_sees_a_child_that_allocates():
    code = "x = bytearray(200 * 2**20)\nimport time\ntime.sleep(1)"
    with executor.PeakMemory(interval=0.05) as memory:
        subprocess.run([sys.executable, "-c", code], check=True)
    assert memory.peak > 200 * 2**20


def test_remarks_of_tensorflow_are_dropped_and_warnings_stay():
    remark = "I0000 00:00:17.5   12 cudart_stub.cc:31] Could not find cuda drivers\n"
    cell = nbformat.v4.new_code_cell("import tensorflow")
    cell.outputs = [
        nbformat.v4.new_output("stream", name="stderr", text=remark),
        nbformat.v4.new_output("stream", name="stderr", text=remark + "RuntimeWarning: overflow\n"),
        nbformat.v4.new_output("stream", name="stdout", text=remark),
    ]
    executor.drop_remarks(nbformat.v4.new_notebook(cells=[cell]))
    texts = [output["text"] for output in cell.outputs]
    assert texts == ["RuntimeWarning: overflow\n", remark]
