"""Captions in the paper edition, and the lists of figures and exercises that they make.

The web edition says in words what a figure shows to those who do not see it. On paper the first
sentence of that is the figure's caption. An exercise is listed by its own first sentence.
"""

import re

from docutils import nodes
from sphinx_exercise.nodes import is_exercise_node

SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


class Caption(nodes.Element):
    """The words beneath a figure; an argument of a LaTeX command, which no paragraph may be."""


def visit_caption(translator, node):
    """Write the command."""
    translator.body.append(f"\n\\{node['command']}{{{translator.encode(node['words'])}}}\n")
    raise nodes.SkipNode


def first_sentence(text):
    """Take the first sentence of a text, on one line."""
    return SENTENCE.split(" ".join(text.split()), maxsplit=1)[0]


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
        words = first_sentence(exercise[1].astext())
        entry = Caption("", command=f"exerciseentry{{{number[0]}}}", words=words)
        exercise.parent.insert(exercise.parent.index(exercise), entry)


def setup(app):
    """Register the node with Sphinx."""
    app.add_node(Caption, latex=(visit_caption, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
