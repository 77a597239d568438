"""Whether the addresses elsewhere that the book links to still answer."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import sleep
from urllib.parse import urldefrag, urlsplit

import requests
from lxml import html
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from bookbuild import paths, repository

TIMEOUT = 20  # seconds
PAUSE = 0.5  # seconds between two requests to one host
HOSTS_AT_ONCE = 8
UNWELCOME = (401, 403, 405, 406, 418, 429, 451, 503)  # we may not look; it need not be gone
ADDRESS = re.compile(r"https?://[^\s<>\"'`|)\]]*[^\s<>\"'`|)\].,:;]")
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "STYLE.md", "data/README.md", "data/registry.toml")


@dataclass(frozen=True)
class Answer:
    """What an address said.

    Parameters
    ----------
    address : str
    status : int or None
        Of HTTP; None if there was no answer.
    told : str
        The status, or why there was none.
    """

    address: str
    status: int | None
    told: str

    @property
    def verdict(self):
        """``"fine"``, ``"unsure"`` (a machine is not let in) or ``"broken"``."""
        if self.status in UNWELCOME:
            return "unsure"
        return "fine" if self.status and self.status < 400 else "broken"


def addresses():
    """Collect the addresses elsewhere in the built site, the documents and the data registry.

    The site's links to itself and into its repository (edit, launch) are left out: they exist once
    it is published.

    Returns
    -------
    dict of str to list of str
        For each address, without its fragment, the files that name it.
    """
    site, inside = _own_places()
    found = {}
    for file in sorted(paths.HTML.rglob("*.html")):
        links = html.parse(str(file)).xpath("//a/@href") if "_static" not in file.parts else []
        for link in links:
            if not link.startswith(site) and inside not in link:
                found.setdefault(urldefrag(link)[0], set()).add(file.name)
    for name in DOCUMENTS:
        file = paths.ROOT / name
        for link in ADDRESS.findall(file.read_text(encoding="utf-8")) if file.exists() else []:
            found.setdefault(urldefrag(link)[0], set()).add(name)
    outside = (link for link in sorted(found) if _is_outside(link))
    return {link: sorted(found[link]) for link in outside}


def _own_places():
    """Return where the site is published, and what addresses inside its repository contain."""
    return repository.site(), f"{urlsplit(repository.address()).path}/"


def _is_outside(link):
    parts = urlsplit(link)
    return parts.scheme in ("http", "https") and parts.hostname != "localhost"


def ask(links):
    """Ask every address, one after the other on each host, with a pause.

    Parameters
    ----------
    links : iterable of str

    Returns
    -------
    list of Answer
        Sorted by address.
    """
    by_host = {}
    for link in links:
        by_host.setdefault(urlsplit(link).netloc, []).append(link)
    with ThreadPoolExecutor(HOSTS_AT_ONCE) as pool:
        answers = [answer for some in pool.map(_ask_host, by_host.values()) for answer in some]
    return sorted(answers, key=lambda answer: answer.address)


def _ask_host(links):
    answers = []
    with requests.Session() as session:
        session.headers["User-Agent"] = "mlearth-link-check (looks once a week)"
        retry = Retry(2, backoff_factor=1, status_forcelist=(500, 502, 504), raise_on_status=False)
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=retry))
        for link in links:
            answers.append(_ask(session, link))
            sleep(PAUSE)
    return answers


def _ask(session, link):
    """Ask for the head, and for the whole if that is refused; of a DOI, whether it is known.

    Publishers turn machines away, so doi.org itself is asked and not followed.
    """
    settings = {"timeout": TIMEOUT, "allow_redirects": urlsplit(link).hostname != "doi.org"}
    try:
        answer = session.head(link, **settings)
        if answer.status_code >= 400:
            answer = session.get(link, stream=True, **settings)
            answer.close()
    except requests.RequestException as error:
        return Answer(link, None, type(error).__name__)
    return Answer(link, answer.status_code, str(answer.status_code))


def report(answers, places):
    """Say what is broken and what could not be told.

    Parameters
    ----------
    answers : list of Answer
    places : dict of str to list of str
        As `addresses` returns it.

    Returns
    -------
    str
    """
    lines = [f"{len(answers)} addresses asked"]
    for verdict in ("unsure", "broken"):
        for answer in answers:
            if answer.verdict == verdict:
                where = ", ".join(places[answer.address])
                lines.append(f"{verdict}: {answer.address} ({answer.told}) in {where}")
    return "\n".join(lines)
