"""The notebooks paired with the pages: same cells, no outputs; and the cell that installs.

The first code cell of every page installs the book's package where it is missing, as in Colab. It
is written from one template, with the address that ``pyproject.toml`` names.
"""

import re

import jupytext

from bookbuild import pages, repository

CELL = """\
```{{code-cell}} ipython3
:tags: [hide-cell, install]

# In Colab this installs the book's package and what it needs; elsewhere it does nothing
import importlib.util

if importlib.util.find_spec("mlearth") is None:
    %pip install -q --no-deps "mlearth @ {archive}"
    from mlearth import missing

    missing.install()
```
"""
OPENING = CELL[: CELL.index("# In Colab")].format()
WRITTEN = re.compile(re.escape(OPENING) + r".*?\n```\n\n?", re.DOTALL)


def archive(address):
    """Name the archive of the repository, at the pages' own version, that pip installs from.

    Parameters
    ----------
    address : str
        ``https://github.com/OWNER/NAME``.

    Returns
    -------
    str
    """
    return f"{address}/archive/{repository.reference()}.zip"


def with_install_cell(text, address=None):
    """Put the cell that installs before a page's first code cell, in place of an older one.

    Parameters
    ----------
    text : str
        MyST Markdown.
    address : str, optional
        Repository to install from; the one that ``pyproject.toml`` names unless given.

    Returns
    -------
    str
    """
    text = WRITTEN.sub("", text)
    place = text.index("```{code-cell}")
    cell = CELL.format(archive=archive(address or repository.default()))
    return f"{text[:place]}{cell}\n{text[place:]}"


def paired(page, address=None):
    """Make the text of the notebook that belongs beside a page.

    Parameters
    ----------
    page : pages.Page
    address : str, optional
        Repository to install from; the one that ``pyproject.toml`` names unless given.

    Returns
    -------
    str
    """
    notebook = jupytext.reads(with_install_cell(page.text, address), fmt="md:myst")
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:03d}"
        cell.metadata.pop("tags", None) if not cell.metadata.get("tags") else None
    notebook.metadata.pop("jupytext", None)
    return jupytext.writes(notebook, fmt="ipynb") + "\n"


def write_all():
    """Write every install cell and paired notebook that is missing or out of step.

    Returns
    -------
    list of pathlib.Path
        The files written.
    """
    written = []
    for page in pages.find_pages():
        for file, text in _files(page):
            if file in stale([page]):
                file.write_text(text, encoding="utf-8")
                written.append(file)
    return written


def stale(some=None):
    """List the pages and paired notebooks that ``make notebooks`` would write.

    Parameters
    ----------
    some : list of pages.Page, optional
        All pages unless given.

    Returns
    -------
    list of pathlib.Path
    """
    return [
        file
        for page in some or pages.find_pages()
        for file, text in _files(page)
        if not file.exists() or file.read_text(encoding="utf-8") != text
    ]


def _files(page):
    """Return what the page and the notebook beside it ought to be."""
    yield page.path, with_install_cell(page.text)
    yield page.path.with_suffix(".ipynb"), paired(page)
