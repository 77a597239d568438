"""axe-core, WCAG 2.2 AA and its good practice, on every page as a reader has it before them."""

from importlib import util
from pathlib import Path

import pytest
import yaml

from bookbuild import paths

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
EVERYTHING = {"type": "tag", "values": TAGS}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
# without preload, since axe would fetch every style sheet anew
RUN = "rules => axe.run({runOnly: rules, preload: false, resultTypes: ['violations']})"
UNFOLD = """() => {
    for (const button of document.querySelectorAll('.toggle-button[aria-expanded="false"]'))
        button.click();
    for (const details of document.querySelectorAll('details')) details.open = true;
}"""


@pytest.fixture(scope="session")
def axe():
    reason = "needs axe-core: pip install axe-playwright-python"
    spec = util.find_spec("axe_playwright_python")
    if spec is None:
        pytest.skip(reason)
    return (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def violations(page, axe, scheme, rules=EVERYTHING):
    """Tell what axe finds in one colour scheme, one line per rule and element."""
    page.emulate_media(color_scheme=scheme)
    page.wait_for_timeout(350)  # the theme fades colours, and then counts what scrolls
    assert page.evaluate("document.documentElement.dataset.theme ?? ''") in (scheme, "")
    page.evaluate(axe)
    found = page.evaluate(RUN, rules)["violations"]
    return [
        f"{scheme}: {rule['id']} ({rule['help']}): {node['html'][:200]}"
        for rule in found
        for node in rule["nodes"]
    ]


def test_every_page_of_the_book_is_found(site):
    toc = yaml.safe_load((paths.BOOK / "_toc.yml").read_text(encoding="utf-8"))
    files = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    files += [section for chapter in files for section in chapter.get("sections", [])]
    names = ["404", "search", toc["root"], *[file["file"] for file in files]]
    assert len(names) >= 12
    assert [name for name in names if not (site / f"{name}.html").exists()] == []


@pytest.mark.parametrize("width", [1280, 375])
def test_axe_finds_nothing_with_all_solutions_open(open_page, axe, name, width):
    page = open_page(name, width)
    page.evaluate(UNFOLD)
    found = violations(page, axe, "light") + violations(page, axe, "dark", COLOURS)
    assert not found, "\n".join(found)
