"""Sea level in the southern North Sea long after an ice sheet: three small models in a row.

First, ice so thick that its bed just bears the drag, as if it were perfectly plastic
[weertman1961equilibrium]_. Then the Earth: an elastic lithosphere bends under the ice, a viscous
asthenosphere gives way slowly [lemeur1996comparison]_. Last, the water that was ice. Four numbers
go in: the shear stress under the ice on four kinds of bed. One comes out: relative sea level at one
site, 122 thousand years ago, when the ice of the Penultimate Glacial Maximum has gone. The model
stands in for 91 runs of a far larger one; [pollard2023quantifying]_ tells how shear stresses make
ice sheets there.

The site lies before a bay of the ice margin: ice covers a half circle around it, and every flowline
runs straight to the site, across the same beds. Ice more than some 520 km away lifts the site,
because a bent plate bulges beside its load; nearer ice presses it down. The ice had lain for so
long that the Earth was at rest. It melts everywhere in proportion, a given volume each year, late
in the penultimate deglaciation, about 138 to 128 ka [menviel2019penultimate]_. The bulge then sinks
back, and as long as it does the land is too high and the sea too low. Where the ice is thick
decides how high the bulge was; how much ice there is decides how late the last of it melts, and so
how much of the bulge is left.

Left out: the pull of the ice and of the displaced mantle on the water; the Earth's rotation; the
weight of the water on the ocean floor; a mantle whose viscosity changes with depth, so that wide
and narrow loads are forgotten at different rates; differences from place to place; the ice that
fills the hollow which it makes; hills and valleys; the flow of ice, climate, and every other ice
sheet, those of the last ice age among them, from which the Earth is not at rest today. That is not
little: the weight of the water alone would put the sea a metre higher, as much as the bulge puts it
lower. Geometry and timing are chosen so that the sign and the order of the four stresses are those
of the larger model, and the volume is the published one. Heights are a fraction of the larger
model's, not least because an Earth that relaxes in 3 kyr has forgotten most of the bulge. It is no
reconstruction.

Distances are in metres, stresses in pascals, ages in thousands of years before present (ka),
durations in thousands of years (kyr). Displacements are positive up.

.. [weertman1961equilibrium] Weertman (1961), Equilibrium profile of ice caps. Journal of
   Glaciology. It starts from Nye's theory of perfectly plastic ice, which is the one used here.
.. [lemeur1996comparison] Le Meur and Huybrechts (1996), A comparison of different ways of dealing
   with isostasy. Annals of Glaciology.
.. [pollard2023quantifying] Pollard et al. (2023), Quantifying the uncertainty in the Eurasian
   ice-sheet geometry at the Penultimate Glacial Maximum. The Cryosphere 17, 4751-4777.
.. [menviel2019penultimate] Menviel et al. (2019), The penultimate deglaciation: protocol for PMIP4
   transient simulations between 140 and 127 ka. Geoscientific Model Development 12, 3649-3685.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import kei
from scipy.stats import qmc

PARAMETERS = ("ice_streams", "marine_sediment", "onshore_sediment", "bedrock")
RANGES = np.array([[5e3, 20e3], [10e3, 30e3], [30e3, 100e3], [100e3, 150e3]])  # Pa
ICE_DENSITY, MANTLE_DENSITY, WATER_DENSITY = 910.0, 3300.0, 1028.0  # kg m-3
GRAVITY = 9.81  # m s-2
OCEAN_AREA = 3.62e14  # m2
RIGIDITY = 1e25  # of the lithosphere, N m
RELAXATION = 3.0  # time in which the asthenosphere yields to 1/e, kyr

BEDS = (  # along a flowline, from the margin before the site to the far one: kind, length [m]
    ("ice_streams", 225e3),
    ("marine_sediment", 325e3),
    ("bedrock", 1050e3),
    ("onshore_sediment", 350e3),
)
SHEET_LENGTH = sum(length for _, length in BEDS)  # m
SITE_DISTANCE = 400e3  # of the site from the margin, m
ANGLE = np.pi  # under which the ice sheet is seen from the site
MELT_START = 132.0  # ka; with the rate below, the ice has gone by about 128 ka
MELT_RATE = 12.0  # metres of sea level per kyr
HIGHSTAND_AGE = 122.0  # ka
CELLS = 780  # of a flowline
CHUNK = 4096  # runs computed at a time


class Runs(NamedTuple):
    """Runs of the simulator.

    Attributes
    ----------
    stresses : ndarray, shape (n, 4)
        Shear stress on each kind of bed, in the order of `PARAMETERS` [Pa].
    highstand : ndarray, shape (n,)
        Relative sea level at the site, rounded to 1 mm [m]; below 0 if the sea stood lower than
        long after the ice.
    """

    stresses: np.ndarray
    highstand: np.ndarray


def cell_centres(cells=CELLS):
    """Distances from the margin at which flowlines are computed.

    Parameters
    ----------
    cells : int
        Number of cells; a multiple of 78 puts every change of bed on a border.

    Returns
    -------
    ndarray, shape (cells,)
        Distance from the margin before the site, rising [m].
    """
    return (np.arange(cells) + 0.5) * SHEET_LENGTH / cells


def ice_profile(stresses, distance=None):
    """Thickness of perfectly plastic ice on a flat bed.

    Along a flowline ``ICE_DENSITY * GRAVITY * h * |dh/dx|`` equals the shear stress of the bed, so
    that the square of the thickness h grows in proportion to the stress added up from a margin.
    The two sides of the sheet meet where they are equally thick: the ice divide.

    Parameters
    ----------
    stresses : ndarray, shape (n, 4)
        Shear stress on each kind of bed, in the order of `PARAMETERS` [Pa]; above 0.
    distance : ndarray, shape (m,), optional
        Distance from the margin before the site [m]; by default `cell_centres()`. Beyond either
        margin there is no ice.

    Returns
    -------
    ndarray, shape (n, m)
        Thickness [m].

    Raises
    ------
    ValueError
        If `stresses` has another shape, or values that are not finite and positive.
    """
    stresses = _check_stresses(stresses)
    distance = cell_centres() if distance is None else np.asarray(distance, dtype=float)
    before, behind = _bed_lengths(distance)
    squared = np.minimum(stresses @ before.T, stresses @ behind.T)  # (n, m), over rho g / 2
    return np.sqrt(2 / (ICE_DENSITY * GRAVITY) * squared)


def _bed_lengths(distance):
    """Length of each kind of bed before and behind each point: two (m, 4) arrays [m]."""
    before, behind = np.zeros((2, len(distance), len(PARAMETERS)))
    start = 0.0
    for kind, length in BEDS:
        column = PARAMETERS.index(kind)
        passed = np.clip(distance - start, 0, length)
        before[:, column] += passed
        behind[:, column] += length - passed
        start += length
    return before, behind


def _check_stresses(stresses):
    """Return the stresses as an array of shape (n, 4), or say what is wrong with them."""
    stresses = np.asarray(stresses, dtype=float)
    if stresses.ndim != 2 or stresses.shape[1] != len(PARAMETERS):
        raise ValueError(
            f"stresses must have the shape (n, {len(PARAMETERS)}), one column for each of "
            f"{', '.join(PARAMETERS)}; these have the shape {stresses.shape}"
        )
    wrong = ~(np.isfinite(stresses) & (stresses > 0))
    if wrong.any():
        raise ValueError(
            f"stresses must be finite and above 0 Pa; {wrong.sum()} of {wrong.size} are not, "
            f"the first is {stresses[wrong][0]}"
        )
    return stresses


def ice_volume(thickness):
    """Volume of the ice sheet, all flowlines together.

    Parameters
    ----------
    thickness : ndarray, shape (n, m)
        Thickness in the middle of m equal cells along the flowline [m].

    Returns
    -------
    ndarray, shape (n,)
        Volume [m3].
    """
    distance = cell_centres(thickness.shape[-1])
    area = ANGLE * (SITE_DISTANCE + distance) * (SHEET_LENGTH / len(distance))
    return thickness @ area


def sea_level_equivalent(volume):
    """Height by which ice raises the sea when it melts.

    Parameters
    ----------
    volume : ndarray or float
        Volume of ice [m3].

    Returns
    -------
    ndarray or float
        Mean rise over today's ocean [m].
    """
    return volume * ICE_DENSITY / (WATER_DENSITY * OCEAN_AREA)


def flexural_length(rigidity=RIGIDITY):
    """Length over which a plate that floats on the mantle spreads a load.

    Parameters
    ----------
    rigidity : float
        Flexural rigidity of the plate [N m].

    Returns
    -------
    float
        Radius of relative stiffness [m].
    """
    return (rigidity / (MANTLE_DENSITY * GRAVITY)) ** 0.25


def point_load_response(distance, mass, rigidity=RIGIDITY):
    """Displacement of a floating plate beside a load at a point, after a very long time.

    Parameters
    ----------
    distance : ndarray
        Distance from the load [m].
    mass : ndarray or float
        Mass of the load [kg].
    rigidity : float
        Flexural rigidity of the plate [N m].

    Returns
    -------
    ndarray
        Displacement, positive up [m]: down near the load, and a small bulge farther away.
    """
    length = flexural_length(rigidity)
    return mass / (2 * np.pi * MANTLE_DENSITY * length**2) * kei(np.asarray(distance) / length)


def site_displacement(thickness, site_distance=SITE_DISTANCE, angle=ANGLE):
    """Displacement of the site if the ice lay for a very long time.

    Parameters
    ----------
    thickness : ndarray, shape (n, m)
        Thickness in the middle of m equal cells along the flowline [m].
    site_distance : float
        Distance of the site from the margin [m].
    angle : float
        Angle under which the ice is seen from the site, up to 2 pi.

    Returns
    -------
    ndarray, shape (n,)
        Displacement, positive up [m].
    """
    distance = site_distance + cell_centres(thickness.shape[-1])
    area = angle * distance * (SHEET_LENGTH / len(distance))  # of a ring of cells, m2
    return thickness @ point_load_response(distance, ICE_DENSITY * area)


def remaining_ice(age, rise):
    """Share of the ice that has not melted yet.

    Parameters
    ----------
    age : ndarray or float
        Thousands of years before present.
    rise : ndarray or float
        Sea-level equivalent of all the ice [m].

    Returns
    -------
    ndarray
        1 up to `MELT_START`, then falling at `MELT_RATE` to 0.
    """
    return np.clip(1 - (MELT_START - age) * MELT_RATE / rise, 0, 1)


def remaining_displacement(age, rise, relaxation=RELAXATION):
    """Share of the displacement under the full load that is left.

    The rate at which it vanishes is its distance from the displacement that the ice of the time
    would keep up, divided by the relaxation time.

    Parameters
    ----------
    age : ndarray or float
        Thousands of years before present.
    rise : ndarray or float
        Sea-level equivalent of all the ice [m].
    relaxation : float
        Relaxation time [kyr].

    Returns
    -------
    ndarray
        From 1 down towards 0.
    """
    passed = np.maximum(MELT_START - age, 0) / relaxation
    melting = rise / MELT_RATE / relaxation
    within = np.minimum(passed, melting)
    share = 1 - (within + np.expm1(-within)) / melting
    return share * np.exp(within - passed)


def relative_sea_level(stresses, age):
    """Height of the sea above the land at the site, against that long after the ice has gone.

    Parameters
    ----------
    stresses : ndarray, shape (n, 4)
        Shear stress on each kind of bed, in the order of `PARAMETERS` [Pa]; above 0.
    age : ndarray, shape (k,)
        Thousands of years before present.

    Returns
    -------
    ndarray, shape (n, k)
        Relative sea level [m].

    Raises
    ------
    ValueError
        As `ice_profile`, or if an age is not finite.
    """
    age = np.asarray(age, dtype=float)
    if not np.isfinite(age).all():
        raise ValueError("ages must be finite")
    thickness = ice_profile(stresses)
    rise = sea_level_equivalent(ice_volume(thickness))[:, None]
    land = site_displacement(thickness)[:, None] * remaining_displacement(age, rise)
    return -rise * remaining_ice(age, rise) - land


def simulate_highstand(stresses):
    """Relative sea level at the site at `HIGHSTAND_AGE`.

    Parameters
    ----------
    stresses : ndarray, shape (n, 4)
        Shear stress on each kind of bed, in the order of `PARAMETERS` [Pa]; above 0.

    Returns
    -------
    ndarray, shape (n,)
        Relative sea level [m]; negative if lower than long after the ice has gone.

    Raises
    ------
    ValueError
        As `ice_profile`.
    """
    stresses = _check_stresses(stresses)
    age = np.array([HIGHSTAND_AGE])
    parts = (stresses[i : i + CHUNK] for i in range(0, len(stresses), CHUNK))
    return np.concatenate([np.zeros(0), *(relative_sea_level(part, age)[:, 0] for part in parts)])


def simulate_runs(rng, n_runs=91):
    """Draw stresses that fill their ranges evenly, and run the simulator.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    n_runs : int
        Number of runs, at least 1.

    Returns
    -------
    Runs
        The stresses, a Latin hypercube over `RANGES`, and the highstands.

    Raises
    ------
    ValueError
        If `n_runs` is below 1.
    """
    if n_runs < 1:
        raise ValueError(f"n_runs must be at least 1, not {n_runs}")
    unit = qmc.LatinHypercube(len(PARAMETERS), seed=rng).random(n_runs)
    stresses = qmc.scale(unit, *RANGES.T)
    return Runs(stresses, np.round(simulate_highstand(stresses), 3))
