"""How a file comes from the network into the cache: whole and checked, or not at all."""

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
import threading
from pathlib import Path

from mlearth import runtime
from mlearth.data.entries import DataError

FETCH_TIMEOUT = 30.0  # seconds of silence before an explicit fetch gives up


class UnreachableError(DataError):
    """The network did not deliver a file; `answered` tells whether a server replied at all."""

    def __init__(self, message, *, answered):
        super().__init__(message)
        self.answered = answered


def cached_path(entry):
    """Say where the cache keeps a file.

    Parameters
    ----------
    entry : Entry

    Returns
    -------
    pathlib.Path
    """
    return runtime.cache_folder() / "data" / entry.file


def describe_difference(path, entry):
    """Say how a file differs from the registered one.

    Parameters
    ----------
    path : pathlib.Path
    entry : Entry

    Returns
    -------
    str
        Expected and found SHA-256 and size; empty if the file is the registered one.
    """
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found == entry.sha256:
        return ""
    size = path.stat().st_size
    return f"expected SHA-256 {entry.sha256} ({entry.bytes} bytes), found {found} ({size} bytes)"


def download(entry, patience):
    """Bring a file from the network into the cache.

    Parameters
    ----------
    entry : Entry
    patience : float or None
        The most time that it may take [s]; None waits as long as the server delivers.

    Returns
    -------
    pathlib.Path
        The file in the cache.

    Raises
    ------
    UnreachableError
        If no server answers in time, or it answers with an error status, or breaks off.
    DataError
        If a whole file came with the wrong SHA-256, or it could not be written.
    """
    with (
        _writing(tempfile.gettempdir(), "TMPDIR", entry),
        tempfile.TemporaryDirectory(prefix="mlearth-", ignore_cleanup_errors=True) as folder,
    ):
        part = Path(folder) / entry.file
        if patience is None:
            _transfer(entry, part, FETCH_TIMEOUT)
        else:
            _transfer_within(patience, entry, part)
        if wrong := describe_difference(part, entry):
            raise DataError(
                f"{entry.address} delivered something else: {wrong}. Nothing was kept. A login "
                "page of your network does that: log in and try again. Otherwise tell the authors."
            )
        return _store(part, entry)


def _transfer(entry, part, timeout):
    """Download to `part`, with a progress bar where a person watches."""
    import pooch
    import requests
    from tqdm import tqdm

    bar = tqdm(total=entry.bytes, unit="B", unit_scale=True, desc=entry.file, disable=None)
    try:
        pooch.HTTPDownloader(progressbar=bar, timeout=timeout)(entry.address, part, None)
    except requests.RequestException as error:
        reason, answered = _explain(error, timeout)
        raise UnreachableError(f"{entry.name}: {reason}", answered=answered) from error
    finally:
        bar.close()


def _explain(error, timeout):
    """Say in a few words why a request failed, and whether a server answered at all."""
    import requests

    if isinstance(error, requests.HTTPError):
        return f"the server answered {error.response.status_code} {error.response.reason}", True
    if isinstance(error, requests.Timeout):
        return f"no answer within {timeout:.0f} s", False
    if isinstance(error, requests.ConnectionError):
        return "no connection", False
    return f"the transfer broke off ({type(error).__name__})", True


def _transfer_within(patience, entry, part):
    """Run `_transfer` in a thread, which can be left behind: name look-ups know no timeout."""
    outcome = []

    def work():
        try:
            _transfer(entry, part, patience)
            outcome.append(None)
        except Exception as problem:
            outcome.append(problem)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(patience)
    if not outcome:
        raise UnreachableError(f"{entry.name}: not here within {patience:.0f} s", answered=False)
    if outcome[0] is not None:
        raise outcome[0]


def _store(part, entry):
    """Move a checked file into the cache in one step, so that no one ever sees half of it."""
    target = cached_path(entry)
    with _writing(target.parent, "MLEARTH_CACHE", entry), contextlib.ExitStack() as cleanup:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, near = tempfile.mkstemp(dir=target.parent, prefix=f".{entry.file}.")
        cleanup.callback(Path(near).unlink, missing_ok=True)
        os.close(handle)
        shutil.copyfile(part, near)
        os.replace(near, target)
    return target


@contextlib.contextmanager
def _writing(folder, variable, entry):
    """Turn a failed write into an error that says what to do about it."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            remedy = f"The disk is full: free {entry.bytes} bytes"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            remedy = "The folder is read-only: make it writable"
        else:
            remedy = "Look at the folder"
        raise DataError(
            f"Cannot write {entry.file} into {folder} ({error.strerror}); nothing was kept. "
            f"{remedy}, or set {variable} to another folder."
        ) from error
