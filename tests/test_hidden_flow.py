"""A flow in closed form is found from the film of what it carries alone."""

import numpy as np
import pytest
import torch

from mlearth.hidden_scores import HiddenTruth
from mlearth.models import hidden_flow, walled_flow
from mlearth.models.film import Film
from mlearth.models.flow_features import HarmonicField, PlainField, draw_neurons
from mlearth.models.flow_fit import Condition

LOW, HIGH, RATE = (0.0, 0.0), (1.0, 1.0), 3.0
VISCOSITY, DIFFUSIVITY = 0.05, 0.08


def picture(x, y, phase):
    """A wave that runs along x over a steady slope: what a film may show."""
    return y + 0.3 * np.exp(-y) * np.sin(2 * x - phase)


def features(rng, count, size, slope):
    neurons = draw_neurons(rng, count, LOW, HIGH, slope)
    return neurons.compress(rng.uniform(LOW, HIGH, (800, 2)), size, tolerance=1e-12)


@pytest.fixture(scope="module")
def filmed():
    rng = np.random.default_rng(0)
    side = np.linspace(0, 1, 31)
    pixels = np.stack([g.ravel() for g in np.meshgrid(side, side)], axis=1)
    phases = 2 * np.pi * np.arange(8) / 8
    neurons = features(rng, 400, 150, 3.0)
    frames = picture(*pixels.T, phases[:, None])
    return HarmonicField((neurons, neurons), (150, 150), 1.3), pixels, phases, frames


@pytest.fixture(scope="module")
def points():
    rng = np.random.default_rng(1)
    return np.column_stack([rng.uniform(LOW, HIGH, (900, 2)), rng.uniform(0, 2 * np.pi, 900)])


def decaying_vortices(rng, count, *, side=48, steps=200, every=20):
    """Vortices of Taylor and Green, and a scalar that they stir: points, and the scalar's slopes.

    psi = cos x cos y exp(-2 t / Re) in closed form; the scalar by spectral derivatives and
    fourth-order steps in time over one unit of it.
    """
    line = 2 * np.pi * np.arange(side) / side
    y, x = np.meshgrid(line, line, indexing="ij")
    waves = np.fft.fftfreq(side, 1 / side)

    def slope(c, i, j):
        return np.fft.ifft2(
            np.fft.fft2(c) * (1j * waves[None, :]) ** i * (1j * waves[:, None]) ** j
        ).real

    def change(c, t):
        u, v, _ = vortices(x, y, t)
        spread = DIFFUSIVITY * (slope(c, 2, 0) + slope(c, 0, 2))
        return spread - u * slope(c, 1, 0) - v * slope(c, 0, 1)

    inside = np.flatnonzero((abs(x - 2.5) < 1.5) & (abs(y - 2.5) < 1.5))
    c, dt, rows = np.sin(x + 0.4) + np.cos(y - 0.7) + 0.5 * np.sin(x - y), 1 / steps, []
    for step in range(steps + 1):
        t = step * dt
        if step % every == 0:
            some = rng.choice(inside, count * every // steps, replace=False)
            slopes = [slope(c, *o) for o in ((1, 0), (0, 1), (2, 0), (0, 2))] + [change(c, t)]
            rows.append(np.stack([a.ravel()[some] for a in (x, y, t + 0 * x, *slopes)], axis=1))
        first = change(c, t)
        second = change(c + dt / 2 * first, t + dt / 2)
        third = change(c + dt / 2 * second, t + dt / 2)
        fourth = change(c + dt * third, t + dt)
        c = c + dt / 6 * (first + 2 * second + 2 * third + fourth)
    rows = np.concatenate(rows)
    names = ("c_x", "c_y", "c_xx", "c_yy", "c_t")
    return rows[:, :3], dict(zip(names, rows[:, 3:].T.copy(), strict=True))


def vortices(x, y, t):
    """u, v and pressure of the vortices."""
    fade = np.exp(-2 * VISCOSITY * t)
    u, v = -np.cos(x) * np.sin(y) * fade, np.sin(x) * np.cos(y) * fade
    return u, v, -(np.cos(2 * x) + np.cos(2 * y)) / 4 * fade**2


@pytest.fixture(scope="module")
def stirred():
    rng = np.random.default_rng(2)
    where, slopes = decaying_vortices(rng, 2200)
    low, top = (1, 1, 0), (4, 4, 1)
    box = rng.uniform(low, top, (1200, 3))
    neurons = draw_neurons(rng, 600, low, top, 0.8).compress(box, 250, tolerance=1e-12)
    fields = {"psi": PlainField(neurons), "p": PlainField(neurons)}
    start = hidden_flow.dye_alone(fields["psi"], slopes, where, 1.0, diffusivity=0.05, weight=1e-6)
    weights = (0.1, 1, 1, 1, 1)
    found = hidden_flow.reveal(fields, slopes, where, start, weights=weights, viscosity=0.1)
    return where, start, found


def test_a_film_is_differentiated_as_its_formula_is(filmed, points):
    seen = Film(*filmed, floor=1e-12).derivatives(points)
    x, y, phase = points.T
    wave, turned = (0.3 * np.exp(-y) * f(2 * x - phase) for f in (np.sin, np.cos))
    true = {"": y + wave, "x": 2 * turned, "y": 1 - wave, "xx": -4 * wave, "yy": wave, "t": -turned}
    for name, values in true.items():
        assert np.std(seen[f"c_{name}"] - values) < 0.01 * np.std(true["xx"]), name


def test_noise_is_measured_and_smoothed(filmed):
    field, pixels, phases, frames = filmed
    noise = 0.05 * np.random.default_rng(3).normal(size=frames.shape)
    clean, noisy = Film(*filmed), Film(field, pixels, phases, frames + noise)
    assert noisy.noise == pytest.approx(0.05, rel=0.03)
    assert clean.noise < 1e-10
    assert np.all(noisy.used < 0.7 * clean.used)


def test_true_fields_leave_no_residual_of_the_dye(stirred):
    where, slopes = decaying_vortices(np.random.default_rng(5), 300)
    u, v, _ = vortices(*where.T)
    f = {"psi_x": torch.tensor(-v), "psi_y": torch.tensor(u)}
    columns = {name: torch.tensor(values) for name, values in slopes.items()}
    numbers = {"rate": 1.0, "diffusivity": DIFFUSIVITY}
    assert hidden_flow.dye_residual(f, numbers, columns)[0].abs().max().item() < 1e-10


def test_both_numbers_are_found_from_the_scalar_alone(stirred):
    _, _, found = stirred
    assert found.numbers["viscosity"] == pytest.approx(VISCOSITY, rel=0.05)
    assert found.numbers["diffusivity"] == pytest.approx(DIFFUSIVITY, rel=0.02)


def test_velocity_and_pressure_that_nobody_saw_are_found(stirred):
    where, _, found = stirred
    u, v, p = vortices(*where.T)
    for name, sign, true in (("psi_y", 1, u), ("psi_x", -1, v)):
        error = np.linalg.norm(sign * found.evaluate(name, where) - true)
        assert error < 0.02 * np.linalg.norm(true)
    for t in np.unique(where[:, 2]):  # any number may be added to the pressure at each time
        now = where[:, 2] == t
        error = np.std(found.evaluate("p", where[now]) - p[now])
        assert error < 0.05 * np.std(p[now])


def test_the_equation_of_the_scalar_alone_is_not_enough(stirred):
    where, start, found = stirred
    u, _, _ = vortices(*where.T)
    errors = [np.linalg.norm(s.evaluate("psi_y", where) - u) for s in (start, found)]
    assert errors[0] > 5 * errors[1]


def test_the_uniform_start_is_uniform(points):
    neurons = features(np.random.default_rng(2), 300, 100, 3.0)
    psi = HarmonicField((neurons, neurons), (100, 100))
    start = hidden_flow.uniform_start(psi, points, RATE, diffusivity=0.3)
    np.testing.assert_allclose(start.evaluate("psi_y", points), 1, atol=1e-3)
    np.testing.assert_allclose(start.evaluate("psi_x", points), 0, atol=1e-3)
    assert start.numbers == {"rate": RATE, "diffusivity": 0.3}


def test_an_unknown_scalar_is_an_error():
    with pytest.raises(ValueError, match="dye or heat"):
        hidden_flow.scalar_field(np.random.default_rng(0), LOW, HIGH, like="smoke")


def test_dye_and_heat_have_the_symmetry_of_the_wake():
    rng = np.random.default_rng(0)
    low, high = (1, -2), (8, 2)
    points = np.column_stack([rng.uniform(low, high, (20, 2)), rng.uniform(0, 6, 20)])
    mirrored = points * [1, -1, 1] + [0, 0, np.pi]
    for like, sign in (("dye", -1), ("heat", 1)):
        field = hidden_flow.scalar_field(
            rng, low, high, like=like, neurons=30, size=10, harmonics=2
        )
        coefficients = rng.normal(size=field.size)
        here, there = (
            field.values(field.prepare(p, [""]), "", coefficients) for p in (points, mirrored)
        )
        np.testing.assert_allclose(there, sign * here, atol=1e-9)


def test_a_plain_field_has_no_symmetry():
    rng = np.random.default_rng(0)
    places = rng.uniform((-1, -1), (1, 1), (300, 2))
    field = walled_flow.plain_field(rng, places, (20, 10), slope=1.0, neurons=40)
    points = np.column_stack([places[:20], rng.uniform(0, 6, 20)])
    coefficients = rng.normal(size=field.size)
    here, there = (
        field.values(field.prepare(p, [""]), "", coefficients)
        for p in (points, points * [1, -1, 1] + [0, 0, np.pi])
    )
    assert min(np.std(here - there), np.std(here + there)) > 0.1 * np.std(here)


def test_what_else_is_known_is_heeded():
    where, slopes = decaying_vortices(np.random.default_rng(7), 300)
    psi = PlainField(
        draw_neurons(np.random.default_rng(8), 200, (1, 1, 0), (4, 4, 1), 0.8).compress(where, 60)
    )
    wall = np.column_stack([np.linspace(1, 4, 50), np.full(50, 1.0), np.linspace(0, 1, 50)])
    slip = Condition(walled_flow.wall_slip, ("psi_x", "psi_y"), wall, {}, 1e4)
    free, bound = (
        hidden_flow.dye_alone(psi, slopes, where, 1.0, also=also) for also in (None, {"wall": slip})
    )
    speeds = [np.hypot(*(s.evaluate(f"psi_{d}", wall) for d in "xy")) for s in (free, bound)]
    assert np.max(speeds[1]) < 0.05 * np.max(speeds[0])


class _Wake:
    period = 2.0

    def sample(self, x, y, t):
        return x + 0 * t, y * np.cos(np.pi * t), x * y + 7 * np.sin(np.pi * t), None


class _System:
    fields, numbers = ("psi", "p"), {"viscosity": 0.02, "diffusivity": 0.01, "rate": np.pi}

    def evaluate(self, name, points):
        x, y, phase = points.T
        return {"psi_y": 1.1 * x, "psi_x": -y * np.cos(phase), "p": x * y}[name]


def test_a_pressure_that_is_off_by_a_number_at_each_time_is_right():
    errors = HiddenTruth(_Wake(), (0, -1), (2, 1), (4, 9, 11)).errors(_System())
    assert errors == pytest.approx({"u": 10, "v": 0, "p": 0, "Re": 50, "Pe": 100}, abs=1e-9)


def test_the_average_knows_the_mirrored_half_of_the_period():
    truth = HiddenTruth(_Wake(), (0, -1), (2, 1), (4, 9, 11))
    average = truth.averaged()
    np.testing.assert_allclose(average["u"], truth.fields["u"], atol=1e-12)
    np.testing.assert_allclose(average["v"], 0, atol=1e-12)
    assert truth.compare(average)["v"] == pytest.approx(100)


def test_smooth_flows_are_what_each_weight_alone_gives():
    rng = np.random.default_rng(7)
    where, slopes = decaying_vortices(rng, 300)
    psi = PlainField(draw_neurons(rng, 60, (1, 1, 0), (4, 4, 1), 0.8).compress(where, 30))
    prior = hidden_flow.roughness
    for weight, flow in hidden_flow.smooth_flows(psi, slopes, where, 1.0, (0.01, 0.1)):
        alone = hidden_flow.dye_alone(psi, slopes, where, 1.0, prior=prior, weight=weight)
        found, expected = (s.evaluate("psi_y", where) for s in (flow, alone))
        np.testing.assert_allclose(found, expected, atol=1e-6)
