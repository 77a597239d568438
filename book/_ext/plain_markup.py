"""Mend markup of Sphinx and its theme that screen readers and axe object to."""

import re

MENDED = {
    '<div role="list" class="citation-list">': '<div class="citation-list">',
    ' role="doc-biblioentry"': "",  # deprecated, and not allowed on a div
    "<th></th>": "<td></td>",  # of data frames, which have no name for their row labels
}
TWISTY = re.compile(r"(<a [^>]*>)([^<]+)(</a>\s*<details[^>]*>\s*<summary)>")


def mend(app, pagename, templatename, context, doctree):
    """Replace what is wrong in the page's body and in its table of contents."""
    if "body" in context:
        for wrong, right in MENDED.items():
            context["body"] = context["body"].replace(wrong, right)
    make = context.get("generate_toctree_html")
    if make is not None:
        context["generate_toctree_html"] = lambda *words, **options: name_twisties(
            make(*words, **options)
        )


def name_twisties(contents):
    """Say what each button of the sidebar unfolds, which the theme leaves without a name.

    Parameters
    ----------
    contents : bs4.BeautifulSoup or str

    Returns
    -------
    str
    """
    return TWISTY.sub(r'\1\2\3 aria-label="Pages of \2">', str(contents))


def setup(app):
    """Connect to Sphinx's events, after the theme."""
    app.connect("html-page-context", mend, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
