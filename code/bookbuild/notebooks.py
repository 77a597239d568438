"""The notebooks paired with the pages: same cells, no outputs."""

import jupytext

from bookbuild import pages


def paired(page):
    """Make the text of the notebook that belongs beside a page.

    Parameters
    ----------
    page : pages.Page

    Returns
    -------
    str
    """
    notebook = jupytext.reads(page.text, fmt="md:myst")
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:03d}"
        cell.metadata.pop("tags", None) if not cell.metadata.get("tags") else None
    notebook.metadata.pop("jupytext", None)
    return jupytext.writes(notebook, fmt="ipynb") + "\n"


def write_all():
    """Write every paired notebook that is missing or out of step.

    Returns
    -------
    list of pathlib.Path
        The files written.
    """
    written = []
    for page in pages.find_pages():
        file = page.path.with_suffix(".ipynb")
        if file in stale([page]):
            file.write_text(paired(page), encoding="utf-8")
            written.append(file)
    return written


def stale(some=None):
    """List the paired notebooks that are missing or out of step with their page.

    Parameters
    ----------
    some : list of pages.Page, optional
        All pages unless given.

    Returns
    -------
    list of pathlib.Path
    """
    files = [(page, page.path.with_suffix(".ipynb")) for page in some or pages.find_pages()]
    return [
        file
        for page, file in files
        if not file.exists() or file.read_text(encoding="utf-8") != paired(page)
    ]
