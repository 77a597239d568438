"""Add what this package needs and the computer lacks, and leave everything present as it is.

For services such as Colab, which bring hundreds of packages made to fit each other. The first cell
of every page calls `install` there, after it has installed the package alone.
"""

import importlib
import json
import re
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install"]


def install(name="mlearth"):
    """Install the requirements of a package that are not installed in any version.

    pip chooses versions that fit what is present. Where none does (GPflow 2.11 asks for NumPy 1),
    the package is added all the same, alone, and its own requirements are looked at next.

    Parameters
    ----------
    name : str
        An installed package.

    Returns
    -------
    list of str
        The requirements that were missing.

    Raises
    ------
    RuntimeError
        If pip cannot install them.
    """
    added, present = [], {_canonical(found.name) for found in metadata.distributions()}
    while absent := [r for r in find(name, present) if str(r) not in added]:
        _pip_install(absent)
        importlib.invalidate_caches()
        added += map(str, absent)
    return added


def find(name="mlearth", trusted=()):
    """List what a package requires, also by way of others, that is not installed.

    Only what is not there counts: a version that is present is never found wrong.

    Parameters
    ----------
    name : str
        An installed package.
    trusted : collection of str
        Packages, lower case with hyphens, whose own requirements are not looked at.

    Returns
    -------
    list of packaging.requirements.Requirement
        By package name.
    """
    absent, seen, todo = {}, set(), [Requirement(name)]
    while todo:
        requirement = todo.pop()
        key = _canonical(requirement.name)
        if not _is_installed(key):
            absent.setdefault(key, requirement).specifier &= requirement.specifier
        elif str(requirement) not in seen and (key not in trusted or requirement.name == name):
            seen.add(str(requirement))
            todo += _requirements(requirement)
    return [absent[key] for key in sorted(absent)]


def _requirements(parent):
    """Yield what a package asks for on this computer, with the extras that are wanted of it."""
    places = [{"extra": extra} for extra in ("", *parent.extras)]
    for requirement in map(Requirement, metadata.requires(parent.name) or []):
        if not requirement.marker or any(map(requirement.marker.evaluate, places)):
            requirement.marker = None
            yield requirement


def _pip_install(requirements):
    """Install packages, and nothing that they ask for."""
    if subprocess.run([*PIP, "-q", "--no-deps", *_fitting(requirements)]).returncode:
        raise RuntimeError(
            f"pip could not install {', '.join(map(str, requirements))}; its message is above. "
            "With a network, run missing.install() again."
        )


def _fitting(requirements):
    """Choose versions that fit everything present; where none does, leave the choice to pip."""
    with tempfile.TemporaryDirectory() as folder:
        present, report = Path(folder) / "present.txt", Path(folder) / "report.json"
        present.write_text("\n".join(_pins()), encoding="utf-8")
        trial = [*PIP, "--dry-run", "--report", report, "-c", present, *map(str, requirements)]
        if subprocess.run(trial, capture_output=True).returncode == 0:
            found = [entry["metadata"] for entry in json.loads(report.read_bytes())["install"]]
            version = {_canonical(entry["name"]): entry["version"] for entry in found}
            return [f"{r.name}=={version[_canonical(r.name)]}" for r in requirements]
    if len(requirements) == 1:
        return [str(requirements[0])]
    return [each for requirement in requirements for each in _fitting([requirement])]


def _pins():
    """Fix every package that is present at its version."""
    for found in metadata.distributions():
        if found.metadata["Name"] and re.fullmatch(r"[\w.!+]+", found.version or ""):
            yield f"{found.metadata['Name']}=={found.version}"


def _is_installed(key):
    try:
        metadata.distribution(key)
    except metadata.PackageNotFoundError:
        return False
    return True


def _canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()
