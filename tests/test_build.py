"""The build as a whole: the gate, the report, and the commands around it."""

import json
import subprocess

import pytest
from lxml import html

from bookbuild import build, commands, execute, pages, paths, studies

CONFIG = """
title: Little
author: The contributors
only_build_toc_files: true
exclude_patterns: ["**/*.ipynb", _build]
execute: {execute_notebooks: cache}
html: {use_repository_button: false}
launch_buttons: {thebe: false}
"""
CLAIM = '["heat.value"]\npage = "heat"\nshows = "It is one"\nequals = 1\n'
RUNTIME = (paths.CODE / "mlearth" / "runtime.py").read_text(encoding="utf-8")
CELL = "from mlearth import runtime\nruntime.glue('heat.value', {})"


@pytest.fixture
def site(little_book, monkeypatch):
    """A book that renders: one page with one claimed result."""
    little_book.write("book/_config.yml", CONFIG)
    little_book.write("code/mlearth/runtime.py", RUNTIME)
    little_book.write("tests/claims/one.toml", CLAIM)
    little_book.add_page("heat", CELL.format(1), prose="It is {glue:text}`heat.value:.0f`.")
    for name in ("STATUS", "GREEN", "LOG"):
        monkeypatch.setattr(build, name, paths.BUILD / getattr(build, name).name)
    return little_book


def prose_of(page):
    tree = html.parse(str(paths.HTML / f"{page}.html"))
    return " ".join(tree.getroot().text_content().split())


def sphinx_ran(capsys):
    return "rendering" in capsys.readouterr().out


def test_the_book_is_built_and_reported(site, capsys):
    build.book()
    told = capsys.readouterr().out
    assert "heat" in told
    assert "run" in told
    assert str(paths.HTML / "index.html") in told
    assert "It is 1." in prose_of("heat")
    status = json.loads(build.STATUS.read_text())
    assert status["pages"][0]["page"] == "heat"
    assert status["versions"]["sphinx"]


def test_an_unchanged_book_is_neither_executed_nor_rendered_again(site, capsys):
    build.book()
    capsys.readouterr()
    build.book()
    told = capsys.readouterr().out
    assert "cache" in told
    assert "rendering" not in told


def test_edited_prose_is_rendered_without_executing(site, capsys):
    build.book()
    capsys.readouterr()
    site.add_page("heat", CELL.format(1), prose="Now {glue:text}`heat.value:.0f`.")
    build.book()
    told = capsys.readouterr().out
    assert "rendering" in told
    assert "cache" in told
    assert "Now 1." in prose_of("heat")


def test_a_failing_cell_fails_the_build_by_name(site):
    site.add_page("heat", CELL.format(1), "1 / 0")
    with pytest.raises(build.BuildError, match=r"heat: code cell 2 of 2[\s\S]*ZeroDivisionError"):
        build.book()


def test_a_claim_that_does_not_hold_fails_the_build(site):
    site.add_page("heat", CELL.format(2))
    for _ in range(2):  # it fails again when nothing changed
        with pytest.raises(build.BuildError, match=r"heat\.value = 2, outside exactly 1"):
            build.book()


def test_a_warning_of_sphinx_fails_the_build_every_time(site):
    text = "A [broken](ghost.md) link."
    site.add_page("heat", CELL.format(1), prose=text)
    for _ in range(2):
        with pytest.raises(build.BuildError, match="ghost"):
            build.book()
    site.add_page("heat", CELL.format(1), prose="Mended.")
    build.book()


def test_a_killed_render_is_not_taken_for_green(site, capsys):
    build.book()
    build.GREEN.unlink()
    capsys.readouterr()
    build.book()
    assert sphinx_ran(capsys)


def test_a_typed_result_fails_the_build(site):
    site.add_page("heat", CELL.format(1), prose="It is 1.25 at least.")
    with pytest.raises(build.BuildError, match=r"'1\.25' is typed"):
        build.book()


def test_a_warning_of_a_cell_fails_the_build(site):
    site.add_page("heat", CELL.format(1), "import warnings\nwarnings.warn('hot')")
    with pytest.raises(build.BuildError, match=r"heat: code cell 2 warns:[\s\S]*hot"):
        build.book()


def test_the_report_says_what_data_a_page_used(site):
    facts = {"page": "heat", "seconds": 1.25, "peak_memory_mb": 99, "sources": {"a": "simulated"}}
    notebook = type("N", (), {"metadata": {"mlearth": facts}})
    (page,) = pages.find_pages()
    lines = build.report([execute.Result(page, notebook, cached=True)]).splitlines()
    assert lines[0].split() == ["page", "seconds", "peak", "MB", "result", "data"]
    assert lines[1].split() == ["heat", "1.2", "99", "cache", "simulated"]


# The commands


def test_check_collects_every_kind_of_problem(site):
    text = "Typed 0.5. {glue:text}`heat.ghost:.1f`"
    site.add_page("heat", CELL.format(1), prose=text)
    site.write("code/mlearth/simulate/bad.py", "import torch\n")
    found = "\n".join(commands.static_problems())
    for part in ("'0.5' is typed", "heat.ghost is quoted", "must not import torch"):
        assert part in found
    assert "heat.ipynb is not in step" in found
    assert "study pages/heat: there is no record" in found


def test_check_looks_at_the_links_of_a_built_site(site, capsys):
    commands.static_problems()
    assert "links: skipped" in capsys.readouterr().out
    paths.HTML.mkdir(parents=True)
    (paths.HTML / "index.html").write_text('<a href="ghost.html">x</a>')
    assert "index.html: ghost.html" in commands.static_problems()


def test_check_runs_the_linters(site, monkeypatch):
    calls = []

    def run(command, **_):
        calls.append(command[2])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(commands.subprocess, "run", run)
    monkeypatch.setattr(commands, "static_problems", list)
    assert commands.run("check") == 0
    assert calls[:2] == ["ruff", "ruff"]
    assert set(calls[2:-1]) == {"check_jsonschema"}
    assert calls[-1] == "codespell_lib"
    monkeypatch.setattr(commands, "static_problems", lambda: ["a problem"])
    assert commands.run("check") == 1


def test_book_and_its_errors_become_exit_codes(site, capsys):
    assert commands.run("book") == 0
    site.add_page("heat", CELL.format(2))
    assert commands.run("book") == 1
    assert "outside exactly 1" in capsys.readouterr().err


def test_another_address_is_rendered_and_the_same_one_is_not(site, capsys, monkeypatch):
    monkeypatch.setenv("BOOK_REPOSITORY", "https://github.com/a/b")
    build.book()
    capsys.readouterr()
    build.book()
    assert not sphinx_ran(capsys)
    monkeypatch.setenv("BOOK_REPOSITORY", "https://github.com/c/d")
    build.book()
    assert sphinx_ran(capsys)


def test_notebooks_are_written_once(site, capsys):
    assert commands.run("notebooks") == 0
    assert "heat.ipynb" in capsys.readouterr().out
    commands.run("notebooks")
    assert capsys.readouterr().out == ""


def test_studies_run_and_report(site, capsys, monkeypatch):
    monkeypatch.setattr(studies, "SEEDS", 2)
    monkeypatch.setattr(studies, "MODULES", site.root / "none")
    assert commands.run("studies") == 0
    assert "ran pages/heat" in capsys.readouterr().out
    assert commands.run("studies") == 0
    assert "up to date" in capsys.readouterr().out


def test_the_gpu_smoke_run_cuts_the_work_and_holds_no_claims(site, capsys):
    site.add_page("heat", "from mlearth import runtime\nprint(runtime.pick(laptop=9, gpu=500))")
    assert commands.run("gpu-smoke") == 0
    (notebook,) = (paths.BUILD / "smoke").rglob("base.ipynb")
    assert '"5\\n"' in notebook.read_text()
    site.add_page("heat", "from mlearth import runtime\nruntime.pick(laptop=1, gpu=1) / 0")
    assert commands.run("gpu-smoke") == 1


def test_the_gpu_smoke_run_leaves_out_pages_that_do_the_same_in_both_profiles(site, capsys):
    site.add_page("heat", "from mlearth import runtime\n1 / 0")
    assert commands.run("gpu-smoke") == 0
    assert "the same in both profiles: 1 pages" in capsys.readouterr().out


def test_tests_run_with_the_coverage_gate(monkeypatch):
    calls = []

    def run(command, **_):
        calls.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(commands.subprocess, "run", run)
    assert commands.run("test") == 0
    assert "--cov-fail-under=90" in calls[0]
    commands.run("test", ["-k", "heat"])
    assert calls[1][-2:] == ["-k", "heat"]
    assert "--cov-fail-under=90" not in calls[1]


def test_clean_removes_the_build_and_keeps_the_pages(site):
    paths.BUILD.mkdir()
    (paths.BUILD / "x").touch()
    (paths.ROOT / ".coverage").touch()
    assert commands.run("clean") == 0
    assert not paths.BUILD.exists()
    assert not (paths.ROOT / ".coverage").exists()
    assert (paths.BOOK / "heat.md").exists()


def test_serve_previews_what_jupyter_book_would_build(site, monkeypatch):
    monkeypatch.setattr(build, "book", lambda: None)
    real, calls, configuration = subprocess.run, [], []

    def run(command, **options):
        if "sphinx_autobuild" in command:
            calls.append(command)
            configuration.append((paths.BOOK / "conf.py").read_text(encoding="utf-8"))
            return subprocess.CompletedProcess(command, 0)
        return real(command, **options)

    monkeypatch.setattr(commands.subprocess, "run", run)
    assert commands.run("serve") == 0
    assert str(paths.BOOK) in calls[0]
    assert "sys.path.insert" in configuration[0]
    assert "Little" in configuration[0]
    assert not (paths.BOOK / "conf.py").exists()
