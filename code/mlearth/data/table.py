"""What a loader hands on: rows, and what one must know to use them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlearth.data.entries import DataError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Table:
    """Data with what one must know to use them.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows.
    units : dict of str to str
        Unit of each column.
    observed : bool
        True for measurements, False for simulated rows.
    rows : str
        What one row is, in the plural.
    source : str
        Where these rows came from.
    citation : str
        Key in the bibliography.
    licence : str
        Under which these rows may be used.
    """

    frame: "pd.DataFrame"
    units: dict
    observed: bool
    rows: str
    source: str
    citation: str
    licence: str

    @property
    def origin(self):
        """The line that a page prints: how many rows, observed or simulated, from where."""
        kind = "observed" if self.observed else "simulated"
        return f"{len(self.frame)} {kind} {self.rows} {self.source}"


def make_table(entry, frame, source, citation, observed=True):
    """Attach to the rows what the registry knows.

    Parameters
    ----------
    entry : Entry
    frame : pandas.DataFrame
    source, citation : str
    observed : bool

    Returns
    -------
    Table
    """
    return Table(frame, entry.units, observed, entry.rows, source, citation, entry.licence)


def misfit(path, entry, wrong):
    """Say that an intact file is not what the registry says of it.

    Parameters
    ----------
    path : pathlib.Path
    entry : Entry
    wrong : str
        What differs.

    Returns
    -------
    DataError
    """
    remedy = f"Its SHA-256 is right, so correct what the registry says of {entry.name}."
    return DataError(f"{path} {wrong}. {remedy}")
