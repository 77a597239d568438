"""Put the scripts that stand inside pages into files of their own.

A host with a strict Content-Security-Policy runs no script that stands inside a page. Sphinx, its
theme and its extensions put settings there: this writes them to a file, one for the pages with
equations and one for those without. The templates ``layout.html`` and
``article-header-buttons.html`` do the rest.
"""

import hashlib
from pathlib import Path

AFTER_SPHINX = 300  # the scripts whose variables are set have priority 200, those that use them 500
UNUSED = "DOCUMENTATION_OPTIONS.pagename ="  # for a menu of versions; differs between pages
MODE = """\
document.documentElement.dataset.mode = localStorage.getItem("mode") || "auto";
document.documentElement.dataset.theme = localStorage.getItem("theme") || "auto";
"""


def move_scripts(app, pagename, templatename, context, doctree):
    """Replace a page's inline scripts by one file."""
    scripts = context.get("script_files", [])
    inline = [script.attributes["body"] for script in scripts if not script.filename]
    scripts[:] = [script for script in scripts if script.filename]
    settings = dict.fromkeys(body for body in inline if not body.startswith(UNUSED))
    text = MODE + "\n".join(settings) + "\n"
    name = f"settings-{hashlib.sha256(text.encode()).hexdigest()[:8]}.js"
    folder = Path(app.outdir) / "_static"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    app.add_js_file(name, priority=AFTER_SPHINX)


def setup(app):
    """Connect to Sphinx's events, after whatever adds scripts."""
    app.connect("html-page-context", move_scripts, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
