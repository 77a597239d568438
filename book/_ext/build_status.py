"""The directive ``{build-status}``: tables of what the last ``make book`` left in status.json.

``book/_build/status.json`` is written by `bookbuild.build` before Sphinx runs; it holds the
versions of the packages, the hardware, and for each page seconds, peak memory and data sources.
"""

import json
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

FILE = Path("_build") / "status.json"
ABSENT = (
    "This copy of the book was rendered without the record that `make book` keeps, so there is "
    "nothing to show here."
)


class BuildStatus(SphinxDirective):
    """Renders the record, or one sentence where there is none."""

    def run(self):
        """Return the directive's nodes."""
        self.env.note_dependency(str(FILE))
        try:
            text = (Path(self.env.srcdir) / FILE).read_text(encoding="utf-8")
        except FileNotFoundError:
            return [nodes.paragraph("", ABSENT)]
        status = json.loads(text)
        return [
            nodes.paragraph("", f"Built on {status['hardware']}."),
            _table("Pages", ("page", "seconds", "peak memory", "data"), self._rows(status)),
            _table("Versions", ("package", "version"), sorted(status["versions"].items())),
        ]

    def _rows(self, status):
        """Lay out one row for each executed page."""
        for page in status["pages"]:
            sources = sorted(f"{name}: {kind}" for name, kind in page["sources"].items())
            yield (
                _link(page["page"], self.env.docname),
                f"{page['seconds']:.1f} s",
                f"{page['peak_memory_mb']} MB",
                ", ".join(sources) or "none",
            )


def _link(docname, here):
    """Make a reference to another page that Sphinx resolves to the page's title."""
    reference = addnodes.pending_xref(
        "",
        nodes.inline("", docname, classes=["doc"]),
        refdomain="std",
        reftype="doc",
        reftarget=f"/{docname}",
        refexplicit=False,
        refwarn=True,
        refdoc=here,
    )
    return nodes.paragraph("", "", reference)


def _table(title, header, rows):
    """Make a table of texts and nodes; all columns but the first and last are numbers."""
    group = nodes.tgroup("", *[nodes.colspec(colwidth=1) for _ in header], cols=len(header))
    group += nodes.thead("", _row(header))
    group += nodes.tbody("", *[_row(row) for row in rows])
    return nodes.table("", nodes.title("", title), group, classes=["build-status"])


def _row(cells):
    """Make a table row of texts and nodes."""
    contents = [
        cell if isinstance(cell, nodes.Node) else nodes.paragraph("", cell) for cell in cells
    ]
    return nodes.row("", *[nodes.entry("", content) for content in contents])


def setup(app):
    """Register the directive with Sphinx."""
    app.add_directive("build-status", BuildStatus)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
