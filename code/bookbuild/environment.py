"""Make the book's own Python environment; needs nothing but the standard library."""

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
import venv
from contextlib import contextmanager
from pathlib import Path

from bookbuild import paths

SUPPORTED = ((3, 11), (3, 12))
ENVIRONMENT = paths.ROOT / ".venv"
STAMP = ENVIRONMENT / "installed"
NEEDED = ("jupyter_book", "torch", "tensorflow", "gpflow", "sklearn", "shap", "pytest", "mlearth")
NEEDED += ("py_mini_racer",)
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"


class SetUpError(Exception):
    """The environment cannot be made; the message says what to do."""


def ensure():
    """Return the Python to build with, after installing whatever it lacks.

    An active virtual or conda environment that has everything is used as it is; otherwise
    ``.venv`` is made in the repository. A second call finds it finished and does nothing.

    Returns
    -------
    str
        Path of an interpreter.

    Raises
    ------
    SetUpError
        If no supported Python is found, or pip fails.
    """
    if _active_environment_serves():
        return sys.executable
    with _lock(paths.ROOT / ".venv.lock"):
        wanted = _fingerprint()
        if not STAMP.exists() or STAMP.read_text(encoding="utf-8") != wanted:
            _install()
            STAMP.write_text(wanted, encoding="utf-8")
    return str(interpreter())


def interpreter():
    """Path of the interpreter in ``.venv``."""
    folder, name = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return ENVIRONMENT / folder / name


def _active_environment_serves():
    active = sys.prefix != sys.base_prefix or "CONDA_PREFIX" in os.environ
    inside = Path(sys.prefix).resolve() == ENVIRONMENT.resolve()
    return active and not inside and all(importlib.util.find_spec(name) for name in NEEDED)


def newest():
    """Whether ``BOOK_NEWEST=1`` asks for the newest permitted versions instead of the pinned ones.

    Returns
    -------
    bool
    """
    return os.environ.get("BOOK_NEWEST", "0") not in ("", "0")


def _fingerprint():
    files = [paths.CONSTRAINTS, paths.ROOT / "pyproject.toml"]
    pins = b"newest" if newest() else b""
    return hashlib.sha256(pins.join(file.read_bytes() for file in files)).hexdigest()


def _install():
    python = _supported_python()
    if not interpreter().exists() or not _has_pip():
        print(f"making {ENVIRONMENT.name} with {python}", flush=True)
        if python == sys.executable:
            venv.create(ENVIRONMENT, clear=True, with_pip=True)
        else:
            subprocess.run([python, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
    print("installing what the book needs (once; about 4 GB on disk) ...", flush=True)
    command = [str(interpreter()), "-m", "pip", "install", "--disable-pip-version-check", "-q"]
    pinned = ["-c", str(paths.CONSTRAINTS)]
    command += ["--upgrade", "--upgrade-strategy=eager"] if newest() else pinned
    command += torch_source()
    # torch by itself first: pip then keeps the build it finds here
    for what in (["torch"], ["-e", f"{paths.ROOT}[book,test]"]):
        if subprocess.run([*command, *what]).returncode:
            raise SetUpError(
                "pip could not install the book's packages; its message is above. With a network "
                "to a package index, run the same command again: what is installed is kept."
            )


def torch_source():
    """On Linux without the gpu profile, prefer PyTorch's small CPU-only build if reachable."""
    if platform.system() != "Linux" or os.environ.get("MLEARTH_PROFILE") == "gpu":
        return []
    try:
        urllib.request.urlopen(f"{CPU_WHEELS}/torch/", timeout=3).close()
    except (OSError, urllib.error.URLError):
        return []
    return ["--extra-index-url", CPU_WHEELS]


def _has_pip():
    command = [str(interpreter()), "-m", "pip", "--version"]
    return subprocess.run(command, capture_output=True).returncode == 0


def _supported_python():
    """Return this interpreter if it is supported, else one that is on the path."""
    if sys.version_info[:2] in SUPPORTED:
        return sys.executable
    for major, minor in SUPPORTED:
        found = shutil.which(f"python{major}.{minor}")
        if found and subprocess.run([found, "-V"], capture_output=True).returncode == 0:
            return found
    raise SetUpError(
        f"The book needs Python 3.11 or 3.12; this is {platform.python_version()} and neither "
        "python3.11 nor python3.12 is on the path. Install one of them and run this again."
    )


@contextmanager
def _lock(file):
    """Let one process at a time install."""
    with file.open("w") as handle:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
