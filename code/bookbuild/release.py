"""What a release offers: the PDF, the notebooks, notes and checksums.

``python -m bookbuild.release vX.Y.Z FOLDER`` collects them from a book that is built.
"""

import hashlib
import re
import shutil
import sys
import zipfile
from pathlib import Path

from bookbuild import pages, paths
from mlearth import __version__

NAME = "machine-learning-for-earth-sciences"


def collect(tag, folder):
    """Put everything that a release offers into a folder.

    Parameters
    ----------
    tag : str
        ``vX.Y.Z``; must fit the version in ``mlearth``.
    folder : pathlib.Path
        Made if need be.

    Raises
    ------
    ValueError
        If the tag, the version and the changelog disagree, or the site offers no PDF.
    """
    notes = notes_of(tag)
    editions = sorted(paths.HTML.rglob(f"{NAME}.pdf"))
    if not editions:
        raise ValueError(f"There is no {NAME}.pdf in {paths.HTML}: make site")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(editions[0], folder / f"{NAME}-{tag}.pdf")
    _zip_notebooks(folder / f"{NAME}-{tag}-notebooks.zip")
    offered = sorted(folder.glob(f"{NAME}-{tag}*"))
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}" for file in offered]
    (folder / "SHA256SUMS").write_text("\n".join(sums) + "\n", encoding="utf-8")
    (folder / "NOTES.md").write_text(notes, encoding="utf-8")


def notes_of(tag):
    """Return what the changelog says about the version of a tag.

    Parameters
    ----------
    tag : str

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If `mlearth` has another version, or the changelog no section with a date for it.
    """
    if tag != f"v{__version__}":
        raise ValueError(f"The tag is {tag}, but mlearth.__version__ is {__version__!r}.")
    text = (paths.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = rf"^## {re.escape(__version__)}, \d{{4}}-\d\d-\d\d\n(.*?)(?=^## |\Z)"
    section = re.search(heading, text, re.MULTILINE | re.DOTALL)
    if not section:
        raise ValueError(f"CHANGELOG.md has no heading '## {__version__}, YYYY-MM-DD'.")
    return section.group(1).strip() + "\n"


def _zip_notebooks(file):
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in pages.find_pages():
            notebook = page.path.with_suffix(".ipynb")
            inside = notebook.relative_to(paths.BOOK / "chapters").as_posix()
            # ZipInfo dates it 1980: the same notebooks make the same archive
            archive.writestr(zipfile.ZipInfo(inside), notebook.read_bytes())


if __name__ == "__main__":
    try:
        collect(sys.argv[1], Path(sys.argv[2]))
    except ValueError as error:
        sys.exit(str(error))
