"""Keep, of the theme's 2000 icons, those that the site shows: pages weigh less than half as much.

The theme's script carries every icon of Font Awesome (1.5 MB). It is copied anew here without those
that no page and no other script names.
"""

import re
from pathlib import Path

import pydata_sphinx_theme

SCRIPT = Path("scripts") / "fontawesome.js"
NAME = re.compile(r"\bfa-([a-z0-9-]+)")
ICON = re.compile(
    r'(?:"(?P<quoted>[\w-]+)"|(?P<bare>[\w$]+))'  # name
    r':\[\d+,\d+,\[(?P<aliases>[^\]]*)\],"[0-9a-f]+",'  # width, height, aliases, code point
    r'(?:"[^"]*"|\[[^\]]*\])\],?'  # outline
)


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


def thin_out(script, wanted):
    """Drop the icons whose names, aliases included, are not wanted.

    Parameters
    ----------
    script : str
    wanted : set of str

    Returns
    -------
    str
    """

    def keep(icon):
        names = {icon["quoted"] or icon["bare"], *re.findall(r'"([\w-]+)"', icon["aliases"])}
        return icon.group() if names & wanted else ""

    return ICON.sub(keep, script).replace(",}", "}")


def write_script(app, exception):
    """Replace the script in the site that was built."""
    if exception is not None or app.builder.format != "html":
        return
    whole = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static" / SCRIPT
    thin = thin_out(whole.read_text(encoding="utf-8"), names_used(Path(app.outdir)))
    (Path(app.outdir) / "_static" / SCRIPT).write_text(thin, encoding="utf-8")


def setup(app):
    """Connect to Sphinx's events, after whatever copies the theme's files."""
    app.connect("build-finished", write_script, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
