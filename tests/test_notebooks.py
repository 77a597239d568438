"""Notebooks paired with the pages."""

import json

from bookbuild import notebooks, pages


def test_a_paired_notebook_has_the_cells_and_no_outputs(little_book):
    little_book.add_page("heat", "x = 1", "print(x)", prose="Some **prose**.")
    (file,) = notebooks.write_all()
    cells = json.loads(file.read_text())["cells"]
    assert [cell["cell_type"] for cell in cells] == ["markdown", "code", "code"]
    assert "Some **prose**." in "".join(cells[0]["source"])
    assert all(cell["outputs"] == [] for cell in cells if cell["cell_type"] == "code")


def test_writing_twice_changes_nothing_and_an_edit_is_noticed(little_book):
    little_book.add_page("heat", "x = 1")
    notebooks.write_all()
    assert notebooks.stale() == []
    assert notebooks.write_all() == []
    little_book.add_page("heat", "x = 2")
    assert [file.name for file in notebooks.stale()] == ["heat.ipynb"]


def test_the_books_own_notebooks_are_in_step():
    assert len(pages.find_pages()) >= 4
    assert notebooks.stale() == [], "run: make notebooks"
