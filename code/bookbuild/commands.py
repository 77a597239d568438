"""What the commands do, once the environment is ready."""

import contextlib
import os
import shutil
import subprocess
import sys

from bookbuild import (
    alt_text,
    build,
    claims,
    execute,
    launch,
    layers,
    links,
    new_page,
    notebooks,
    outside_links,
    pages,
    paths,
    pdf,
    prose,
    studies,
    tidy,
)
from bookbuild.environment import SetUpError
from bookbuild.executor import environment_variables

SCHEMAS = {  # of check-jsonschema, which brings them: no network needed
    "vendor.github-workflows": ".github/workflows/*.yml",
    "vendor.github-actions": ".github/actions/*/action.yml",
    "vendor.github-issue-forms": ".github/ISSUE_TEMPLATE/[!c]*.yml",  # not config.yml
    "vendor.github-issue-config": ".github/ISSUE_TEMPLATE/config.yml",
    "vendor.dependabot": ".github/dependabot.yml",
    "vendor.citation-file-format": "CITATION.cff",
}


def run(command, rest=()):
    """Carry out one command.

    Parameters
    ----------
    command : str
        One of those that ``python -m bookbuild help`` lists.
    rest : sequence of str
        Further words of the command line.

    Returns
    -------
    int
        Exit code.
    """
    try:
        return globals()["run_" + command.replace("-", "_")](*rest) or 0
    except (build.BuildError, SetUpError, ValueError, FileNotFoundError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


def run_book():
    """Execute, check and render."""
    build.book(cold=_cold())


def run_pdf():
    """Execute, check and typeset."""
    build.book(cold=_cold(), paper=pdf.make, web=False)


def run_site():
    """Execute, check, typeset and render: the site then offers the PDF."""
    build.book(cold=_cold(), paper=pdf.make)


def _cold():
    return os.environ.get("COLD", "0") not in ("", "0")


def run_test(*rest):
    """Run pytest with its coverage gate; further words go to pytest."""
    gate = [] if rest else ["--cov", "--cov-report=term", "--cov-fail-under=90"]
    return subprocess.run([sys.executable, "-m", "pytest", *gate, *rest], cwd=paths.ROOT).returncode


def run_serve():
    """Rebuild and reload in the browser whenever a page or the package changes."""
    build.book()
    watched = [f"--watch={place}" for place in (paths.CODE / "mlearth", paths.CLAIMS)]
    again = f'"{sys.executable}" -m bookbuild.serve'
    cache = f"-Dnb_execution_cache_path={paths.BUILD / '.jupyter_cache'}"
    command = [sys.executable, "-m", "sphinx_autobuild", cache, f"--pre-build={again}", *watched]
    command += ["--re-ignore=_build|\\.ipynb$|conf\\.py$", "--port=8000", "--open-browser"]
    command += [str(paths.BOOK), str(paths.BUILD / "serve" / "html")]
    with _sphinx_configuration():
        return subprocess.run(command, env=os.environ | {"BOOKBUILD_EXECUTED": "1"}).returncode


@contextlib.contextmanager
def _sphinx_configuration():
    """Keep beside the pages, for a while, the conf.py that jupyter-book makes of its settings."""
    command = [*build.JUPYTER_BOOK, "config", "sphinx", str(paths.BOOK)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    made = paths.BOOK / "conf.py"
    extensions = f"import sys\n\nsys.path.insert(0, {str(paths.BOOK / '_ext')!r})\n"
    made.write_text(extensions + made.read_text(encoding="utf-8"), encoding="utf-8")
    try:
        yield
    finally:
        made.unlink()


def run_notebooks():
    """Write the notebook paired with each executable page."""
    for file in notebooks.write_all():
        print(f"wrote {file.relative_to(paths.ROOT)}")


def run_new_page(*words):
    """Make a page that passes every check, for its author to rewrite."""
    if len(words) != 2:
        raise ValueError(
            "new-page takes the folder of the method and the name of the page, for example:\n"
            "  make new-page METHOD=wavelets NAME=ripples\n"
            "  python -m bookbuild new-page gaussian_processes kernels"
        )
    for file in new_page.make(*words):
        print(f"wrote {file.relative_to(paths.ROOT)}")
    print("It passes every check as it is: `make serve` shows it; now make it yours.")


def run_studies(*names):
    """Run studies that are out of date, all or those named."""
    ran = studies.run(names)
    print(f"ran {', '.join(ran)}" if ran else "all records are up to date")
    return _told(studies.broken_claims())


def run_check():
    """Check style, layering, prose, pairs, links and study records, in a few seconds."""
    failed = 0
    for words in linters():
        failed |= subprocess.run([sys.executable, "-m", *words], cwd=paths.ROOT).returncode
    return failed | _told(static_problems())


def linters():
    """List the linters of others that `run_check` calls, as words of a command line.

    Returns
    -------
    list of list of str
    """
    ours = [["ruff", "check", "-q", "."], ["ruff", "format", "-q", "--check", "."]]
    for schema, pattern in SCHEMAS.items():
        files = [str(file) for file in sorted(paths.ROOT.glob(pattern))]
        ours.append(["check_jsonschema", "--builtin-schema", schema, "-q", *files])
    return [*ours, ["codespell_lib"]]


def static_problems():
    """Collect what can be found wrong without executing a page.

    Returns
    -------
    list of str
    """
    every = pages.find_pages()
    known = claims.load_claims()
    found = layers.problems() + tidy.problems()
    for page in every:
        found += prose.problems(page)
        mine = {claim.name for claim in known.values() if claim.page == page.name}
        unclaimed = sorted(claims.quoted_names(page.text) - mine)
        found += [f"{page.name}: {name} is quoted, but has no claim" for name in unclaimed]
    found += claims.unknown_pages(known, [page.name for page in every])
    found += [f"{file} is not in step with its page: make notebooks" for file in notebooks.stale()]
    found += [f"study {name}: {why}: make studies" for name, why in studies.states().items() if why]
    found += studies.broken_claims()
    if (paths.HTML / "index.html").exists():
        found += links.broken(paths.HTML) + alt_text.problems_in_site(paths.HTML)
    else:
        print("links: skipped, because the book is not built (make book)")
    return found


def run_outside_links():
    """Ask every address elsewhere; fail if one is gone, tell those that turn machines away."""
    if not (paths.HTML / "index.html").exists():
        raise FileNotFoundError("The book is not built, so its links are not known: make book")
    places = outside_links.addresses()
    answers = outside_links.ask(places)
    print(outside_links.report(answers, places))
    return int(any(answer.verdict == "broken" for answer in answers))


def run_gpu_smoke():
    """Run in the gpu profile, with the work cut, the pages that differ there; hold no claims."""
    every = pages.find_pages()
    asking = [page for page in every if pages.asks_for_profile(page)]
    with environment_variables(MLEARTH_PROFILE="gpu", MLEARTH_SMOKE="1"):
        results = execute.run(asking, build=paths.BUILD / "smoke", cold=True)
    build.require_success(results)
    print(build.report(results))
    print(f"Left out, the same in both profiles: {len(every) - len(asking)} pages")


def run_launch_test(*names):
    """Launch every notebook in an environment like Colab's, then run the unit tests there.

    Words after the command select pages, as in ``random_forests/trees``, or ``tests``.
    """
    every = {page.name.removeprefix("chapters/"): page for page in pages.find_pages()}
    unknown = sorted(set(names) - every.keys() - {"tests"})
    if unknown:
        known = ", ".join([*every, "tests"])
        raise ValueError(f"There is no {', '.join(unknown)} to launch. There are: {known}.")
    failed = 0
    for page in (page for name, page in every.items() if name in (names or every)):
        one = launch.launch(page)
        print(launch.HEADER, launch.row(one), sep="\n", flush=True)
        failed |= _told([f"{one.name}: {one.problem}"] if one.problem else [])
    return failed or (launch.run_tests() if "tests" in (names or ["tests"]) else 0)


def run_clean():
    """Delete what the build made; the environment and the results in the user's cache stay."""
    shutil.rmtree(paths.BUILD, ignore_errors=True)
    (paths.BOOK / "conf.py").unlink(missing_ok=True)  # of a preview that was killed
    for name in (".pytest_cache", ".ruff_cache", ".hypothesis", ".coverage"):
        target = paths.ROOT / name
        shutil.rmtree(target, ignore_errors=True) if target.is_dir() else target.unlink(True)


def _told(problems):
    for problem in problems:
        print(problem, file=sys.stderr)
    return int(bool(problems))
