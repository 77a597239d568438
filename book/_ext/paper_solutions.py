"""Boxes and solutions in the paper edition.

Every admonition and exercise becomes a quiet box of one of four kinds. Solutions leave their
place and are collected in a chapter of their own, page by page, with a link each way.
"""

from docutils import nodes
from sphinx import addnodes
from sphinx_exercise.nodes import is_exercise_node, is_solution_node

KINDS = ("exercise", "data", "warning")  # by class or name; all others are notes
LEAD = "Each solution was executed together with the page that its exercise stands on."


class Box(nodes.Admonition, nodes.Element):
    """A box of a kind; its first child is the title."""


def visit_box(translator, node):
    """Begin a box."""
    translator.body.append(f"\n\\begin{{bookbox}}{{{node['kind']}}}")
    translator.no_latex_floats += 1


def depart_box(translator, node):
    """End a box."""
    translator.body.append("\\end{bookbox}\n")
    translator.no_latex_floats -= 1


def box_admonitions(doctree):
    """Replace every admonition and exercise by a box."""
    for node in list(doctree.findall(nodes.Admonition)):
        words = " ".join([node.tagname, *node.get("classes", [])])
        kind = next((kind for kind in KINDS if kind in words), "note")
        titled = bool(node.children) and isinstance(node[0], nodes.title)
        title = [] if titled else [nodes.title("", node.tagname.capitalize())]
        node.replace_self(Box("", *title, *node.children, kind=kind))


def collect_solutions(doctree, titles):
    """Take the solutions out of the joined pages.

    Parameters
    ----------
    doctree : docutils.nodes.document
    titles : dict of str to docutils.nodes.title
        Of every page.

    Returns
    -------
    list of docutils.nodes.section
        One chapter with all solutions, or none.
    """
    exercises = {node["label"]: node for node in doctree.findall(is_exercise_node)}
    pages = {}
    for solution in list(doctree.findall(is_solution_node)):
        exercise = exercises[solution["target_label"]]
        pages.setdefault(page_of(solution), []).append((solution, exercise))
    for pairs in pages.values():
        for solution, exercise in pairs:
            solution.parent.remove(solution)
            exercise += nodes.paragraph("", "", latex(rf"\solutionpage{{{solution['label']}}}"))
            at = exercise.parent.index(exercise)
            exercise.parent.insert(at, latex(rf"\exerciselabel{{{exercise['label']}}}"))
    groups = [group(page, titles[page].deepcopy(), pairs) for page, pairs in pages.items()]
    title, lead = nodes.title("", "Solutions"), nodes.paragraph("", LEAD)
    return [nodes.section("", title, lead, *groups, ids=["solutions"])] if groups else []


def group(page, title, pairs):
    """Lay out the solutions of one page; links in them still start from that page."""
    section = nodes.section("", title, ids=[f"solutions-{page.replace('/', '-')}"])
    for solution, exercise in pairs:
        begin = rf"\solutionheading{{{exercise['label']}}}{{{solution['label']}}}{{"
        number = [child.deepcopy() for child in exercise[0].children]
        section += nodes.paragraph("", "", latex(begin), *number, latex("}"))
        section += solution[1:]
    return addnodes.start_of_file("", section, docname=page)


def page_of(node):
    """Name the page that a node of the joined tree comes from."""
    while not isinstance(node, addnodes.start_of_file) and node.parent is not None:
        node = node.parent
    return node["docname"]


def latex(text):
    """Make a node of LaTeX as it stands."""
    return nodes.raw("", text, format="latex")


def setup(app):
    """Register the node with Sphinx."""
    app.add_node(Box, latex=(visit_box, depart_box))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
