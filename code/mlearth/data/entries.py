"""What is known about every external file: address, checksum, licence, citation, units."""

import ast
import importlib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path


class DataError(RuntimeError):
    """A data file is wrong or cannot be had; the message says which, why and what to do."""


@dataclass(frozen=True)
class Entry:
    """One external file.

    Parameters
    ----------
    name, title : str
        The entry's name in the registry, and what the file is in words.
    address, file : str
        Where it is fetched from, and what it is called on this computer.
    sha256, bytes : str, int
        Its checksum (64 hexadecimal digits) and size.
    licence, terms, citation : str
        Licence, what it asks for, and the key in the bibliography.
    loader : str
        The function of `mlearth.data` that reads it.
    stand_in, stand_in_citation : str
        Dotted name of the simulator that takes its place, and the key of its source.
    rows : str
        What one row is, in the plural.
    shape : list of int
        Rows and columns.
    columns : list of dict
        In file order: ``name`` in the book, ``heading`` in the file, ``unit``.
    """

    name: str
    title: str
    address: str
    file: str
    sha256: str
    bytes: int
    licence: str
    terms: str
    citation: str
    loader: str
    stand_in: str
    stand_in_citation: str
    rows: str
    shape: list
    columns: list

    @property
    def units(self):
        """The unit of each column, by the book's name for it."""
        return {column["name"]: column["unit"] for column in self.columns}

    @property
    def simulator(self):
        """The function that takes the file's place, imported when asked for."""
        module, function = self.stand_in.rsplit(".", 1)
        return getattr(importlib.import_module(module), function)


def registry():
    """Read the registry of external files.

    Returns
    -------
    dict of str to Entry

    Raises
    ------
    DataError
        If there is no registry file.
    """
    path = registry_path()
    if not path.exists():
        raise DataError(f"The data registry {path} is missing. Install mlearth again.")
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: Entry(name=name, **fields) for name, fields in entries.items()}


def registry_path():
    """Say where the registry is: inside an installed package, else in the repository.

    Returns
    -------
    pathlib.Path
    """
    package = Path(__file__).parents[1]
    shipped = package / "registry.toml"
    return shipped if shipped.exists() else package.parents[1] / "data" / "registry.toml"


def find_entry(name):
    """Look up one entry.

    Parameters
    ----------
    name : str

    Returns
    -------
    Entry

    Raises
    ------
    DataError
        If the registry has no such entry.
    """
    entries = registry()
    if name not in entries:
        raise DataError(f"The registry has no entry {name!r}; it has: {', '.join(entries)}.")
    return entries[name]


def entries_used_by(code):
    """Name the registry entries that some code loads or names.

    Parameters
    ----------
    code : str
        Python source, such as all cells of a page.

    Returns
    -------
    set of str
        Entries whose loader, or whose own name as a text, occurs in it. Code that does not parse
        is searched word by word, so that nothing is missed.
    """
    try:
        nodes = list(ast.walk(ast.parse(code)))
        words = {getattr(node, key, None) for node in nodes for key in ("id", "attr", "name")}
        texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
    except SyntaxError:
        words = texts = set(re.findall(r"\w+", code))
    return {e.name for e in registry().values() if e.loader in words or e.name in texts}
