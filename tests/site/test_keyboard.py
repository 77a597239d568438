"""All that a mouse can do, the keyboard can, and shows where it is."""

import pytest

FROM_THE_TOP = "() => { document.body.tabIndex = -1; document.body.focus(); }"
EXPECTED = """() => {
    const operable = 'a[href], button, input, select, textarea, summary, [tabindex]';
    const shown = { visibilityProperty: true, contentVisibilityAuto: true };
    const isStop = element => element.tabIndex >= 0 && !element.disabled
        && element.checkVisibility(shown) && element.getClientRects().length
        && !(element.type === 'radio' && !element.checked);
    window.unreached = new Set([...document.querySelectorAll(operable)].filter(isStop));
    return unreached.size;
}"""
# What is wrong with the element that has the focus; null at the end of the page.
STOP = r"""() => {
    const element = document.activeElement;
    if (element === document.body) return null;
    unreached.delete(element);
    const mark = element.matches('.sd-tab-set > input') ? element.nextElementSibling
        : element.querySelector(':scope > .toctree-toggle') ?? element;
    const style = getComputedStyle(mark), box = mark.getBoundingClientRect();
    const found = [];
    if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2)
        found.push('no outline');
    if (!mark.checkVisibility({ opacityProperty: true })) found.push('transparent');
    const isSeen = (x, y) => {
        const top = document.elementFromPoint(box.left + x * box.width, box.top + y * box.height);
        return top && (mark.contains(top) || top.contains(mark));
    };
    if (![[.5, .5], [.1, .5], [.9, .5], [.5, .1], [.5, .9]].some(([x, y]) => isSeen(x, y)))
        found.push('covered or out of sight');
    return found.map(what => `${what}: ${element.outerHTML.slice(0, 100).replace(/\s+/g, ' ')}`);
}"""


@pytest.mark.parametrize("width", [1280, 375])
def test_tab_reaches_everything_and_shows_where_it_is(open_page, name, width):
    page = open_page(name, width)
    page.wait_for_timeout(500)  # until the theme has marked what scrolls
    page.evaluate(FROM_THE_TOP)
    count, wrong = page.evaluate(EXPECTED), []
    for _ in range(2 * count + 20):  # a browser may stop at what scrolls, too
        page.keyboard.press("Tab")
        told = page.evaluate(STOP)
        if told is None:
            break
        wrong += told
    assert count >= 5
    assert not wrong, "\\n".join(wrong)
    missed = page.evaluate("[...unreached].map(element => element.outerHTML.slice(0, 150))")
    assert not missed, "\\n".join(missed)


def test_the_skip_link_leads_past_the_sidebar(open_page):
    page = open_page("chapters/random_forests/trees.html")
    page.keyboard.press("Tab")
    assert focused(page, ".skip-link a")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert focused(page, "#main-content *")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_solution_opens_and_closes_by_key(open_page, key):
    page = open_page("chapters/random_forests/trees.html")
    button = page.locator(".solution .toggle-button").first
    content = page.locator(".solution").first.locator("> *:not(.admonition-title)").first
    assert not content.is_visible()
    button.focus()
    page.keyboard.press(key)
    assert button.get_attribute("aria-expanded") == "true"
    assert content.is_visible()
    page.keyboard.press(key)
    assert not content.is_visible()


def test_code_that_scrolls_once_its_solution_is_open_is_reached_by_tab(open_page):
    page = open_page("chapters/random_forests/trees.html")
    page.add_style_tag(content=".solution:not(.toggle-hidden) pre { max-width: 9rem; }")
    page.wait_for_timeout(600)  # until the theme has marked what scrolls now
    page.locator(".solution .toggle-button").first.click()
    page.wait_for_timeout(600)
    stops = (
        page.locator(".solution")
        .first.locator("pre")
        .evaluate_all(
            "boxes => boxes.filter(b => b.scrollWidth > b.clientWidth).map(b => b.tabIndex)"
        )
    )
    assert stops
    assert set(stops) == {0}


def test_arrow_keys_change_tabs(open_page):
    page = open_page("how_to_use.html")
    page.locator(".sd-tab-set > input").first.focus()
    panels = page.locator(".sd-tab-set > .sd-tab-content")
    assert panels.nth(0).is_visible()
    page.keyboard.press("ArrowRight")
    assert panels.nth(1).is_visible()
    assert not panels.nth(0).is_visible()


@pytest.mark.parametrize("width", [1280, 375])
def test_ctrl_k_opens_the_search_and_escape_closes_it(open_page, width):
    page = open_page("glossary.html", width)
    page.keyboard.press("Control+k")
    assert focused(page, "#pst-search-dialog input")
    page.keyboard.press("Escape")
    assert not page.locator("#pst-search-dialog").is_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("bagging")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=bagging")


@pytest.mark.parametrize(
    ("button", "dialog", "width"),
    [
        (".search-button-field", "#pst-search-dialog", 1280),
        (".search-button", "#pst-search-dialog", 375),
        (".primary-toggle", "#pst-primary-sidebar-modal", 375),
        (".secondary-toggle", "#pst-secondary-sidebar-modal", 375),
    ],
)
def test_a_dialogue_takes_the_focus_and_escape_gives_it_back(open_page, button, dialog, width):
    page = open_page("chapters/random_forests/trees.html", width)
    opener = page.locator(f"{button}:visible").first
    opener.focus()
    page.keyboard.press("Enter")
    assert page.locator(dialog).is_visible()
    assert focused(page, f"{dialog} *")
    page.keyboard.press("Escape")
    assert not page.locator(dialog).is_visible()
    assert opener.evaluate("element => element === document.activeElement")


def test_a_dialogue_closes_when_the_page_beside_it_is_pressed(open_page):
    page = open_page("chapters/random_forests/trees.html", 375)
    page.locator(".primary-toggle").click()
    assert page.locator("#pst-primary-sidebar-modal").is_visible()
    page.mouse.click(370, 400)
    assert not page.locator("#pst-primary-sidebar-modal").is_visible()


def test_an_entry_of_the_contents_shows_its_section_on_a_phone(open_page):
    page = open_page("chapters/random_forests/trees.html", 375)
    page.locator(".secondary-toggle").click()
    page.locator("#pst-secondary-sidebar-modal a").nth(3).click()
    page.wait_for_timeout(100)
    assert not page.locator("#pst-secondary-sidebar-modal").is_visible()
    heading = page.locator("section:target > h2, section:target > h3").first
    assert 0 <= heading.evaluate("element => element.getBoundingClientRect().top") < 700


def test_the_sidebar_of_a_wide_page_folds_away(open_page):
    page = open_page("glossary.html")
    page.locator(".primary-toggle").focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(400)
    assert focused(page, ".primary-toggle")
    link = page.locator("#pst-primary-sidebar a").nth(2)
    assert not link.evaluate("element => element.checkVisibility({visibilityProperty: true})")
    page.keyboard.press("Enter")
    page.wait_for_timeout(400)
    assert link.is_visible()


def test_the_colour_mode_changes_by_key_and_is_remembered(open_page):
    page = open_page("glossary.html")
    page.locator(".theme-switch-button").focus()
    themes = []
    for _ in range(3):
        page.keyboard.press("Enter")
        themes.append(page.evaluate("document.documentElement.dataset.mode"))
    assert themes == ["dark", "light", "auto"]
    page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_copy_buttons_copy_the_code_of_their_cell(open_page):
    page = open_page("chapters/random_forests/trees.html")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    cells = page.locator(".cell_input:visible")
    assert cells.count() >= 10
    for number in (0, 3):
        cells.nth(number).locator("button.copybtn").focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(50)
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.strip() == cells.nth(number).locator("pre").inner_text().strip()


def focused(page, selector):
    """Tell whether the focus is on an element that the selector matches."""
    return page.evaluate("selector => document.activeElement.matches(selector)", selector)
