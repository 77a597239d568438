"""Claims: their form, when they hold, and that breaking something sets one off."""

from types import SimpleNamespace

import nbformat
import pytest

from bookbuild import claims

GOOD = """
["page.score"]
page = "chapters/one"
shows = "The model beats the mean"
min = 0.5
max = 0.9
beats = "page.baseline"
simulated.min = 0.2
"""


def write(little_book, text):
    little_book.write("tests/claims/one.toml", text)
    return claims.load_claims


def claim(**table):
    return claims._parse("one.toml", "page.score", {"page": "p", "shows": "s", **table})


def check(claim, values, sources=None):
    return claims.check_values([claim], values, sources or {})


def executed(values, text="", name="chapters/one"):
    outputs = [
        nbformat.v4.new_output(
            "display_data",
            {"application/papermill.record/text/plain": repr(value)},
            metadata={"scrapbook": {"name": key}},
        )
        for key, value in values.items()
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=outputs)])
    page = SimpleNamespace(name=name, text=text)
    return SimpleNamespace(page=page, notebook=notebook, facts={"sources": {}})


def test_a_claim_is_read_with_its_bounds(little_book):
    loaded = write(little_book, GOOD)()["page.score"]
    assert loaded.bound == {"min": 0.5, "max": 0.9}
    assert loaded.bound_for({"leaves": "observed"}) == {"min": 0.5, "max": 0.9}
    assert loaded.bound_for({"leaves": "simulated"}) == {"min": 0.2, "max": 0.9}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('["a"]\npage = "p"\nmin = 1', "'page' and 'shows' are needed"),
        ('["a"]\npage = "p"\nshows = "s"\nmin = 1\ntypo = 2', "unknown \\['typo'\\]"),
        ('["a"]\npage = "p"\nshows = "s"', "no bound"),
        ('["a"]\npage = "p"\nshows = "s"\nequals = 1\nmin = 0', "or equals"),
        ('["a"]\npage = "p"\nshows = "s"\nsimulated.least = 0', "a bound is"),
        ('["a"]\npage = "p"\nshows = "s"\nmin = 1\nrepeats = "no"', "true or false"),
    ],
)
def test_a_malformed_claim_is_refused_by_name(little_book, text, complaint):
    with pytest.raises(ValueError, match=complaint):
        write(little_book, text)()


def test_a_claim_that_stands_twice_is_refused(little_book):
    little_book.write("tests/claims/a.toml", GOOD)
    little_book.write("tests/claims/b.toml", GOOD)
    with pytest.raises(ValueError, match="stands twice"):
        claims.load_claims()


@pytest.mark.parametrize(
    ("value", "holds"), [(0.5, True), (0.9, True), (0.49, False), (0.91, False)]
)
def test_a_bound_includes_its_ends(value, holds):
    assert (not check(claim(min=0.5, max=0.9), {"page.score": value})) == holds


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "high"])
def test_what_is_not_a_finite_number_keeps_no_bound(value):
    assert check(claim(min=0.5), {"page.score": value})


def test_equality_serves_texts_and_truth_values():
    assert not check(claim(equals="light"), {"page.score": "light"})
    assert check(claim(equals="light"), {"page.score": "angle"})
    assert check(claim(equals=True), {"page.score": False})


def test_a_bound_that_the_baseline_also_keeps_shows_nothing():
    values = {"page.score": 0.8, "page.baseline": 0.6}
    assert "shows nothing" in check(claim(min=0.5, beats="page.baseline"), values)[0]
    assert not check(claim(min=0.7, beats="page.baseline"), values)
    assert "not glued" in check(claim(min=0.5, beats="page.other"), values)[0]


def test_the_problem_says_value_bound_and_meaning():
    (problem,) = check(claim(min=0.5, shows="It beats the mean"), {"page.score": 0.25})
    assert "0.25" in problem
    assert "[0.5, inf]" in problem
    assert "It beats the mean" in problem


def test_claims_values_and_quotes_need_each_other():
    known = {"page.score": claim(min=0)}
    known["page.score"] = claims.Claim("page.score", "chapters/one", "s", {"min": 0})
    text = "{glue:text}`page.score:.2f` and {glue:text}`page.ghost:.1f`"
    result = executed({"page.other": 1}, text)
    problems = "\n".join(claims.check_results([result], known))
    assert "page.score: no cell glues this value" in problems
    assert "page.other is glued, but has no claim" in problems
    assert "page.ghost is quoted in the prose" in problems
    result = executed({"page.score": 1}, "{glue:text}`page.score:.2f`")
    assert claims.check_results([result], known) == []


def test_a_claim_about_no_page_is_found():
    known = {"x": claims.Claim("x", "chapters/ghost", "s", {"min": 0})}
    assert claims.unknown_pages(known, ["chapters/one"]) == ["x: no page chapters/ghost"]


def test_quoted_names_are_found_with_and_without_format():
    text = "{glue:text}`a.b:.2f`, {glue:}`c` {glue}`d.e` and `{glue}` alone"
    assert claims.quoted_names(text) == {"a.b", "c", "d.e"}


def test_a_glued_object_that_is_no_value_is_refused():
    result = executed({"a": 1})
    data = result.notebook.cells[0].outputs[0]["data"]
    data["application/papermill.record/text/plain"] = "<Figure>"
    with pytest.raises(ValueError, match="not a number or a text"):
        claims.glued_values(result.notebook)
