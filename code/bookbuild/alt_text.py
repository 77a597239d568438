"""Lint for what pictures say to those who do not see them: in the pages, and in the built site."""

import re
from collections import Counter

import yaml
from lxml import html

from bookbuild import links

SHORTEST, LONGEST = 40, 400
FILE_NAME = re.compile(r"\S\.(?:png|svg|jpe?g|gif|webp|pdf)\b|[0-9a-f]{16}", re.IGNORECASE)
ANNOUNCED = re.compile(
    r"\b(?:plot|figure|image|picture|graph|chart|photo(?:graph)?) (?:of|showing|that shows)\b",
    re.IGNORECASE,
)
FIGURE_CALL = re.compile(
    r"\bplot_\w+\(|\.plot\(|\.scatter\(|plt\.|\.subplots\(|draw_(?!independent_)\w+\("
)
BLOCK = re.compile(
    r"^(?P<fence>`{3,}|:{3,})\{(?P<kind>code-cell|figure|image)\}[^\n]*\n(?P<body>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
METADATA = re.compile(r"---\n(.*?)^---$", re.MULTILINE | re.DOTALL)
OPTION = re.compile(r"^:alt:[ ]*(.*)$", re.MULTILINE)
INLINE = re.compile(r"!\[([^\]]*)\]\(")


def poor(alt):
    """Say what is wrong with an alt text.

    Parameters
    ----------
    alt : str or None

    Returns
    -------
    str
        Empty if nothing is.
    """
    if not alt:
        return "has no alt text"
    if len(alt) < SHORTEST:
        return f"has an alt text that says too little: {alt!r}"
    if len(alt) > LONGEST:
        return f"has an alt text of {len(alt)} characters; say at most {LONGEST}: {alt[:60]!r}"
    if FILE_NAME.search(alt):
        return f"has an alt text with a file's name in it: {alt!r}"
    if ANNOUNCED.search(alt):
        return f"has an alt text that says what kind of thing it is; say what it shows: {alt!r}"
    return ""


def problems(text):
    """Lint the figures of one page: those its cells draw, and those that it includes.

    Parameters
    ----------
    text : str
        MyST Markdown.

    Returns
    -------
    list of (int, str)
        Line number and message.
    """
    found, seen = [], set()
    for start, alt in sorted(_pictures(text), key=lambda picture: picture[0]):
        line = text.count("\n", 0, start) + 1
        if told := poor(alt):
            found.append((line, f"this figure {told}"))
        elif alt.casefold() in seen:
            found.append((line, f"this figure has the alt text of another: {alt!r}"))
        seen.add((alt or "").casefold())
    return found


def _pictures(text):
    """Yield the place and the alt text of every picture."""
    for block in BLOCK.finditer(text):
        if block["kind"] != "code-cell":
            alt = OPTION.search(block["body"])
            yield block.start(), alt and alt[1].strip()
        elif FIGURE_CALL.search(METADATA.sub("", block["body"], count=1)):
            yield block.start(), _cell_alt(block["body"])
    prose = BLOCK.sub(lambda block: re.sub(r"[^\n]", " ", block[0]), text)
    yield from ((image.start(), image[1].strip()) for image in INLINE.finditer(prose))


def _cell_alt(body):
    """Read the alt text from a cell's metadata."""
    metadata = METADATA.match(body)
    shown = (yaml.safe_load(metadata[1]) or {}).get("mystnb", {}) if metadata else {}
    return str(shown.get("image", {}).get("alt") or "").strip()


def problems_in_site(site):
    """Lint the built pages: every picture has an alt attribute, one in the text a good one.

    Parameters
    ----------
    site : pathlib.Path
        Folder with ``index.html``.

    Returns
    -------
    list of str
        ``page: what is wrong``.
    """
    found = []
    for file in links.site_pages(site):
        tree, name = html.parse(str(file)).getroot(), file.relative_to(site)
        bare = tree.xpath("//img[not(@alt)]/@src")
        found += [f"{name}: {source} has no alt attribute" for source in bare]
        shown = [picture.get("alt") for picture in tree.xpath("//article//img[@alt]")]
        found += [f"{name}: a picture {told}" for told in map(poor, shown) if told]
        found += [f"{name}: {n} pictures say {alt!r}" for alt, n in Counter(shown).items() if n > 1]
    return found
