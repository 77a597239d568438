"""Captions in the paper edition, and the lists of figures and exercises that they make.

The web edition says in words what a figure shows to those who do not see it. On paper the first
sentence of that is the figure's caption. An exercise is listed by its own first sentence.
"""

import re

from docutils import nodes
from sphinx_exercise.nodes import is_exercise_node

SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\(?[A-Z])")
FORMULA = re.compile("\ue000(.*?)\ue001")  # two characters that no text has


class Caption(nodes.Element):
    """The words beneath a figure; an argument of a LaTeX command, which no paragraph may be."""


def visit_caption(translator, node):
    """Write the command; every other piece of its words is a formula."""
    pieces = FORMULA.split(node["words"])
    pieces[::2] = [translator.encode(piece) for piece in pieces[::2]]
    pieces[1::2] = [f"${piece}$" for piece in pieces[1::2]]
    translator.body.append(f"\n\\{node['command']}{{{''.join(pieces)}}}\n")
    raise nodes.SkipNode


def first_sentence(text):
    """Take the first sentence of a text, on one line."""
    return SENTENCE.split(" ".join(text.split()), maxsplit=1)[0]


def words_of(paragraph):
    """Read a paragraph's text, with its formulas marked."""
    leaves = paragraph.findall(lambda node: isinstance(node, nodes.math | nodes.Text))
    return "".join(
        f"\ue000{leaf.astext()}\ue001" if isinstance(leaf, nodes.math) else leaf.astext()
        for leaf in leaves
        if not isinstance(leaf.parent, nodes.math)
    )


def add_captions(doctree):
    """Give every figure that a cell drew the first sentence of its alternative text."""
    for cell in list(doctree.findall(nodes.container)):
        if "cell_output" not in cell.get("classes", []):
            continue
        for image in list(cell.findall(nodes.image)):
            words = first_sentence(image.get("alt", ""))
            caption = Caption("", command="figurecaption", words=words)
            image.parent.insert(image.parent.index(image) + 1, caption)


def list_exercises(doctree):
    """Note every numbered exercise for the list, by its first sentence."""
    for exercise in list(doctree.findall(is_exercise_node)):
        number = re.search(r"\d+", exercise[0].astext())
        if number is None:
            continue
        words = first_sentence(words_of(exercise[1]))
        entry = Caption("", command=f"exerciseentry{{{number[0]}}}", words=words)
        exercise.parent.insert(exercise.parent.index(exercise), entry)


def setup(app):
    """Register the node with Sphinx."""
    app.add_node(Caption, latex=(visit_caption, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
