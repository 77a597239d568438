"""Notebooks paired with the pages."""

import json

import mlearth
from bookbuild import notebooks, pages, paths, repository, studies


def test_a_paired_notebook_has_the_cells_and_no_outputs(little_book):
    little_book.add_page("heat", "x = 1", "print(x)", prose="Some **prose**.")
    page, file = notebooks.write_all()
    assert (page.suffix, file.suffix) == (".md", ".ipynb")
    cells = json.loads(file.read_text())["cells"]
    assert [cell["cell_type"] for cell in cells] == ["markdown", "code", "code", "code"]
    assert "Some **prose**." in "".join(cells[0]["source"])
    assert all(cell["outputs"] == [] for cell in cells if cell["cell_type"] == "code")


def test_writing_twice_changes_nothing_and_an_edit_is_noticed(little_book):
    little_book.add_page("heat", "x = 1")
    notebooks.write_all()
    assert notebooks.stale() == []
    assert notebooks.write_all() == []
    file = paths.BOOK / "heat.md"
    file.write_text(file.read_text().replace("x = 1", "x = 2"))
    assert [file.name for file in notebooks.stale()] == ["heat.ipynb"]


def test_the_books_own_notebooks_are_in_step():
    assert len(pages.find_pages()) >= 4
    assert notebooks.stale() == [], "run: make notebooks"


def test_every_page_installs_from_the_default_address_before_anything_else():
    every = pages.find_pages()
    assert len(every) >= 4
    for page in every:
        first, *others = [cell for cell in page.notebook.cells if cell.cell_type == "code"]
        assert first.metadata["tags"] == ["hide-cell", "install"]
        wanted = f"mlearth @ {repository.default()}/archive/{repository.reference()}.zip"
        assert f'%pip install -q --no-deps "{wanted}"' in first.source
        assert not any(pages.installs(cell) or "%pip" in cell.source for cell in others)


def test_a_package_is_never_installed_by_its_bare_name():
    assert "mlearth @ https://" in notebooks.CELL.format(archive=notebooks.archive("https://g"))
    assert notebooks.CELL.count("pip install") == 1


def test_where_the_package_is_found_the_cell_runs_no_command(monkeypatch):
    source = notebooks.CELL.format(archive="x").replace("%pip", "failed = ")
    code = source.split("\n\n", 1)[1].rsplit("```", 1)[0]
    lines = [line for line in code.splitlines() if "failed" not in line]
    namespace = {}
    exec("\n".join(lines), namespace)
    assert "missing" not in namespace


def test_a_fork_or_a_release_rewrites_the_cell_in_place(little_book, monkeypatch):
    little_book.add_page("heat", "x = 1", "y = 2")
    notebooks.write_all()
    before = (paths.BOOK / "heat.md").read_text()
    little_book.write("pyproject.toml", '[project.urls]\nRepository = "https://github.com/a/b"\n')
    monkeypatch.setattr(mlearth, "__version__", "1.2")
    assert [file.name for file in notebooks.stale()] == ["heat.md", "heat.ipynb"]
    notebooks.write_all()
    after = (paths.BOOK / "heat.md").read_text()
    assert after == before.replace("o/n/archive/main.zip", "a/b/archive/v1.2.zip") != before
    assert "a/b/archive/v1.2.zip" in (paths.BOOK / "heat.ipynb").read_text()


def test_a_notebook_to_download_may_name_another_address(little_book):
    little_book.add_page("heat", "x = 1")
    text = notebooks.paired(pages.find_pages()[0], "https://github.com/fork/n")
    assert "https://github.com/fork/n/archive/main.zip" in text
    assert "o/n/archive" not in text


def test_another_address_makes_no_study_stale_and_executes_nothing(little_book):
    little_book.add_page("heat", "from mlearth import simulate\nprint(1)")
    little_book.write("tests/claims/one.toml", '["a"]\npage = "heat"\nshows = "x"\nequals = 1\n')
    assert little_book.ran() == ["heat"]
    fingerprint = studies.fingerprint("pages/heat")
    for address in ("a/b", "c/d"):
        project = f'[project.urls]\nRepository = "https://github.com/{address}"\n'
        little_book.write("pyproject.toml", project)
        assert len(notebooks.write_all()) == 2
        assert studies.fingerprint("pages/heat") == fingerprint
        (result,) = little_book.run()
        assert result.cached
        assert address in result.notebook.cells[0].source
        assert result.notebook.cells[1].outputs[0].text == "1\n"


def test_the_stored_result_is_what_sphinx_finds_for_the_page(little_book):
    from bookbuild import execute

    little_book.add_page("heat", "print(1)")
    little_book.run()
    notebooks.write_all()
    little_book.run()
    cache = execute.open_cache(paths.BUILD)
    assert cache.match_cache_notebook(pages.find_pages()[0].notebook)
