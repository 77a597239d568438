"""The directive ``{card-picture} PAGE``: a picture that an executed page drew, shown elsewhere.

The page marks the cell with the tag ``card-picture``; picture and alt text are taken from there
whenever the site is built, so that the front page shows what the book itself produced.
"""

import mimetypes

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


def find_picture(doctree, formats):
    """Find the picture of the first cell that carries the tag.

    Parameters
    ----------
    doctree : docutils.nodes.document
    formats : list of str
        MIME types that can be shown; a cell leaves each picture in several.

    Returns
    -------
    docutils.nodes.image or None
    """
    cells = (node for node in doctree.findall(nodes.container) if TAG in node["classes"])
    images = (image for cell in cells for image in cell.findall(nodes.image))
    return next((i for i in images if mimetypes.guess_type(i["uri"])[0] in formats), None)


def place_pictures(app, doctree, docname):
    """Put the pictures into their places."""
    for node in list(doctree.findall(CardPicture)):
        page = node["page"]
        formats = app.builder.supported_image_types
        known = page in app.env.found_docs
        image = find_picture(app.env.get_doctree(page), formats) if known else None
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
