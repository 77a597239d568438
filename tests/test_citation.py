"""Citation, archive metadata, package and book say the same of themselves."""

import json
import re
import tomllib

import pytest
import yaml

from bookbuild import paths
from mlearth import __version__


def read(name):
    return (paths.ROOT / name).read_text(encoding="utf-8")


@pytest.fixture
def citation():
    return yaml.safe_load(read("CITATION.cff"))


@pytest.fixture
def zenodo():
    return json.loads(read(".zenodo.json"))


def test_the_version_stands_in_the_package_and_nowhere_else_differs(citation, zenodo):
    assert citation["version"] == zenodo["version"] == __version__
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+)?", __version__)
    assert "version" in tomllib.loads(read("pyproject.toml"))["project"]["dynamic"]


def test_the_first_heading_of_the_changelog_is_of_this_version():
    version, _, day = re.search(r"^## ([\d.]+)(, )(.*)$", read("CHANGELOG.md"), re.M).groups()
    assert version == __version__.partition(".dev")[0]
    released = ".dev" not in __version__
    assert bool(re.fullmatch(r"\d{4}-\d\d-\d\d", day)) == released


def test_a_release_has_a_date_in_the_citation_and_a_development_version_none(citation):
    assert ("date-released" in citation) == (".dev" not in __version__)


def test_citation_and_archive_agree(citation, zenodo):
    for key in ("title", "keywords"):
        assert zenodo[key] == citation[key]
    assert [c["name"] for c in zenodo["creators"]] == [a["name"] for a in citation["authors"]]
    assert zenodo["description"] == citation["abstract"].strip()
    assert zenodo["license"] in [name.lower() for name in citation["license"]]
    assert zenodo["upload_type"] == citation["type"]


def test_citation_book_and_package_agree(citation):
    settings = yaml.safe_load(read("book/_config.yml"))
    assert citation["title"] == settings["title"]
    project = tomllib.loads(read("pyproject.toml"))["project"]
    assert citation["repository-code"] == project["urls"]["Repository"]


def test_the_licences_named_are_those_in_the_repository(citation):
    assert citation["license"] == ["CC-BY-4.0", "BSD-3-Clause"]
    assert "Attribution 4.0 International" in read("LICENSE")
    assert "BSD 3-Clause" in read("LICENSE-CODE")
