"""Runs of a model of ice and sea level: inputs in one registered file, outputs in another."""

from mlearth.data.entries import find_entry
from mlearth.data.files import obtain
from mlearth.data.table import Table, misfit

STAND_IN_SEED = 91  # of the generator that the book's own runs are drawn from
ENTRIES = ("sea_level_stresses", "sea_level_highstand")


def load_sea_level():
    """Load runs of a model of ice and sea level: the published ones, or the book's own.

    Returns
    -------
    Table
        91 runs; columns ``ice_streams``, ``marine_sediment``, ``onshore_sediment``, ``bedrock``:
        shear stress at the base of the ice on each kind of bed [Pa]; ``highstand``: relative sea
        level in the southern North Sea at 122 ka, positive if higher than today [m]. `observed` is
        True for the runs of the published model.

    Raises
    ------
    DataError
        If a file was found but is not the registered one, or could not be stored.

    Notes
    -----
    Both files are needed: if one of them cannot be had, the book's own runs stand in for all. They
    are the same in every call: their generator starts from `STAND_IN_SEED`.
    """
    import pandas as pd

    inputs, output = (find_entry(name) for name in ENTRIES)
    units = inputs.units | output.units
    paths = [obtain(inputs), obtain(output)]
    if None not in paths:
        columns = _read(paths[0], inputs) | _read(paths[1], output)
        source = f"of a larger model (registered files, SHA-256 checked), {inputs.licence}"
        frame, citation = pd.DataFrame(columns), inputs.citation
    else:
        source = "of the book's small model stand in for those that could not be reached"
        frame, citation = _simulate(inputs, list(units)), inputs.stand_in_citation
    return Table(frame, units, None not in paths, inputs.rows, source, citation, inputs.licence)


def _read(path, entry):
    """Read an array and hold it against the registry: a dict of columns."""
    import numpy as np

    try:
        array = np.asarray(np.load(path, allow_pickle=False))
    except (ValueError, EOFError) as error:
        raise misfit(path, entry, f"is not an array of numbers: {error}") from error
    if list(array.shape) not in (entry.shape, entry.shape[:1] * (entry.shape[1] == 1)):
        raise misfit(path, entry, f"has the shape {list(array.shape)}, not {entry.shape}")
    if array.dtype.kind != "f" or not np.isfinite(array).all():
        raise misfit(path, entry, "holds something else than finite numbers")
    return dict(zip(entry.units, array.reshape(entry.shape).T, strict=True))


def _simulate(entry, names):
    """Draw as many runs of the book's own model as there are published ones."""
    import numpy as np
    import pandas as pd

    runs = entry.simulator(np.random.default_rng(STAND_IN_SEED), n_runs=entry.shape[0])
    return pd.DataFrame(np.column_stack([runs.stresses, runs.highstand]), columns=names)
