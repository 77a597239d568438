"""Make the small files in data/shipped from the openly licensed packages that carry them.

    pip download --no-deps statsmodels==0.15.0 iris-sample-data==2.5.2
    unzip both into FOLDER; pip install netCDF4 numpy
    python data/make_shipped.py FOLDER

Run it again only to check: the files are committed, and their SHA-256 stand in
code/mlearth/data/shipped.py.
"""

import csv
import sys
from pathlib import Path

SHIPPED = Path(__file__).parent / "shipped"


def el_nino(source):
    """Write one month per line: year, month, sea-surface temperature [deg C]."""
    with source.open() as table:
        years = list(csv.reader(table))[1:]
    lines = [f"{row[0]},{month},{float(row[month]):.2f}" for row in years for month in range(1, 13)]
    text = "\n".join(["year,month,temperature", *lines]) + "\n"
    (SHIPPED / "el_nino.csv").write_text(text)


def carbon_dioxide(source):
    """Write one week per line: date of its Saturday, concentration [ppm], empty where missing."""
    with source.open() as table:
        weeks = list(csv.reader(table))[1:]
    lines = [f"{day[:4]}-{day[4:6]}-{day[6:]},{value}" for day, value in weeks]
    (SHIPPED / "carbon_dioxide.csv").write_text("\n".join(["week,concentration", *lines]) + "\n")


def tropical_sst(source):
    """Write monthly fields as whole hundredths of a degree Celsius; -32768 is land."""
    import netCDF4
    import numpy as np

    with netCDF4.Dataset(source) as file:
        kelvin = file["surface_temperature"][:]
        times = netCDF4.num2date(file["time"][:], file["time"].units)
        hundredths = np.round((kelvin.filled(np.nan) - 273.15) * 100)
        fields = np.where(np.isnan(hundredths), -32768, hundredths).astype(np.int16)
        np.savez_compressed(
            SHIPPED / "tropical_sst.npz",
            hundredths=fields,
            month=np.array([time.year * 100 + time.month for time in times], np.int32),
            latitude=np.round(file["latitude"][:].filled(), 3),
            longitude=np.round(file["longitude"][:].filled(), 3),
        )


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    SHIPPED.mkdir(exist_ok=True)
    el_nino(folder / "statsmodels/datasets/elnino/elnino.csv")
    carbon_dioxide(folder / "statsmodels/datasets/co2/co2.csv")
    tropical_sst(folder / "iris_sample_data/sample_data/ostia_monthly.nc")
