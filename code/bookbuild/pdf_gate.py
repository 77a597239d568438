"""What a PDF must not have (overfull lines, missing glyphs, dead references) and what it must."""

import base64
import hashlib
import re
from dataclasses import dataclass

from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject

WIDEST = 10.0  # points by which a line may stick out
OVERFULL = re.compile(r"Overfull \\hbox \((\d+(?:\.\d+)?)pt too wide\)(.*)")
MISSING = re.compile(r"Missing character: .*")
UNDEFINED = re.compile(
    r"(?:LaTeX|Package \w+) Warning: (?:Hyper reference|Reference) .* undefined.*"
    r"|LaTeX Warning: Citation .* undefined.*"
    r"|LaTeX Warning: Label .* multiply defined.*"
)
GRAPHIC = re.compile(r"\\sphinxincludegraphics(?:\[[^\]]*\])?\{\{([^}]+)\}(\.\w+)\}")
LABEL = re.compile(r"\\label\{equation:([^}]+)\}")
METADATA = ("/Title", "/Author", "/Subject", "/Keywords")
ENDINGS = {"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpeg"}
FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")


@dataclass(frozen=True)
class Contents:
    """What the web edition has.

    Parameters
    ----------
    titles : list of str
        Of all pages but the first.
    figures : list of str
        Names of the files that cells drew, in the form for paper.
    equations : list of str
        ``page:label`` of each numbered equation.
    """

    titles: list
    figures: list
    equations: list


def problems(file, contents):
    """Collect all that is wrong with a PDF.

    Parameters
    ----------
    file : pathlib.Path
        The PDF; its LaTeX source and LaTeX's log lie beside it.
    contents : Contents

    Returns
    -------
    list of str
    """
    reader = PdfReader(file)
    log = file.with_suffix(".log").read_text(encoding="utf-8", errors="replace")
    found = log_problems(log)
    found += missing_contents(reader, file.with_suffix(".tex").read_text("utf-8"), contents)
    found += [f"no {entry[1:].lower()} is set" for entry in METADATA if not _stated(reader, entry)]
    if not reader.root_object.get("/Lang"):
        found.append("no language is set")
    for number, page in enumerate(reader.pages, start=1):
        if "??" in page.extract_text():
            found.append(f"page {number} has ??: a reference that leads nowhere")
    found += dead_links(reader)
    fonts = {font for page in reader.pages for font in unembedded_fonts(page)}
    return found + [f"the font {font} is not embedded" for font in sorted(fonts)]


def _stated(reader, entry):
    return str((reader.metadata or {}).get(entry, "")).strip()


def log_problems(log):
    """Find what LaTeX warns of that a reader would see.

    Parameters
    ----------
    log : str

    Returns
    -------
    list of str
    """
    found = [
        f"a line is {wide} pt too wide{where}"
        for wide, where in OVERFULL.findall(log)
        if float(wide) > WIDEST
    ]
    for pattern in (MISSING, UNDEFINED):
        found += sorted(set(pattern.findall(log)))
    return found


def missing_contents(reader, source, contents):
    """Find what the web edition has and the PDF has not.

    Parameters
    ----------
    reader : pypdf.PdfReader
    source : str
        The LaTeX that the PDF was made from; LaTeX stops at a picture that it cannot include.
    contents : Contents

    Returns
    -------
    list of str
    """
    bookmarks = {plain(title) for title in outline_titles(reader.outline)}
    drawn = {name + ending for name, ending in GRAPHIC.findall(source)}
    labels = set(LABEL.findall(source))
    found = [f"chapter missing: {t}" for t in contents.titles if plain(t) not in bookmarks]
    found += [f"figure missing: {name}" for name in contents.figures if name not in drawn]
    return found + [f"equation missing: {e}" for e in contents.equations if e not in labels]


def outline_titles(outline):
    """List the titles of all bookmarks.

    Parameters
    ----------
    outline : list
        As pypdf nests it.

    Returns
    -------
    list of str
    """
    found = []
    for entry in outline:
        found += outline_titles(entry) if isinstance(entry, list) else [entry.title]
    return found


def plain(title):
    """Leave out the number before a title, and differences in spacing.

    Parameters
    ----------
    title : str

    Returns
    -------
    str
    """
    return re.sub(r"^[\dIVX.]+\s", "", " ".join(title.split()))


def figure_files(notebook):
    """Name the files in which MyST-NB keeps the pictures of a page for LaTeX.

    Parameters
    ----------
    notebook : nbformat.NotebookNode

    Returns
    -------
    list of str
    """
    found = []
    for cell in notebook.cells:
        removed = {"remove-output", "remove-cell"} & set(cell.metadata.get("tags", []))
        for output in [] if removed else cell.get("outputs", []):
            data = output.get("data", {})
            kind = next((kind for kind in ENDINGS if kind in data), None)
            if kind:
                digest = hashlib.sha256(base64.b64decode(data[kind])).hexdigest()
                found.append(digest + ENDINGS[kind])
    return found


def dead_links(reader):
    """Find links to places in the PDF that are not there.

    Parameters
    ----------
    reader : pypdf.PdfReader

    Returns
    -------
    list of str
    """
    places, found = set(reader.named_destinations), set()
    for number, page in enumerate(reader.pages, start=1):
        for note in page.get("/Annots", []):
            action = note.get_object().get("/A", {})
            if action.get("/S") == "/GoTo" and str(action["/D"]) not in places:
                found.add(f"page {number} links to {action['/D']}, which is nowhere")
    return sorted(found)


def unembedded_fonts(page):
    """Name the fonts that a page or a picture on it uses without bringing them along.

    Parameters
    ----------
    page : pypdf.PageObject

    Returns
    -------
    set of str
    """
    found, seen, todo = set(), set(), [page.get("/Resources", DictionaryObject())]
    while todo:
        resources = todo.pop().get_object()
        for font in _entries(resources, "/Font", seen):
            found |= {str(font["/BaseFont"])} if not _embedded(font) else set()
        for picture in _entries(resources, "/XObject", seen):
            todo.append(picture.get("/Resources", DictionaryObject()))
    return found


def _entries(resources, kind, seen):
    """Go through the fonts or pictures that have not been met before."""
    for entry in resources.get(kind, DictionaryObject()).get_object().values():
        key = (entry.idnum, entry.generation) if isinstance(entry, IndirectObject) else id(entry)
        if key not in seen:
            seen.add(key)
            yield entry.get_object()


def _embedded(font):
    """Tell whether a font is in the file; Type 3 fonts are made of the file's own drawings."""
    if font["/Subtype"] == "/Type3":
        return True
    inner = font.get("/DescendantFonts")
    font = inner.get_object()[0].get_object() if inner is not None else font
    descriptor = font.get("/FontDescriptor", DictionaryObject()).get_object()
    return any(name in descriptor for name in FONT_FILES)


def number_of_pages(file):
    """Count the pages of a PDF."""
    return len(PdfReader(file).pages)
