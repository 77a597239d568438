"""The paper edition: its gate on made-up PDFs, its order on a small book, the PDF itself."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter

import nbformat
import pytest
import yaml
from lxml import html as lxml_html
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    TextStringObject,
)

from bookbuild import build, paths, pdf, pdf_gate

BOOK = paths.BOOK
METADATA = {"/Title": "A", "/Author": "B", "/Subject": "C", "/Keywords": "D"}
NOTHING = pdf_gate.Contents(titles=[], figures=[], equations=[])

# ---------------------------------------------------------------- the gate: what LaTeX says


@pytest.mark.parametrize(
    "line",
    [
        r"Overfull \hbox (10.01pt too wide) in paragraph at lines 3--4",
        r"Overfull \hbox (300pt too wide) detected at line 9",
        "Missing character: There is no \u2603 in font [FiraMono-Regular.otf]!",
        "LaTeX Warning: Reference `a' on page 3 undefined on input line 7.",
        "LaTeX Warning: Hyper reference `a' on page 3 undefined on input line 7.",
        "LaTeX Warning: Citation `knuth' on page 1 undefined on input line 2.",
        "LaTeX Warning: Label `a' multiply defined.",
    ],
)
def test_what_a_reader_would_see_is_found_in_the_log(line):
    (problem,) = pdf_gate.log_problems(f"This is XeTeX\n{line}\nOutput written\n")
    assert line[-20:] in problem or "too wide" in problem


@pytest.mark.parametrize(
    "line",
    [
        r"Overfull \hbox (9.99pt too wide) in paragraph at lines 3--4",
        r"Underfull \hbox (badness 10000) in paragraph at lines 3--4",
        "LaTeX Warning: Label(s) may have changed. Rerun to get cross-references right.",
        "Package hyperref Warning: Token not allowed in a PDF string",
    ],
)
def test_what_no_reader_would_see_passes(line):
    assert pdf_gate.log_problems(line) == []


# ---------------------------------------------------------------- the gate: what is in the PDF


def make_pdf(folder, *, text="Fine.", embedded=True, metadata=METADATA, language="en", log=""):
    """Write a page with one font, one bookmark and what LaTeX would leave beside it."""
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    content = DecodedStreamObject()
    content.set_data(f"BT /F1 12 Tf 10 100 Td ({text}) Tj ET".encode())
    page[NameObject("/Contents")] = writer._add_object(content)
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(a_font(writer, embedded))})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    writer.add_outline_item(title="1.2 Trees", page_number=0)
    writer.add_metadata(metadata)
    if language:
        writer.root_object[NameObject("/Lang")] = TextStringObject(language)
    writer.write(folder / "book.pdf")
    (folder / "book.log").write_text(log, encoding="utf-8")
    (folder / "book.tex").write_text(
        r"\sphinxincludegraphics{{abc}.pdf} \label{equation:page:heat}", encoding="utf-8"
    )
    return folder / "book.pdf"


def a_font(writer, embedded):
    """Make a font; its outlines are an empty stream, or not there."""
    font = {"/Type": "/Font", "/Subtype": "/TrueType", "/BaseFont": "/Helvetica"}
    font = DictionaryObject({NameObject(k): NameObject(v) for k, v in font.items()})
    if embedded:
        outlines = writer._add_object(DecodedStreamObject())
        descriptor = DictionaryObject({NameObject("/FontFile2"): outlines})
        font[NameObject("/FontDescriptor")] = writer._add_object(descriptor)
    return font


def test_a_sound_pdf_passes(tmp_path):
    contents = pdf_gate.Contents(["Trees"], ["abc.pdf"], ["page:heat"])
    assert pdf_gate.problems(make_pdf(tmp_path), contents) == []


def test_a_log_with_a_wide_line_fails_the_pdf(tmp_path):
    file = make_pdf(tmp_path, log=r"Overfull \hbox (30pt too wide) in paragraph at lines 1--2")
    assert pdf_gate.problems(file, NOTHING) == [
        "a line is 30 pt too wide in paragraph at lines 1--2"
    ]


def test_a_reference_that_leads_nowhere_is_found_in_the_text(tmp_path):
    (problem,) = pdf_gate.problems(make_pdf(tmp_path, text="see page ??"), NOTHING)
    assert problem.startswith("page 1 has ??")


def test_a_link_to_a_place_that_is_not_there_is_found(tmp_path):
    file = make_pdf(tmp_path)
    writer = PdfWriter(clone_from=file)
    for place in ("here", "nowhere"):
        action = {"/S": NameObject("/GoTo"), "/D": TextStringObject(place)}
        action = DictionaryObject({NameObject(key): value for key, value in action.items()})
        link = {"/Subtype": NameObject("/Link"), "/A": action}
        link = DictionaryObject({NameObject(key): value for key, value in link.items()})
        writer.pages[0].setdefault(NameObject("/Annots"), ArrayObject()).append(link)
    writer.add_named_destination("here", 0)
    writer.write(file)
    assert pdf_gate.problems(file, NOTHING) == ["page 1 links to nowhere, which is nowhere"]


def test_a_font_that_is_not_in_the_file_is_named(tmp_path):
    (problem,) = pdf_gate.problems(make_pdf(tmp_path, embedded=False), NOTHING)
    assert problem == "the font /Helvetica is not embedded"


def test_a_font_inside_a_picture_counts_too():
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    fonts = DictionaryObject({NameObject("/F1"): a_font(writer, embedded=False)})
    picture = DecodedStreamObject()
    picture[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    pictures = DictionaryObject({NameObject("/X1"): writer._add_object(picture)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): pictures})
    assert pdf_gate.unembedded_fonts(page) == {"/Helvetica"}


def test_a_composite_font_is_judged_by_what_it_is_made_of():
    writer = PdfWriter()
    for embedded, expected in ((True, set()), (False, {"/Libertinus"})):
        page = writer.add_blank_page(200, 200)
        inner = ArrayObject([writer._add_object(a_font(writer, embedded))])
        names = {"/Subtype": "/Type0", "/BaseFont": "/Libertinus"}
        font = DictionaryObject({NameObject(k): NameObject(v) for k, v in names.items()})
        font[NameObject("/DescendantFonts")] = inner
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        assert pdf_gate.unembedded_fonts(page) == expected


@pytest.mark.parametrize("entry", METADATA)
def test_metadata_must_be_set(tmp_path, entry):
    file = make_pdf(tmp_path, metadata=METADATA | {entry: " "})
    assert pdf_gate.problems(file, NOTHING) == [f"no {entry[1:].lower()} is set"]


def test_a_language_must_be_set(tmp_path):
    assert pdf_gate.problems(make_pdf(tmp_path, language=""), NOTHING) == ["no language is set"]


def test_what_the_web_edition_has_must_be_there(tmp_path):
    contents = pdf_gate.Contents(["Trees", "Forests"], ["abc.pdf", "def.pdf"], ["page:cold"])
    assert pdf_gate.problems(make_pdf(tmp_path), contents) == [
        "chapter missing: Forests",
        "figure missing: def.pdf",
        "equation missing: page:cold",
    ]


def test_only_pictures_that_are_shown_are_expected():
    picture = {"image/svg+xml": "<svg/>", "application/pdf": base64.b64encode(b"one").decode()}
    shown = nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("display_data", picture)])
    removed = nbformat.from_dict(shown | {"id": "removed"})
    removed["metadata"] = nbformat.from_dict({"tags": ["remove-output"]})
    notebook = nbformat.v4.new_notebook(cells=[shown, removed])
    assert len(pdf_gate.figure_files(notebook)) == 1


# ---------------------------------------------------------------- making it


def test_without_tex_one_message_says_what_to_install_where(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "latexmk" else "/bin/true")
    with pytest.raises(build.BuildError) as raised:
        pdf.require_tex()
    told = str(raised.value)
    assert "latexmk not found" in told
    for needed in ("Debian", "texlive-xetex", "macOS", "mactex", "Windows", "MiKTeX"):
        assert needed in told


def test_a_missing_font_is_told_like_a_missing_program(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/true")
    found = "\n".join(name for name in pdf.FILES if name != "titlesec.sty")
    done = subprocess.CompletedProcess([], 1, stdout=found)
    monkeypatch.setattr(subprocess, "run", lambda *args, **options: done)
    with pytest.raises(build.BuildError, match=r"titlesec\.sty not found"):
        pdf.require_tex()


def test_ci_installs_the_packages_that_the_message_names():
    ci = (paths.ROOT / ".ci" / "run").read_text(encoding="utf-8")
    named = re.search(r"apt-get install (.*?)\nmacOS", pdf.MISSING_TEX, re.DOTALL)[1]
    packages = named.replace("\\", "").split()
    assert len(packages) == 8
    assert set(packages) <= set(ci.replace("\\", "").split())


def test_the_edition_has_the_date_of_the_last_commit_or_the_one_that_is_set(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert pdf.edition()["SOURCE_DATE_EPOCH"] == "86400"
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    command = ["git", "-C", str(paths.ROOT), "log", "-1", "--format=%ct"]
    committed = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    if not committed:
        pytest.skip("this is no git repository")
    assert pdf.edition()["SOURCE_DATE_EPOCH"] == committed


def test_an_error_of_latex_is_quoted(tmp_path):
    log = tmp_path / "latexmk.log"
    log.write_text("chatter\n./book.tex:7: Undefined control sequence.\nl.7 \\nonsense\n")
    told = pdf.latex_errors(log)
    assert "./book.tex:7: Undefined control sequence." in told
    assert "chatter" not in told
    assert str(log) in told


def test_a_pdf_of_other_pages_is_not_current(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "PDF", tmp_path / "book.pdf")
    monkeypatch.setattr(build, "PDF_GREEN", tmp_path / "green")
    monkeypatch.setattr(build, "inputs", lambda: {"index.md": "1"})
    assert build.current_pdf() is None
    build.PDF.write_bytes(b"")
    build.PDF_GREEN.write_text(json.dumps({"index.md": "1"}))
    assert build.current_pdf() == build.PDF
    build.PDF_GREEN.write_text(json.dumps({"index.md": "2"}))
    assert build.current_pdf() is None


# ---------------------------------------------------------------- a small book in LaTeX

HEADER = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3, language: python}
---
"""
PAGES = {
    "index": """# Front

Hello.

```{paper-link}
Get the PDF
```
""",
    "before": "# Before\n\nRead this first.\n",
    "method/index": HEADER
    + """# Method

```{code-cell} ipython3
---
tags: [card-picture]
---
import matplotlib.pyplot as plt
from mlearth import plotting
plotting.use_style()
plt.plot([0, 1]);
```

## Its pages

Two words.
""",
    "method/page": HEADER
    + """# Page

$$
a = b
$$ (sum)

A {term}`word`, and {doc}`/before`, says {cite:t}`breiman2001random`.

```{code-cell} ipython3
import pandas as pd
pd.DataFrame({"depth": [1.5, 2.5]}, index=["shallow", "deep"])
```

```{code-cell} ipython3
---
tags: [web-widget]
---
print("still")
```

:::{div} web-only
Turn the knob.
:::

```{code-cell} ipython3
---
mystnb:
  image:
    alt: A line that rises by 50% from left to right. It is straight.
---
import matplotlib.pyplot as plt
plt.plot([2, 3]);
```

```{admonition} Pitfall
:class: warning
Mind the step.
```

```{exercise-start}
:label: rising
```
As $t \\to 1$, does it rise?
(Say why.)
```{exercise-end}
```

```{solution-start} rising
:class: dropdown
```
It does, see {term}`word` and {ref}`there <a-place>`.

```{code-cell} ipython3
print("computed in a solution")
```
```{solution-end}
```

(a-place)=
## A place

After the exercise.
""",
    "afterwards": "# Afterwards\n\nThe end.\n",
    "after": """# After

```{glossary}
word
  A word.
```

```{bibliography}
```
""",
}
TOC = {
    "format": "jb-book",
    "root": "index",
    "parts": [
        {"caption": "First", "chapters": [{"file": "before"}]},
        {
            "caption": "Methods",
            "chapters": [{"file": "method/index", "sections": [{"file": "method/page"}]}],
        },
        {"caption": "Last", "chapters": [{"file": "after"}, {"file": "afterwards"}]},
    ],
}


class PaperBook:
    """A book of a few pages with the real configuration and extensions."""

    def __init__(self, folder):
        self.folder = folder
        names = ("_config.yml", "_headers", "references.bib", "_ext", "_static", "_templates")
        for name in (*names, "_latex"):
            copy = shutil.copytree if (BOOK / name).is_dir() else shutil.copy
            copy(BOOK / name, folder / name)
        (folder / "_toc.yml").write_text(yaml.safe_dump(TOC))
        for name, text in PAGES.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / f"{name}.md").write_text(text)

    def build(self, *options, **variables):
        command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
        command += ["build", str(self.folder), "-W", "-n", "--keep-going", *options]
        variables = os.environ | {"PYTHONPATH": str(paths.CODE)} | variables
        done = subprocess.run(command, capture_output=True, text=True, env=variables)
        assert done.returncode == 0, done.stdout + done.stderr

    def tree(self, page):
        return lxml_html.parse(str(self.folder / "_build/html" / f"{page}.html")).getroot()


@pytest.fixture(scope="module")
def paper_book(tmp_path_factory):
    return PaperBook(tmp_path_factory.mktemp("paper"))


@pytest.fixture(scope="module")
def source(paper_book):
    paper_book.build("--builder", "latex")
    return (paper_book.folder / "_build" / "latex" / f"{pdf.NAME}.tex").read_text(encoding="utf-8")


def order_of(source, *words):
    """Find each word once, and say whether they come in this order."""
    places = [source.index(word) for word in words]
    return places == sorted(places)


def test_pages_come_in_the_order_of_a_book(source):
    parts = (r"\frontmatter", r"\chapter{About this book}", r"\chapter{Before}", r"\mainmatter")
    parts += (r"\part{Method}", r"\section{Its pages}", r"\chapter{Page}", r"\backmatter")
    assert order_of(source, *parts, r"\chapter{Solutions}", r"\chapter{After}", r"\printindex")


def test_a_solution_is_not_beneath_its_exercise_but_in_the_chapter_of_solutions(source):
    solution = "computed in a solution"
    assert order_of(
        source, "does it rise?", "After the exercise", r"\chapter{Solutions}", "It does"
    )
    assert source.count("It does") == 1
    assert source.rindex(solution) > source.index(r"\chapter{Solutions}")
    assert source[: source.index(r"\chapter{Solutions}")].count(solution) == 0


def test_exercise_and_solution_lead_to_each_other(source):
    (there,) = re.findall(r"\\solutionpage\{([^}]+)\}", source)
    (back, here) = re.search(
        r"\\solutionheading\{([^}]+)\}\{([^}]+)\}\{Exercise 1", source
    ).groups()
    assert there == here
    assert rf"\exerciselabel{{{back}}}" in source
    style = (BOOK / "_latex" / "book.sty").read_text(encoding="utf-8")
    for macro, label in (
        ("solutionpage", "pageref*{solution:#1}"),
        ("exerciselabel", "exercise:#1"),
    ):
        definition = style.partition(rf"\newcommand{{\{macro}}}")[2].partition("\\newcommand")[0]
        assert label in definition


def test_links_in_a_solution_still_lead_somewhere(source):
    solutions = source.partition(r"\chapter{Solutions}")[2]
    targets = re.findall(
        r"\\hyperref\[\\detokenize\{([^}]*)\}\]", solutions.partition("{After}")[0]
    )
    assert {"after:term-word", "method/page:a-place"} <= set(targets)
    for target in targets:
        assert rf"\label{{\detokenize{{{target}}}}}" in source


def test_a_figure_has_the_first_sentence_of_its_alternative_text_beneath_it(source):
    caption = r"\figurecaption{A line that rises by 50\% from left to right.}"
    assert re.search(r"sphinxincludegraphics.*\s*" + re.escape(caption), source)
    assert order_of(source, caption, "Mind the step")


def test_an_exercise_is_listed_by_its_first_sentence(source):
    assert order_of(
        source, r"\exerciseentry{1}{As $t \to 1$, does it rise?}", r"\begin{bookbox}{exercise}"
    )


def test_boxes_tell_their_kinds(source):
    assert re.search(r"\\begin\{bookbox\}\{warning\}\s*\{Pitfall\}", source)
    assert re.search(r"\\begin\{bookbox\}\{exercise\}\s*\{Exercise 1\}", source)
    assert "sphinxadmonition" not in source


def test_what_only_works_on_the_web_is_left_out_or_told(source):
    assert "Turn the knob" not in source
    assert "Get the PDF" not in source
    assert order_of(source, "still", "This is interactive on the web", "does it rise?")
    assert "method/page.html" in source


def test_a_data_frame_becomes_a_table_and_figures_are_vectors(source):
    assert re.search(r"\{tabulary\}\{[^}]*\}\[t\]\{lr\}", source)
    assert "shallow" in source
    assert re.search(r"\\sphinxincludegraphics\{\{[0-9a-f]{64}\}\.pdf\}", source)
    assert re.search(r"\\bookcover\{[0-9a-f]{64}\.pdf\}", source)


def test_a_term_is_indexed_where_it_is_used_and_a_page_named_with_its_number(source):
    chapters = source[source.index(r"\chapter{Page}") : source.index(r"\chapter{Solutions}")]
    assert r"\index{word@\spxentry{word}}" in chapters
    assert r"(page~\pageref*{\detokenize{before::doc}})" in chapters


def test_the_bibliography_stands_on_its_page(source):
    assert order_of(
        source, r"\chapter{After}", r"\begin{sphinxthebibliography}", r"\chapter{Afterwards}"
    )


def test_sphinx_leaves_the_contents_for_the_gate(source, paper_book):
    read = json.loads((paper_book.folder / "_build" / "latex" / "contents.json").read_text())
    assert read["titles"] == ["After", "Afterwards", "Before", "Method", "Page"]
    assert read["equations"] == ["method/page:sum"]
    assert r"\label{equation:method/page:sum}" in source


def test_the_site_links_to_the_pdf_only_while_there_is_one(paper_book, tmp_path):
    made = tmp_path / "book.pdf"
    made.write_bytes(b"%PDF")
    paper_book.build(BOOKBUILD_PDF=str(made))
    copied = paper_book.folder / "_build" / "html" / "book.pdf"
    assert copied.exists()
    assert paper_book.tree("index").xpath("//p[@class='paper-link']/a/@href") == ["book.pdf"]
    assert (
        paper_book.tree("method/page")
        .xpath("//header//a[i]/@href | //a[@title]/@href")
        .count("../book.pdf")
    )
    paper_book.build(BOOKBUILD_PDF="")
    assert not copied.exists()
    for page in PAGES:
        assert not [link for link in paper_book.tree(page).xpath("//a/@href") if ".pdf" in link]


# ---------------------------------------------------------------- the PDF of the book


@pytest.fixture(scope="module")
def paper():
    if not build.current_pdf():
        pytest.skip(
            "there is no PDF of these pages (make pdf; if LaTeX is missing it says what to do)"
        )
    return PdfReader(build.PDF)


@pytest.fixture(scope="module")
def web(paper):
    if not (paths.HTML / "index.html").exists():
        pytest.skip("the web edition is not built (make book)")
    toc = yaml.safe_load((BOOK / "_toc.yml").read_text(encoding="utf-8"))
    names = re.findall(r"'file': '([^']+)'", str(toc))
    assert len(names) > 5
    return [lxml_html.parse(str(paths.HTML / f"{name}.html")).getroot() for name in names]


def test_the_pdf_has_every_page_figure_and_numbered_equation_of_the_web_edition(paper, web):
    titles = [tree.xpath("string(//article//h1/text())").strip() for tree in web]
    bookmarks = {pdf_gate.plain(title) for title in pdf_gate.outline_titles(paper.outline)}
    assert set(titles) <= bookmarks
    figures = sum(
        len(tree.xpath("//article//div[contains(@class, 'cell_output')]//img")) for tree in web
    )
    source = (pdf.LATEX / f"{pdf.NAME}.tex").read_text(encoding="utf-8")
    assert len(pdf_gate.GRAPHIC.findall(source)) == figures > 20
    equations = sum(len(tree.xpath("//article//span[@class='eqno']")) for tree in web)
    assert len(set(pdf_gate.LABEL.findall(source))) == equations


def test_exercises_have_the_numbers_of_the_web_edition(paper, web):
    text = "\n".join(page.extract_text() for page in paper.pages)
    numbers = {
        number
        for tree in web
        for title in tree.xpath("//span[@class='caption-number']/text()")
        for number in re.findall(r"Exercise (\d+)", title)
    }
    assert len(numbers) > 10
    assert numbers == set(re.findall(r"^Exercise (\d+)$", text, re.MULTILINE))
    printed = Counter(re.findall(r"^Exercise (\d+) page \d+$", text, re.MULTILINE))
    assert printed == Counter(numbers)


def listed(paper, name, following):
    """Count through one of the lists after the contents, as far as no number is missing."""
    titles = [entry for entry in paper.outline if not isinstance(entry, list)]
    places = {entry.title: paper.get_destination_page_number(entry) for entry in titles}
    pages = paper.pages[places[name] : places[following]]
    text = "\n".join(page.extract_text() for page in pages)
    found = []
    for number in re.findall(r"^(\d+)\s+\S.{8}", text, re.MULTILINE):
        if int(number) == len(found) + 1:  # and not a number that begins an entry's second line
            found.append(int(number))
    return found


def test_every_figure_and_exercise_is_in_a_list(paper):
    source = (pdf.LATEX / f"{pdf.NAME}.tex").read_text(encoding="utf-8")
    figures = listed(paper, "Figures", "Exercises")
    assert figures == list(range(1, len(pdf_gate.GRAPHIC.findall(source)) + 1))
    exercises = listed(paper, "Exercises", "About this book")
    assert len(exercises) == source.count(r"\solutionpage{") - 1  # one has no number
    assert exercises == list(range(1, len(exercises) + 1))


def test_solutions_terms_and_sources_are_linked(paper):
    notes = [note.get_object() for page in paper.pages for note in page.get("/Annots", [])]
    targets = [str(note["/A"]["/D"]) for note in notes if note["/A"]["/S"] == "/GoTo"]
    for kind in ("section*.", "cite.", "chapter."):
        assert any(target.startswith(kind) for target in targets), kind


def test_no_term_stands_twice_in_the_index(paper):
    (start,) = [entry for entry in paper.outline if getattr(entry, "title", "") == "Index"]
    pages = paper.pages[paper.get_destination_page_number(start) :]
    lines = "\n".join(page.extract_text() for page in pages).splitlines()
    terms = [line.partition(", ")[0] for line in lines if re.search(r", \d+$", line)]
    assert len(terms) > 40
    assert [term for term, times in Counter(terms).items() if times > 1] == []


def test_the_pdf_says_what_it_is(paper):
    assert paper.metadata.title == "Machine Learning for Earth Sciences"
    assert paper.metadata.author == "The contributors"
    assert str(paper.root_object["/Lang"]).startswith("en")
    first = paper.pages[0].extract_text() + paper.pages[1].extract_text()
    from mlearth import __version__

    for told in (__version__, "The contributors", "CC BY 4.0", "BSD 3-Clause"):
        assert told in first
