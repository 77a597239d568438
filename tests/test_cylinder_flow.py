"""The flow sticks to the wall, keeps what must be kept, and is steady where it should be.

Steady values, drag and length of the bubble behind the cylinder: Dennis and Chang (1970) have 2.045
and 0.94 diameters at a Reynolds number of 20, 1.522 and 2.35 at 40; Coutanceau and Bouard (1977)
measured bubbles of 0.93 and 2.13.
"""

from itertools import pairwise

import numpy as np
import pytest
from scipy.interpolate import make_interp_spline

from mlearth.simulate.cylinder_flow import CylinderFlow, transfer
from mlearth.simulate.polar_flow import Grid
from mlearth.simulate.wake_record import pressure_from_momentum


def run(flow, duration):
    for _ in range(round(duration / flow.step)):
        flow.advance()
    return flow


@pytest.fixture(scope="module")
def early():
    """A coarse flow shortly after its start, with scalars."""
    return run(CylinderFlow(Grid(96, 24), 60.0, 60.0, 0.02), 6.0)


def bubble(flow):
    """Distance behind the cylinder at which the flow on the axis turns downstream."""
    k = flow.grid.k
    speed = 2 * (1j * k * flow.stream).real.sum(axis=1) / flow.grid.r[:, 0]
    turn = np.flatnonzero((speed[1:-1] < 0) & (speed[2:] >= 0))[0] + 1
    share = speed[turn] / (speed[turn] - speed[turn + 1])
    r = flow.grid.r[:, 0]
    return r[turn] + share * (r[turn + 1] - r[turn]) - 0.5


@pytest.mark.parametrize(
    ("reynolds", "drags", "bubbles"),
    [(20.0, (2.0, 2.06), (0.90, 0.95)), (40.0, (1.5, 1.54), (2.13, 2.35))],
)
def test_slow_flow_settles_into_the_published_steady_state(reynolds, drags, bubbles):
    flow = run(CylinderFlow(Grid(128, 32), reynolds, 60.0, 0.02, scalars=()), 60.0)
    before = flow.forces()
    drag, lift = run(flow, 5.0).forces()
    assert drags[0] < drag < drags[1]
    assert bubbles[0] < bubble(flow) < bubbles[1]
    assert abs(lift) < 0.01
    assert abs(drag - before[0]) < 0.005


def test_the_flow_sticks_to_the_wall(early):
    assert np.abs(early.stream[0]).max() < 1e-12
    assert np.abs(early.slope(early.stream)[0]).max() < 1e-9


def test_the_pressure_has_one_value_after_a_turn_around_the_cylinder(early):
    assert abs(early.slope(early.carried["vorticity"])[0, 0]) < 1e-9


def test_the_stream_function_belongs_to_the_vorticity(early):
    twice = early.slope(early.slope(early.stream))
    found = (early.grid.k**2 * early.stream - twice) / early.grid.r**2
    error = (found - early.carried["vorticity"])[5:-5]
    assert np.abs(error).max() < 1e-3 * np.abs(early.carried["vorticity"]).max()


def test_without_vorticity_the_stream_passes_the_cylinder_as_a_potential_flow():
    flow = CylinderFlow(Grid(160, 8), 60.0, 60.0, 0.02)
    exact = (flow.grid.r - 0.25 / flow.grid.r)[:, 0]
    stream = flow.invert(np.zeros_like(flow.y))
    assert (2j * stream[:, 1]).real == pytest.approx(exact, rel=2e-4, abs=1e-9)
    assert np.abs(np.delete(stream, 1, axis=1)).max() < 1e-12


def test_the_mirror_image_of_a_flow_stays_its_mirror_image():
    flow = CylinderFlow(Grid(64, 16), 60.0, 60.0, 0.02)
    mirrored = CylinderFlow(Grid(64, 16), 60.0, 60.0, 0.02)
    mirrored.carried["vorticity"] = -flow.carried["vorticity"].conj()
    mirrored.stream = -flow.stream.conj()
    run(flow, 1.0), run(mirrored, 1.0)
    assert abs(flow.forces()[1]) > 1e-3
    assert mirrored.forces() == pytest.approx(flow.forces() * [1, -1])
    assert mirrored.carried["heat"] == pytest.approx(flow.carried["heat"].conj(), abs=1e-10)
    assert mirrored.carried["dye"] == pytest.approx(-flow.carried["dye"].conj(), abs=1e-10)


def test_halving_the_step_quarters_the_error_in_time(early):
    ends = []  # all at the same time: a flow falls half a step behind when it starts
    for steps in (50, 100, 200, 400):
        flow = CylinderFlow(early.grid, 60.0, 60.0, 1 / (steps - 0.5))
        transfer(early, flow)
        ends.append(run(flow, steps * flow.step))
    for name in ("vorticity", "dye", "heat"):
        states = [end.carried[name][:60] for end in ends]
        gaps = [np.abs(b - a).max() for a, b in pairwise(states)]
        assert 3.0 < gaps[1] / gaps[2] < 5.0


def heat_content(flow):
    s = flow.grid.spacing * np.arange(flow.grid.rows)
    density = 2 * np.pi * (flow.carried["heat"][:, 0].real * flow.grid.r[:, 0] ** 2)
    return make_interp_spline(s, density, k=5).integrate(0, s[-1])


def test_the_heat_in_the_fluid_is_what_the_cylinder_gave(early):
    flow = CylinderFlow(early.grid, 60.0, 60.0, 0.005)
    transfer(early, flow)
    before, given = heat_content(flow), []
    for _ in range(200):
        flow.advance()
        given.append(-2 * np.pi * flow.slope(flow.carried["heat"])[0, 0].real / 60.0)
    assert heat_content(flow) - before == pytest.approx(np.mean(given) * 1.0, rel=0.01)


def test_heat_stays_between_cold_and_hot(early):
    values = early.physical(early.carried["heat"])
    assert values[0] == pytest.approx(np.ones(early.grid.angles))
    assert values.min() > -0.02
    assert values.max() < 1.0001


def test_no_dye_passes_the_wall(early):
    assert np.abs(early.slope(early.totals()["dye"])[0]).max() < 1e-10


def test_far_away_dye_is_the_distance_from_the_axis(early):
    assert np.abs(early.carried["dye"][-10:]).max() < 0.02
    top = early.physical(early.totals()["dye"])[-1]
    assert top.max() == pytest.approx(40.0, abs=0.1)


def test_drag_is_pressure_and_friction_on_the_wall(early):
    change = np.zeros_like(early.stream)
    p = pressure_from_momentum(early, early.stream, early.carried["vorticity"], change)
    friction = early.carried["vorticity"][0, 1] / 60.0
    # p cos and friction sin, integrated around radius 1/2, over half of density and speed squared
    drag = -2 * np.pi * p[0, 1].real + 2 * np.pi * friction.imag
    lift = 2 * np.pi * p[0, 1].imag + 2 * np.pi * friction.real
    assert early.forces() == pytest.approx([drag, lift], abs=0.02)


def test_a_flow_goes_on_where_another_grid_left_it(early):
    finer = CylinderFlow(Grid(128, 32), 60.0, 60.0, 0.01)
    transfer(early, finer)
    assert finer.time == early.time
    assert finer.forces() == pytest.approx(early.forces(), abs=0.03)
    assert run(finer, 0.5).forces() == pytest.approx(run(early, 0.5).forces(), abs=0.03)
