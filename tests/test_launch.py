"""A launch test sees what a reader in Colab would: a notebook alone, with nothing of this clone."""

import subprocess
import sysconfig
from pathlib import Path

import pytest

from bookbuild import commands, launch, notebooks, pages, paths

PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project.urls]
Repository = "https://github.com/o/n"
"""
BACKEND = '''
import zipfile
from pathlib import Path

def build_wheel(folder, settings=None, metadata=None):
    """Pack mlearth; nothing has to be fetched for that."""
    name, info = "mlearth-1-py3-none-any.whl", "mlearth-1.dist-info"
    with zipfile.ZipFile(Path(folder) / name, "w") as wheel:
        for file in Path("code/mlearth").glob("*.py"):
            wheel.write(file, f"mlearth/{file.name}")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: mlearth\\nVersion: 1")
        tags = "Root-Is-Purelib: true\\nTag: py3-none-any"
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\n" + tags)
        wheel.writestr(f"{info}/RECORD", "")
    return name
'''
MISSING = (paths.CODE / "mlearth" / "missing.py").read_text(encoding="utf-8")
ALONE = """
import os
import mlearth
assert os.listdir() == ["page.ipynb"], os.listdir()
assert "site-packages" in mlearth.__file__
assert not os.environ["PYTHONPATH"] and not os.environ["MLEARTH_DATA"]
"""
REPLACE = """
import sysconfig
from pathlib import Path
info = Path(sysconfig.get_path("purelib")) / "NumPy-0.dist-info"
info.mkdir()
(info / "METADATA").write_text("Name: NumPy\\nVersion: 0\\n");
"""


@pytest.fixture
def service(little_book, tmp_path, monkeypatch):
    """A little repository, and what is installed here as what the service brings."""
    for name, text in {"pyproject.toml": PROJECT, "backend.py": BACKEND}.items():
        little_book.write(name, text)
    little_book.write("code/mlearth/missing.py", MISSING)
    subprocess.run(["git", "init", "-q", str(little_book.root)], check=True)
    brought = tmp_path / "brought"
    brought.mkdir()
    for installed in Path(sysconfig.get_path("purelib")).iterdir():
        if "mlearth" not in installed.name:
            (brought / installed.name).symlink_to(installed)
    monkeypatch.setattr(launch, "brought", lambda: brought)
    monkeypatch.setenv("MLEARTH_DATA", "somewhere")
    return little_book


def launched(book, *cells):
    book.add_page("heat", *cells)
    notebooks.write_all()
    return launch.launch(pages.find_pages()[0])


def test_a_notebook_runs_alone_with_what_its_own_cell_installed(service):
    one = launched(service, ALONE, "print(1)")
    assert one.problem == ""
    assert one.install > one.run > 0
    assert one.peak_memory_mb > 20
    assert "heat" in launch.row(one)
    assert str(one.peak_memory_mb) in launch.row(one)


def test_a_cell_that_fails_is_named_with_what_it_printed(service):
    one = launched(service, "x = 1", "print('so far')\nraise ValueError('no leaf')", "x = 2")
    assert one.problem.startswith("code cell 3: so far")
    assert "ValueError: no leaf" in one.problem


def test_a_notebook_that_replaces_what_was_there_fails_the_launch(service):
    assert launched(service, REPLACE).problem == "the notebook replaced what was there: numpy"


def test_more_memory_than_binder_gives_fails_the_launch(service, monkeypatch):
    monkeypatch.setattr(launch, "MOST_MEMORY_MB", 20)
    assert "Binder gives 20" in launched(service, "x = 1").problem


def test_the_command_reports_and_fails_with_page_and_cell(service, monkeypatch, capsys):
    lines = {"heat": "", "wave": "code cell 2: NameError"}
    for name in lines:
        service.add_page(name, "x = 1")
    monkeypatch.setattr(
        launch, "launch", lambda page: launch.Launch(page.name, 1.0, 2.0, 3, lines[page.name])
    )
    monkeypatch.setattr(launch, "run_tests", lambda: 5)
    assert commands.run("launch-test", ["heat"]) == 0
    assert commands.run("launch-test", ["tests"]) == 5
    assert commands.run("launch-test", ["heat", "tests"]) == 5
    assert commands.run("launch-test") == 1
    assert "wave: code cell 2: NameError" in capsys.readouterr().err


def test_an_unknown_page_is_an_error_that_lists_the_known(service, capsys):
    service.add_page("heat", "x = 1")
    assert commands.run("launch-test", ["heta"]) == 1
    assert "no heta to launch. There are: heat, tests" in capsys.readouterr().err


def test_the_service_brings_torch_and_tensorflow_as_the_book_is_built_with():
    assert [line.split("==")[0] for line in launch._pinned(*launch.PINNED)] == [
        "tensorflow",
        "torch",
    ]


def test_the_packages_own_tests_are_found_and_no_others():
    names = {file.name for file in launch.tests_of_the_package()}
    assert {"test_tree.py", "test_missing.py", "test_plotting.py"} <= names
    assert len(names) >= 15
    assert not {"test_build.py", "test_notebooks.py"} & names
