"""The buttons of a page lead where they say, in a fork as well, and stand only where they serve."""

import json

import pytest
import yaml
from test_site_pages import PLAIN, SmallBook

from bookbuild import links, notebooks, pages, paths, repository

FORK = "https://github.com/some-one/my.book"
CLONE = "\n```bash\ngit clone {{ repository }}\ncd {{ repository_name }}\n```\n"


@pytest.fixture(scope="module")
def fork(tmp_path_factory):
    """A small book, built in a fork whose remote has credentials in its address."""
    book = SmallBook(tmp_path_factory.mktemp("fork"))
    (book.folder / "plain.md").write_text(PLAIN + CLONE)
    page = pages.Page("drawn", book.folder / "drawn.md")
    page.path.with_suffix(".ipynb").write_text(notebooks.paired(page))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(repository.SITE_VARIABLE, raising=False)
        patch.setenv(repository.VARIABLE, "https://me:s3cret@github.com/some-one/my.book.git")
        book.build()
        yield book


def buttons(book, page):
    """Addresses of a page's buttons by their text."""
    header = book.tree(page).find_class("article-header-buttons")
    found = header[0].xpath(".//a | .//button[contains(@class, 'dropdown-item')]") if header else []
    return {link.text_content().strip(): link.get("href") for link in found}


def test_an_executable_page_has_all_buttons_and_they_lead_to_the_fork(fork):
    assert buttons(fork, "drawn") == {
        "Colab": f"https://colab.research.google.com/github/some-one/my.book"
        f"/blob/{repository.reference()}/book/drawn.ipynb",
        "Binder": f"https://mybinder.org/v2/gh/some-one/my.book"
        f"/{repository.reference()}?urlpath=lab/tree/book/drawn.ipynb",
        "Repository": FORK,
        "Suggest edit": f"{FORK}/edit/main/book/drawn.md",
        "Open issue": f"{FORK}/issues/new?title=On%20the%20page%20%E2%80%9CDrawn%E2%80%9D%3A%20",
        ".ipynb": "_sources/drawn.ipynb",
        ".md": "_sources/drawn.md",
        "Print this page": None,
    }


@pytest.mark.parametrize("page", ["index", "plain", "search", "404"])
def test_a_page_that_runs_nothing_has_none(fork, page):
    assert buttons(fork, page) == {}


def test_buttons_are_called_by_their_text_and_menus_have_names(fork):
    (header,) = fork.tree("drawn").find_class("article-header-buttons")
    menus = header.xpath(".//button[@data-bs-toggle='dropdown']")
    assert len(menus) == 3
    assert len({menu.get("aria-label") for menu in menus}) == 3
    assert not header.xpath(".//img")  # whose text would be part of the name
    assert not header.xpath(".//ul//*[@aria-label]")


def test_the_notebook_to_download_has_no_outputs_and_installs_from_the_fork(fork):
    cells = json.loads((fork.site / "_sources" / "drawn.ipynb").read_text())["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(code) == 3
    assert not any(cell["outputs"] for cell in code)
    assert f"{FORK}/archive/" in "".join(code[0]["source"])
    assert (fork.site / "_sources" / "drawn.md").exists()


def test_the_address_stands_in_code_blocks_and_in_the_pages_own(fork):
    text = fork.tree("plain").text_content()
    assert f"git clone {FORK}" in text
    assert "cd my.book" in text
    assert 'rel="canonical" href="https://some-one.github.io/my.book/plain.html"' in fork.text(
        "plain"
    )
    assert "/my.book/index.html" in fork.text("404")


def test_no_page_names_the_default_or_gives_credentials_away(fork):
    owner, name = repository.default().split("/")[-2:]
    for file in fork.site.rglob("*.html"):
        text = file.read_text()
        assert "s3cret" not in text
        assert f"/{owner}/{name}/" not in text
        assert f"{owner}.github.io" not in text


def test_the_buttons_ask_no_other_host_when_a_page_opens(fork):
    assert links.outside(fork.site) == []
    assert links.broken(fork.site) == []


def test_another_address_is_written_into_every_page_and_nothing_is_executed(fork, monkeypatch):
    monkeypatch.setenv(repository.VARIABLE, "https://github.com/else/where")
    monkeypatch.setenv(repository.SITE_VARIABLE, "https://book.example.org")
    executed = list((fork.folder / "_build" / ".jupyter_cache").rglob("base.ipynb"))
    times = [file.stat().st_mtime_ns for file in executed]
    assert times
    done = fork.build()
    assert "Executing notebook" not in done.stdout + done.stderr
    assert [file.stat().st_mtime_ns for file in executed] == times
    assert "git clone https://github.com/else/where" in fork.tree("plain").text_content()
    assert buttons(fork, "drawn")["Repository"] == "https://github.com/else/where"
    assert 'href="https://book.example.org/plain.html"' in fork.text("plain")


def test_the_books_pdf_is_offered_where_the_build_made_one(fork, monkeypatch, tmp_path):
    (tmp_path / "earth.pdf").write_bytes(b"%PDF")
    monkeypatch.setenv("BOOKBUILD_PDF", str(tmp_path / "earth.pdf"))
    fork.build()
    assert buttons(fork, "drawn")[".pdf of the book"] == "earth.pdf"


def test_the_book_takes_its_address_from_nowhere_else():
    config = yaml.safe_load((paths.BOOK / "_config.yml").read_text())
    assert "baseurl" not in config["html"]
    assert set(config["repository"]) == {"path_to_book"}


def test_edits_go_to_main_since_a_tag_cannot_be_edited(monkeypatch):
    monkeypatch.syspath_prepend(str(paths.BOOK / "_ext"))
    import page_buttons

    monkeypatch.setattr(repository, "reference", lambda: "v1.0")
    button = {"label": "source-edit-button", "url": f"{FORK}/edit/v1.0/book/a.md"}
    page_buttons.amend_source_button(button, FORK, "A")
    assert button["url"] == f"{FORK}/edit/main/book/a.md"
