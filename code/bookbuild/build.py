"""Build the web edition: execute, hold against the claims, render, report."""

import contextlib
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from importlib import metadata

from bookbuild import claims, execute, pages, paths, prose, repository

STATUS = paths.BUILD / "status.json"
GREEN = paths.BUILD / "green"
LOG = paths.BUILD / "sphinx.log"
PDF = paths.BUILD / "pdf" / "machine-learning-for-earth-sciences.pdf"
PDF_GREEN = paths.BUILD / "pdf" / "green"
JUPYTER_BOOK = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
LISTED = ("python", "numpy", "scipy", "scikit-learn", "torch", "tensorflow", "gpflow", "sphinx")


class BuildError(Exception):
    """The build failed; the message says where and why."""


def book(*, cold=False, paper=None, web=True):
    """Execute what changed, check the claims, make the editions, and print a report.

    Parameters
    ----------
    cold : bool
        Whether to execute every page again.
    paper : callable, optional
        Makes the PDF of the results, before the pages are rendered: they link to it.
    web : bool
        Whether to render the pages.

    Raises
    ------
    BuildError
        If a cell fails, a claim does not hold, the prose lint objects or Sphinx warns.
    """
    started = time.perf_counter()
    with execute.build_lock():
        todo = pages.find_pages()
        results = execute.run(todo, cold=cold)
        require_success(results)
        wrong = content_problems(results)
        write_status(results)
        if paper:
            paper(results)
        if web:
            render()
        print(report(results))
    if wrong:
        GREEN.unlink(missing_ok=True)
        raise BuildError("The pages say what does not hold:\n" + "\n".join(wrong))
    where = paths.HTML / "index.html" if web else PDF
    print(f"{time.perf_counter() - started:.0f} s. The book: {where}")


def require_success(results):
    """Stop the build if a page failed, saying where and how.

    Parameters
    ----------
    results : list of execute.Result
    """
    failed = [result for result in results if result.error]
    if failed:
        told = [f"{result.page.name}: {result.error}" for result in failed]
        told.append(f"{len(failed)} of {len(results)} pages failed; the others are kept.")
        raise BuildError("\n\n".join(told))


def content_problems(results):
    """Collect what the claims and the prose lint object to.

    Parameters
    ----------
    results : list of execute.Result

    Returns
    -------
    list of str
    """
    from mlearth import runtime

    known = claims.load_claims()
    found = claims.unknown_pages(known, [result.page.name for result in results])
    if not runtime.smoke():
        found += claims.check_results(results, known)
    for result in results:
        found += prose.problems(result.page)
        found += [f"{result.page.name}: {told}" for told in complaints(result.notebook)]
    return found


def complaints(notebook):
    """Find what cells wrote to the error stream: warnings, which readers should not meet.

    Parameters
    ----------
    notebook : nbformat.NotebookNode

    Returns
    -------
    list of str
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [
        f"code cell {number} warns: {output['text'].strip()[:200]}"
        for number, cell in enumerate(cells, start=1)
        for output in cell.outputs
        if output.get("name") == "stderr"
    ]


def render():
    """Run Sphinx over the executed pages; every warning is an error.

    Nothing is done if the last run passed and nothing it read has changed since. After a run
    that failed, or when pages came or went, everything is read again.
    """
    paper = current_pdf()
    present = json.dumps(inputs() | {"the PDF": _hash(PDF) if paper else ""}, indent=0)
    before = GREEN.read_text(encoding="utf-8") if GREEN.exists() else None
    if before == present and (paths.HTML / "index.html").exists():
        return
    if before is None or _structure(before) != _structure(present):
        shutil.rmtree(paths.BUILD / ".doctrees", ignore_errors=True)
        shutil.rmtree(paths.HTML, ignore_errors=True)
    GREEN.unlink(missing_ok=True)
    print("rendering ...", flush=True)
    run_sphinx(LOG, BOOKBUILD_PDF=str(paper or ""))
    GREEN.write_text(present, encoding="utf-8")


def run_sphinx(log, *options, **variables):
    """Run Sphinx over the executed pages; every warning is an error.

    Parameters
    ----------
    log : pathlib.Path
        Where to keep what it says.
    *options : str
        Of ``jupyter-book build``.
    **variables : str
        Of the environment.

    Raises
    ------
    BuildError
        If Sphinx fails or objects to anything.
    """
    command = [*JUPYTER_BOOK, "build", str(paths.BOOK), "-W", "-n", "--keep-going", *options]
    variables |= {"BOOKBUILD_EXECUTED": "1"}  # the results are fresh already
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as out:
        done = subprocess.run(command, stdout=out, stderr=out, env=os.environ | variables)
    text = log.read_text(encoding="utf-8")
    told = [line for line in text.splitlines() if "WARNING" in line or "ERROR" in line]
    if done.returncode or told:
        tail = told or text.splitlines()[-15:]
        raise BuildError("Sphinx objects:\n" + "\n".join(tail) + f"\nAll it said: {log}")


def current_pdf():
    """Return the PDF if there is one and all that it was made from is as it was.

    Returns
    -------
    pathlib.Path or None
    """
    with contextlib.suppress(OSError, ValueError):
        if PDF.exists() and json.loads(PDF_GREEN.read_text(encoding="utf-8")) == inputs():
            return PDF
    return None


def inputs():
    """Hash every file that Sphinx reads, and every result; name the address that pages show.

    Returns
    -------
    dict of str to str
    """
    skip = (paths.BUILD, paths.BOOK / "_ext" / "__pycache__", paths.BOOK / "conf.py")
    files = [
        file
        for file in sorted(paths.BOOK.rglob("*"))
        if file.is_file() and not any(place in (file, *file.parents) for place in skip)
    ]
    files += [paths.CONSTRAINTS, STATUS, paths.CODE / "mlearth" / "__init__.py"]  # the version
    address = f"{repository.address()} {repository.reference()} {repository.site()}"
    return {"address": address} | {str(file.relative_to(paths.ROOT)): _hash(file) for file in files}


def _hash(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _structure(inputs):
    """Pick what forces a fresh reading: which files there are, and all that is not a page."""
    inputs = json.loads(inputs)
    changing = (".md", "status.json", "the PDF")
    return [(name, "" if name.endswith(changing) else what) for name, what in inputs.items()]


def write_status(results):
    """Leave what the build status page shows: versions, hardware, pages.

    Parameters
    ----------
    results : list of execute.Result
    """
    status = {
        "versions": {name: _version(name) for name in LISTED},
        "hardware": hardware(),
        "pages": [dict(result.facts) for result in results],
    }
    text = json.dumps(status, indent=1)
    with contextlib.suppress(OSError):
        if STATUS.read_text(encoding="utf-8") == text:
            return
    STATUS.write_text(text, encoding="utf-8")


def hardware():
    """Say in one line what machine this is.

    Returns
    -------
    str
    """
    import psutil

    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} CPU cores ({platform.machine()}), {memory:.0f} GB of memory, "
        f"{platform.system()}, no GPU used"
    )


def _version(name):
    return platform.python_version() if name == "python" else metadata.version(name)


def report(results):
    """Lay out the table of pages.

    Parameters
    ----------
    results : list of execute.Result

    Returns
    -------
    str
    """
    rows = [("page", "seconds", "peak MB", "result", "data")]
    for result in results:
        facts = result.facts
        data = ", ".join(sorted(set(facts["sources"].values()))) or "none"
        rows.append(
            (
                result.page.name.removeprefix("chapters/"),
                f"{facts['seconds']:.1f}",
                str(facts["peak_memory_mb"]),
                "cache" if result.cached else "run",
                data,
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(w) if i in (0, 3, 4) else cell.rjust(w) for i, (cell, w) in row)
        for row in ([(i, cw) for i, cw in enumerate(zip(r, widths, strict=True))] for r in rows)
    )
