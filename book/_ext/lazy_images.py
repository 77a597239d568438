"""Tell browsers the size of every picture, and to fetch those further down only when needed.

With its size known, a picture keeps its place free while it loads, and nothing moves. The first
picture in a page's text is fetched at once, since it may be in the first view.
"""

import functools
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from urllib.parse import unquote

from PIL import Image

PICTURE = re.compile(r"<img\b[^>]*>")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
TEXT = '<article class="bd-article"'
LENGTH = re.compile(r"([\d.]+)(px|pt|in)?$")
PIXELS = {None: 1, "px": 1, "pt": 96 / 72, "in": 96}


@functools.cache
def size(file):
    """Measure a picture.

    Parameters
    ----------
    file : pathlib.Path

    Returns
    -------
    tuple of (int, int)
        Width and height [pixels].
    """
    if file.suffix != ".svg":
        with Image.open(file) as picture:
            return picture.size
    root = ElementTree.parse(file).getroot()
    lengths = [LENGTH.match(root.get(name, "")) for name in ("width", "height")]
    if all(lengths):
        return tuple(round(float(found[1]) * PIXELS[found[2]]) for found in lengths)
    return tuple(round(float(number)) for number in root.get("viewBox").split()[2:])


def mend(text, folder):
    """Give every picture of a page what it lacks.

    Parameters
    ----------
    text : str
        HTML.
    folder : pathlib.Path
        Where the page is.

    Returns
    -------
    str
    """
    before, article, inside = text.partition(TEXT)
    pictures = iter(range(len(inside)))

    def complete(tag):
        found = dict(ATTRIBUTE.findall(tag.group()))
        file = folder / unquote(found.get("src", ""))
        added = {}
        if not {"width", "height"} <= set(found) and file.is_file():
            added["width"], added["height"] = size(file)
        if next(pictures) > 0 and "loading" not in found:
            added |= {"loading": "lazy", "decoding": "async"}
        words = "".join(f' {name}="{value}"' for name, value in added.items())
        return f"<img{words}{tag.group().removeprefix('<img')}"

    return before + article + PICTURE.sub(complete, inside)


def mend_pages(app, exception):
    """Mend the pages of the site that was built."""
    if exception is not None or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        mended = mend(text, page.parent)
        if mended != text:
            page.write_text(mended, encoding="utf-8")


def setup(app):
    """Connect to Sphinx's events."""
    app.connect("build-finished", mend_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
