"""The repository's address wherever the site shows it, and the buttons of executable pages.

`bookbuild.repository` finds the address, which follows a fork; pages write ``{{ repository }}`` and
``{{ repository_name }}``, in code blocks too. The theme makes the buttons: to Colab, Binder and the
repository, and for downloads. Here they are removed from pages that run nothing, the issue gets
the page's title, and the notebook offered is the paired one, without outputs.
"""

import os
from pathlib import Path
from urllib.parse import quote

from bookbuild import notebooks, pages, repository

RUNNABLE = ("launch-buttons", "download-buttons", "source-buttons")


def set_address(app, config):
    """Tell Sphinx, its theme and other extensions where repository and site are."""
    address = repository.address()
    config.book_repository = address  # when it changes, all pages are read again
    config.book_pdf = os.environ.get("BOOKBUILD_PDF", "")
    config.html_baseurl = repository.site()
    config.html_theme_options |= {
        "repository_url": address,
        "repository_branch": repository.reference(),
    }


def write_address(app, docname, source):
    """Put the address into a page's text."""
    address = app.config.book_repository
    text = source[0].replace("{{ repository }}", address)
    source[0] = text.replace("{{ repository_name }}", address.rsplit("/", 1)[1])


def choose_buttons(app, pagename, templatename, context, doctree):
    """Keep on each page what serves there."""
    buttons = context.get("header_buttons", [])
    if "kernelspec" not in app.env.metadata.get(pagename, {}):
        buttons[:] = [button for button in buttons if button.get("label") not in RUNNABLE]
        return
    groups = {button.get("label"): button.get("buttons", []) for button in buttons}
    for button in groups["launch-buttons"]:
        button["icon"] = "fas fa-arrow-up-right-from-square"  # the logo would be part of its name
    write_notebook(app, pagename)
    offer_book(groups["download-buttons"], app.config.book_pdf, context["pathto"])
    title = app.env.titles[pagename].astext()
    for button in groups["source-buttons"]:
        amend_source_button(button, app.config.book_repository, title)


def write_notebook(app, pagename):
    """Replace the executed notebook that the theme offers by the one to start from."""
    page = pages.Page(pagename, Path(app.env.doc2path(pagename)))
    target = Path(app.outdir) / "_sources" / f"{pagename}.ipynb"
    target.write_text(notebooks.paired(page, app.config.book_repository), encoding="utf-8")


def offer_book(downloads, pdf, pathto):
    """Offer the book's PDF where the build has made one; to print the page is always possible."""
    printing = next(button for button in downloads if button["label"] == "download-pdf-button")
    printing |= {"text": "Print this page", "icon": "fas fa-print", "label": "print-button"}
    if pdf:
        downloads.append(
            {
                "type": "link",
                "url": pathto(Path(pdf).name, 1),
                "text": ".pdf of the book",
                "tooltip": "Download the whole book as PDF",
                "icon": "fas fa-file-pdf",
                "label": "download-pdf-button",
            }
        )


def amend_source_button(button, address, title):
    """Edit the branch main, since a tag cannot be edited; name the page in an issue."""
    if button["label"] == "source-edit-button":
        button["url"] = button["url"].replace(f"/edit/{repository.reference()}/", "/edit/main/")
    if button["label"] == "source-issues-button":
        button["url"] = f"{address}/issues/new?title={quote(f'On the page “{title}”: ')}"


def setup(app):
    """Connect to Sphinx's events: before the theme reads its options, after it made the buttons."""
    app.add_config_value("book_repository", "", "env")
    app.add_config_value("book_pdf", "", "html")
    app.connect("config-inited", set_address, priority=1)
    app.connect("source-read", write_address)
    app.connect("html-page-context", choose_buttons, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
