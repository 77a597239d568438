"""The look at addresses elsewhere, on a server of this machine."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bookbuild import commands, outside_links, paths

PROJECT = '[project.urls]\nRepository = "https://github.com/someone/thebook"\n'


class Server:
    """Answers each path with the statuses planned for it, one after the other."""

    def __init__(self):
        self.plan, self.asked, self.agents = {}, [], set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append((self.command, self.path))
                outer.agents.add(self.headers["User-Agent"])
                plan = outer.plan[self.path]
                status = plan.pop(0) if len(plan) > 1 else plan[0]
                self.send_response(status)
                if status in (301, 302):
                    self.send_header("Location", "/good")
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_HEAD = do_GET

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def ask(self, **plan):
        self.plan = {f"/{name}": statuses for name, statuses in plan.items()} | {"/good": [200]}
        links = [f"{self.address}/{name}" for name in plan]
        return {answer.address.rpartition("/")[2]: answer for answer in outside_links.ask(links)}


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(outside_links, "PAUSE", 0)
    server = Server()
    yield server
    server.http.shutdown()
    server.http.server_close()


def test_what_answers_is_fine_and_what_is_gone_is_broken(server):
    answers = server.ask(here=[200], moved=[301], missing=[404], gone=[410])
    verdicts = {name: answer.verdict for name, answer in answers.items()}
    assert verdicts == {"here": "fine", "moved": "fine", "missing": "broken", "gone": "broken"}


def test_a_server_that_refuses_the_head_is_asked_for_the_whole(server):
    answers = server.ask(shy=[405, 200])
    assert answers["shy"].verdict == "fine"
    assert [method for method, _ in server.asked] == ["HEAD", "GET"]


@pytest.mark.parametrize("status", [403, 429])
def test_a_server_that_turns_machines_away_is_not_called_broken(server, status):
    assert server.ask(closed=[status])["closed"].verdict == "unsure"


def test_a_server_that_stumbles_is_asked_again(server):
    assert server.ask(stumbles=[500, 502, 200])["stumbles"].verdict == "fine"


def test_no_answer_is_broken_and_says_why(server):
    port = server.http.server_port
    server.http.shutdown()
    server.http.server_close()
    (answer,) = outside_links.ask([f"http://127.0.0.1:{port}/x"])
    assert (answer.verdict, answer.told) == ("broken", "ConnectionError")


def test_the_server_is_told_who_asks(server):
    server.ask(here=[200])
    assert server.agents == {"mlearth-link-check (looks once a week)"}


def test_doi_org_is_asked_and_not_followed(monkeypatch):
    followed = {}

    class Session:
        def head(self, link, *, timeout, allow_redirects):
            followed[link] = allow_redirects
            return type("Answer", (), {"status_code": 302})

    for link in ("https://doi.org/10.1000/1", "https://example.org/1"):
        assert outside_links._ask(Session(), link).verdict == "fine"
    assert followed == {"https://doi.org/10.1000/1": False, "https://example.org/1": True}


@pytest.fixture
def site(little_book):
    paths.HTML.mkdir(parents=True)
    (paths.HTML / "index.html").write_text(
        """<a href="https://a.example/x#part">a</a> <a href="https://a.example/x">a</a>
        <a href="page.html">here</a> <a href="mailto:a@b.example">mail</a> <a href="#top">top</a>
        <a href="https://someone.github.io/thebook/page.html">own</a>
        <a href="https://github.com/someone/thebook/blob/main/page.md">own</a>
        <a href="https://github.com/someone/thebook">repository</a>"""
    )
    little_book.write("pyproject.toml", PROJECT)
    little_book.write("README.md", "See [b](https://b.example/y), http://localhost:8000.\n")
    little_book.write(
        "data/registry.toml", 'url = "https://github.com/someone/thebook/raw/z.csv"\n'
    )
    return little_book


def test_each_address_elsewhere_is_found_once_with_the_places_that_name_it(site):
    assert outside_links.addresses() == {
        "https://a.example/x": ["index.html"],
        "https://b.example/y": ["README.md"],
        "https://github.com/someone/thebook": ["index.html"],
        "https://github.com/someone/thebook/raw/z.csv": ["data/registry.toml"],
    }


@pytest.mark.parametrize(("status", "code"), [(200, 0), (403, 0), (404, 1)])
def test_the_command_fails_only_if_something_is_gone(site, monkeypatch, capsys, status, code):
    def ask(links):
        return [outside_links.Answer(link, status, str(status)) for link in links]

    monkeypatch.setattr(outside_links, "ask", ask)
    assert commands.run("outside-links") == code
    told = capsys.readouterr().out
    assert "4 addresses asked" in told
    assert ("https://b.example/y (" in told) == (status != 200)


def test_without_a_book_the_command_says_what_to_do(little_book, capsys):
    assert commands.run("outside-links") == 1
    assert "make book" in capsys.readouterr().err
