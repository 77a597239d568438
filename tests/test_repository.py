"""The repository's address follows a fork and gives nothing away."""

import re
import subprocess

import pytest

import mlearth
from bookbuild import paths, repository
from bookbuild.environment import SetUpError

PROJECT = '[project.urls]\nRepository = "https://github.com/default/book"\n'
FORK = "https://github.com/some-one/my.book"


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A clone in a folder of its own; call it with the address of its origin."""
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.delenv(repository.VARIABLE, raising=False)
    monkeypatch.delenv(repository.SITE_VARIABLE, raising=False)

    def set_origin(origin):
        subprocess.run(["git", "-C", str(tmp_path), "remote", "add", "origin", origin], check=True)

    return set_origin


@pytest.mark.parametrize(
    "origin",
    [
        FORK,
        f"{FORK}.git",
        f"{FORK}/",
        "https://some-one:s3cret@github.com/some-one/my.book.git",
        "https://s3cret@github.com/some-one/my.book",
        "git@github.com:some-one/my.book.git",
        "ssh://git@github.com/some-one/my.book.git",
        "ssh://git@github.com:22/some-one/my.book.git",
    ],
)
def test_a_fork_is_recognised_and_credentials_are_stripped(clone, origin):
    clone(origin)
    assert repository.address() == FORK


@pytest.mark.parametrize(
    "origin",
    [
        "/home/some-one/secret/book",
        "file:///home/some-one/github.com/a/b",
        "../github.com/a/b",
        "https://gitlab.com/some-one/my.book",
        "https://notgithub.com/some-one/my.book",
        "https://github.com.evil.example/some-one/my.book",
        "https://evil.example/github.com/some-one",
        "https://github.com/some-one/my.book/tree/main",
        'https://github.com/some-one/"onclick=',
    ],
)
def test_any_other_remote_is_ignored(clone, origin):
    clone(origin)
    assert repository.address() == "https://github.com/default/book"


def test_without_a_remote_the_default_serves(clone):
    assert repository.address() == "https://github.com/default/book"


def test_a_clone_around_an_unpacked_archive_is_not_asked(clone, tmp_path, monkeypatch):
    clone(FORK)
    inner = tmp_path / "unpacked"
    inner.mkdir()
    (inner / "pyproject.toml").write_text(PROJECT)
    monkeypatch.setattr(paths, "ROOT", inner)
    assert repository.address() == "https://github.com/default/book"


def test_the_environment_comes_first(clone, monkeypatch):
    clone(FORK)
    monkeypatch.setenv(repository.VARIABLE, "git@github.com:else/where.git")
    assert repository.address() == "https://github.com/else/where"


def test_a_wrong_variable_is_an_error_that_does_not_repeat_it(clone, monkeypatch):
    monkeypatch.setenv(repository.VARIABLE, "https://user:s3cret@example.org/a/b")
    with pytest.raises(SetUpError, match="BOOK_REPOSITORY") as caught:
        repository.address()
    assert "s3cret" not in str(caught.value)


def test_the_site_is_the_forks_own_unless_told(clone, monkeypatch):
    clone(FORK)
    assert repository.site() == "https://some-one.github.io/my.book/"
    monkeypatch.setenv(repository.SITE_VARIABLE, "https://book.example.org")
    assert repository.site() == "https://book.example.org/"


@pytest.mark.parametrize(("version", "ref"), [("0.1.0.dev0", "main"), ("0.1.0", "v0.1.0")])
def test_a_release_points_to_its_tag_and_development_to_main(monkeypatch, version, ref):
    monkeypatch.setattr(mlearth, "__version__", version)
    assert repository.reference() == ref


def test_the_default_stands_once_and_elsewhere_only_where_it_cannot_be_computed():
    found = set()
    for file in tracked_texts():
        places = re.findall(r"https://github\.com/[\w.-]+/LIFD_ENV_ML_NOTEBOOKS", file.read_text())
        assert set(places) <= {repository.default()}, file
        if places:
            found.add(file.relative_to(paths.ROOT).as_posix())
    pages = {name for name in found if name.startswith("book/chapters/")}
    # references.bib and README cite the notebooks that the book grew out of
    allowed = {"pyproject.toml", "CITATION.cff", "README.md", "book/references.bib"}
    allowed.add("CONTRIBUTING.md")
    assert found - pages == allowed


def tracked_texts():
    command = ["git", "-C", str(paths.ROOT), "ls-files", "*.md", "*.toml", "*.yml", "*.cff"]
    command += ["*.py", "*.bib", "*.json", "*.txt", "Makefile", ".ci/run"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    files = [paths.ROOT / name for name in listed.split()]
    assert len(files) > 50
    return [file for file in files if file.exists() and file.name != "test_repository.py"]
