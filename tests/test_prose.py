"""The lint of the prose: what it objects to and what it lets pass."""

from types import SimpleNamespace

import pytest

from bookbuild import prose


def typed(text):
    return [message.split("'")[1] for _, message in prose.typed_results(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The score is 0.59 on new days.", ["0.59"]),
        ("Some 12 % of leaves.", ["12 %"]),
        ("Some 12% of leaves, or -0.3 K.", ["12%", "-0.3"]),
        ("Nine per cent, or 9 per cent.", ["9 per cent"]),
        ("So $R^2 = 0.59$ it is.", ["0.59"]),
        ("> quoted 0.7", ["0.7"]),
        ("- a list with 1.5 in it", ["1.5"]),
    ],
)
def test_results_typed_into_prose_are_found(text, found):
    assert typed(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "There are 805 leaves and 3 seasons.",
        "The score is {glue:text}`leaves.score:.2f`.",
        "A {setting}`90 %` interval.",
        "We set `rate=0.05`.",
        "It was 0.59 in {cite:t}`breiman2001random`.",
        "```{code-cell} ipython3\nx = 0.5\n```",
        "```python\nx = 0.5\n```",
        "$$\nx = 0.5 y\n$$",
        "Python 3.11.4 and [a link](https://a.org/0.5.html)",
        ":::{note}\n:class: w-0.5\nNo number.\n:::",
        "---\nversion: 0.13\n---\n# Title",
    ],
)
def test_counts_settings_code_citations_and_equations_pass(text):
    assert typed(text) == []


def test_prose_inside_and_after_a_directive_is_read():
    text = "```{exercise-start}\n:label: one\n```\nAbout 0.1?\n```{exercise-end}\n```\nAnd 0.2."
    assert typed(text) == ["0.1", "0.2"]
    text = ":::{warning}\nIt is 0.3.\n:::\nAnd 0.4.\n\n```{code-cell}\n0.5\n```\n0.6"
    assert typed(text) == ["0.3", "0.4", "0.6"]


def test_the_line_is_named():
    page = SimpleNamespace(name="chapters/one", text="# Title\n\nText.\n\nIt is 0.3.\n")
    assert prose.problems(page)[0].startswith("chapters/one:5: '0.3' is typed")


def test_the_lint_of_a_page_includes_its_alt_texts():
    page = SimpleNamespace(name="chapters/one", text="# Title\n\n![](a.png)\n")
    assert prose.problems(page) == ["chapters/one:3: this figure has no alt text"]
