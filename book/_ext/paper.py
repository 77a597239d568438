"""The paper edition: how the pages become one LaTeX document with front matter, parts and back.

Sphinx's LaTeX builder joins all pages into one tree; here that tree gets the order of a book. A
page with others beneath it in ``_toc.yml`` becomes a part, those beneath it its chapters. The
pages of the first caption are front matter, those of the last one back matter.

What only works on the web is left out: `paper_outputs.drop_web_only`.
"""

import json
import os
from pathlib import Path

from card_picture import find_picture
from docutils import nodes
from paper_lists import add_captions, list_exercises
from paper_outputs import drop_web_only
from paper_references import add_page_numbers, index_terms, place_bibliography
from paper_solutions import box_admonitions, collect_solutions
from sphinx import addnodes

from mlearth import __version__

NAME = "machine-learning-for-earth-sciences"
STYLE = Path(__file__).resolve().parents[1] / "_latex"
SETTINGS = {
    "latex_engine": "xelatex",
    "latex_docclass": {"manual": "book"},
    "latex_toplevel_sectioning": "part",
    "latex_use_xindy": False,
    "latex_show_urls": "no",
    "latex_table_style": ["booktabs"],
    "latex_additional_files": [
        str(STYLE / "book.sty"),
        str(STYLE / "fonts.tex"),
        str(STYLE / "cover.tex"),
    ],
    "today_fmt": "%d %B %Y",
    "latex_elements": {
        "papersize": "a4paper",
        "pointsize": "11pt",
        "extraclassoptions": "openany",
        "fontpkg": r"\input{fonts.tex}",
        "fncychap": "",
        "sphinxsetup": "hmargin={30mm,30mm}, vmargin={28mm,30mm}, verbatimwithframe=false",
        "tableofcontents": r"\frontmatter\bookcontents",
    },
}
RESULTS = "BOOKBUILD_RESULTS"  # where `make pdf` says that the executed pages are
PREAMBLE = r"""\usepackage{book}
\newcommand{\bookversion}{%s}\newcommand{\bookweb}{%s}\newcommand{\bookrepository}{%s}"""
FRONT = r"\bookfront"
MAIN = r"\mainmatter\bookmain"
BACK = r"\backmatter\bookback"


class Division(nodes.Element):
    """A stretch of the book that begins with some LaTeX; headings in it are levels deeper."""


def visit_division(translator, node):
    """Begin a division."""
    translator.body.append(f"\n{node['begin']}\n")
    translator.sectionlevel += node["deeper"]


def depart_division(translator, node):
    """End a division."""
    translator.sectionlevel -= node["deeper"]
    translator.body.append(f"\n{node['end']}\n")


def division(begin, *children, deeper=0, end=""):
    """Make a division of the given nodes."""
    return Division("", *children, begin=begin, end=end, deeper=deeper)


def arrange(app, doctree, docname):
    """Give the joined pages the order of a book."""
    if app.builder.name != "latex":
        return
    picture = find_picture(doctree, app.builder.supported_image_types)
    name = Path(picture["uri"]).name if picture else ""
    app.builder.context["maketitle"] = rf"\bookcover{{{name}}}"
    note_contents(app)
    for page in doctree.findall(addnodes.start_of_file):
        page[:] = page.children  # makes them know their parent, which Sphinx forgets
    drop_web_only(app, doctree)
    add_captions(doctree)
    list_exercises(doctree)
    solutions = collect_solutions(doctree, app.env.titles)
    box_admonitions(doctree)
    add_page_numbers(doctree)
    index_terms(doctree)
    place_bibliography(doctree)
    root = next(doctree.findall(nodes.section))
    wrappers = [node for node in root if "toctree-wrapper" in node.get("classes", [])]
    about = nodes.section("", nodes.title("", "About this book"), ids=["about"])
    about += [node for node in root[1:] if node not in wrappers]
    first, *middle, last = [wrapper.children for wrapper in wrappers]
    parts = [page for pages in middle for page in pages]
    for page in parts:
        make_part(page)
    root.children = [root[0]]
    root += division(FRONT, about, *first, deeper=1)
    root += division(MAIN, *parts)
    root += division(BACK, *solutions, *last, deeper=1)


def note_contents(app):
    """Leave for the gate what Sphinx read, before anything is rearranged."""
    titles = [text.astext() for page, text in app.env.titles.items() if page != app.config.root_doc]
    equations = app.env.get_domain("math").data["objects"]
    contents = {
        "titles": sorted(titles),
        "equations": sorted(f"{page}:{label}" for label, (page, _) in equations.items()),
    }
    (Path(app.outdir) / "contents.json").write_text(json.dumps(contents), encoding="utf-8")


def make_part(page):
    """Set the text of a part's own page apart from its chapters."""
    section = next(page.findall(nodes.section))
    own = [node for node in section[1:] if not any(node.findall(addnodes.start_of_file))]
    chapters = [node for node in section[1:] if node not in own]
    section.children = [section[0]]
    section += division(r"\partopening", *own, deeper=1, end=r"\partclosing")
    section += chapters


def configure(app, config):
    """Set what LaTeX needs."""
    document = ("index", f"{NAME}.tex", config.html_title, config.author, "manual", False)
    for name, value in SETTINGS.items():
        setattr(config, name, value)
    config.latex_documents = [document]
    repository = config.html_theme_options["repository_url"]
    config.latex_elements["preamble"] = PREAMBLE % (__version__, config.html_baseurl, repository)
    config.nb_execution_cache_path = os.environ.get(RESULTS, config.nb_execution_cache_path)


def setup(app):
    """Register node and events with Sphinx."""
    app.add_node(Division, latex=(visit_division, depart_division))
    app.connect("config-inited", configure, priority=900)
    app.connect("doctree-resolved", arrange, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
