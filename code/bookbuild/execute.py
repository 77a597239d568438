"""Execute the pages whose results are not at hand, and keep every result by its content.

Two places hold results. The jupyter-cache in ``book/_build`` is what Sphinx reads; it knows a
page by its cells alone. The store in the user's cache folder knows it by everything that the
result depends on (`pages.page_key`) and serves every clone; from it the first is filled.
"""

import contextlib
import json
import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
from filelock import FileLock, Timeout

from bookbuild import pages, paths

DAYS_KEPT = 60


@dataclass(frozen=True)
class Result:
    """What is known of a page after a build.

    Parameters
    ----------
    page : pages.Page
    notebook : nbformat.NotebookNode or None
        The executed page (code cells only); None if it failed.
    cached : bool
        Whether an earlier run's result served.
    error : str or None
        Which cell failed and how.
    """

    page: pages.Page
    notebook: object
    cached: bool
    error: str | None = None

    @property
    def facts(self):
        """Seconds, peak memory and data sources of the run, as a dict."""
        return self.notebook.metadata["mlearth"] if self.notebook else {}


class Store:
    """Executed pages by key, in one folder; safe for several builds at once.

    Parameters
    ----------
    folder : pathlib.Path
        Made when first written to.
    """

    def __init__(self, folder):
        self.folder = Path(folder)

    def get(self, key):
        """Read the notebook kept under a key; None if there is none or it is damaged."""
        file = self.folder / f"{key}.ipynb"
        try:
            notebook = nbformat.read(file, nbformat.NO_CONVERT)
            os.utime(file)
        except (OSError, ValueError, nbformat.reader.NotJSONError):
            return None
        return notebook if notebook.metadata.get("mlearth", {}).get("key") == key else None

    def put(self, notebook):
        """Keep an executed notebook's code cells under the key in its metadata.

        The cell that installs is left out: it has no output and may name another address.
        """
        key = notebook.metadata["mlearth"]["key"]
        code = [c for c in notebook.cells if c.cell_type == "code" and not pages.installs(c)]
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f"{key}.{os.getpid()}.part"
        kept = nbformat.from_dict({**notebook, "cells": code})
        part.write_text(nbformat.writes(kept), encoding="utf-8")
        part.replace(self.folder / f"{key}.ipynb")

    def drop(self, key):
        """Forget what is kept under a key."""
        (self.folder / f"{key}.ipynb").unlink(missing_ok=True)

    def seconds(self):
        """Return the most recent run time of every page, by name."""
        try:
            return json.loads((self.folder / "seconds.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}

    def note_seconds(self, results):
        """Remember how long the pages took, to run the longest first next time."""
        known = self.seconds() | {r.page.name: r.facts["seconds"] for r in results if r.facts}
        if self.folder.exists():
            part = self.folder / f"seconds.{os.getpid()}.part"
            part.write_text(json.dumps(known, indent=1), encoding="utf-8")
            part.replace(self.folder / "seconds.json")

    def prune(self):
        """Delete what no build has used for `DAYS_KEPT` days."""
        oldest = time.time() - DAYS_KEPT * 86400
        for file in self.folder.glob("*.*"):
            if file.stat().st_mtime < oldest:
                file.unlink(missing_ok=True)


def default_store():
    """The store in the user's cache folder (or in ``MLEARTH_CACHE``)."""
    from mlearth import runtime

    return Store(runtime.cache_folder() / "executions")


def build_lock(build=None):
    """Take the lock that lets one build at a time write into a clone.

    Parameters
    ----------
    build : pathlib.Path, optional
        The folder that the lock protects, ``book/_build`` unless given.

    Returns
    -------
    filelock.FileLock
        Already acquired; a context manager.
    """
    build = build or paths.BUILD
    build.mkdir(parents=True, exist_ok=True)
    lock = FileLock(build / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print("Another build is at work in this folder; waiting for it.", file=sys.stderr)
        lock.acquire()
    return lock


def run(todo, *, build=None, store=None, cold=False, workers=None):
    """Get every page's result, from the store or by executing it.

    Parameters
    ----------
    todo : list of pages.Page
    build : pathlib.Path, optional
        Folder of the jupyter-cache that Sphinx reads, ``book/_build`` unless given.
    store : Store, optional
        `default_store` unless given.
    cold : bool
        Whether to ignore results of earlier runs.
    workers : int, optional
        Pages to run side by side; as many as there are cores unless given.

    Returns
    -------
    list of Result
        In the order of `todo`.
    """
    store = store or default_store()
    cache = open_cache(build or paths.BUILD)
    sources = data_sources(todo)
    facts = {page: _facts(page, sources) for page in todo}
    found = {} if cold else {page: _recall(page, facts[page], cache, store) for page in todo}
    missing = [page for page in todo if found.get(page) is None]
    errors = _execute(missing, facts, cache, store, workers or os.cpu_count() or 1)
    for page in missing:
        found[page] = None if page in errors else _recall(page, facts[page], cache, store)
    results = [
        Result(page, found[page], cached=page not in missing, error=errors.get(page))
        for page in todo
    ]
    store.note_seconds(results)
    store.prune()
    return results


def refresh():
    """Bring all results up to date before Sphinx, started by hand, reads the pages.

    Raises
    ------
    RuntimeError
        If a page fails; the message names page and cell.
    """
    with build_lock():
        failed = [result for result in run(pages.find_pages()) if result.error]
    if failed:
        raise RuntimeError("\n\n".join(f"{result.page.name}: {result.error}" for result in failed))


def data_sources(todo):
    """Find out once for the whole build which registered data can be had.

    Parameters
    ----------
    todo : list of pages.Page

    Returns
    -------
    dict of str to str
        ``"observed"`` or ``"simulated"`` for every registry entry that a page loads.
    """
    from mlearth import data

    names = sorted(set().union(*(pages.entries_used(page) for page in todo)))
    return data.prepare(names)


def open_cache(build):
    """Open the jupyter-cache that Sphinx reads; one that is damaged is thrown away."""
    from jupyter_cache import get_cache

    folder = build / ".jupyter_cache"
    cache = get_cache(folder)
    try:
        cache.list_cache_records()
        cache.list_project_records()
    except Exception:
        shutil.rmtree(folder)
        cache = get_cache(folder)
    return cache


def cached_notebook(page, cache, key):
    """Read a page's result from the jupyter-cache; None unless it was made under `key`."""
    try:
        record = cache.match_cache_notebook(page.notebook)
        notebook = cache.get_cache_bundle(record.pk).nb
    except (KeyError, ValueError, OSError, nbformat.reader.NotJSONError):
        return None
    return notebook if notebook.metadata.get("mlearth", {}).get("key") == key else None


def _facts(page, sources):
    used = {name: sources[name] for name in sorted(pages.entries_used(page))}
    return {
        "page": page.name,
        "key": pages.page_key(page, sources),
        "content": pages.content_key(page),
        "sources": used,
    }


def _recall(page, facts, cache, store):
    """Return the page's result if it is at hand, and see that both places have it."""
    from jupyter_cache.base import CacheBundleIn

    notebook = cached_notebook(page, cache, facts["key"])
    if notebook is not None:
        if store.get(facts["key"]) is None:
            store.put(notebook)
        return notebook
    notebook = store.get(facts["key"])
    if notebook is not None:
        _add_install_cells(notebook, page)
        _forget(page, cache)
        seconds = {"execution_seconds": notebook.metadata["mlearth"]["seconds"]}
        bundle = CacheBundleIn(notebook, str(page.path), data=seconds)
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    return notebook


def _add_install_cells(notebook, page):
    """Put the page's own cells that install, which have no outputs, among the stored results."""
    code = [cell for cell in page.notebook.cells if cell.cell_type == "code"]
    for place, cell in enumerate(code):
        if pages.installs(cell):
            notebook.cells.insert(place, cell)


def _forget(page, cache):
    """Remove a page's record and file, also when only one of them is there."""
    _, cells = cache.create_hashed_notebook(page.notebook)
    with contextlib.suppress(KeyError):
        cache.remove_cache(cache.match_cache_notebook(page.notebook).pk)
    shutil.rmtree(cache.path / "executed" / cells, ignore_errors=True)


def _execute(missing, facts, cache, store, workers):
    """Run pages, longest first; return what went wrong by page."""
    from jupyter_cache.executors import load_executor

    if not missing:
        return {}
    seconds = store.seconds()
    missing = sorted(missing, key=lambda page: -seconds.get(page.name, float("inf")))
    by_file = {str(page.path): page for page in missing}
    for page in missing:
        store.drop(facts[page]["key"])
        _forget(page, cache)
        cache.add_nb_to_project(str(page.path), read_data=pages.READER)
    load_executor("mlearth", cache).run_and_cache(
        facts={file: facts[page] for file, page in by_file.items()},
        workers=min(workers, len(missing)),
        keep=store.put,
    )
    return {
        page: cache.get_project_record(file).traceback or "the kernel died or could not start"
        for file, page in by_file.items()
        if store.get(facts[page]["key"]) is None
    }
