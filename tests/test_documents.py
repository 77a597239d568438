"""What the documents tell a reader to type or set exists."""

import re

import pytest

from bookbuild import __main__ as command_line
from bookbuild import paths

DOCUMENTS = ["README.md", "CONTRIBUTING.md", "STYLE.md", "data/README.md"]
DOCUMENTS += ["book/how_to_use.md", "book/index.md"]


def read(name):
    return (paths.ROOT / name).read_text(encoding="utf-8")


def test_every_target_that_the_documents_name_exists():
    targets = set(re.findall(r"^([a-z-]+): ", read("Makefile"), re.MULTILINE))
    named = {t for name in DOCUMENTS for t in re.findall(r"make ([a-z][a-z-]+)`", read(name))}
    named |= {t for name in DOCUMENTS for t in re.findall(r"^make ([a-z-]+)", read(name), re.M)}
    assert {"book", "test", "check", "serve"} <= named
    assert named <= targets
    assert targets - {"help"} == set(command_line.COMMANDS)


def test_every_command_that_the_documents_name_exists():
    called = {c for name in DOCUMENTS for c in re.findall(r"-m bookbuild ([a-z-]+)", read(name))}
    assert {"book", "test"} <= called
    assert called <= set(command_line.COMMANDS)


def test_every_make_target_only_calls_bookbuild():
    recipes = re.findall(r"^([a-z-]+): +; @(.*)$", read("Makefile"), re.MULTILINE)
    assert len(recipes) == len(command_line.COMMANDS) + 1
    for target, recipe in recipes:
        assert re.fullmatch(rf"\$\(BOOKBUILD\) {target}( \$\([A-Z]+\))*", recipe), recipe


def test_the_documents_name_the_variables_that_runtime_reads():
    runtime = read("code/mlearth/runtime.py")
    known = set(re.findall(r'"(MLEARTH_[A-Z]+)"', runtime))
    told = set(re.findall(r"MLEARTH_[A-Z]+", read("README.md")))
    assert len(known) == 6
    assert told == known - {"MLEARTH_SMOKE"}  # which `make gpu-smoke` sets by itself
    assert set(re.findall(r"MLEARTH_[A-Z]+", read("book/how_to_use.md"))) <= known


@pytest.mark.parametrize("name", DOCUMENTS)
def test_relative_links_lead_somewhere(name):
    folder = (paths.ROOT / name).parent
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", read(name))
    missing = [link for link in links if not (folder / link).exists()]
    assert missing == []


def test_ci_calls_what_the_readme_says():
    ci = read(".ci/run")
    for command in ("make book", "make test", "make check", "make gpu-smoke"):
        assert command in ci
        assert command in read("README.md")


def test_the_documents_speak_of_the_project_alone():
    for name in [*DOCUMENTS, "CHANGELOG.md", "CITATION.cff", ".ci/run", "constraints.txt"]:
        text = read(name)
        assert not re.search(r"/work/|/root/|/opt/|file://", text), name
