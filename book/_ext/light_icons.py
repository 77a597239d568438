"""Keep, of the theme's 2000 icons, those that the site shows: 10 kB instead of 400.

The theme brings every icon of Font Awesome twice, as a font and as a script that puts drawings in
the font's place after the page has loaded, which moves what stands beside them. Here the script
goes, and the fonts and style rules are copied anew with only the icons that pages, scripts and
style sheets name.
"""

import re
from pathlib import Path

import pydata_sphinx_theme
from fontTools import subset

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
STYLES = Path("styles") / "pydata-sphinx-theme.css"
FONTS = Path("vendor") / "fontawesome" / "webfonts"
SCRIPT = Path("scripts") / "fontawesome.js"
SCRIPT_TAG = re.compile(r"\s*<script[^>]*/fontawesome\.js[^>]*></script>")
NAME = re.compile(r"\bfa-([a-z0-9-]+)")
RULE = re.compile(r'((?:\.fa-[\w-]+:before,?)+)\{content:"([^"]+)"\}')
CODE = re.compile(r"\\([0-9a-f]{4})|([\ue000-\uf8ff])")
SOURCE = re.compile(r"src:url\(([^)]*/fa-[\w-]+)\.woff2\)[^}]*")


def names_used(site):
    """Collect the names of all icons that pages and scripts mention.

    Parameters
    ----------
    site : pathlib.Path

    Returns
    -------
    set of str
    """
    files = [*site.rglob("*.html"), *site.rglob("*.js")]
    texts = (file.read_text(encoding="utf-8") for file in files if file.name != SCRIPT.name)
    return {name for text in texts for name in NAME.findall(text)}


def thin_out(styles, wanted):
    """Drop the rules of icons that are not wanted; hide the others from screen readers.

    Parameters
    ----------
    styles : str
    wanted : set of str
        Names without ``fa-``; an icon with several names is kept if one is wanted.

    Returns
    -------
    str
    """

    def keep(rule):
        names, sign = rule.groups()
        silent = f'{names}{{content:"{sign}";content:"{sign}"/""}}'
        return silent if wanted & set(NAME.findall(names)) else ""

    return SOURCE.sub(r'src:url(\1.woff) format("woff")', RULE.sub(keep, styles))


def codes_used(styles):
    """Find the private characters that style sheets show: icons by their code.

    Parameters
    ----------
    styles : str

    Returns
    -------
    set of int
    """
    return {int(code, 16) if code else ord(sign) for code, sign in CODE.findall(styles)}


def write_fonts(folder, codes):
    """Write each of the theme's icon fonts with only these characters.

    Parameters
    ----------
    folder : pathlib.Path
        Its other fonts are deleted.
    codes : set of int
    """
    for old in [*folder.glob("*.woff2"), *folder.glob("*.ttf")]:
        old.unlink()
    for whole in (THEME / FONTS).glob("*.ttf"):
        options = subset.Options(flavor="woff", hinting=False, recalc_timestamp=False)
        font = subset.load_font(str(whole), options)
        chosen = subset.Subsetter(options)
        chosen.populate(unicodes=codes)
        chosen.subset(font)
        subset.save_font(font, str(folder / f"{whole.stem}.woff"), options)


def lighten(app, exception):
    """Replace styles and fonts in the site that was built, and drop the script."""
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    static = site / "_static"
    styles = (THEME / STYLES).read_text(encoding="utf-8")
    (static / STYLES).write_text(thin_out(styles, names_used(site)), encoding="utf-8")
    sheets = "".join(file.read_text(encoding="utf-8") for file in static.rglob("*.css"))
    write_fonts(static / FONTS, codes_used(sheets))
    for left_over in static.glob("scripts/fontawesome.js*"):
        left_over.unlink()
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        if SCRIPT_TAG.search(text):
            page.write_text(SCRIPT_TAG.sub("", text), encoding="utf-8")


def setup(app):
    """Connect to Sphinx's events, after whatever copies the theme's files."""
    app.connect("build-finished", lighten, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
