"""Pages fit a phone: nothing sticks out, text and figures can be read, fingers hit their aim."""

import re

import pytest

UNFOLD = "() => document.querySelectorAll('.toggle-button').forEach(button => button.click())"
STICKING_OUT = """() => {
    const scrolls = element => /auto|scroll/.test(getComputedStyle(element).overflowX);
    const isHeld = element => {
        for (let box = element.parentElement; box !== document.body; box = box.parentElement)
            if (scrolls(box) && box.tabIndex === 0) return true;
        return false;
    };
    return [...document.querySelectorAll('body *')]
        .filter(element => element.checkVisibility({ visibilityProperty: true }))
        .filter(element => !element.closest('dialog, svg, .skip-link, mjx-assistive-mml'))
        .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
        .filter(element => !isHeld(element))
        .map(element => element.outerHTML.slice(0, 150));
}"""
CUT_OFF = """() => [...document.querySelectorAll('article *')]
    .filter(element => element.checkVisibility({ visibilityProperty: true }))
    .filter(element => !element.closest('mjx-container, svg, .math') && element.clientWidth)
    .filter(element => element.scrollWidth > element.clientWidth + 1)
    .filter(element => /hidden|clip/.test(getComputedStyle(element).overflowX))
    .map(element => element.outerHTML.slice(0, 150))"""
# Smaller text is allowed in code (within sentences, too), in formulas and in the cards' last lines.
SMALL_TEXT = """() => [...document.querySelectorAll(
        'p, li, td, th, dt, dd, figcaption, caption, label, a, span'.split(', ')
            .map(kind => 'article ' + kind).join(', '))]
    .filter(element => element.checkVisibility() && !element.closest(
        'pre, code, mjx-container, .math, .headerlink, .toggle-button, .sd-card-footer'))
    .filter(element => [...element.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .filter(element => parseFloat(getComputedStyle(element).fontSize) < 16)
    .map(element => getComputedStyle(element).fontSize + ' ' + element.outerHTML.slice(0, 150))"""
SMALL_CODE = """() => [...document.querySelectorAll('article pre, article code')]
    .filter(element => element.checkVisibility())
    .filter(element => parseFloat(getComputedStyle(element).fontSize) < 13)
    .map(element => element.outerHTML.slice(0, 150))"""
# WCAG 2.5.8 exempts links within sentences; of a hidden radio button, the label is the target.
SMALL_TARGETS = """() => [...document.querySelectorAll(
        'a[href], button, select, summary, .sd-tab-label')]
    .filter(element => element.checkVisibility({ visibilityProperty: true }))
    .filter(element => !element.closest('dialog') && element.getClientRects().length)
    .filter(element => !(element.closest('p, li, dt, dd, td, h1, h2, h3, h4')
        && getComputedStyle(element).display.startsWith('inline')))
    .filter(element => {
        const { width, height } = element.getBoundingClientRect();
        return width < 24 || height < 24;
    })
    .map(element => element.outerHTML.slice(0, 150))"""
FIGURES = """async () => {
    const images = [...document.querySelectorAll('article img')].filter(i => i.checkVisibility());
    for (const image of images) image.loading = 'eager';
    await Promise.all(images.map(image => image.decode()));
    return images.map(image => ({
        source: image.src,
        shown: image.clientWidth - 2 * parseFloat(getComputedStyle(image).paddingLeft),
        drawn: parseFloat(image.style.width) || Number(image.getAttribute('width'))
            || image.naturalWidth,
    }));
}"""
GLYPHS = re.compile(
    r"scale\((0\.\d+) -0\.\d+\)"
)  # Matplotlib draws text as outlines, 100 to the em
SMALLEST_TEXT = 8  # CSS pixels
CSS_PIXELS_PER_POINT = 96 / 72
WIDEST_FIGURE = 6 * 96  # CSS pixels, with text of 11 points


@pytest.fixture
def phone(open_page, name):
    page = open_page(name, 375)
    page.evaluate(UNFOLD)
    page.wait_for_timeout(600)  # until what scrolls has been marked
    return page


def test_a_page_fits_a_phone(phone):
    assert phone.evaluate("document.documentElement.scrollWidth") <= 375
    found = {
        "sticks out": phone.evaluate(STICKING_OUT),
        "is cut off": phone.evaluate(CUT_OFF),
        "is small text": phone.evaluate(SMALL_TEXT),
        "is small code": phone.evaluate(SMALL_CODE),
        "is missed by a finger": phone.evaluate(SMALL_TARGETS),
    }
    assert not any(found.values()), found


def test_figures_can_be_read_on_a_phone(phone, site):
    for figure in phone.evaluate(FIGURES):
        assert figure["shown"] >= 320, figure
        assert figure["drawn"] <= WIDEST_FIGURE + 1, figure
        if figure["source"].endswith(".svg"):
            text = (site / "_images" / figure["source"].rsplit("/", 1)[1]).read_text()
            points = 100 * min(map(float, GLYPHS.findall(text)))
            pixels = points * CSS_PIXELS_PER_POINT * figure["shown"] / figure["drawn"]
            assert pixels >= SMALLEST_TEXT, (figure, pixels)


def test_the_pages_have_figures_to_read(site):
    pages = (site / "chapters" / "random_forests").glob("*.html")
    assert sum(page.read_text(encoding="utf-8").count("<img ") for page in pages) >= 25


LANDED = """async () => {
    const targets = [...new Set([...document.querySelectorAll('article a[href^="#"], .page-toc a')]
        .map(link => link.getAttribute('href')).filter(target => target.length > 1))];
    const lost = [];
    for (const target of targets) {
        location.hash = target;
        await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
        const element = document.getElementById(decodeURIComponent(target.slice(1)));
        if (!element) { lost.push(`${target} is nowhere`); continue; }
        const first = element.querySelector('h1, h2, h3, h4, caption') ?? element;
        const box = first.getBoundingClientRect();
        const above = document.elementFromPoint(box.left + 2, box.top + 4);
        if (box.top < 0 || box.top > innerHeight - 20) lost.push(`${target} is out of sight`);
        else if (!first.contains(above) && !above?.contains(first))
            lost.push(`${target} is covered`);
    }
    return { count: targets.length, lost };
}"""


@pytest.mark.parametrize("width", [1280, 375])
def test_anchors_of_a_page_land_in_sight(open_page, name, width):
    found = open_page(name, width).evaluate(LANDED)
    assert not found["lost"], "\n".join(found["lost"])
    assert found["count"] >= 1 or name in ("404.html", "search.html", "index.html")
