"""Links of a built site."""

import pytest

from bookbuild import links

PAGE = '<html><body id="top"><h2 id="here">x</h2>{}</body></html>'


@pytest.fixture
def site(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "index.html").write_text(PAGE.format(""), encoding="utf-8")
    (tmp_path / "sub" / "index.html").write_text(PAGE.format(""), encoding="utf-8")
    (tmp_path / "picture.png").write_bytes(b"")

    def add(body):
        (tmp_path / "page.html").write_text(PAGE.format(body), encoding="utf-8")
        return tmp_path

    return add


@pytest.mark.parametrize(
    "address",
    [
        "index.html",
        "index.html#here",
        "#here",
        "#",
        "sub/",
        "sub/#top",
        "https://example.org/x",
        "mailto:a@example.org",
    ],
)
def test_good_links_pass(site, address):
    assert links.broken(site(f'<a href="{address}">x</a>')) == []


@pytest.mark.parametrize("address", ["ghost.html", "index.html#ghost", "#ghost", "sub/ghost.html"])
def test_broken_links_are_found(site, address):
    assert links.broken(site(f'<a href="{address}">x</a>')) == [f"page.html: {address}"]


def test_a_missing_picture_is_found(site):
    assert links.broken(site('<img src="picture.png"><img src="ghost.png">')) == [
        "page.html: ghost.png"
    ]


def test_requests_to_other_hosts_are_found(site):
    body = '<script src="https://cdn.example.org/a.js"></script><a href="https://example.org">x</a>'
    body += '<link rel="stylesheet" href="//fonts.example.org/f.css"><img src="picture.png">'
    assert links.outside(site(body)) == [
        "page.html: //fonts.example.org/f.css",
        "page.html: https://cdn.example.org/a.js",
    ]
