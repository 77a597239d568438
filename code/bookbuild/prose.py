"""Lint for the prose of the pages: no typed results, alt text that says something."""

import re

from bookbuild import alt_text

FENCE = re.compile(r"^(`{3,}|~{3,}|:{3,})\s*(\{[^}]+\})?")
CODE_DIRECTIVES = ("{code-cell}", "{code-block}", "{code}", "{math}", "{bibliography}", "{toctree}")
EXEMPT = re.compile(
    r"\{[a-z:]+\}`[^`]*`"  # roles: glue, cite, setting, ref, term ...
    r"|`[^`]*`"  # code
    r"|\]\([^)]*\)|<[^>]*>"  # addresses
    r"|https?://\S+"
)
DISPLAY_MATH = re.compile(r"\$\$.*?\$\$", re.DOTALL)
RESULT = re.compile(
    r"(?<![\w.])[-+\u2212]?\d+\.\d+(?![\w.]*\d*\.\d)|\d+(?:\.\d+)?\s*(?:%|\\%|per cent)"
)
CITATION = re.compile(r"\{cite[a-z:]*\}`")
OPTION = re.compile(r"\s*:[\w-]+:")


def problems(page):
    """Lint one page.

    Parameters
    ----------
    page : pages.Page or any object with `name` and `text`

    Returns
    -------
    list of str
        ``page:line: what is wrong``.
    """
    found = typed_results(page.text) + alt_text.problems(page.text)
    return [f"{page.name}:{line}: {message}" for line, message in sorted(found)]


def typed_results(text):
    """Find decimals and percentages typed into prose, outside code, glue and cited sentences.

    Numbers that the author chose, not found, are marked as such: ``{setting}`90 %```.

    Parameters
    ----------
    text : str
        MyST Markdown.

    Returns
    -------
    list of (int, str)
        Line number and message.
    """
    found = []
    for line, paragraph in paragraphs(text):
        if CITATION.search(paragraph):
            continue
        bare = DISPLAY_MATH.sub(" ", EXEMPT.sub(" ", paragraph))
        found += [
            (line, f"{number.strip()!r} is typed into the prose; glue it, cite it or mark it")
            for number in RESULT.findall(bare)
        ]
    return found


def paragraphs(text):
    """Split a page into its paragraphs of prose, leaving out front matter, code and options.

    Parameters
    ----------
    text : str
        MyST Markdown.

    Returns
    -------
    list of (int, str)
        Number of the first line and the text.
    """
    lines = text.splitlines()
    start = lines.index("---", 1) + 1 if lines[:1] == ["---"] else 0
    found, block, fences, code_fence = [], [], [], None
    for number, line in enumerate([*lines[start:], ""], start=start + 1):
        stripped = line.strip()
        fence = FENCE.match(stripped)
        if code_fence:
            code_fence = None if stripped == code_fence else code_fence
            continue
        if fence and fences and stripped == fences[-1]:
            fences.pop()
        elif fence and _holds_code(fence):
            code_fence = fence.group(1)
        elif fence:
            fences.append(fence.group(1))
        elif stripped and not OPTION.match(line):
            block.append(line)
            continue
        if block:
            found.append((number - len(block), "\n".join(block)))
        block = []
    return found


def _holds_code(fence):
    mark, directive = fence.groups()
    return directive in CODE_DIRECTIVES or (directive is None and not mark.startswith(":"))
