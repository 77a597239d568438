"""The lint of alt texts: what it objects to in pages and in the built site."""

import pytest

from bookbuild import alt_text

GOOD = "Scores fall from the first fold to the last one"
CELL = "```{{code-cell}} ipython3\n{options}plot_scores(x)\n```\n"
OPTIONS = "---\nmystnb:\n  image: {{alt: {alt}}}\n---\n"


def told(text):
    return [message for _, message in alt_text.problems(text)]


@pytest.mark.parametrize(
    ("alt", "complaint"),
    [
        ("", "no alt text"),
        (None, "no alt text"),
        ("Scores of ten folds", "too little"),
        ("Scores. " * 60, "at most 400"),
        ("Scores of ten folds, as they are in scores.png of the second round", "file's name"),
        ("Scores of ten folds 07a731644b40b45ff8dd5b9725fb986ff5fadc3803feb", "file's name"),
        ("A plot of the scores of ten folds against their number", "what kind of thing"),
        ("Figure showing the scores of ten folds against their number", "what kind of thing"),
        ("An image of the scores of ten folds against their number", "what kind of thing"),
    ],
)
def test_alt_texts_that_say_nothing_are_found(alt, complaint):
    assert complaint in alt_text.poor(alt)


@pytest.mark.parametrize("alt", [GOOD, "The map of one tree is made of a few sharp rectangles"])
def test_alt_texts_that_say_what_is_shown_pass(alt):
    assert alt_text.poor(alt) == ""


@pytest.mark.parametrize(
    ("options", "complaints"),
    [
        ("", 1),
        ("---\ntags: [hide-input]\n---\n", 1),
        (OPTIONS.format(alt="Scores"), 1),
        (OPTIONS.format(alt=GOOD), 0),
        (OPTIONS.format(alt=f"'{GOOD}: and fast'"), 0),
        (f"---\nmystnb:\n  image:\n    alt: >-\n      {GOOD}\n      and on\n---\n", 0),
    ],
)
def test_cells_that_draw_need_an_alt_text(options, complaints):
    assert len(told(CELL.format(options=options))) == complaints


@pytest.mark.parametrize("line", ["x = 1", "x = draw_independent_features(rng, 5)"])
def test_cells_that_draw_nothing_need_none(line):
    assert told(f"```{{code-cell}} ipython3\n{line}\n```\n") == []


@pytest.mark.parametrize(
    ("text", "complaints"),
    [
        ("Text ![](a.png) text", 1),
        (f"Text ![{GOOD}](a.png) text", 0),
        ("```{figure} a.png\n:name: a\nCaption\n```\n", 1),
        (f"```{{figure}} a.png\n:alt: {GOOD}\n```\n", 0),
        (":::{image} a.png\n:::\n", 1),
        ("```{code-cell} ipython3\nx = '![](a.png)'\n```\n", 0),
    ],
)
def test_pictures_that_a_page_includes_need_an_alt_text(text, complaints):
    assert len(told(text)) == complaints


def test_two_figures_of_a_page_must_not_say_the_same():
    cell = CELL.format(options=OPTIONS.format(alt=GOOD))
    (found,) = alt_text.problems(f"{cell}\nText.\n\n![{GOOD.upper()}](b.png)\n")
    assert found[0] == cell.count("\n") + 4
    assert "of another" in found[1]


def test_the_built_site_is_read_too(tmp_path):
    logo = '<img src="l.svg" alt="">'
    article = f'<article><img src="a.png" alt="{GOOD}"></article>'
    page = tmp_path / "index.html"
    page.write_text(logo + article)
    assert alt_text.problems_in_site(tmp_path) == []
    for wrong, complaint in (
        (article + '<img src="b.png">', "b.png has no alt attribute"),
        (article.replace(GOOD, ""), "a picture has no alt text"),
        (article.replace(GOOD, "a.png"), "says too little"),
        (article + article, f"2 pictures say {GOOD!r}"),
    ):
        page.write_text(logo + wrong)
        (found,) = alt_text.problems_in_site(tmp_path)
        assert found.startswith("index.html: ")
        assert complaint in found
