"""Typeset equations while the book is built: MathJax runs here, and not in the reader's browser.

Pages then need neither its script nor its fonts, and nothing moves when they load. Each equation is
an inline drawing in the colour of the text around it, with MathML beside it for screen readers.
MathJax comes from the package sphinx-mathjax-offline; mini-racer is what runs it. The numbers of
equations are Sphinx's own.
"""

import atexit
import functools
import json
from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from py_mini_racer import MiniRacer
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)
PARTS = ("core", "adaptors/liteDOM", "input/tex-full", "output/svg", "output/svg/fonts/tex")
PARTS += ("a11y/assistive-mml",)
PACKAGES = (
    "base",
    "ams",
    "boldsymbol",
    "cancel",
    "mathtools",
    "mhchem",
    "newcommand",
    "textmacros",
)
SET_UP = """
const sources = %s;
var console = {log() {}, info() {}, warn() {}, error() {}};
var setTimeout = run => run();
var MathJax = {
  loader: {paths: {mathjax: ""}, load: %s, require: name => (0, eval)(sources[name])},
  tex: {packages: %s},
  svg: {fontCache: "none"},
  startup: {typeset: false},
};
true
"""
CONVERT = "MathJax.startup.adaptor.outerHTML(MathJax.tex2svg(%s, {display: %s}))"


@functools.cache
def mathjax():
    """Start MathJax, once for all pages.

    Returns
    -------
    py_mini_racer.MiniRacer
    """
    package = find_spec("sphinx-mathjax-offline")
    folder = Path(package.origin).parent / "static" / "mathjax"
    sources = {f"/{part}.js": (folder / f"{part}.js").read_text("utf-8") for part in PARTS}
    engine = MiniRacer()
    atexit.register(engine.close)  # else Python sometimes waits for its thread for ever
    engine.eval(SET_UP % tuple(json.dumps(value) for value in (sources, PARTS, PACKAGES)))
    engine.eval((folder / "startup.js").read_text("utf-8") + "; true")
    return engine


@functools.cache
def typeset(latex, *, display=False):
    """Convert an equation.

    Parameters
    ----------
    latex : str
        What stands between dollar signs, or a whole environment such as ``align``.
    display : bool
        Whether it stands on lines of its own.

    Returns
    -------
    str
        HTML; what MathJax could not read is in an attribute ``data-mjx-error``.
    """
    if display and r"\\" in latex and not latex.lstrip().startswith(r"\begin"):
        latex = rf"\begin{{split}}{latex}\end{{split}}"
    return mathjax().eval(CONVERT % (json.dumps(latex), json.dumps(display)))


def visit_math(translator, node):
    """Write an equation inside a line."""
    opening = translator.starttag(node, "span", "", CLASS="math notranslate nohighlight")
    translator.body.append(opening + _checked(node, display=False) + "</span>")
    raise nodes.SkipNode


def visit_math_block(translator, node):
    """Write an equation on a line of its own, with its number and anchor."""
    attributes = {"CLASS": "math notranslate nohighlight", "tabindex": "0"}  # wide ones scroll
    translator.body.append(translator.starttag(node, "div", "", **attributes))
    translator.body.append(_checked(node, display=True))
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, _("Link to this equation"))
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def _checked(node, *, display):
    html = typeset(node.astext(), display=display)
    if "data-mjx-error" in html:
        why = html.split('data-mjx-error="')[1].split('"')[0]
        logger.warning("cannot typeset %s: %s", node.astext(), why, location=node)
    return html


def setup(app):
    """Make this the way in which Sphinx writes equations."""
    app.add_html_math_renderer("built", (visit_math, None), (visit_math_block, None))
    app.config.html_math_renderer = "built"
    return {"parallel_read_safe": True, "parallel_write_safe": False}
