"""Serve MathJax from the site itself, and of it only what the pages can load.

The files come from the package sphinx-mathjax-offline, which would copy all of its 24 MB: this
takes the combined script, its fonts and the TeX extensions that MathJax fetches when first used.
"""

import shutil
from importlib.util import find_spec
from pathlib import Path

SCRIPT = "mathjax/tex-chtml.js"
NEEDED = ("tex-chtml.js", "output/chtml/fonts/woff-v2/*.woff", "input/tex/extensions/*.js")
UNUSED = ("all-packages.js",)


def mathjax_files():
    """List what to copy.

    Returns
    -------
    dict of pathlib.Path to str
        For each file of the package its place below ``_static/mathjax``.
    """
    source = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
    files = (file for pattern in NEEDED for file in sorted(source.glob(pattern)))
    found = {file: str(file.relative_to(source)) for file in files if file.name not in UNUSED}
    if len(found) < len(NEEDED):
        raise FileNotFoundError(f"MathJax is incomplete in {source}")
    return found


def copy_mathjax(app, exception):
    """Copy MathJax into the site that was built."""
    if exception is not None or app.builder.format != "html":
        return
    for file, place in mathjax_files().items():
        target = Path(app.outdir) / "_static" / "mathjax" / place
        if not target.exists() or target.stat().st_size != file.stat().st_size:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def drop_unneeded(app, pagename, templatename, context, doctree):
    """Spare a page MathJax if only the pages beneath it in the table of contents have equations."""
    if not app.env.get_domain("math").data["has_equations"].get(pagename, False):
        scripts = context["script_files"]
        scripts[:] = [script for script in scripts if SCRIPT not in str(script.filename)]


def setup(app):
    """Point the pages at the copy; no page asks another host for it."""
    app.config.mathjax_path = SCRIPT
    app.connect("html-page-context", drop_unneeded, priority=900)
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
