"""Seeds, profile and folders."""

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mlearth import runtime


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    for name in ("PROFILE", "SEED", "SMOKE", "DATA", "CACHE", "OFFLINE"):
        monkeypatch.delenv(f"MLEARTH_{name}", raising=False)


def test_pick_follows_the_profile(monkeypatch):
    assert runtime.pick(laptop=8, gpu=60) == 8
    monkeypatch.setenv("MLEARTH_PROFILE", "gpu")
    assert runtime.pick(laptop=8, gpu=60) == 60


def test_an_unknown_profile_is_an_error_that_names_both(monkeypatch):
    monkeypatch.setenv("MLEARTH_PROFILE", "fast")
    with pytest.raises(ValueError, match=r"'fast'.*'laptop'.*'gpu'"):
        runtime.profile()


def test_a_smoke_run_cuts_whole_numbers_only(monkeypatch):
    monkeypatch.setenv("MLEARTH_SMOKE", "1")
    assert runtime.pick(laptop=1000, gpu=2000) == 10
    assert runtime.pick(laptop=50, gpu=50) == 2
    assert runtime.pick(laptop=0.5, gpu=0.1) == 0.5
    assert runtime.pick(laptop=True, gpu=False) is True


def test_a_seed_gives_the_same_numbers_and_leaves_numpys_global_ones_alone(monkeypatch):
    monkeypatch.delitem(sys.modules, "keras", raising=False)  # which seeds NumPy's too
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    first = runtime.seed_everything(3).normal(size=4), random.random()
    second = runtime.seed_everything(3).normal(size=4), random.random()
    np.testing.assert_array_equal(first[0], second[0])
    assert first[1] == second[1]
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002


def test_the_offset_changes_the_seed(monkeypatch):
    base = runtime.seed_everything(1).normal()
    monkeypatch.setenv("MLEARTH_SEED", "1")
    assert runtime.seed_everything(0).normal() == base
    assert runtime.seed_everything(1).normal() != base


@pytest.mark.parametrize("seed", [-1, 1.5, "1", True, None])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(ValueError, match="whole number of 0 or more"):
        runtime.seed_everything(seed)


@pytest.mark.parametrize("text", ["-1", "x", "1.5"])
def test_a_malformed_offset_is_refused(monkeypatch, text):
    monkeypatch.setenv("MLEARTH_SEED", text)
    with pytest.raises(ValueError, match="MLEARTH_SEED"):
        runtime.seed_offset()


@pytest.mark.parametrize(
    ("framework", "draw"),
    [
        ("torch", "torch.rand(2).tolist()"),
        (
            "keras",
            "np.asarray(keras.random.normal((2,), seed=keras.random.SeedGenerator())).tolist()",
        ),
    ],
)
def test_frameworks_that_are_imported_are_seeded(framework, draw):
    code = f"""
import numpy as np
import {framework}
from mlearth import runtime
runtime.seed_everything(5); a = {draw}
runtime.seed_everything(5); b = {draw}
runtime.seed_everything(6); c = {draw}
assert a == b != c, (a, b, c)
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=120)


def test_importing_runtime_imports_no_framework():
    code = "import sys; from mlearth import runtime; runtime.seed_everything(0)\n"
    code += "assert not {'torch', 'tensorflow', 'keras', 'gpflow'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_laptop_profile_uses_the_cpu():
    assert runtime.best_device().type == "cpu"


def test_glue_prints_where_there_is_no_book(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "myst_nb", None)
    runtime.glue("page.score", np.float64(0.5))
    assert capsys.readouterr().out == "page.score = 0.5\n"


@pytest.mark.parametrize("value", [None, [1], np.zeros(3), {"a": 1}])
def test_glue_takes_only_single_values(value):
    with pytest.raises((TypeError, ValueError)):
        runtime.glue("page.score", value)


def test_folders_come_from_the_environment(monkeypatch, tmp_path):
    assert runtime.data_folder() is None
    assert runtime.cache_folder().name == "mlearth"
    monkeypatch.setenv("MLEARTH_DATA", str(tmp_path))
    monkeypatch.setenv("MLEARTH_CACHE", "~/kept")
    assert runtime.data_folder() == tmp_path
    assert runtime.cache_folder() == Path.home() / "kept"


@pytest.mark.parametrize(("text", "means"), [("", False), ("0", False), ("1", True)])
def test_offline_is_a_switch(monkeypatch, text, means):
    monkeypatch.setenv("MLEARTH_OFFLINE", text)
    assert runtime.offline() is means


def test_a_switch_takes_nothing_else(monkeypatch):
    monkeypatch.setenv("MLEARTH_OFFLINE", "yes")
    with pytest.raises(ValueError, match="MLEARTH_OFFLINE is 'yes'"):
        runtime.offline()
