"""The directive ``{card-picture} PAGE``: a picture that an executed page drew, shown elsewhere.

The page marks the cell with the tag ``card-picture``; picture and alt text are taken from there
whenever the site is built, so that the front page shows what the book itself produced.
"""

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

TAG = "tag_card-picture"
logger = logging.getLogger(__name__)


class CardPicture(nodes.General, nodes.Element):
    """Stands for the picture until all pages have been read."""


class CardPictureDirective(SphinxDirective):
    """Leaves the place of a picture; the page is named as in ``_toc.yml``."""

    required_arguments = 1

    def run(self):
        """Return the directive's nodes."""
        self.env.note_reread()
        node = CardPicture(page=self.arguments[0])
        self.set_source_info(node)
        return [node]


def find_picture(doctree):
    """Find the picture of the first cell that carries the tag; the one for paper is a PDF.

    Parameters
    ----------
    doctree : docutils.nodes.document

    Returns
    -------
    docutils.nodes.image or None
    """
    cells = (node for node in doctree.findall(nodes.container) if TAG in node["classes"])
    images = (image for cell in cells for image in cell.findall(nodes.image))
    return next((image for image in images if not image["uri"].endswith(".pdf")), None)


def place_pictures(app, doctree, docname):
    """Put the pictures into their places."""
    for node in list(doctree.findall(CardPicture)):
        page = node["page"]
        image = find_picture(app.env.get_doctree(page)) if page in app.env.found_docs else None
        if image is None:
            logger.warning("%s has no picture tagged card-picture", page, location=node)
            node.parent.remove(node)
            continue
        copy = image.deepcopy()
        copy["classes"] = ["card-picture"]
        node.replace_self(copy)


def setup(app):
    """Register the directive with Sphinx."""
    app.add_node(CardPicture)
    app.add_directive("card-picture", CardPictureDirective)
    app.connect("doctree-resolved", place_pictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
