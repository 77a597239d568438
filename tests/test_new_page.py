"""A page made by `make new-page` passes what every page must pass, and spoils nothing."""

import re
import shutil
import subprocess
import sys

import pytest

from bookbuild import claims, commands, execute, new_page, notebooks, pages, paths, prose, studies

REAL = paths.ROOT
PAGE = "chapters/wavelets/ripples"


@pytest.fixture
def copied(little_book, monkeypatch):
    """The book's contents, chapters, claims and package in a place of their own; no studies run."""
    clean = shutil.ignore_patterns("__pycache__", "_build")
    for folder in ("book", "code/mlearth", "tests/claims"):
        shutil.rmtree(little_book.root / folder)
        shutil.copytree(REAL / folder, little_book.root / folder, ignore=clean)
    shutil.copy(REAL / "pyproject.toml", little_book.root)
    monkeypatch.setattr(studies, "run", lambda names: little_book.studies.append(names))
    little_book.studies = []
    return little_book


def contents(root):
    return {file: file.read_bytes() for file in root.rglob("*") if file.is_file()}


def test_a_new_page_is_listed_last_of_its_method_and_nothing_else_changes(copied):
    before = contents(copied.root)
    written = new_page.make("wavelets", "ripples")
    after = contents(copied.root)
    toc = paths.BOOK / "_toc.yml"
    assert {file for file in after if before.get(file) != after[file]} == set(written[:-1])
    old, new = before[toc].decode().splitlines(), after[toc].decode().splitlines()
    added = [line.strip() for line in new if line not in old]
    assert added == [
        "- file: chapters/wavelets/index",
        f"- file: {PAGE}",
    ]
    assert [line for line in new if line in old and line.strip() != "sections:"] == [
        line for line in old if line.strip() != "sections:"
    ]
    assert [page.name for page in pages.find_pages()][-1] == PAGE
    assert copied.studies == [["pages/wavelets/ripples"]]


def test_a_second_page_of_a_method_leaves_its_first_page_alone(copied):
    new_page.make("wavelets", "ripples")
    index = paths.BOOK / "chapters/wavelets/index.md"
    index.write_text("# Mine\n", encoding="utf-8")
    new_page.make("wavelets", "sea_level")
    assert index.read_text(encoding="utf-8") == "# Mine\n"
    assert [page.name.rpartition("/")[2] for page in pages.find_pages()][-2:] == [
        "ripples",
        "sea_level",
    ]
    named = {name.partition(".")[0] for name in claims.load_claims()}
    assert {"ripples", "sea_level", "trees"} <= named


def test_comments_in_the_contents_stay_where_they_are():
    toc = "root: a  # front\nchapters:\n  - file: chapters/x/index\n  # the end\n  - file: z\n"
    assert new_page.listed(toc, "x", "one").splitlines() == [
        "root: a  # front",
        "chapters:",
        "  - file: chapters/x/index",
        "    sections:",
        "      - file: chapters/x/one",
        "  # the end",
        "  - file: z",
    ]


def test_contents_without_a_chapter_are_refused():
    with pytest.raises(ValueError, match="lists no chapters/"):
        new_page.listed("root: index\n", "x", "one")


def test_the_new_page_holds_its_claims_and_the_lint_finds_nothing(copied, tmp_path):
    new_page.make("wavelets", "ripples")
    page = pages.find_pages()[-1]
    (result,) = execute.run([page], build=tmp_path / "build", store=copied.store)
    assert result.error is None, result.error
    mine = {name: claim for name, claim in claims.load_claims().items() if claim.page == page.name}
    assert len(mine) >= 5
    assert claims.check_results([result], mine) == []
    assert claims.quoted_names(page.text) | {"ripples.same_line"} == set(mine)
    assert prose.problems(page) == []
    assert notebooks.stale([page]) == []
    assert result.facts["seconds"] < 60


def test_the_new_page_keeps_to_the_shape_of_a_page(copied):
    new_page.make("wavelets", "ripples")
    page = pages.find_pages()[-1]
    cells = [cell.source for cell in page.notebook.cells if cell.cell_type == "code"]
    headings = re.findall(r"^## (.*)$", page.text, re.MULTILINE)
    assert headings[-3:] == ["We have", "Exercises", "Further reading"]
    assert "We will\n" in page.text
    assert not re.search(r"TODO|FIXME|@\w+@", page.text)
    assert max(len(cell.splitlines()) for cell in cells[1:]) <= 12
    for key in re.findall(r"\{cite[a-z:]*\}`([^`]+)`", page.text):
        assert f"{{{key}," in (paths.BOOK / "references.bib").read_text(encoding="utf-8")


def test_sphinx_has_nothing_to_say_about_the_new_pages(copied):
    new_page.make("wavelets", "ripples")
    toc = ["format: jb-book", "root: chapters/wavelets/index", "chapters:"]
    toc += [f"  - file: {name}" for name in (PAGE, "glossary", "bibliography")]
    copied.write("book/_toc.yml", "\n".join(toc))
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build"]
    command += [str(paths.BOOK), "-W", "-n", "--keep-going"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (paths.HTML / f"{PAGE}.html").exists()


@pytest.mark.parametrize(
    ("method", "name", "told"),
    [
        ("Wavelets", "ripples", r"METHOD is 'Wavelets'.*For example"),
        ("wavelets", "über", "NAME is 'über'"),
        ("wavelets", "two words", "NAME is 'two words'"),
        ("../elsewhere", "ripples", "METHOD is '../elsewhere'"),
        ("wavelets", "index", "not 'index'"),
        ("random_forests", "trees", r"chapters/random_forests/trees.md exists"),
        ("wavelets", "trees", "results of chapters/random_forests/trees are called"),
    ],
)
def test_a_name_that_will_not_do_is_refused_and_nothing_is_written(copied, method, name, told):
    before = contents(copied.root)
    with pytest.raises(ValueError, match=told):
        new_page.make(method, name)
    assert contents(copied.root) == before


@pytest.mark.parametrize("words", [(), ("wavelets",), ("a", "b", "c")])
def test_the_command_says_how_it_is_called(capsys, words):
    assert commands.run("new-page", words) == 1
    assert "make new-page METHOD=wavelets NAME=ripples" in capsys.readouterr().err


def test_the_command_tells_what_it_wrote(copied, capsys):
    assert commands.run("new-page", ["wavelets", "ripples"]) == 0
    told = capsys.readouterr().out
    assert f"wrote book/{PAGE}.md" in told
    assert f"wrote book/{PAGE}.ipynb" in told
