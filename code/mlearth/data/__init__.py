"""The data that the book uses, each table with its unit, source, citation and licence.

A file is looked for in ``$MLEARTH_DATA``, then in the user's cache, then on the network. Where it
cannot be had, a simulator stands in and the loaded table says so. Every file must have the SHA-256
that the registry (``data/registry.toml``) lists: one that has not is an error, never a reason to go
on to the next source. Nothing else in `mlearth` touches data files or the network.
"""

from mlearth.data.download import UnreachableError
from mlearth.data.entries import DataError, Entry, entries_used_by, find_entry, registry
from mlearth.data.files import Finding, fetch, obtain, prepare, state, verify
from mlearth.data.sea_level import load_sea_level
from mlearth.data.shipped import (
    Fields,
    Series,
    load_carbon_dioxide,
    load_el_nino,
    load_tropical_sst,
)
from mlearth.data.studies import load_study
from mlearth.data.table import Table, make_table, misfit

__all__ = [
    "LEAF_COLUMNS",
    "DataError",
    "Entry",
    "Fields",
    "Finding",
    "Series",
    "Table",
    "UnreachableError",
    "entries_used_by",
    "fetch",
    "load_carbon_dioxide",
    "load_el_nino",
    "load_leaves",
    "load_sea_level",
    "load_study",
    "load_tropical_sst",
    "prepare",
    "registry",
    "state",
    "verify",
]

STAND_IN_SEED = 805  # of the generator that simulated rows are drawn from
LEAF_COLUMNS = tuple(find_entry("leaf_temperature").units)


def load_leaves():
    """Load the table of leaf temperatures: observed if it can be had, else simulated.

    Returns
    -------
    Table
        805 rows; columns `LEAF_COLUMNS`: air temperature [deg C], relative humidity [%],
        photosynthetically active light [umol m-2 s-1], Phi2 [-], vH+ [relative], chlorophyll
        [SPAD-like], thickness [mm], leaf angle [degrees], and the differential, leaf minus air
        temperature [K]: negative where the leaf is cooler than the air. Observed rows are in the
        order taken.

    Raises
    ------
    DataError
        If a file was found but is not the registered one, or could not be stored.

    Notes
    -----
    The simulated rows are the same in every call: their generator starts from `STAND_IN_SEED`.
    """
    entry = find_entry("leaf_temperature")
    path = obtain(entry)
    if path is not None:
        source = f"(registered table, SHA-256 checked), {entry.licence}"
        return make_table(entry, _read_csv(path, entry), source, entry.citation)
    import numpy as np
    import pandas as pd

    campaign = entry.simulator(np.random.default_rng(STAND_IN_SEED), n_leaves=entry.shape[0])
    frame = pd.DataFrame(campaign.columns)[list(entry.units)]
    source = "stand in for the observed table, which could not be reached"
    return make_table(entry, frame, source, entry.stand_in_citation, observed=False)


def _read_csv(path, entry):
    """Read a table and hold it against the registry: headings, shape, finite numbers."""
    import numpy as np
    import pandas as pd

    try:
        frame = pd.read_csv(path, dtype=str)  # not all versions of pandas read decimals exactly
    except ValueError as error:
        raise misfit(path, entry, f"is not a table of text: {error}") from error
    headings = [column["heading"] for column in entry.columns]
    if list(frame.columns) != headings:
        raise misfit(path, entry, f"has the columns {list(frame.columns)}, not {headings}")
    if list(frame.shape) != entry.shape:
        raise misfit(path, entry, f"has the shape {list(frame.shape)}, not {entry.shape}")
    try:
        frame = frame.map(float)
    except ValueError as error:
        raise misfit(path, entry, f"holds text where numbers belong: {error}") from error
    if not np.isfinite(frame.to_numpy()).all():
        raise misfit(path, entry, "has gaps or infinite values")
    return frame.set_axis(list(entry.units), axis="columns")
