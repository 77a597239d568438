"""Launch notebooks as readers do in Colab: alone, elsewhere, where the package is not installed.

One environment holds what such a service brings (newest versions, NumPy 2 among them; torch and
TensorFlow as in ``constraints.txt``, since those are large) and is kept in the user's cache. Every
launch gets a new, empty one that sees the first, so that what a notebook installs is seen and gone.
"""

import contextlib
import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from bookbuild import environment, executor, notebooks, paths, repository
from bookbuild.launch_kernel import run_notebook

BROUGHT = ["numpy>=2", "scipy", "pandas", "matplotlib", "scikit-learn", "tqdm", "requests"]
BROUGHT += ["ipykernel"]
PINNED = ("torch", "tensorflow")
TESTERS = ("pytest", "hypothesis")
MOST_MEMORY_MB = 2000  # what Binder gives
HEADER = f"{'page':32}{'install s':>10}{'run s':>8}{'peak MB':>9}"


@dataclass(frozen=True)
class Launch:
    """How the launch of one notebook went.

    Parameters
    ----------
    name : str
        The page.
    install, run : float
        Time of the cell that installs, and of all others [s].
    peak_memory_mb : int
        Of the kernel and what it started.
    problem : str
        Empty if all went well.
    """

    name: str
    install: float
    run: float
    peak_memory_mb: int
    problem: str


def launch(page):
    """Run one notebook by itself in a new environment.

    Parameters
    ----------
    page : pages.Page

    Returns
    -------
    Launch
    """
    with _service() as (python, folder):
        text = page.path.with_suffix(".ipynb").read_text(encoding="utf-8")
        here = _archive(folder)
        notebook = folder / "alone" / "page.ipynb"
        notebook.parent.mkdir()
        notebook.write_text(text.replace(notebooks.archive(repository.default()), here))
        with executor.PeakMemory() as memory:
            times, problem = run_notebook(notebook, python, folder)
        peak = round(memory.peak / 2**20)
        problem = problem or _replaced(folder) or _too_large(peak)
    return Launch(page.name, times[0], sum(times[1:]), peak, problem)


def run_tests():
    """Run the unit tests of the package where a service's newest packages are installed.

    Returns
    -------
    int
        Exit code of pytest.
    """
    with _service() as (python, folder):
        pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "--no-deps", f"mlearth @ {_archive(folder)}"], check=True)
        subprocess.run([python, "-c", "from mlearth import missing; missing.install()"], check=True)
        subprocess.run([*pip, "-c", paths.CONSTRAINTS, *TESTERS], check=True)
        replaced = _replaced(folder)
        if replaced:
            raise environment.SetUpError(replaced)
        command = [python, "-m", "pytest", "--noconftest", *tests_of_the_package()]
        return subprocess.run(command, cwd=paths.ROOT).returncode


def tests_of_the_package():
    """List the test files that need nothing but the package, not what builds the book."""
    files = sorted(paths.TESTS.glob("test_*.py"))
    return [file for file in files if "bookbuild" not in file.read_text(encoding="utf-8")]


def row(one):
    """Lay out one launch beneath `HEADER`.

    Parameters
    ----------
    one : Launch

    Returns
    -------
    str
    """
    name = one.name.removeprefix("chapters/")
    return f"{name:32}{one.install:10.1f}{one.run:8.1f}{one.peak_memory_mb:9d}"


def brought():
    """Make, once, the environment with what a service brings.

    Returns
    -------
    pathlib.Path
        Its folder of packages.
    """
    from filelock import FileLock

    from mlearth import runtime

    wanted = [*BROUGHT, *_pinned(*PINNED)]
    key = hashlib.sha256("\n".join([sys.version, *wanted]).encode()).hexdigest()[:16]
    folder = runtime.cache_folder() / "launch" / key
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not (folder / "complete").exists():
            print("installing what Colab would bring (once; about 4 GB on disk) ...", flush=True)
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
            command = [_python(folder), "-m", "pip", "install", "-q", *environment.torch_source()]
            if subprocess.run([*command, *wanted]).returncode:
                raise environment.SetUpError("pip could not install them; its message is above.")
            (folder / "complete").touch()
    return _packages(folder)


@contextlib.contextmanager
def _service():
    """Make a new environment that sees what is brought, and delete it afterwards."""
    base = brought()
    folder = Path(tempfile.mkdtemp(prefix="mlearth-launch-"))
    try:
        new = [sys.executable, "-m", "venv", "--without-pip", str(folder / "environment")]
        subprocess.run(new, check=True)
        (_packages(folder / "environment") / "brought.pth").write_text(f"{base}\n")
        yield _python(folder / "environment"), folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _replaced(folder):
    """Say which packages of the service are hidden by others; empty if none is."""
    new = _versions(_packages(folder / "environment"))
    both = sorted(new.keys() & _versions(brought()).keys())
    return f"the notebook replaced what was there: {', '.join(both)}" if both else ""


def _too_large(peak):
    if peak <= MOST_MEMORY_MB:
        return ""
    return f"it took {peak} MB of memory, but Binder gives {MOST_MEMORY_MB}"


def _archive(folder):
    """Pack this clone, with what is not yet committed, as GitHub packs a branch."""
    target = folder / "repository.zip"
    command = ["git", "-C", str(paths.ROOT), "ls-files", "-z", "-co", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise environment.SetUpError("A launch test needs git, and a clone made by it.") from error
    with zipfile.ZipFile(target, "w") as archive:
        for name in listed.strip("\0").split("\0"):
            if (paths.ROOT / name).is_file():
                archive.write(paths.ROOT / name, f"repository-main/{name}")
    return target.as_uri()


def _pinned(*names):
    lines = paths.CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.partition("==")[0] in names]


def _versions(packages):
    found = metadata.distributions(path=[str(packages)])
    return {each.name.lower().replace("_", "-"): each.version for each in found}


def _python(folder):
    return str([*folder.glob("bin/python"), folder / "Scripts" / "python.exe"][0])


def _packages(folder):
    places = [*folder.glob("lib/python*/site-packages"), folder / "Lib" / "site-packages"]
    return places[0]
