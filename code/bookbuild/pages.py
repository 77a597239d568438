"""The pages of the book, what each depends on, and the key under which its result is kept."""

import ast
import hashlib
import json
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bookbuild import environment, paths


@dataclass(frozen=True)
class Page:
    """One executable page.

    Parameters
    ----------
    name : str
        Path inside the book without its suffix, such as ``chapters/random_forests/trees``.
    path : pathlib.Path
        The MyST-Markdown file.
    """

    name: str
    path: Path

    @cached_property
    def text(self):
        """The file's text."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def notebook(self):
        """The page as an (unexecuted) notebook, read as Sphinx reads it."""
        from jupyter_cache.readers import get_reader

        return get_reader(READER)(str(self.path))

    @cached_property
    def code_cells(self):
        """Its code cells but for the one that installs, which does nothing where it is built."""
        cells = [cell for cell in self.notebook.cells if cell.cell_type == "code"]
        return [cell for cell in cells if not installs(cell)]

    @cached_property
    def code(self):
        """All these cells as one text, without IPython's magic lines."""
        lines = "\n".join(cell.source for cell in self.code_cells).splitlines()
        return "\n".join(line for line in lines if not line.lstrip().startswith(("%", "!")))


READER = {"name": "myst_nb_md", "type": "plugin"}


def installs(cell):
    """Tell whether a cell is the one that installs the package where it is missing."""
    return "install" in cell.metadata.get("tags", [])


def find_pages(book=None):
    """List the executable pages in the order of the table of contents.

    Parameters
    ----------
    book : pathlib.Path, optional
        The folder with ``_toc.yml``, ``book`` unless given.

    Returns
    -------
    list of Page
    """
    book = book or paths.BOOK
    from sphinx_external_toc.parsing import parse_toc_yaml

    found = [Page(name, book / f"{name}.md") for name in parse_toc_yaml(book / "_toc.yml")]
    missing = [page.name for page in found if not page.path.exists()]
    if missing:
        raise FileNotFoundError(f"_toc.yml lists pages that do not exist: {', '.join(missing)}")
    return [page for page in found if "```{code-cell}" in page.text]


def imported_modules(source):
    """Find the files of `mlearth` that some code imports, directly or through each other.

    Parameters
    ----------
    source : str
        Python code.

    Returns
    -------
    set of pathlib.Path
    """
    package = paths.CODE / "mlearth"
    found, todo = set(), _imports(source, package)
    while todo:
        module = todo.pop()
        if module not in found:
            found.add(module)
            todo |= _imports(module.read_text(encoding="utf-8"), package) - found
    return found


def _imports(source, package):
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {file for name in names for file in _module_files(name, package)}


def _module_files(name, package):
    """Return the module's own file and those of the packages above it; nothing if not ours."""
    parts = name.split(".")
    if parts[0] != package.name:
        return []
    folders = [package.joinpath(*parts[1:n]) for n in range(1, len(parts) + 1)]
    files = [folder / "__init__.py" for folder in folders]
    files.append(package.joinpath(*parts[1:]).with_suffix(".py") if len(parts) > 1 else files[0])
    return [file for file in files if file.exists()]


def entries_used(page):
    """Name the registry entries that a page loads.

    Parameters
    ----------
    page : Page

    Returns
    -------
    set of str
    """
    from mlearth import data

    return data.entries_used_by(page.code)


def studies_used(source):
    """Find the study records that some code reads with ``load_study("name")``.

    Parameters
    ----------
    source : str
        Python code.

    Returns
    -------
    list of pathlib.Path
    """
    calls = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("load_study")
    ]
    return sorted(paths.STUDIES / f"{call.args[0].value}.json" for call in calls)


def content_key(page):
    """Hash what a page itself says: its cells and the code that they import.

    Parameters
    ----------
    page : Page

    Returns
    -------
    str
    """
    cells = [[cell.source, sorted(cell.metadata.items(), key=str)] for cell in page.code_cells]
    return _digest([cells, code_key(page.code + stand_ins(page))])


def stand_ins(page):
    """Write the imports of the simulators that take the place of data the page cannot have.

    Parameters
    ----------
    page : Page

    Returns
    -------
    str
        Python code.
    """
    from mlearth import data

    modules = [data.registry()[name].stand_in.rpartition(".")[0] for name in entries_used(page)]
    return "".join(f"\nimport {module}" for module in sorted(modules))


def asks_for_profile(page):
    """Say whether a page, or a module that it imports, works differently in another profile.

    Parameters
    ----------
    page : Page

    Returns
    -------
    bool
    """
    modules = {file for file in imported_modules(page.code) if file.name != "runtime.py"}
    texts = [page.code, *(file.read_text(encoding="utf-8") for file in modules)]
    return any("runtime.pick(" in text for text in texts)


def code_key(source):
    """Hash the files of `mlearth` that some code imports.

    Parameters
    ----------
    source : str
        Python code.

    Returns
    -------
    str
    """
    files = imported_modules(source)
    if any(file.name == "plotting.py" for file in files):
        files |= set((paths.CODE / "mlearth").glob("*.mplstyle"))
    return _digest(_contents(files))


def page_key(page, sources):
    """Hash everything that a page's result depends on.

    Parameters
    ----------
    page : Page
    sources : dict of str to str
        For every registry entry whether the data are ``"observed"`` or ``"simulated"``.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    from mlearth import data, runtime

    registry = data.registry()
    entries = {name: [registry[name], sources[name]] for name in sorted(entries_used(page))}
    settings = [runtime.profile(), runtime.smoke(), runtime.seed_offset()]
    records = [file for file in studies_used(page.code) if file.exists()]
    files = [paths.CONSTRAINTS, *records]
    machine = [sys.platform, list(sys.version_info[:2])]
    machine += ["newest versions"] if environment.newest() else []
    return _digest([content_key(page), entries, settings, machine, _contents(files)])


def _contents(files):
    return [[_short(file), _digest(file.read_text(encoding="utf-8"))] for file in sorted(files)]


def _short(file):
    """Name a file independently of where the clone is."""
    return file.relative_to(paths.ROOT).as_posix() if paths.ROOT in file.parents else file.name


def _digest(value):
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()
