"""Where the files are on this computer, whether they are intact, and how to fetch them.

A server that cannot be reached, breaks off or answers with an error status (404, 503) is out of
reach: a load says so in one line and goes on to the next source. A server that delivers a whole
file with the wrong SHA-256 is an error, as is a wrong file on disk: nothing is kept or replaced.
"""

import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from mlearth import runtime
from mlearth.data.download import UnreachableError, cached_path, describe_difference, download
from mlearth.data.entries import DataError, find_entry, registry

PATIENCE = 4.0  # seconds that all loads of one process together wait for the network


class Finding(NamedTuple):
    """What `verify` found in one place.

    Parameters
    ----------
    name : str
        Entry of the registry.
    path : pathlib.Path
    problem : str or None
        None if the file is intact.
    """

    name: str
    path: Path
    problem: str | None


@dataclass
class _Network:
    """What this process may still ask of the network without being told to fetch."""

    seconds: float = PATIENCE
    asked: set = field(default_factory=set)


_network = _Network()


def locate(entry):
    """Find the first intact copy on this computer.

    Parameters
    ----------
    entry : Entry

    Returns
    -------
    pathlib.Path or None
        None if no copy is in ``$MLEARTH_DATA`` or the cache.

    Raises
    ------
    DataError
        If ``MLEARTH_DATA`` is not a folder, or a file is unreadable or not the registered one.
    """
    return next((path for path in _places(entry) if _is_intact(path, entry)), None)


def obtain(entry):
    """Find a file on this computer or, if it is there soon, on the network.

    Parameters
    ----------
    entry : Entry

    Returns
    -------
    pathlib.Path or None
        None, after one line on stderr, if the file cannot be had. Each file is asked for once in
        the life of a process, none after a server was silent, all within `PATIENCE` seconds.

    Raises
    ------
    DataError
        If a file was found or delivered but is not the registered one, or could not be stored.
    """
    path = locate(entry)
    given_up = entry.name in _network.asked or _network.seconds <= 0 or runtime.offline()
    if path is not None or given_up:
        return path
    _network.asked.add(entry.name)
    start = time.monotonic()
    try:
        return download(entry, patience=_network.seconds)
    except UnreachableError as problem:
        if not problem.answered:
            _network.seconds = 0.0
        print(f"mlearth.data: {problem}; simulated {entry.rows} stand in.", file=sys.stderr)
        return None
    finally:
        _network.seconds -= time.monotonic() - start


def state(name):
    """Tell what a load would return now, without asking the network.

    Parameters
    ----------
    name : str
        Entry of the registry.

    Returns
    -------
    str
        ``"observed"`` if the intact file is in ``$MLEARTH_DATA`` or the cache, else
        ``"simulated"``.

    Raises
    ------
    DataError
        If the entry is unknown or its file is not the registered one.
    """
    return "simulated" if locate(find_entry(name)) is None else "observed"


def prepare(names):
    """Try once to have the files at hand before a build; without a network at most 5 s in all.

    Parameters
    ----------
    names : iterable of str
        Entries of the registry.

    Returns
    -------
    dict of str to str
        The `state` of each. Set ``MLEARTH_OFFLINE=1`` for the processes that follow, so that none
        asks the network again and all see what is reported here.

    Raises
    ------
    DataError
        As `obtain`; not for want of a network, which costs a line on stderr.
    """
    entries = [find_entry(name) for name in sorted(names)]
    return {e.name: "simulated" if obtain(e) is None else "observed" for e in entries}


def fetch(name):
    """Get a file, waiting as long as the network delivers.

    Parameters
    ----------
    name : str
        Entry of the registry.

    Returns
    -------
    pathlib.Path
        The intact file: where it already was, or in the cache.

    Raises
    ------
    UnreachableError
        If the network does not deliver it.
    DataError
        If what came is not the registered file, or could not be stored.
    """
    entry = find_entry(name)
    path = locate(entry)
    if path is None and runtime.offline():
        raise UnreachableError(
            f"{name} is not at hand and MLEARTH_OFFLINE=1 forbids the network. Unset it to fetch.",
            answered=False,
        )
    try:
        return path or download(entry, patience=None)
    except UnreachableError as problem:
        raise UnreachableError(
            f"{problem} ({urlsplit(entry.address).netloc}). Try again when connected, or put "
            f"{entry.file} into a folder and set MLEARTH_DATA to it.",
            answered=problem.answered,
        ) from problem


def verify():
    """Check every file in ``$MLEARTH_DATA`` and in the cache against the registry.

    Returns
    -------
    list of Finding
        One for each file that is there; an intact one does not hide a corrupt one elsewhere.

    Raises
    ------
    DataError
        If ``MLEARTH_DATA`` is not a folder.
    """
    findings = []
    for entry in registry().values():
        for path in _places(entry):
            try:
                if _is_intact(path, entry):
                    findings.append(Finding(entry.name, path, None))
            except DataError as problem:
                findings.append(Finding(entry.name, path, str(problem)))
    return findings


def _places(entry):
    """List where the file may be, in the order of the search."""
    given, cached = runtime.data_folder(), cached_path(entry)
    if given is None:
        return [cached]
    if not given.is_dir():
        raise DataError(f"MLEARTH_DATA names {given}, which is not a folder. Correct or unset it.")
    return [given / entry.file, cached]


def _is_intact(path, entry):
    """Tell whether the registered file is there; raise if something else is."""
    try:
        if not os.path.lexists(path):
            return False
        wrong = describe_difference(path, entry)
    except OSError as error:
        raise DataError(f"Cannot read {path}: {error.strerror}. Repair or remove it.") from error
    if wrong:
        raise DataError(
            f"{path} is not the registered {entry.name}: {wrong}. Delete it, then run "
            f"python -m mlearth.data fetch {entry.name}"
        )
    return True
