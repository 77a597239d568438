"""Mend markup of Sphinx and its theme that screen readers and axe object to."""

CITATION_ROLES = {
    '<div role="list" class="citation-list">': '<div class="citation-list">',
    ' role="doc-biblioentry"': "",  # deprecated, and not allowed on a div
}


def mend(app, pagename, templatename, context, doctree):
    """Replace what is wrong in the page's body."""
    if "body" in context:
        for wrong, right in CITATION_ROLES.items():
            context["body"] = context["body"].replace(wrong, right)


def setup(app):
    """Connect to Sphinx's events."""
    app.connect("html-page-context", mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
