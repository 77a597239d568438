"""What is missing is added; what is present stays, even where a requirement objects to it."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import mlearth

SOURCE = Path(mlearth.__file__).parents[1]
LIST = "from importlib.metadata import distributions as d; print({x.name: x.version for x in d()})"


def write_wheel(folder, name, version, *requires):
    info = f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", "Provides-Extra: extra"]
    lines = "\n".join(metadata + [f"Requires-Dist: {r}" for r in requires])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        wheel.writestr(f"{info}/METADATA", lines)
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any"
        )
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A package index in a folder: a book, and the ground it stands on."""
    folder = tmp_path_factory.mktemp("shelf")
    write_wheel(
        folder, "book", "1", "Ground>=1", "plough", "harrow", "seed", "old; python_version<'3'"
    )
    write_wheel(folder, "ground", "1", "stone")
    write_wheel(folder, "ground", "2", "stone")
    write_wheel(folder, "ground", "3")
    write_wheel(folder, "stone", "1")
    write_wheel(folder, "plough", "1", "ground<2", "blade[extra]", "handle; extra=='extra'")
    write_wheel(folder, "blade", "1", "iron; extra=='extra'")
    write_wheel(folder, "harrow", "1", "ground>=2")
    write_wheel(folder, "harrow", "2", "ground>=3")
    for name in ("iron", "seed", "handle", "old"):
        write_wheel(folder, name, "1")
    return folder


@pytest.fixture
def service(tmp_path, shelf, monkeypatch):
    """Call it to run code in a fresh environment that has the book and ground 2, but no stone."""
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": shelf, "CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(f"PIP_{name}", str(value))
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "env")], check=True)
    python = next((tmp_path / "env").glob("[bS]*/python*"))

    def run(code):
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    packaging = Path(__import__("packaging").__file__).parent
    site = Path(run("import site; print(site.getsitepackages()[0])").strip())
    (site / "packaging").symlink_to(packaging)
    pip = [python, "-m", "pip", "install", "-q", "--no-deps", "book", "ground==2"]
    subprocess.run(pip, check=True)
    return run


def test_only_what_is_missing_is_added_and_nothing_present_is_touched(service):
    service("from mlearth import missing; missing.install('book')")
    found = eval(service(LIST))
    assert found["ground"] == "2"  # though plough asks for an older one
    assert {"plough", "seed", "blade", "iron"} <= set(found)  # iron by the extra of blade
    assert found["harrow"] == "1"  # harrow 2 would need newer ground
    assert not {"stone", "handle", "old"} & set(found)  # not ours to add, extra, marker


def test_a_second_call_finds_nothing_to_do(service):
    told = service("from mlearth import missing as m; m.install('book'); print(m.install('book'))")
    assert told.strip().endswith("[]")


def test_a_package_that_cannot_be_had_is_named(service, shelf):
    code = "from mlearth import missing as m\ntry:\n    m.install('book')\n"
    service("import pip")
    seed = shelf / "seed-1-py3-none-any.whl"
    text = seed.read_bytes()
    seed.unlink()
    try:
        told = service(code + "except RuntimeError as error:\n    print(error)")
    finally:
        seed.write_bytes(text)
    assert "pip could not install" in told
    assert "seed" in told
