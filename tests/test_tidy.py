"""Whitespace, line ends and sizes of files, and the hooks before a commit."""

import subprocess
import sys

import pytest
import yaml

from bookbuild import paths, tidy


@pytest.fixture
def clone(little_book):
    subprocess.run(["git", "init", "-q"], cwd=little_book.root, check=True)
    assert tidy.problems() == []
    return little_book.root


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"one\ntwo \nthree\n", "file.md:2: a space at the end of a line"),
        (b"one\ntwo\t\n", "file.md:2: a space at the end of a line"),
        (b"one\r\n", "file.md:1: a line end of Windows"),
        (b"one\n<<<<<<< HEAD\n", "file.md:2: a conflict that was not resolved"),
        (b"one\ntwo", "file.md:2: no line end at its end"),
        (b"one\n\n", "file.md:1: empty lines at its end"),
        (b"x" * 600_000 + b"\n", "file.md: 0.6 MB; keep it elsewhere and register its address"),
    ],
)
def test_what_editors_leave_behind_is_found_where_it_is(clone, content, told):
    (clone / "file.md").write_bytes(content)
    assert tidy.problems() == [told]


@pytest.mark.parametrize("content", [b"", b"one\n\ntwo\n", b"<<< not a conflict\n", b"\x00 \n "])
def test_tidy_files_and_pictures_pass(clone, content):
    (clone / "file.md").write_bytes(content)
    assert tidy.problems() == []


def test_what_git_ignores_is_not_looked_at(clone):
    (clone / ".gitignore").write_bytes(b"scratch\n")
    (clone / "scratch").write_bytes(b"untidy ")
    assert tidy.problems() == []


def test_without_git_nothing_is_found_and_that_is_said(little_book, monkeypatch, capsys):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(little_book.root.parent))
    (little_book.root / "file.md").write_bytes(b"untidy ")
    assert tidy.problems() == []
    assert "no git clone" in capsys.readouterr().out


def test_the_books_own_files_are_tidy():
    assert subprocess.run([sys.executable, "-m", "bookbuild.tidy"]).returncode == 0


# ---------------------------------------------------------------- before a commit


def hooks():
    text = (paths.ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["repos"]


def test_the_hooks_come_from_here_and_use_the_books_own_tools():
    """Else their versions would stand in two places, and the first commit would need a network."""
    (repository,) = hooks()
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        assert hook["entry"].startswith(".ci/tool ")


def test_the_hooks_check_style_pairs_spelling_and_whitespace():
    entries = " | ".join(hook["entry"] for hook in hooks()[0]["hooks"])
    for tool in ("ruff check", "ruff format", "bookbuild notebooks", "codespell", "bookbuild.tidy"):
        assert tool in entries


@pytest.mark.skipif(sys.platform == "win32", reason="runs a shell script")
def test_a_tool_runs_with_the_books_python_before_any_other(tmp_path, monkeypatch):
    for folder in (tmp_path / ".venv" / "bin", tmp_path / "other"):
        folder.mkdir(parents=True)
        (folder / "python").write_text(f'#!/bin/sh\necho {folder.name} "$@"\n')
        (folder / "python").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'other'}:/usr/bin:/bin")

    def told():
        command = [paths.ROOT / ".ci" / "tool", "ruff", "check"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout

    assert told() == "bin -m ruff check\n"
    (tmp_path / ".venv" / "bin" / "python").unlink()
    assert told() == "other -m ruff check\n"
