"""Pages as a reader prints them, from a screen in dark mode."""

import pytest

PAGE = "chapters/random_forests/forests.html"
LIGHTNESS = """() => {
  const light = colour => colour.match(/[\\d.]+/g).slice(0, 3).reduce((a, b) => a + +b, 0) / 765;
  const code = [...document.querySelectorAll("article .highlight span")];
  return {
    ground: light(getComputedStyle(document.body).backgroundColor),
    text: light(getComputedStyle(document.querySelector("article p")).color),
    code: Math.max(...code.map(word => light(getComputedStyle(word).color))),
  };
}"""


@pytest.fixture(scope="module")
def printed(browser, address):
    context = browser.new_context(color_scheme="dark", viewport={"width": 700, "height": 1000})
    page = context.new_page()
    page.goto(f"{address}{PAGE}", wait_until="networkidle")
    page.emulate_media(media="print")
    yield page
    context.close()


def test_menus_and_buttons_are_not_printed(printed):
    menus = ".bd-sidebar-primary, .bd-sidebar-secondary, .bd-header-article, .prev-next-area"
    for found in printed.locator(f"{menus}, article button, .headerlink").all():
        assert not found.is_visible()


def test_solutions_are_printed_unfolded(printed):
    solutions = printed.locator(".admonition.solution").all()
    assert len(solutions) >= 3
    for solution in solutions:
        for part in solution.locator("> *").all():
            assert part.is_visible()


def test_paper_stays_white_and_ink_dark(printed):
    shades = printed.evaluate(LIGHTNESS)
    assert shades["ground"] > 0.95
    assert shades["text"] < 0.3
    assert shades["code"] < 0.3


def test_links_to_the_outside_show_where_they_lead(printed, address):
    printed.goto(f"{address}index.html", wait_until="networkidle")
    link = printed.locator("article a.reference.external[href^='http']").first
    shown = link.evaluate("link => getComputedStyle(link, '::after').content")
    assert link.get_attribute("href") in shown


def test_figures_code_and_equations_stay_on_one_sheet(printed, address):
    printed.goto(f"{address}{PAGE}", wait_until="networkidle")
    for kind in ("article div.cell_output img", "article pre", "article div.math"):
        rules = "list => list.map(e => getComputedStyle(e).breakInside)"
        found = printed.eval_on_selector_all(kind, rules)
        assert found
        assert set(found) == {"avoid"}


def test_code_wraps_on_paper(printed, address):
    wide = "list => list.filter(e => e.scrollWidth > e.clientWidth + 1).length"
    assert printed.eval_on_selector_all("article pre", wide) == 0


def test_every_sheet_carries_the_title_and_its_number(printed, tmp_path):
    pypdf = pytest.importorskip("pypdf", reason="needs pypdf: pip install pypdf")
    printed.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    sheets = [sheet.extract_text() for sheet in pypdf.PdfReader(tmp_path / "page.pdf").pages]
    assert len(sheets) >= 5
    assert "Forests" in sheets[0]
    for number, text in enumerate(sheets, start=1):
        assert "Machine Learning for Earth Sciences" in text
        assert str(number) in text
