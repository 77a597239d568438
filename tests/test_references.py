"""What is cited is in the bibliography, and what is in the bibliography is cited."""

import re

import pytest

from bookbuild import paths

ENTRY = re.compile(r"^@\w+\{([^,\s]+),", re.MULTILINE)
ROLE = re.compile(r"\{cite[a-z:]*\}`([^`]+)`")
KEY = r"([a-z]+\d{4}[a-z]+)"
CODE = re.compile(rf"\[{KEY}\]_|citation\"? ?[=:] ?\"{KEY}")


def cited():
    """Map each key to the files that cite it."""
    found = {}
    pages = [file for file in paths.BOOK.rglob("*.md") if "_build" not in file.parts]
    for file in pages:
        for keys in ROLE.findall(file.read_text(encoding="utf-8")):
            for key in keys.split(","):
                found.setdefault(key.strip(), []).append(file.name)
    sources = [*(paths.CODE / "mlearth").rglob("*.py"), *(paths.ROOT / "data").glob("*.toml")]
    for file in sources:
        for keys in CODE.findall(file.read_text(encoding="utf-8")):
            found.setdefault("".join(keys), []).append(file.name)
    return found


@pytest.fixture(scope="module")
def entries():
    return ENTRY.findall((paths.BOOK / "references.bib").read_text(encoding="utf-8"))


def test_every_cited_key_is_in_the_bibliography(entries):
    unknown = {key: files for key, files in cited().items() if key not in entries}
    assert len(cited()) >= 10
    assert unknown == {}


def test_every_entry_is_listed_once_and_cited(entries):
    assert len(entries) == len(set(entries))
    assert sorted(set(entries) - set(cited())) == []
