"""Breaking a model sets off a claim: the claims would notice."""

import shutil

import pytest

from bookbuild import claims, execute, pages, paths

PAGE = "chapters/random_forests/trees"


@pytest.fixture
def trees_page(tmp_path, monkeypatch):
    """A copy of the page on trees and of the package that it imports, free to be broken."""
    code, book = tmp_path / "code", tmp_path / "book"
    clean = shutil.ignore_patterns("__pycache__")
    shutil.copytree(paths.CODE / "mlearth", code / "mlearth", ignore=clean)
    (book / PAGE).parent.mkdir(parents=True)
    shutil.copy(paths.BOOK / f"{PAGE}.md", book / f"{PAGE}.md")
    (book / "_toc.yml").write_text(f"format: jb-book\nroot: {PAGE}\n", encoding="utf-8")
    for name, place in {"ROOT": tmp_path, "BOOK": book, "CODE": code}.items():
        monkeypatch.setattr(paths, name, place)
    monkeypatch.setenv("PYTHONPATH", str(code))
    return code / "mlearth"


@pytest.mark.parametrize(
    ("file", "right", "wrong", "noticed"),
    [
        ("models/tree.py", "(1 / n_left + 1 / (n - n_left))", "(1 / n_left)", "trees.same_splits"),
        ("models/tree.py", "counts / labels.size) ** 2", "counts / labels.size)", "trees.gini_"),
        ("simulate/leaf_campaign.py", "READING_SPREAD = 0.9", "READING_SPREAD = 2.9", "best_r2"),
    ],
)
def test_a_broken_model_breaks_a_claim(trees_page, tmp_path, file, right, wrong, noticed):
    source = (trees_page / file).read_text(encoding="utf-8")
    assert source.count(right) == 1
    (trees_page / file).write_text(source.replace(right, wrong), encoding="utf-8")
    store = execute.Store(tmp_path / "store")
    (result,) = execute.run(pages.find_pages(), build=tmp_path / "build", store=store)
    assert result.error is None, result.error
    mine = {n: claim for n, claim in claims.load_claims().items() if claim.page == PAGE}
    problems = claims.check_results([result], mine)
    assert any(noticed in problem for problem in problems), problems
