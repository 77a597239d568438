"""Citations in round brackets, as Earth scientists write them: Breiman (2001), (Breiman, 2001)."""

from dataclasses import dataclass, field

from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.style.referencing import BracketStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle


def _round():
    """Make the brackets."""
    return BracketStyle(left="(", right=")")


@dataclass
class RoundReferenceStyle(AuthorYearReferenceStyle):
    """Author and year, with round brackets throughout."""

    bracket_parenthetical: BracketStyle = field(default_factory=_round)
    bracket_textual: BracketStyle = field(default_factory=_round)
    bracket_author: BracketStyle = field(default_factory=_round)
    bracket_label: BracketStyle = field(default_factory=_round)
    bracket_year: BracketStyle = field(default_factory=_round)


def setup(app):
    """Register the style under the name that ``_config.yml`` gives."""
    register_plugin("sphinxcontrib.bibtex.style.referencing", "round", RoundReferenceStyle)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
