"""What a release offers, and when it is refused."""

import hashlib
import zipfile

import pytest

from bookbuild import notebooks, paths, release

CHANGELOG = "# Changelog\n\n## 1.2.0, 2030-01-31\n\n- A page.\n\n## 1.1.0, 2029-01-01\n\n- Older.\n"


@pytest.fixture
def built(little_book, monkeypatch):
    monkeypatch.setattr(release, "__version__", "1.2.0")
    little_book.write("CHANGELOG.md", CHANGELOG)
    little_book.add_page("front", "x = 1")
    (paths.BOOK / "chapters").mkdir()
    little_book.add_page("chapters/heat", "x = 2")
    little_book.names = ["chapters/heat"]
    little_book.add_page("chapters/heat", "x = 2")
    notebooks.write_all()
    (paths.HTML / "_images").mkdir(parents=True)
    (paths.HTML / "_images" / "figure.pdf").write_bytes(b"figure")
    (paths.HTML / f"{release.NAME}.pdf").write_bytes(b"edition")
    return little_book


def test_a_release_offers_pdf_notebooks_and_their_checksums(built, tmp_path):
    release.collect("v1.2.0", tmp_path / "dist")
    files = {file.name: file.read_bytes() for file in (tmp_path / "dist").iterdir()}
    pdf, archive = (f"{release.NAME}-v1.2.0{end}" for end in (".pdf", "-notebooks.zip"))
    assert set(files) == {pdf, archive, "SHA256SUMS", "NOTES.md"}
    assert files[pdf] == b"edition"
    for line in files["SHA256SUMS"].decode().splitlines():
        total, name = line.split("  ")
        assert hashlib.sha256(files[name]).hexdigest() == total
    assert files["SHA256SUMS"].count(b"\n") == 2
    with zipfile.ZipFile(tmp_path / "dist" / archive) as notes:
        assert notes.namelist() == ["heat.ipynb"]


def test_the_same_notebooks_make_the_same_archive_at_any_time(built, tmp_path, monkeypatch):
    sums = []
    for year in (2030, 2031):
        clock = (year, 1, 1, 0, 0, 0, 0, 1, 0)
        monkeypatch.setattr(zipfile.time, "localtime", lambda *_, now=clock: now)
        release.collect("v1.2.0", tmp_path / str(year))
        sums.append((tmp_path / str(year) / "SHA256SUMS").read_text())
    assert sums[0] == sums[1]


def test_the_notes_are_what_the_changelog_says_of_this_version(built):
    assert release.notes_of("v1.2.0") == "- A page.\n"


@pytest.mark.parametrize(
    ("version", "tag", "told"),
    [
        ("1.2.0", "v1.3.0", "tag is v1.3.0"),
        ("1.2.0.dev0", "v1.2.0", r"is '1.2.0.dev0'"),
        ("1.4.0", "v1.4.0", "no heading '## 1.4.0, YYYY-MM-DD'"),
    ],
)
def test_a_tag_that_fits_no_version_or_no_notes_is_refused(built, monkeypatch, version, tag, told):
    monkeypatch.setattr(release, "__version__", version)
    with pytest.raises(ValueError, match=told):
        release.notes_of(tag)


def test_without_a_pdf_there_is_no_release(built, tmp_path):
    (paths.HTML / f"{release.NAME}.pdf").unlink()
    with pytest.raises(ValueError, match=r"no machine-learning.*make site"):
        release.collect("v1.2.0", tmp_path / "dist")
    assert not (tmp_path / "dist").exists()
