"""The channel agrees with theory where there is any, and its samples obey the equations."""

import numpy as np
import pytest

from mlearth.channel_scores import ChannelTruth
from mlearth.simulate.channel_grid import Narrows
from mlearth.simulate.stenosed_channel import simulate_channel

STEP = 0.02  # of the differences
STRAIGHT = Narrows(heights=(0.0, 0.0))


@pytest.fixture(scope="module")
def channel():
    """The channel that the book uses."""
    return simulate_channel()


@pytest.fixture(scope="module")
def straight():
    return simulate_channel(narrows=STRAIGHT, shape=(16, 21))


@pytest.fixture(scope="module")
def points(channel):
    rng = np.random.default_rng(0)
    x = rng.uniform(-2.5, 3.5, 1500)
    lower, upper = channel.narrows.walls(x)
    middle, half = (lower + upper) / 2, (upper - lower) / 2 - 0.1
    return x, middle + half * rng.uniform(-1, 1, 1500), rng.uniform(0, channel.period, 1500)


def derivatives(sample, at, axis):
    """First and second derivative of all sampled fields, of sixth order: two (4, n)."""
    fields = []
    for j in range(-3, 4):
        shifted = list(at)
        shifted[axis] = at[axis] + j * STEP
        fields.append(np.array(sample(*shifted)))
    first = np.tensordot([-1, 9, -45, 0, 45, -9, 1], fields, 1) / (60 * STEP)
    second = np.tensordot([2, -27, 270, -490, 270, -27, 2], fields, 1) / (180 * STEP**2)
    return first, second


def share(*terms):
    """Residual over the largest term, root mean squares."""
    return np.sqrt(np.mean(sum(terms) ** 2) / max(np.mean(term**2) for term in terms))


def test_samples_obey_the_equations_to_a_hundredth(channel, points):
    u, v, _, _ = channel.sample(*points)
    (x, xx), (y, yy), (t, _) = (derivatives(channel.sample, points, axis) for axis in range(3))
    bent = -(xx + yy)
    assert share(x[0], y[1]) < 0.01
    assert share(t[0], u * x[0], v * y[0], x[2], bent[0] / channel.reynolds) < 0.01
    assert share(t[1], u * x[1], v * y[1], y[2], bent[1] / channel.reynolds) < 0.01
    assert share(t[3], u * x[3], v * y[3], bent[3] / channel.peclet) < 0.01


def test_the_same_amount_passes_everywhere(channel):
    nodes, weights = np.polynomial.legendre.leggauss(20)
    x, times = np.linspace(-6, 6, 13), np.array([0.0, 1.7])
    lower, upper = channel.narrows.walls(x)
    y = (lower + upper) / 2 + (upper - lower) / 2 * nodes[:, None]
    u = channel.sample(x, y, times[:, None, None])[0]
    flux = np.einsum("j,tjx->tx", weights, u) * (upper - lower) / 2
    due = 2 + 0.8 * np.cos(2 * np.pi * times / channel.period)
    np.testing.assert_allclose(flux, due[:, None] + 0 * flux, rtol=2e-4)


def test_the_fluid_rests_at_the_walls_and_no_dye_passes_them(channel):
    x, t, h = np.linspace(-3, 3, 7), 1.3, 1e-4
    for wall, slope, inwards in zip(
        channel.narrows.walls(x), channel.narrows.slopes(x), (1, -1), strict=True
    ):
        u, v, _, c = channel.sample(x, wall, t)
        np.testing.assert_allclose([u, v], 0, atol=2e-3)
        normal = inwards * np.stack([-slope, 1 + 0 * slope]) / np.hypot(slope, 1)
        near = channel.sample(x + h * normal[0], wall + h * normal[1], t)[3]
        np.testing.assert_allclose((near - c) / h, 0, atol=0.02)


def test_a_finer_grid_changes_little(channel, points):
    coarse = [simulate_channel(shape=shape, steps=160) for shape in ((24, 13), (36, 19))]
    true = channel.sample(*points)[0]
    errors = [np.std(c.sample(*points)[0] - true) / np.std(true) for c in coarse]
    assert errors[1] < 2e-3
    assert errors[1] < errors[0] / 4


def test_the_flow_repeats_itself(channel):
    assert channel.change < 1e-3


def test_steady_flow_between_plates_is_poiseuille_s():
    flow = simulate_channel(reynolds=7.0, narrows=STRAIGHT, pulse=0.0, shape=(8, 13), steps=64)
    y = np.linspace(-1, 1, 9)
    u, v, p, _ = flow.sample(0.3, y, 0.0)
    np.testing.assert_allclose(u, 1.5 * (1 - y**2), atol=1e-4)
    np.testing.assert_allclose(v, 0, atol=1e-8)
    fall = flow.sample(1.3, y, 0.0)[2] - p
    np.testing.assert_allclose(fall, -3 / 7, rtol=1e-4)
    for shear in flow.wall_shear(np.linspace(-5, 5, 4), 0.0):
        np.testing.assert_allclose(shear, 3 / 7, rtol=1e-4)


def test_pulsating_flow_between_plates_is_womersley_s(straight):
    rate = 2 * np.pi / straight.period
    s = np.sqrt(1j * rate * straight.reynolds)
    core = 0.4 / (1 - np.tanh(s) / s)
    y, t = np.linspace(-1, 1, 21), np.linspace(0, straight.period, 7)[:, None]
    profile = core * (1 - np.cosh(s * y) / np.cosh(s))
    due = 1.5 * (1 - y**2) + (profile * np.exp(1j * rate * t)).real
    np.testing.assert_allclose(straight.sample(0.0, y, t)[0], due, atol=2e-4)
    assert straight.push[1] == pytest.approx(-1j * rate * core, rel=1e-3)


def test_a_long_gentle_narrowing_obeys_lubrication_theory():
    gentle = Narrows(heights=(0.5, 0.3), width=8.0, length=80.0)
    flow = simulate_channel(
        reynolds=0.5, narrows=gentle, pulse=0.0, period=0.5, shape=(32, 13), steps=64
    )
    lower, upper = gentle.walls(np.linspace(-40, 40, 2000, endpoint=False))
    due = -3 / flow.reynolds * np.mean(((upper - lower) / 2) ** -3)
    assert flow.push[0].real == pytest.approx(due, rel=0.01)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"reynolds": 0}, "above 0"),
        ({"narrows": Narrows(heights=(1.2, 0.9))}, "below 2"),
        ({"shape": (17, 9)}, "even, odd"),
        ({"steps": 100}, "multiple of 32"),
    ],
)
def test_what_cannot_flow_is_an_error(setting, message):
    with pytest.raises(ValueError, match=message):
        simulate_channel(**setting)


def test_samples_inside_the_wall_and_of_other_scalars_are_errors(straight):
    with pytest.raises(ValueError, match="lie in the wall"):
        straight.sample(0.0, 1.1, 0.0)
    with pytest.raises(ValueError, match="not 'heat'"):
        straight.sample(0.0, 0.0, 0.0, scalar="heat")


class _Poiseuille:
    """What a fit would say that found the mean flow between plates, 10 % too viscous."""

    fields = ("psi", "p")

    def __init__(self, reynolds):
        self.numbers = {"viscosity": 1.1 / reynolds}

    def evaluate(self, name, points):
        x, y, _ = points.T
        p = -3 * self.numbers["viscosity"] / 1.1 * x
        return {"psi_y": 1.5 * (1 - y**2), "psi_yy": -3 * y, "p": p}.get(name, 0 * y)


def test_errors_in_a_channel_are_those_that_were_planted():
    flow = simulate_channel(reynolds=7.0, narrows=STRAIGHT, pulse=0.0, shape=(8, 13), steps=64)
    errors = ChannelTruth(flow, (-2, 2)).errors(_Poiseuille(7.0))
    assert errors["shear"] == pytest.approx(10, abs=0.1)
    assert errors["Re"] == pytest.approx(7 / 1.1)
    for name in ("u", "p"):
        assert errors[name] < 0.1, name
