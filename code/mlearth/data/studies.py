"""Records of studies: results that took longer than a page may, with what they depend on."""

import json
from pathlib import Path

from mlearth.data.entries import DataError


def load_study(name):
    """Read the record of a study that ``make studies`` left.

    Parameters
    ----------
    name : str
        Such as ``"leaf_ideas"``.

    Returns
    -------
    dict
        ``results`` (one dict per run), ``seeds``, ``hardware``, ``seconds``, ``hash``.

    Raises
    ------
    DataError
        If there is no such record.
    """
    path = studies_folder() / f"{name}.json"
    if not path.exists():
        raise DataError(f"There is no record of the study {name!r}. Run: make studies")
    return json.loads(path.read_text(encoding="utf-8"))


def studies_folder():
    """Say where the records are: inside an installed package, else in the repository.

    Returns
    -------
    pathlib.Path
    """
    package = Path(__file__).parents[1]
    shipped = package / "study_records"
    return shipped if shipped.exists() else package.parents[1] / "data" / "studies"
