"""The search finds what readers look for, and shows it in words."""

import re

import pytest

# from disk there are no extracts to wait for
RESULTS = """async () => {
    const items = () => [...document.querySelectorAll('#search-results ul.search > li')];
    const isDone = () => document.querySelector('.search-summary')?.innerText
        && (location.protocol === 'file:' || items().every(item => item.children.length > 1));
    while (!isDone()) await new Promise(done => setTimeout(done, 20));
    return items().map(item => ({
        title: item.querySelector('a').innerText,
        page: item.querySelector('a').getAttribute('href'),
        extract: item.querySelector('.context')?.innerText ?? '',
    }));
}"""
MARKUP = re.compile(r"<\w|\\[(\[a-z]|\.md\b|\bContents\b|Click to|#$|\n")
FIRST = {
    "out-of-bag error": "glossary.html#term-out-of-bag-error",
    "TreeSHAP": "glossary.html#term-TreeSHAP",
    "random forests": "chapters/random_forests/index.html",
    "How hot is a leaf?": "chapters/random_forests/leaves.html",
}
AMONG_THREE = {
    "random forest": "chapters/random_forests/index.html",
    "out-of-bag error": "chapters/random_forests/forests.html",
    "Shapley value": "chapters/random_forests/controls.html",
    "simulate_campaign": "chapters/random_forests/forests.html",
    "RandomForestRegressor": "chapters/random_forests/forests.html",
    "pruning": "chapters/random_forests/trees.html",
    "conda environment": "how_to_use.html",
}


def search(page, query):
    """Type a query into the field of the search page, and read the results."""
    page.locator(".bd-search-container input").fill(query)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    return page.evaluate(RESULTS)


@pytest.mark.parametrize(("query", "wanted"), FIRST.items())
def test_what_the_query_names_comes_first(open_page, query, wanted):
    assert search(open_page("search.html"), query)[0]["page"] == wanted


@pytest.mark.parametrize(("query", "wanted"), AMONG_THREE.items())
def test_the_right_page_is_among_the_first_three(open_page, query, wanted):
    found = search(open_page("search.html"), query)
    assert wanted in [result["page"] for result in found[:3]]


@pytest.mark.parametrize("query", ["random forest", "variance", "vapour pressure deficit"])
def test_titles_and_extracts_are_words_without_markup(open_page, query):
    for result in search(open_page("search.html"), query):
        assert len(result["title"]) >= 5
        assert len(result["extract"]) >= 40
        assert not MARKUP.search(result["title"] + " " + result["extract"]), result


def test_a_glossary_term_comes_as_it_is_spelt_with_its_definition(open_page):
    term = search(open_page("search.html"), "treeshap")[0]
    assert term["title"] == "TreeSHAP (glossary)"
    assert term["extract"].startswith("A fast algorithm")


def test_an_extract_shows_the_words_sought(open_page):
    found = search(open_page("search.html"), "simulate_campaign")
    assert all("simulate_campaign" in result["extract"] for result in found)


def test_a_query_without_a_match_says_so(open_page):
    page = open_page("search.html")
    assert search(page, "zebra") == []
    assert "did not match" in page.locator(".search-summary").inner_text()


def test_the_search_finds_pages_in_a_copy_on_disk(open_page, site):
    page = open_page("search.html", start=site.as_uri() + "/")
    found = search(page, "random forests")
    assert found[0]["page"] == FIRST["random forests"]
    page.locator("ul.search a").first.click()
    assert page.locator("h1").first.inner_text().startswith("Random forests")


def test_a_result_leads_to_the_term(open_page):
    page = open_page("search.html")
    search(page, "out-of-bag error")
    page.locator("ul.search a").first.click()
    page.wait_for_url("**/glossary.html*")
    assert page.locator("#term-out-of-bag-error").is_visible()
    top = page.locator("#term-out-of-bag-error").evaluate("e => e.getBoundingClientRect().top")
    assert 0 <= top < 800
