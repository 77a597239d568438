"""Binder, devcontainer and conda get the Python and the versions that the book is built with."""

import json
import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from bookbuild import paths


def read(name):
    return (paths.ROOT / name).read_text(encoding="utf-8")


@pytest.fixture
def project():
    return tomllib.loads(read("pyproject.toml"))["project"]


def conda():
    """Packages from conda, and those that it leaves to pip."""
    packages = yaml.safe_load(read("environment.yml"))["dependencies"]
    (pip,) = [each["pip"] for each in packages if isinstance(each, dict)]
    return [each for each in packages if isinstance(each, str)], pip


def pythons():
    (by_conda,) = [each for each in conda()[0] if each.startswith("python=")]
    return {
        "conda": by_conda.partition("=")[2],
        "binder": read(".binder/runtime.txt").strip().removeprefix("python-"),
        "devcontainer": json.loads(read(".devcontainer/devcontainer.json"))["image"].split(":")[1],
    }


def test_all_places_use_one_python_which_the_package_supports(project):
    assert len(set(pythons().values())) == 1
    for version in pythons().values():
        assert re.fullmatch(r"3\.\d+", version)
        assert SpecifierSet(project["requires-python"]).contains(f"{version}.0")


def test_binder_installs_the_package_alone_with_the_books_versions():
    lines = [line for line in read(".binder/requirements.txt").splitlines() if line[0] != "#"]
    (constraints,) = [line.split()[1] for line in lines if line.startswith("-c ")]
    assert (paths.ROOT / ".binder" / constraints).resolve() == paths.CONSTRAINTS.resolve()
    assert "-e ." in lines  # pip takes this from the repository, where Binder stands
    assert len(lines) == 3
    assert "--extra-index-url https://download.pytorch.org/whl/cpu" in lines


def test_conda_gets_everything_but_python_from_the_constraints(project):
    packages, pip = conda()
    assert pip[0] == "-c constraints.txt"
    (extras,) = re.fullmatch(r"-e \.\[(.*)\]", pip[1]).groups()
    assert len(pip) == 2
    assert set(extras.split(",")) == set(project["optional-dependencies"])
    assert [each for each in packages if re.search(r"[=<>~]", each)] == [
        f"python={pythons()['conda']}"
    ]


def test_the_constraints_are_exact_and_fit_what_the_package_asks_for(project):
    lines = [line for line in read("constraints.txt").splitlines() if not line.startswith("#")]
    exact = {}
    for line in lines:
        name, version = line.split("==")
        exact[re.sub(r"[-_.]+", "-", name).lower()] = version
    every = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        every += extra
    assert len(every) > 30
    for asked in map(Requirement, every):
        key = re.sub(r"[-_.]+", "-", asked.name).lower()
        assert asked.specifier.contains(exact[key]), asked


def test_the_devcontainer_runs_what_the_readme_says():
    settings = json.loads(read(".devcontainer/devcontainer.json"))
    command = settings["postCreateCommand"]
    assert f"\n{command} " in read("README.md")
    assert re.search(rf"^{command.removeprefix('make ')}: ", read("Makefile"), re.MULTILINE)
    assert f"--port={settings['forwardPorts'][0]}" in read("code/bookbuild/commands.py")
    assert settings["image"].startswith("mcr.microsoft.com/devcontainers/python:")
