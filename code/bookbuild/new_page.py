"""Make a new page: a small example that passes every check, for its author to rewrite."""

import re
from pathlib import Path

from bookbuild import claims, notebooks, paths, studies

SKELETON = Path(__file__).parent / "skeleton"
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
TAKEN = ("index",)


def make(method, name):
    """Write a page, its claims, notebook and study record, and list it in the contents.

    A method that is new gets a first page of its own, too.

    Parameters
    ----------
    method, name : str
        Folder and file: small letters, digits and underscores, such as ``gaussian_processes`` and
        ``kernels``.

    Returns
    -------
    list of pathlib.Path
        The files written or changed.

    Raises
    ------
    ValueError
        If a name will not do or the page exists; nothing is written then.
    """
    _require_names(method, name)
    toc = paths.BOOK / "_toc.yml"
    texts = _texts(method, name) | {toc: listed(toc.read_text(encoding="utf-8"), method, name)}
    for file, text in texts.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    paired = notebooks.write_all()
    studies.run([f"pages/{method}/{name}"])
    record = paths.STUDIES / "pages" / method / f"{name}.json"
    return list(dict.fromkeys([*texts, *paired, record]))


def _require_names(method, name):
    for what, given in (("METHOD", method), ("NAME", name)):
        if not NAME.fullmatch(given) or given in TAKEN:
            raise ValueError(
                f"{what} is {given!r}, but becomes a part of file names and addresses: small "
                "letters a-z, digits and single underscores, a letter first, not 'index'. "
                "For example: make new-page METHOD=wavelets NAME=ripples"
            )
    page = paths.BOOK / "chapters" / method / f"{name}.md"
    if page.exists():
        raise ValueError(f"{page.relative_to(paths.ROOT)} exists; choose another NAME or edit it.")
    mine = [claim for claim in claims.load_claims().values() if claim.name.startswith(f"{name}.")]
    if mine:
        raise ValueError(f"The results of {mine[0].page} are called {name}.…; choose another NAME.")


def _texts(method, name):
    """Fill in the skeleton: the text of every file to write except the contents."""
    folder, record = paths.BOOK / "chapters" / method, paths.CLAIMS / f"{method}.toml"
    words = {"@method@": method, "@page@": name}
    page = _filled("page.md", words | {"@title@": title(name)})
    before = record.read_text(encoding="utf-8") + "\n" if record.exists() else ""
    texts = {folder / f"{name}.md": page, record: before + _filled("claims.toml", words)}
    if not (folder / "index.md").exists():
        texts[folder / "index.md"] = _filled("index.md", words | {"@title@": title(method)})
    return texts


def _filled(file, words):
    text = (SKELETON / file).read_text(encoding="utf-8")
    for word, value in words.items():
        text = text.replace(word, value)
    return text


def title(name):
    """Turn the name of a file into a heading: ``gaussian_processes`` into "Gaussian processes"."""
    return name.replace("_", " ").capitalize()


def listed(toc, method, name):
    """Add a page to a table of contents, after the other pages of its method.

    Parameters
    ----------
    toc : str
        Text of ``_toc.yml``; its comments and layout are kept.
    method, name : str

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If no chapter is listed yet, so that there is no place to go by.
    """
    lines, entry = toc.splitlines(), re.compile(r"( *)- file: chapters/(\w+)/(\w+)\b")
    found = [
        (number, *match.groups())
        for number, line in enumerate(lines)
        if (match := entry.match(line))
    ]
    chapters = [indent for _, indent, _, page in found if page == "index"]
    if not chapters:
        raise ValueError("book/_toc.yml lists no chapters/<method>/index to put the page beside.")
    mine = [number for number, _, folder, _ in found if folder == method]
    pages = [number for number, _, folder, page in found if folder == method and page != "index"]
    new = [f"{chapters[-1]}    - file: chapters/{method}/{name}"]
    if not pages:
        new.insert(0, f"{chapters[-1]}  sections:")
    if not mine:
        new.insert(0, f"{chapters[-1]}- file: chapters/{method}/index")
    place = (mine or [number for number, *_ in found])[-1] + 1
    return "\n".join([*lines[:place], *new, *lines[place:]]) + "\n"
