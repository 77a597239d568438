"""What several tests need: a little book of its own, with its own `mlearth`."""

import os
import textwrap
from pathlib import Path

import pytest

from bookbuild import execute, pages, paths

# read when NumPy, SciPy or PyTorch is first loaded: the arrays of tests are too small to share out,
# and threads that wait for each other on a busy computer took twenty times as long
os.environ.setdefault("OMP_NUM_THREADS", "1")

HEADER = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---
"""


class LittleBook:
    """A repository with a book of a few pages, which import a little `mlearth`."""

    def __init__(self, root: Path):
        self.root = root
        self.store = execute.Store(root / "store")
        for folder in ("book", "code/mlearth/simulate", "data/studies", "tests/claims"):
            (root / folder).mkdir(parents=True)
        self.write("code/mlearth/__init__.py", "")
        self.write("code/mlearth/simulate/__init__.py", "")
        self.write("constraints.txt", "numpy==1\n")
        self.write("pyproject.toml", '[project.urls]\nRepository = "https://github.com/o/n"\n')
        self.names = []

    def write(self, name, text):
        (self.root / name).write_text(textwrap.dedent(text), encoding="utf-8")

    def add_page(self, name, *cells, prose="Prose."):
        blocks = [
            f"```{{code-cell}} ipython3\n{textwrap.dedent(cell).strip()}\n```" for cell in cells
        ]
        text = "\n\n".join([HEADER, f"# {name}", prose, *blocks])
        (self.root / "book" / f"{name}.md").write_text(text + "\n", encoding="utf-8")
        if name not in self.names:
            self.names.append(name)
        first, *others = self.names
        toc = ["format: jb-book", f"root: {first}", "chapters:" if others else ""]
        self.write("book/_toc.yml", "\n".join(toc + [f"  - file: {name}" for name in others]))

    def pages(self):
        return pages.find_pages()

    def run(self, **options):
        return execute.run(self.pages(), store=self.store, **options)

    def ran(self, **options):
        """Execute, and name the pages that really ran."""
        return [r.page.name for r in self.run(**options) if not r.cached]


@pytest.fixture
def little_book(tmp_path, monkeypatch):
    root = tmp_path / "repository"
    book = LittleBook(root)
    places = {
        "ROOT": root,
        "BOOK": root / "book",
        "BUILD": root / "book" / "_build",
        "HTML": root / "book" / "_build" / "html",
        "CODE": root / "code",
        "CLAIMS": root / "tests" / "claims",
        "STUDIES": root / "data" / "studies",
        "CONSTRAINTS": root / "constraints.txt",
    }
    for name, place in places.items():
        monkeypatch.setattr(paths, name, place)
    monkeypatch.setenv("PYTHONPATH", str(root / "code"))
    monkeypatch.setenv("MLEARTH_CACHE", str(root / "cache"))
    for name in ("MLEARTH_SEED", "MLEARTH_PROFILE", "MLEARTH_SMOKE", "BOOK_NEWEST", "COLD"):
        monkeypatch.delenv(name, raising=False)
    return book
