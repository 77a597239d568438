"""Flows that take longer to simulate than a page may: run once, then kept in the user's cache.

Not exported by `mlearth.data`, so that only pages that need a flow depend on its simulator.
"""

import ast
import dataclasses
import hashlib
import os
import tempfile
import zipfile
from pathlib import Path

from mlearth import runtime
from mlearth.data.entries import DataError

PARTS = (
    "cylinder_wake",
    "cylinder_flow",
    "polar_flow",
    "polar_spline",
    "wake_record",
)  # of the simulator


def load_wake(reynolds=100.0, peclet=100.0, *, progress=True, **settings):
    """Load the simulated wake of a cylinder; the first time, simulate it (about a minute).

    Parameters
    ----------
    reynolds, peclet, **settings
        As `mlearth.simulate.cylinder_wake.simulate_wake` takes them.
    progress : bool
        Whether to show a progress bar where a person watches.

    Returns
    -------
    mlearth.simulate.cylinder_wake.Wake

    Raises
    ------
    DataError
        If the cache cannot be written or what it holds is damaged.
    ValueError
        If a parameter is out of range.

    Notes
    -----
    Kept under a name made of all parameters and of the simulator's source: another version of
    it simulates anew. A second process that asks meanwhile waits for the first. A run that is
    interrupted leaves no file.
    """
    from filelock import FileLock

    from mlearth.simulate.cylinder_wake import simulate_wake

    settings = {"reynolds": float(reynolds), "peclet": float(peclet), **settings}
    path = runtime.cache_folder() / "wakes" / f"wake-{_digest(settings)}.npz"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            if not path.exists():
                _write(simulate_wake(**settings, progress=progress), path)
    except OSError as error:
        raise DataError(
            f"Cannot write {path} ({error.strerror}); nothing was kept. Make the folder writable "
            "and see that the disk has room, or set MLEARTH_CACHE to another folder."
        ) from error
    return _read(path)


def _digest(settings):
    """Name of a run: changes with any setting and with the simulator's source."""
    import mlearth.simulate

    folder = Path(mlearth.simulate.__file__).parent
    found = hashlib.sha256(repr(sorted(settings.items())).encode())
    for part in PARTS:
        found.update(_without_words((folder / f"{part}.py").read_text(encoding="utf-8")).encode())
    return found.hexdigest()[:16]


def _without_words(source):
    """What of a source matters to its results: no comments, no docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = ""
    return ast.dump(tree)


def _write(wake, path):
    """Store the wake whole or not at all."""
    import numpy as np

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".wake-", suffix=".npz")
    os.close(handle)
    try:
        np.savez(name, **{f.name: getattr(wake, f.name) for f in dataclasses.fields(wake)})
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def _read(path):
    import numpy as np

    from mlearth.simulate.cylinder_wake import Wake

    try:
        with np.load(path, allow_pickle=False) as file:
            stored = {name: file[name] for name in file.files}
        return Wake(**{name: a if a.ndim else a.item() for name, a in stored.items()})
    except (OSError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} is damaged ({error}). Delete it: it is simulated anew.") from error
