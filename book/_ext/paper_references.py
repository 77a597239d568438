"""References in the paper edition: page numbers, the index, and the bibliography in its place."""

from docutils import nodes
from paper_solutions import latex
from sphinx import addnodes
from sphinx.builders.latex.nodes import thebibliography


def add_page_numbers(doctree):
    """Say beside the title of another page where it is."""
    for node in list(doctree.findall(nodes.reference)):
        classes = {word for inner in node.findall(nodes.inline) for word in inner["classes"]}
        if classes & {"doc", "std-doc"}:
            label = rf"\detokenize{{{node['refuri'].lstrip('%')}::doc}}"
            number = latex(rf"~(page~\pageref*{{{label}}})")
            node.parent.insert(node.parent.index(node) + 1, number)


def index_terms(doctree):
    """Let the index lead to where a term is used, and not only to the glossary."""
    for index in [
        node for term in doctree.findall(nodes.term) for node in term.findall(addnodes.index)
    ]:
        meaning = index.parent.parent.next_node(nodes.definition)
        index.parent.remove(index)
        meaning.next_node(nodes.paragraph).insert(
            0, index
        )  # in a heading LaTeX spells it otherwise
    names = {name: term.astext() for term in doctree.findall(nodes.term) for name in term["ids"]}
    for node in list(doctree.findall(nodes.reference)):
        term = names.get(node.get("refuri", "").partition("#")[2] or node.get("refid"))
        if term:
            entry = ("single", term, "", "", None)
            place = next((up for up in _around(node) if isinstance(up, nodes.table)), node)
            place.parent.insert(place.parent.index(place), addnodes.index(entries=[entry]))


def _around(node):
    """Yield what a node stands in: within a table LaTeX spells an entry otherwise."""
    while node.parent is not None:
        node = node.parent
        yield node


def place_bibliography(doctree):
    """Put the bibliography back where it was: Sphinx moves it to the end."""
    for node in list(doctree.findall(thebibliography)):
        pages = doctree.findall(addnodes.start_of_file)
        page = next(page for page in pages if page["docname"] == node[0]["docname"])
        node.parent.remove(node)
        page.next_node(nodes.section).append(node)


def setup(app):
    """Nothing to register: `paper` calls the functions."""
    return {"parallel_read_safe": True, "parallel_write_safe": True}
