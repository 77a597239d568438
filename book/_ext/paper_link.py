"""Offer the paper edition on the web, if it was made: in every page's header, and in places.

``make site`` and ``make book`` name the PDF in ``BOOKBUILD_PDF`` when it belongs to these very
pages. The directive ``{paper-link}`` holds what is the text of a link that is shown only then.
"""

import os
import shutil
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

PDF = "BOOKBUILD_PDF"
OFFER = "The whole book as a PDF"


class PaperLink(nodes.General, nodes.Element):
    """Stands for the link until it is known whether there is a PDF."""


class PaperLinkDirective(SphinxDirective):
    """Leaves the place of the link to the PDF; its content is the link's text."""

    has_content = True

    def run(self):
        """Return the directive's nodes."""
        return [PaperLink(text=" ".join(self.content), page=self.env.docname)]


def note_pdf(app, config):
    """Remember the name of the PDF; all pages are written anew when it comes or goes."""
    config.paper_edition = Path(os.environ.get(PDF, "")).name


def place_links(app, doctree, docname):
    """Link to the PDF, or leave the place empty."""
    for node in list(doctree.findall(PaperLink)):
        if app.builder.format == "html" and app.config.paper_edition:
            link = nodes.reference("", node["text"], refuri=address(app, docname))
            node.replace_self(nodes.paragraph("", "", link, classes=["paper-link"]))
        else:
            node.parent.remove(node)


def address(app, docname):
    """Say where the PDF is, as seen from a page."""
    return "../" * docname.count("/") + app.config.paper_edition


def add_button(app, pagename, templatename, context, doctree):
    """Put the PDF into the page's header."""
    if app.config.paper_edition and "header_buttons" in context:
        button = {"type": "link", "url": address(app, pagename), "tooltip": OFFER}
        button |= {"icon": "fas fa-book", "label": "paper-button", "classes": "pst-navbar-icon"}
        context["header_buttons"].append(button)


def copy_pdf(app, exception):
    """Keep the PDF beside the pages, or take away one that is out of date."""
    if exception is not None or app.builder.format != "html":
        return
    for old in Path(app.outdir).glob("*.pdf"):
        old.unlink()
    if app.config.paper_edition:
        shutil.copyfile(os.environ[PDF], Path(app.outdir) / app.config.paper_edition)


def setup(app):
    """Register directive and events with Sphinx."""
    app.add_config_value("paper_edition", "", "html")
    app.add_node(PaperLink)
    app.add_directive("paper-link", PaperLinkDirective)
    app.connect("config-inited", note_pdf)
    app.connect("doctree-resolved", place_links, priority=90)
    app.connect("html-page-context", add_button, priority=502)
    app.connect("build-finished", copy_pdf)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
