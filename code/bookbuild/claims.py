"""What the pages assert about their own results, and whether it holds.

``tests/claims/<method>.toml`` holds one table per glued result::

    ["forests.r2"]
    page = "chapters/random_forests/forests"
    shows = "The forest explains most of what can be explained"
    min = 0.80
    beats = "forests.linear_r2"     # optional: the bound must exclude this other result
    simulated.min = 0.75            # optional: another bound when stand-in data were used
    repeats = false                 # optional: a measured time, say, which no two runs share

A bound is ``min``, ``max`` or both (numbers), or ``equals`` (a text or a truth value).
"""

import ast
import math
import re
import tomllib
from dataclasses import dataclass, field

from bookbuild import paths

GLUE_ROLE = re.compile(r"\{glue:(?:text|md|math)?\}`([^`:]+)(?::[^`]*)?`|\{glue\}`([^`:]+)`")
BOUNDS = {"min", "max", "equals"}
SOURCES = {"observed", "simulated"}


@dataclass(frozen=True)
class Claim:
    """A named result, the bound it must keep and what that shows.

    Parameters
    ----------
    name, page, shows : str
    bound : dict
        Some of ``min``, ``max``, ``equals``.
    beats : str or None
        Another result of the same page, which must lie outside the bound.
    by_source : dict of str to dict
        A bound of its own for ``observed`` or ``simulated`` data.
    repeats : bool
        Whether another run with the same seed gives the same value.
    """

    name: str
    page: str
    shows: str
    bound: dict
    beats: str | None = None
    by_source: dict = field(default_factory=dict)
    repeats: bool = True

    def bound_for(self, sources):
        """Return the bound that applies to a page's data.

        Parameters
        ----------
        sources : dict of str to str
            ``"observed"`` or ``"simulated"`` for each registry entry of the page.

        Returns
        -------
        dict
        """
        kind = "simulated" if "simulated" in sources.values() else "observed"
        return self.bound | self.by_source.get(kind, {})


def load_claims():
    """Read all claims.

    Returns
    -------
    dict of str to Claim

    Raises
    ------
    ValueError
        If a claim is malformed or stands twice; the message names it.
    """
    claims = {}
    for file in sorted(paths.CLAIMS.glob("*.toml")):
        for name, table in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if name in claims:
                raise ValueError(f"{file.name}: the claim {name!r} stands twice")
            claims[name] = _parse(file.name, name, table)
    return claims


def _parse(file, name, table):
    unknown = set(table) - BOUNDS - SOURCES - {"page", "shows", "beats", "repeats"}
    by_source = {source: table[source] for source in SOURCES & set(table)}
    bound = {key: table[key] for key in BOUNDS & set(table)}
    if unknown or not table.get("page") or not table.get("shows"):
        wrong = f"unknown {sorted(unknown)}" if unknown else "'page' and 'shows' are needed"
        raise ValueError(f"{file}: claim {name!r}: {wrong}")
    for each in [bound, *by_source.values()]:
        if set(each) - BOUNDS or ("equals" in each and len(each) > 1):
            raise ValueError(f"{file}: claim {name!r}: a bound is min and/or max, or equals")
    if not bound and set(by_source) != SOURCES:
        raise ValueError(f"{file}: claim {name!r} has no bound for some source of data")
    if not isinstance(table.get("repeats", True), bool):
        raise ValueError(f"{file}: claim {name!r}: 'repeats' is true or false")
    told = {key: table[key] for key in ("page", "shows", "beats", "repeats") if key in table}
    return Claim(name, bound=bound, by_source=by_source, **told)


def glued_values(notebook):
    """Read the results that an executed page recorded with ``glue``.

    Parameters
    ----------
    notebook : nbformat.NotebookNode

    Returns
    -------
    dict of str to (float, int, bool or str)
    """
    values = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            if name:
                text = output["data"]["application/papermill.record/text/plain"]
                values[name] = float(text) if text in ("nan", "inf", "-inf") else _literal(text)
    return values


def _literal(text):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        raise ValueError(f"A glued value is not a number or a text: {text[:60]}") from None


def quoted_names(text):
    """Find the names of the results that a page's prose quotes.

    Parameters
    ----------
    text : str
        MyST Markdown.

    Returns
    -------
    set of str
    """
    return {first or second for first, second in GLUE_ROLE.findall(text)}


def check_values(claims, values, sources):
    """Hold results against their claims.

    Parameters
    ----------
    claims : iterable of Claim
    values : dict
        From `glued_values`.
    sources : dict of str to str
        The page's data sources.

    Returns
    -------
    list of str
        One line for every claim that does not hold; empty if all do.
    """
    problems = []
    for claim in claims:
        bound = claim.bound_for(sources)
        if claim.name not in values:
            problems.append(f"{claim.name}: no cell glues this value")
            continue
        value = values[claim.name]
        if not _within(value, bound):
            problems.append(
                f"{claim.name} = {value!r}, outside {_words(bound)}. Claimed: {claim.shows}"
            )
        if claim.beats and claim.beats not in values:
            problems.append(f"{claim.name}: the baseline {claim.beats} is not glued")
        elif claim.beats and _within(values[claim.beats], bound):
            problems.append(
                f"{claim.name}: the baseline {claim.beats} = {values[claim.beats]!r} "
                f"also lies within {_words(bound)}, so the bound shows nothing"
            )
    return problems


def check_results(results, claims):
    """Hold every page's results against the claims, and find claims and values without partner.

    Parameters
    ----------
    results : list of execute.Result
        Successful ones.
    claims : dict of str to Claim

    Returns
    -------
    list of str
    """
    problems = []
    for result in results:
        page = result.page.name
        values = glued_values(result.notebook)
        mine = [claim for claim in claims.values() if claim.page == page]
        found = check_values(mine, values, result.facts["sources"])
        found += [
            f"{name} is glued, but has no claim"
            for name in sorted(set(values) - {claim.name for claim in mine})
        ]
        found += [
            f"{name} is quoted in the prose, but no cell of the page glues it"
            for name in sorted(quoted_names(result.page.text) - set(values))
        ]
        problems += [f"{page}: {problem}" for problem in found]
    return problems


def unknown_pages(claims, names):
    """List claims about pages that do not exist.

    Parameters
    ----------
    claims : dict of str to Claim
    names : iterable of str
        The pages there are.

    Returns
    -------
    list of str
    """
    names = set(names)
    return [f"{c.name}: no page {c.page}" for c in claims.values() if c.page not in names]


def _within(value, bound):
    if "equals" in bound:
        return value == bound["equals"]
    if isinstance(value, str) or not math.isfinite(value):
        return False
    return bound.get("min", -math.inf) <= value <= bound.get("max", math.inf)


def _words(bound):
    if "equals" in bound:
        return f"exactly {bound['equals']!r}"
    return f"[{bound.get('min', '-inf')}, {bound.get('max', 'inf')}]"
