"""Sitemap, robots.txt and what each page's head tells browsers and search engines.

The sitemap lists every page of the book, also after a build that wrote only some of them anew,
which sphinx-sitemap cannot do.
"""

from pathlib import Path
from xml.etree import ElementTree

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
HEAD = """
<link rel="icon" type="image/png" sizes="32x32" href="{icon}">
<link rel="apple-touch-icon" href="{large}">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="#ffffff">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#14181e">
"""


def sitemap(addresses):
    """Write a sitemap.

    Parameters
    ----------
    addresses : iterable of str

    Returns
    -------
    bytes
        XML.
    """
    root = ElementTree.Element("urlset", xmlns=NAMESPACE)
    for address in addresses:
        ElementTree.SubElement(ElementTree.SubElement(root, "url"), "loc").text = address
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def write_lists(app, exception):
    """Write sitemap and robots.txt into the site that was built."""
    if exception is not None or app.builder.format != "html":
        return
    base, site = app.config.html_baseurl, Path(app.outdir)
    addresses = [base + app.builder.get_target_uri(name) for name in sorted(app.env.found_docs)]
    (site / "sitemap.xml").write_bytes(sitemap(addresses))
    (site / "robots.txt").write_text(f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n")


def complete_head(app, pagename, templatename, context, doctree):
    """Add icons for browsers that show no SVG, and the colour of the browser's own frame."""
    if "pathto" in context:
        pathto = context["pathto"]
        icons = {
            "icon": pathto("_static/icon-32.png", 1),
            "large": pathto("_static/icon-180.png", 1),
        }
        context["metatags"] = context.get("metatags", "") + HEAD.format(**icons)


def setup(app):
    """Connect to Sphinx's events."""
    app.connect("html-page-context", complete_head)
    app.connect("build-finished", write_lists)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
