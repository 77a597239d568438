"""Which module may import which: the arrows of the design, checked on the source."""

import ast

from bookbuild import paths

HEAVY = {"torch", "tensorflow", "keras", "gpflow"}
DRAWING = {"matplotlib"}
OURS = {"mlearth", "bookbuild", "tests"}

# part of mlearth -> what it must not import (a prefix of the dotted name)
FORBIDDEN = {
    "simulate": HEAVY | DRAWING | (OURS - {"mlearth"}) | {"pandas", "sklearn"},
    "models": {"mlearth.simulate", "mlearth.plotting", "mlearth.data", "bookbuild", "tests"},
    "plotting": {"mlearth.models", "mlearth.train", "mlearth.simulate", "bookbuild", "tests"},
    "process_plots": {"mlearth.models", "mlearth.train", "mlearth.simulate", "bookbuild", "tests"},
    "heat_plots": {"mlearth.models", "mlearth.train", "mlearth.simulate", "bookbuild", "tests"},
    "train": {"mlearth.models", "mlearth.simulate", "bookbuild", "tests"},
    "": {"bookbuild", "tests"},
}
ENVIRONMENT = {"os.environ", "os.getenv"}


def problems():
    """List the imports that point the wrong way, and reads of the environment outside `runtime`.

    Returns
    -------
    list of str
        ``file:line: what is wrong``.
    """
    found, package = [], paths.CODE / "mlearth"
    for file in sorted(package.rglob("*.py")):
        parts = file.relative_to(package).with_suffix("").parts
        tree = ast.parse(file.read_text(encoding="utf-8"))
        where = "/".join((package.name, *parts))
        found += [f"{where}:{line}: {message}" for line, message in _wrong(parts, tree)]
    return found


def _wrong(parts, tree):
    forbidden = FORBIDDEN[""] | FORBIDDEN.get(parts[0], set())
    for node in ast.walk(tree):
        for name in _imported(node):
            if any(name == bad or name.startswith(bad + ".") for bad in forbidden):
                yield node.lineno, f"must not import {name}"
            elif parts[0] == "simulate" and _is_ours(name) and not _same_part(name):
                yield node.lineno, f"simulate imports nothing else of ours, but imports {name}"
        elsewhere = isinstance(node, ast.Attribute) and parts != ("runtime",)
        if elsewhere and ast.unparse(node) in ENVIRONMENT:
            yield node.lineno, "only mlearth.runtime reads the environment"


def _imported(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def _is_ours(name):
    return name.split(".")[0] == "mlearth"


def _same_part(name):
    return name.startswith("mlearth.simulate")
