"""Which pages a change touches."""

import subprocess

import pytest

from bookbuild import changed_pages


@pytest.fixture
def history(little_book):
    """A book of three pages under git, the second of which imports a module."""

    def git(*words):
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *who, *words], cwd=little_book.root, check=True, capture_output=True)

    little_book.write("code/mlearth/heat.py", "RATE = 1\n")
    little_book.add_page("plain", "x = 1")
    little_book.add_page("warm", "from mlearth import heat")
    little_book.add_page("recorded", 'load_study("many")')
    little_book.write("book/about.md", "# About\n")
    git("init", "--initial-branch=main")
    git("add", ".")
    git("commit", "-m", "Begin")
    git("switch", "-c", "mine")
    git("switch", "main")
    little_book.add_page("plain", "x = 2")  # by somebody else, meanwhile
    git("commit", "-am", "Change another page")
    git("switch", "mine")

    def commit(**texts):
        for name, text in texts.items():
            little_book.write(name, text)
        git("add", ".")
        git("commit", "-m", "Change")
        return changed_pages.changed_files("main")

    return commit


def test_a_page_is_touched_by_its_text_its_code_and_its_records(history):
    files = history(
        **{
            "code/mlearth/heat.py": "RATE = 2\n",
            "data/studies/many.json": "{}",
            "book/about.md": "# All about\n",
            "README.md": "Elsewhere\n",
        }
    )
    assert changed_pages.changed_pages(files) == {
        "about": ["book/about.md"],
        "recorded": ["data/studies/many.json"],
        "warm": ["code/mlearth/heat.py"],
    }


def test_the_summary_names_the_file_to_open_and_where_the_site_is(history):
    told = changed_pages.summary(history(**{"book/about.md": "# Else\n"}), "https://example.org/1")
    assert "- `about.html` (book/about.md)" in told
    assert "[the site](https://example.org/1)" in told
    assert "plain" not in told
    assert "every page" not in told


@pytest.mark.parametrize("file", ["book/_config.yml", "book/_static/book.css"])
def test_a_change_of_the_look_is_said_to_touch_every_page(little_book, file):
    little_book.add_page("plain", "x = 1")
    told = changed_pages.summary({file}, "https://example.org/1")
    assert "No page changed" in told
    assert "every page may have changed" in told
