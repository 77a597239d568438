"""Keep the rendered pages in step with their results, however Sphinx was started.

Sphinx knows a page by its file, and jupyter-cache knows a result by the page's cells: neither sees
that the package behind them changed. So before anything is read, `bookbuild.execute.refresh`
drops what is stale (unless ``make book``, which sets ``BOOKBUILD_EXECUTED``, has just executed the
pages itself); and a page is read again when the result that it was rendered from has changed.
"""

import hashlib
import os
from pathlib import Path

EXECUTED = "BOOKBUILD_EXECUTED"


def refresh(app):
    """Drop stale results before Sphinx reads any page."""
    if os.environ.get(EXECUTED) == "1":
        return
    try:
        from bookbuild import execute, paths
    except ImportError:
        return
    if Path(app.srcdir).resolve() == paths.BOOK.resolve():
        execute.refresh()


def result_hash(app, docname):
    """Hash the result that is at hand for a page.

    Parameters
    ----------
    app : sphinx.application.Sphinx
    docname : str

    Returns
    -------
    str or None
        None if there is no result: the page has to be executed, or is no notebook.
    """
    from jupyter_cache import get_cache
    from jupyter_cache.readers import get_reader

    path = Path(app.env.doc2path(docname))
    folder = app.config.nb_execution_cache_path or Path(app.outdir).parent / ".jupyter_cache"
    if "```{code-cell}" not in path.read_text(encoding="utf-8"):
        return None
    cache = get_cache(folder)
    notebook = get_reader({"name": "myst_nb_md", "type": "plugin"})(str(path))
    try:
        bundle = cache.get_cache_bundle(cache.match_cache_notebook(notebook).pk)
    except (KeyError, OSError, ValueError):
        return None
    outputs = [cell.get("outputs") for cell in bundle.nb.cells]
    return hashlib.sha256(repr([outputs, bundle.nb.metadata.get("mlearth")]).encode()).hexdigest()


def outdated(app, env, added, changed, removed):
    """Name the pages whose result is no longer the one that they were rendered from."""
    shown = getattr(env, "mlearth_results", {})
    known = set(env.found_docs) - added - changed - removed
    return [name for name in known if shown.get(name) != result_hash(app, name)]


def note_result(app, doctree):
    """Remember which result a page has just been rendered from."""
    if not hasattr(app.env, "mlearth_results"):
        app.env.mlearth_results = {}
    app.env.mlearth_results[app.env.docname] = result_hash(app, app.env.docname)


def setup(app):
    """Connect to Sphinx's events."""
    app.connect("builder-inited", refresh)
    app.connect("env-get-outdated", outdated)
    app.connect("doctree-read", note_result)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
