"""Small observed series that come with the book; ``data/make_shipped.py`` made the files.

They are openly licensed, so that pages which need nothing larger are the same everywhere. Where
they come from and what they must not be used for: data/README.md.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlearth.data.entries import DataError

if TYPE_CHECKING:
    import numpy as np

SHA256 = {
    "carbon_dioxide.csv": "d11310bcc1e0afd116419673bb6c81b348934f63f7518771b9af811c72b6e016",
    "el_nino.csv": "711ae1ace90fa8fe2873febed6186ed52325fcdf259f63fa298853a99cade894",
    "tropical_sst.npz": "240a1f92775dbac76cd88942e566df2fa88d8bf27710d53c5b56245e87512285",
}
LAND = -32768


@dataclass(frozen=True)
class Series:
    """An observed series in time.

    Parameters
    ----------
    time : ndarray of datetime64, shape (n,)
        Without gaps: a missing value is NaN in `values`.
    values : ndarray, shape (n,)
        In `unit`.
    unit : str
    source : str
        One line: who measured what.
    citation : str or None
        Key in the bibliography.
    licence : str
    """

    time: "np.ndarray"
    values: "np.ndarray"
    unit: str
    source: str
    citation: str | None
    licence: str


@dataclass(frozen=True)
class Fields:
    """Observed maps, one for each month.

    Parameters
    ----------
    time : ndarray of datetime64[M], shape (n_time,)
    latitude : ndarray, shape (n_latitude,)
        Positive to the north [degrees].
    longitude : ndarray, shape (n_longitude,)
        Positive to the east, from 0 to 360 [degrees].
    values : ndarray, shape (n_time, n_latitude, n_longitude)
        In `unit`; NaN over land.
    unit, source, citation, licence
        As in `Series`.
    """

    time: "np.ndarray"
    latitude: "np.ndarray"
    longitude: "np.ndarray"
    values: "np.ndarray"
    unit: str
    source: str
    citation: str
    licence: str


def load_el_nino():
    """Load the monthly sea-surface temperature off Peru, where El Nino was first noticed.

    Returns
    -------
    Series
        732 months, 1950 to 2010: mean over 0-10 degrees S, 80-90 degrees W (Nino 1+2) [deg C].

    Raises
    ------
    DataError
        If the file is missing or not the one that the book shipped.
    """
    import numpy as np

    year, month, values = np.loadtxt(_path("el_nino.csv"), delimiter=",", skiprows=1).T
    time = np.array([f"{int(y)}-{int(m):02d}" for y, m in zip(year, month, strict=True)], "M8[M]")
    source = "monthly sea-surface temperature, Nino 1+2, ERSST v3b (NOAA, by way of statsmodels)"
    return Series(time, values, "deg C", source, None, "public domain")


def load_carbon_dioxide():
    """Load the weekly concentration of carbon dioxide on Mauna Loa.

    Returns
    -------
    Series
        2284 weeks, March 1958 to December 2001 [ppm]; 59 of them are missing (NaN).

    Raises
    ------
    DataError
        As `load_el_nino`.
    """
    import numpy as np

    rows = np.genfromtxt(
        _path("carbon_dioxide.csv"), delimiter=",", skip_header=1, dtype="U10,f8", encoding="utf-8"
    )
    source = "weekly carbon dioxide on Mauna Loa (Scripps, CDIAC, by way of statsmodels)"
    time, values = rows["f0"].astype("M8[D]"), rows["f1"]
    return Series(time, values, "ppm", source, "keeling2004atmospheric", "public domain")


def load_tropical_sst():
    """Load monthly maps of sea-surface temperature along the equator.

    Returns
    -------
    Fields
        54 months, April 2006 to September 2010; 18 latitudes within 5 degrees of the equator, 432
        longitudes; [deg C], to 0.01.

    Raises
    ------
    DataError
        As `load_el_nino`.
    """
    import numpy as np

    with np.load(_path("tropical_sst.npz"), allow_pickle=False) as file:
        hundredths, month = file["hundredths"], file["month"]
        latitude, longitude = file["latitude"].astype(float), file["longitude"].astype(float)
    values = np.where(hundredths == LAND, np.nan, hundredths / 100)
    time = np.array([f"{m // 100}-{m % 100:02d}" for m in month], "M8[M]")
    source = "monthly sea-surface temperature, OSTIA (Met Office, by way of iris-sample-data)"
    licence = "Open Government Licence, British Crown copyright"
    return Fields(
        time, latitude, longitude, values, "deg C", source, "donlon2012operational", licence
    )


def _path(name):
    """Find a shipped file, inside an installed package or in the repository, and check it."""
    package = Path(__file__).parents[1]
    places = [package / "shipped" / name, package.parents[1] / "data" / "shipped" / name]
    path = next((place for place in places if place.exists()), None)
    if path is None:
        raise DataError(f"{name}, which ships with the book, is missing. Install mlearth again.")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256[name]:
        raise DataError(
            f"{path} is not the file that the book shipped: its SHA-256 is {found}, expected "
            f"{SHA256[name]}. Check the repository out again, or install mlearth again."
        )
    return path
