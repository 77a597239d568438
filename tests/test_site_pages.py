"""The site's configuration, extensions and own pages, on a small book built as the real one is."""

import html
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from docutils import nodes
from lxml import html as lxml_html
from PIL import Image

from bookbuild import links, paths, repository

BOOK = paths.BOOK
TOC = {"format": "jb-book", "root": "index", "chapters": [{"file": "plain"}, {"file": "drawn"}]}
INDEX = """# Front

```{card-picture} drawn
```

Half of it is {setting}`50 %`, said {cite:t}`breiman2001random`.
"""
PLAIN = """# Plain

```{card-picture} drawn
```

```{build-status}
```

```{bibliography}
```
"""
DRAWN = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3, language: python}
---

# Drawn

Here is $x$, used in {eq}`balance`.

```{math}
:label: balance
a = b
```

```{code-cell} ipython3
---
tags: [card-picture]
mystnb: {image: {alt: "A line that rises from left to right, and nothing else"}}
---
import matplotlib.pyplot as plt
plt.plot([0, 1]);
```

```{code-cell} ipython3
print("first result")
```

```{exercise-start}
:label: rising
```
Does it rise?
```{exercise-end}
```

```{solution-start} rising
:class: dropdown
```
It does.
```{solution-end}
```
"""
ONE_PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
STATUS = {
    "versions": {"numpy": "9.8.7"},
    "hardware": "3 CPU cores",
    "pages": [
        {"page": "drawn", "seconds": 1.25, "peak_memory_mb": 77, "sources": {"tab": "observed"}}
    ],
}


class SmallBook:
    """A book of three pages with the real configuration."""

    def __init__(self, folder):
        self.folder, self.site = folder, folder / "_build" / "html"
        for name in ("_config.yml", "references.bib", "_headers", "_ext", "_static", "_templates"):
            copy = shutil.copytree if (BOOK / name).is_dir() else shutil.copy
            copy(BOOK / name, folder / name)
        (folder / "_toc.yml").write_text(yaml.safe_dump(TOC))
        for name, text in (("index", INDEX), ("plain", PLAIN), ("drawn", DRAWN)):
            (folder / f"{name}.md").write_text(text)
        (folder / "_build").mkdir()
        (folder / "_build" / "status.json").write_text(json.dumps(STATUS))

    def build(self, *, may_fail=False):
        command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
        command += ["build", str(self.folder), "-W", "-n", "--keep-going"]
        done = subprocess.run(command, capture_output=True, text=True)
        assert may_fail or done.returncode == 0, done.stdout + done.stderr
        return done

    def text(self, page):
        return (self.site / f"{page}.html").read_text(encoding="utf-8")

    def tree(self, page):
        return lxml_html.parse(str(self.site / f"{page}.html")).getroot()


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    book = SmallBook(tmp_path_factory.mktemp("book"))
    book.build()
    return book


@pytest.fixture
def extension(monkeypatch):
    monkeypatch.syspath_prepend(str(BOOK / "_ext"))
    return __import__


# ---------------------------------------------------------------- the built site


def test_no_page_asks_another_host(small):
    assert links.outside(small.site) == []
    for page in ("index", "plain", "drawn", "search"):
        assert not re.search(r"unpkg|jsdelivr|cdnjs|googleapis|THEBE", small.text(page))


def test_no_script_stands_inside_a_page(small):
    for page in ("index", "plain", "drawn", "search"):
        assert small.tree(page).xpath("//script[not(@src)] | //*[@onclick]") == []
        (settings,) = small.tree(page).xpath("//script[contains(@src, '/settings-')]/@src")
        assert (small.site / settings.split("?")[0]).exists()


def test_equations_are_drawn_and_spoken_without_any_script(small):
    inline, numbered = small.tree("drawn").find_class("math")
    assert numbered.xpath(".//mjx-container/svg//path")
    assert numbered.xpath("string(.//mjx-assistive-mml)").strip() == "a=b"
    assert inline.xpath("string(.//math)") == "x"
    assert not list((small.site / "_static").rglob("*mathjax*"))
    assert "cdn" not in small.text("drawn").lower()


def test_equations_keep_their_numbers_and_are_referred_to(small):
    (equation,) = small.tree("drawn").xpath("//div[@id='equation-balance']")
    (number,) = equation.find_class("eqno")
    assert number.text == "(1)"
    (reference,) = small.tree("drawn").xpath("//a[@href='#equation-balance'][not(@title)]")
    assert reference.text_content() == "(1)"


def test_equations_of_several_lines_are_typeset(extension):
    typeset = extension("built_mathjax").typeset
    lines = typeset(r"a &= b \\ &= c", display=True)
    assert lines.count("<mtr>") == 2
    assert typeset(r"\begin{align} a \\ b \end{align}", display=True).count("<mtr>") == 2


def test_an_equation_that_is_wrong_is_a_warning(small):
    page = small.folder / "drawn.md"
    page.write_text(DRAWN.replace("$x$", r"$\frac{x$ and $\nonsense$"))
    done = small.build(may_fail=True)
    page.write_text(DRAWN)
    assert done.returncode != 0
    told = done.stdout + done.stderr
    assert "drawn.md" in told
    assert r"cannot typeset \frac{x: " in told
    assert r"cannot typeset \nonsense: " in told


def test_the_theme_brings_the_icons_that_are_shown_and_few_others(small, extension):
    light_icons = extension("light_icons")
    static = small.site / "_static"
    styles = (static / light_icons.STYLES).read_text(encoding="utf-8")
    names = set(re.findall(r"\.fa-([\w-]+):before", styles))
    assert {"bars", "magnifying-glass", "moon", "github", "download"} <= names
    assert len(names) < 60
    fonts = list((static / light_icons.FONTS).iterdir())
    assert len(fonts) == 3
    assert sum(font.stat().st_size for font in fonts) < 20_000
    for font in fonts:
        assert font.name in styles
    assert "fontawesome.js" not in small.text("index")


def test_the_icon_fonts_have_what_the_style_sheets_show(small, extension):
    from fontTools.ttLib import TTFont

    light_icons = extension("light_icons")
    static = small.site / "_static"
    sheets = "".join(file.read_text(encoding="utf-8") for file in static.rglob("*.css"))
    drawn = set()
    for file in (static / light_icons.FONTS).iterdir():
        drawn |= set(TTFont(file).getBestCmap())
    wanted = light_icons.codes_used(sheets)
    assert {0xF0C9, 0xF09B, 0xF1C0} <= wanted
    assert wanted - drawn == set()


def test_icons_are_dropped_one_by_one_and_found_by_their_other_names(extension):
    bars = r'.fa-bars:before,.fa-navicon:before{content:"\f0c9"}'
    both = bars + r'.fa-x-ray:before{content:"\f497"}'
    thin_out = extension("light_icons").thin_out
    assert thin_out(both, {"navicon"}) == bars.replace("}", ';content:"\\f0c9"/""}')
    assert "navicon" not in thin_out(both, {"x-ray"})
    assert thin_out(both, {"bars", "x-ray"}).count("{") == 2


def test_pictures_have_their_size_and_those_further_down_wait(extension, tmp_path):
    Image.new("RGB", (30, 20)).save(tmp_path / "a.png")
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="72pt" viewBox="0 0 9 7"/>'
    (tmp_path / "b.svg").write_text(svg.format("144pt"))
    (tmp_path / "c.svg").write_text(svg.format("100%"))
    names = ("a.png", "b.svg", "c.svg", "absent.png")
    tags = [f'<img alt="" src="{name}"/>' for name in names]
    lazy_images = extension("lazy_images")
    text = '<img src="logo.svg">' + lazy_images.TEXT + ">" + "".join(tags)
    mended = lazy_images.mend(text, tmp_path)
    tree = lxml_html.fromstring(mended)
    sizes = [(p.get("width"), p.get("height")) for p in tree.xpath("//img")]
    assert sizes == [(None, None), ("30", "20"), ("192", "96"), ("9", "7"), (None, None)]
    assert [p.get("loading") for p in tree.xpath("//img")] == [None, None, *["lazy"] * 3]
    assert lazy_images.mend(mended, tmp_path) == mended


def test_every_picture_of_a_page_has_its_size(small):
    for page in ("index", "plain", "drawn"):
        pictures = small.tree(page).xpath("//img")
        assert len(pictures) >= 2
        assert all(p.get("width") and p.get("height") for p in pictures)


def test_a_setting_reads_as_plain_text(small):
    (span,) = small.tree("index").find_class("setting")
    assert span.text_content() == "50 %"


def test_citations_are_in_round_brackets_and_the_list_has_plain_roles(small):
    assert "Breiman (2001)" in small.tree("index").text_content()
    assert "Random forests" in small.tree("plain").text_content()
    assert "doc-biblioentry" not in small.text("plain")
    assert 'role="list"' not in small.text("plain")


def test_the_front_page_shows_what_a_page_drew_with_its_alt_text(small):
    (picture,) = small.tree("index").find_class("card-picture")
    (drawn,) = small.tree("drawn").xpath("//div[contains(@class, 'cell_output')]//img")
    assert picture.get("src") == drawn.get("src")
    assert picture.get("alt").startswith("A line that rises")
    assert (small.site / picture.get("src")).exists()


def test_the_status_page_tells_times_versions_and_sources(small):
    text = small.tree("plain").text_content()
    for told in ("3 CPU cores", "Drawn", "1.2 s", "77 MB", "tab: observed", "numpy", "9.8.7"):
        assert told in text


def test_a_solution_is_folded_behind_its_exercise(small):
    (solution,) = small.tree("drawn").find_class("solution")
    assert {"dropdown", "admonition"} <= set(solution.get("class").split())
    assert "Exercise 1" in solution.text_content()


def test_every_page_starts_in_the_mode_of_the_readers_system(small):
    assert 'data-default-mode="auto"' in small.text("plain")


def test_buttons_are_called_what_they_show(small):
    for button in small.tree("plain").xpath("//button[@aria-label]"):
        shown = " ".join(
            text for text in button.xpath(".//text()[not(ancestor::*[@aria-hidden='true'])]")
        )
        assert shown.strip() in button.get("aria-label")
        assert not button.xpath(".//*[@title]")


def test_the_missing_page_needs_nothing_else_and_leads_back(small):
    tree = small.tree("404")
    assert not tree.xpath("//script[@src] | //link[@rel='stylesheet'] | //img")
    targets = [element.get("data-page") for element in tree.xpath("//*[@data-page]")]
    assert {"index.html", "search.html"} <= set(targets)
    root = repository.site().split("/", 3)[3]
    assert tree.xpath("//a[@data-page='index.html']")[0].get("href") == f"/{root}index.html"


def test_a_page_is_read_again_when_only_its_result_changed_and_so_is_its_card(small):
    (executed,) = (small.folder / "_build" / ".jupyter_cache").rglob("base.ipynb")
    text = executed.read_text().replace("first result\\n", "second result\\n")
    executed.write_text(re.sub(r'"image/png": "[^"]*"', f'"image/png": "{ONE_PIXEL}"', text))
    before = small.tree("plain").find_class("card-picture")[0].get("src")
    small.build()
    assert "second result" in small.tree("drawn").text_content()
    (picture,) = small.tree("plain").find_class("card-picture")
    (drawn,) = small.tree("drawn").xpath("//div[contains(@class, 'cell_output')]//img")
    assert picture.get("src") == drawn.get("src") != before


def test_a_card_without_a_picture_is_a_warning(small, tmp_path):
    (small.folder / "index.md").write_text(INDEX.replace("} drawn", "} plain"))
    done = small.build(may_fail=True)
    (small.folder / "index.md").write_text(INDEX)
    assert done.returncode != 0
    assert "plain has no picture" in done.stdout + done.stderr


def test_without_a_record_the_status_page_says_so(small):
    record = small.folder / "_build" / "status.json"
    record.unlink()
    small.build()
    assert "nothing to show" in small.tree("plain").text_content()


# ---------------------------------------------------------------- for other sites and machines


@pytest.mark.parametrize("page", ["index", "plain", "drawn"])
def test_every_page_tells_other_sites_what_to_show(small, page):
    tree = small.tree(page)
    told = {m.get("property") or m.get("name"): m.get("content") for m in tree.xpath("//meta")}
    base = published()
    assert told["og:title"] == page.replace("index", "front").capitalize()
    assert len(told["og:description"]) > 10
    assert told["og:url"] == f"{base}{page}.html"
    assert tree.xpath("//link[@rel='canonical']/@href") == [f"{base}{page}.html"]
    assert told["twitter:card"] == "summary_large_image"
    assert told["og:image"].startswith(base)
    with Image.open(small.site / told["og:image"].removeprefix(base)) as card:
        assert card.size == (1200, 630)
        assert (told["og:image:width"], told["og:image:height"]) == ("1200", "630")
    assert told["og:image:alt"]
    assert tree.get("lang") == "en"
    assert told["theme-color"]
    icons = tree.xpath("//link[@rel='icon' or @rel='apple-touch-icon']/@href")
    assert {icon.rpartition(".")[2] for icon in icons} == {"svg", "png"}
    assert all((small.site / icon).exists() for icon in icons)


def test_a_card_shows_the_first_figure_made_of_pixels_and_else_the_icon(extension, tmp_path):
    app = SimpleNamespace(srcdir=tmp_path)
    app.builder = SimpleNamespace(images={"_build/a.svg": "a.svg", "_build/b.png": "b.png"})
    share_cards = extension("share_cards")

    def page(*names):
        return nodes.section("", *[nodes.image(uri=f"../../_images/{name}") for name in names])

    assert share_cards.first_figure(app, page("a.svg", "b.png")) == tmp_path / "_build/b.png"
    assert share_cards.first_figure(app, page("a.svg")) == tmp_path / share_cards.ICON
    assert share_cards.first_figure(app, page()) == tmp_path / share_cards.ICON


def test_two_builds_draw_the_same_card(extension, tmp_path):
    figure = BOOK / "_static" / "icon-180.png"
    draw = extension("share_cards").draw
    cards = [draw("A title that is long enough for two lines", "Book", figure) for _ in "ab"]
    for name, card in zip("ab", cards, strict=True):
        card.save(tmp_path / name, format="png")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert draw("Other", "Book", figure).tobytes() != cards[0].tobytes()


def test_the_sitemap_lists_every_page_and_no_other_after_a_partial_build_too(small):
    page = small.folder / "plain.md"
    page.write_text(PLAIN + "\nMore.\n")
    small.build()
    page.write_text(PLAIN)
    listed = re.findall("<loc>(.*)</loc>", (small.site / "sitemap.xml").read_text())
    assert listed == [f"{published()}{name}.html" for name in ("drawn", "index", "plain")]
    assert f"Sitemap: {published()}sitemap.xml" in (small.site / "robots.txt").read_text()


def test_the_site_has_no_feed_and_no_tracker(small):
    for page in small.site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not re.search(TRACKER, text, flags=re.IGNORECASE), page
    assert not [f for f in small.site.rglob("*") if re.search(r"(rss|atom|feed)\.xml$", f.name)]


TRACKER = r"""application/(rss|atom)|google-analytics|googletagmanager|gtag\(|plausible|matomo
    |goatcounter|navigator\.sendBeacon|document\.cookie""".replace("\n    ", "")


def published():
    return repository.site()


# ---------------------------------------------------------------- stale results


@pytest.mark.parametrize(
    ("executed", "folder", "expected"),
    [("", BOOK, ["refreshed"]), ("1", BOOK, []), ("", BOOK.parent, [])],
)
def test_results_are_refreshed_unless_make_book_has_just_done_it(
    extension, monkeypatch, executed, folder, expected
):
    from bookbuild import execute

    calls = []
    monkeypatch.setattr(execute, "refresh", lambda: calls.append("refreshed"))
    monkeypatch.setenv("BOOKBUILD_EXECUTED", executed)
    app = type("App", (), {"srcdir": str(folder)})
    extension("fresh_results").refresh(app)
    assert calls == expected


def test_without_bookbuild_nothing_is_refreshed(extension, monkeypatch):
    monkeypatch.delenv("BOOKBUILD_EXECUTED", raising=False)
    monkeypatch.setitem(sys.modules, "bookbuild", None)
    extension("fresh_results").refresh(type("App", (), {"srcdir": str(BOOK)}))


# ---------------------------------------------------------------- sources


def test_extensions_are_short_and_all_are_in_use():
    used = yaml.safe_load((BOOK / "_config.yml").read_text())["sphinx"]["config"]["extensions"]
    files = sorted((BOOK / "_ext").glob("*.py"))
    assert len(files) >= 5
    for file in files:
        assert file.stem in used
        assert len(file.read_text().splitlines()) < 150


@pytest.mark.parametrize("name", ["glossary", "index", "how_to_use", "acknowledgements"])
def test_british_spelling(name):
    american = r"\b(behavior|color|modeling|meter|randomized|neighbor|analyze|center|license)s?\b"
    prose = re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)|https?://\S+", " ", _page(name), flags=re.S)
    assert re.findall(american, prose) == []


def test_the_glossary_defines_what_the_chapter_needs():
    terms = set(re.findall(r"^(\S.*)\n  \S", _page("glossary"), flags=re.M))
    needed = """bagging|bootstrap|bias|blocked cross-validation|boundary layer|CART|coverage|
        coefficient of determination|conformal prediction|cost-complexity pruning|day effect|
        cross-validation|decision tree|energy balance|ensemble|extremely randomised trees|feature|
        Gini impurity|gradient boosting|hyperparameter|impurity|inert feature|interaction|
        latent heat|leaf of a tree|leaf temperature differential|nested cross-validation|
        out-of-bag error|over-fitting|partial dependence|accumulated local effects|split|target|
        permutation importance|conditional permutation importance|prediction interval|pruning|
        quantile forest|random forest|random subspace|Shapley effect|Shapley value|Sobol index|
        sensible heat|stomatal conductance|test set|TreeSHAP|vapour pressure deficit|variance"""
    assert set(re.sub(r"\s*\n\s*", "", needed).split("|")) - terms == set()
    assert len(terms) >= 40


def test_methods_without_pages_say_so_and_are_no_links():
    cards = re.findall(r":class-card: method( ready)?\n(.*?)\n::::::\n", _page("index"), flags=re.S)
    assert len(cards) == 6
    for ready, body in cards:
        assert bool(ready) != ("In preparation" in body)
        assert bool(ready) == ("](" in body)


def _page(name):
    return html.unescape(Path(BOOK / f"{name}.md").read_text(encoding="utf-8"))
