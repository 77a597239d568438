"""Make the paper edition: LaTeX from the pages' results, a PDF from that, and a gate behind it."""

import json
import os
import re
import shutil
import subprocess
import time

from bookbuild import build, paths, pdf_gate

NAME = "machine-learning-for-earth-sciences"
FOLDER = paths.BUILD / "pdf"
LATEX = FOLDER / "_build" / "latex"
PROGRAMS = ("xelatex", "latexmk", "makeindex", "kpsewhich")
FILES = (
    "FiraMono-Regular.otf",
    "LibertinusSerif-Regular.otf",
    "needspace.sty",
    "polyglossia.sty",
    "tabulary.sty",
    "tcolorbox.sty",
    "titlesec.sty",
)
MISSING_TEX = """\
The PDF needs LaTeX, which is not complete here: {missing} not found. Install it, then try again.

Debian, Ubuntu:
    sudo apt-get install texlive-xetex texlive-latex-extra texlive-fonts-recommended \\
        texlive-fonts-extra texlive-science texlive-plain-generic latexmk tex-gyre
macOS (Homebrew):
    brew install --cask mactex-no-gui
Windows:
    winget install MiKTeX.MiKTeX StrawberryPerl.StrawberryPerl

`make book` needs none of it."""


def make(results):
    """Make the PDF, unless the one at hand was made from the same.

    Parameters
    ----------
    results : list of execute.Result
        What the pages gave; its figures must all be in the PDF.

    Raises
    ------
    build.BuildError
        If LaTeX is not installed or fails, or the gate objects.
    """
    if build.current_pdf():
        print(f"The PDF is up to date: {build.PDF}")
        return
    require_tex()
    started = time.perf_counter()
    shutil.rmtree(FOLDER, ignore_errors=True)  # stale readings would hide what Sphinx objects to
    print("typesetting ...", flush=True)
    options = ("--builder", "latex", "--path-output", str(FOLDER))
    build.run_sphinx(FOLDER / "sphinx.log", *options, **edition())
    run_latex()
    made = LATEX / f"{NAME}.pdf"
    found = pdf_gate.problems(made, expected(results))
    if found:
        raise build.BuildError("The PDF is not fit to print:\n" + "\n".join(found))
    shutil.copyfile(made, build.PDF)
    build.PDF_GREEN.write_text(json.dumps(build.inputs(), indent=0), encoding="utf-8")
    pages, size = pdf_gate.number_of_pages(made), made.stat().st_size / 2**20
    seconds = time.perf_counter() - started
    print(f"{seconds:.0f} s. The PDF, {pages} pages, {size:.1f} MB: {build.PDF}")


def require_tex():
    """Stop with one message if programs, fonts or packages are missing."""
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if not missing:
        found = subprocess.run(["kpsewhich", *FILES], capture_output=True, text=True).stdout
        missing = [name for name in FILES if name not in found]
    if missing:
        raise build.BuildError(MISSING_TEX.format(missing=", ".join(missing)))


def edition():
    """Say for Sphinx and LaTeX where the results are and of what date the edition is.

    Returns
    -------
    dict of str to str
        Variables of the environment. The date is that of the last commit, so that everyone makes
        the same PDF of it, unless ``SOURCE_DATE_EPOCH`` says another.
    """
    command = ["git", "-C", str(paths.ROOT), "log", "-1", "--format=%ct"]
    try:
        date = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except FileNotFoundError:
        date = ""
    date = os.environ.get("SOURCE_DATE_EPOCH") or date or str(int(time.time()))
    return {"BOOKBUILD_RESULTS": str(paths.BUILD / ".jupyter_cache"), "SOURCE_DATE_EPOCH": date}


def run_latex():
    """Typeset until all references hold; the log is not broken into lines of 79 characters."""
    variables = edition() | {"FORCE_SOURCE_DATE": "1"}
    variables |= {"max_print_line": "10000", "error_line": "254", "half_error_line": "238"}
    command = ["latexmk", "-xelatex", "-interaction=nonstopmode", "-file-line-error"]
    command += ["-halt-on-error", f"{NAME}.tex"]
    with (FOLDER / "latexmk.log").open("w", encoding="utf-8") as log:
        streams = {"stdout": log, "stderr": log, "stdin": subprocess.DEVNULL}
        code = subprocess.run(command, cwd=LATEX, env=os.environ | variables, **streams).returncode
    if code:
        raise build.BuildError(latex_errors(FOLDER / "latexmk.log"))


def latex_errors(file):
    """Pick what LaTeX objects to, or else the end of what it said.

    Parameters
    ----------
    file : pathlib.Path
        What LaTeX said.

    Returns
    -------
    str
    """
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    told = [line for line in lines if re.match(r"!|\./\S+:\d+:", line)]
    return "LaTeX fails:\n" + "\n".join(told or lines[-15:]) + f"\nAll it said: {file}"


def expected(results):
    """Collect what the web edition has and the PDF must have, too.

    Parameters
    ----------
    results : list of execute.Result

    Returns
    -------
    pdf_gate.Contents
    """
    read = json.loads((LATEX / "contents.json").read_text(encoding="utf-8"))
    figures = [name for result in results for name in pdf_gate.figure_files(result.notebook)]
    return pdf_gate.Contents(read["titles"], figures, read["equations"])
