"""Where the book's repository is on the web, and which version of it the pages point to."""

import os
import re
import subprocess
import tomllib

from bookbuild import paths
from bookbuild.environment import SetUpError

VARIABLE = "BOOK_REPOSITORY"
SITE_VARIABLE = "BOOK_URL"
GITHUB = re.compile(
    r"(?:https?://(?:[^/@\s]*@)?|(?:ssh://)?(?:[\w.-]+@))?"  # what precedes is dropped
    r"(?:www\.)?github\.com(?::\d+)?[/:]"
    r"(?P<owner>[A-Za-z\d-]+)/(?P<name>[\w.-]+?)(?:\.git)?/?",
    re.IGNORECASE,
)


def address():
    """Find the address of the repository that this clone publishes.

    The first of: the environment variable ``BOOK_REPOSITORY``, git's remote ``origin`` if it is on
    github.com, and what ``pyproject.toml`` names.

    Returns
    -------
    str
        ``https://github.com/OWNER/NAME``.

    Raises
    ------
    SetUpError
        If ``BOOK_REPOSITORY`` is set to anything but an address on github.com.
    """
    given = os.environ.get(VARIABLE)
    if given and not normalised(given):
        raise SetUpError(
            f"{VARIABLE} is not the address of a repository on GitHub. Set it to one like "
            "https://github.com/OWNER/NAME, or unset it."
        )
    return normalised(given or "") or normalised(_origin()) or default()


def default():
    """Read the address that ``pyproject.toml`` names.

    Returns
    -------
    str
    """
    text = (paths.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["project"]["urls"]["Repository"]


def normalised(text):
    """Bring an address of a repository on github.com into one form, without credentials.

    Parameters
    ----------
    text : str
        As git takes it: https, ssh or ``git@``.

    Returns
    -------
    str or None
        ``https://github.com/OWNER/NAME``; None if it is anything else, such as a folder.
    """
    found = GITHUB.fullmatch(text.strip())
    return f"https://github.com/{found['owner']}/{found['name']}" if found else None


def reference():
    """Name the branch or tag of the repository that holds this version of the pages.

    Returns
    -------
    str
        ``main`` while the version is in development, then its tag.
    """
    from mlearth import __version__

    return "main" if ".dev" in __version__ else f"v{__version__}"


def site():
    """Tell where the site is published.

    Returns
    -------
    str
        ``BOOK_URL`` if set, else the repository's own place on GitHub Pages; ends in a slash.
    """
    owner, name = address().split("/")[-2:]
    return (os.environ.get(SITE_VARIABLE) or f"https://{owner}.github.io/{name}").rstrip("/") + "/"


def _origin():
    """Ask git for the address of ``origin``; empty if there is no git, clone or remote."""
    if not (paths.ROOT / ".git").exists():
        return ""  # else git would tell the remote of a clone around this folder
    command = ["git", "-C", str(paths.ROOT), "remote", "get-url", "origin"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
