"""The wake has the published frequency and forces, and its samples obey the equations of motion."""

import numpy as np
import pytest

from mlearth.data.flow import load_wake
from mlearth.simulate import cylinder_wake
from mlearth.simulate.cylinder_wake import simulate_wake
from mlearth.simulate.polar_flow import Grid

STEP = 0.02  # of the differences


@pytest.fixture(scope="module")
def wake():
    """The wake that the book uses, simulated once."""
    return load_wake()


@pytest.fixture(scope="module")
def points(wake):
    rng = np.random.default_rng(0)
    return rng.uniform(1, 8, 2000), rng.uniform(-2, 2, 2000), rng.uniform(0, wake.period, 2000)


def derivatives(sample, *at, axis):
    """First and second derivative of all sampled fields, of sixth order: two (4, n)."""
    fields = []
    for j in range(-3, 4):
        shifted = list(at)
        shifted[axis] = at[axis] + j * STEP
        fields.append(sample(*shifted))
    first = np.tensordot([-1, 9, -45, 0, 45, -9, 1], fields, 1) / (60 * STEP)
    second = np.tensordot([2, -27, 270, -490, 270, -27, 2], fields, 1) / (180 * STEP**2)
    return first, second


def share(*terms):
    """Residual over the largest term: root mean squares, and largest values."""
    residual = sum(terms)
    mean = np.sqrt(np.mean(residual**2)) / max(np.sqrt(np.mean(t**2)) for t in terms)
    return mean, np.abs(residual).max() / max(np.abs(t).max() for t in terms)


@pytest.fixture(scope="module", params=["dye", "heat"])
def balance(wake, points, request):
    """Sampled fields, and their derivatives, at points in the wake."""

    def sample(*at):
        return np.array(wake.sample(*at, scalar=request.param))

    (x1, x2), (y1, y2), (t1, _) = (derivatives(sample, *points, axis=i) for i in range(3))
    return sample(*points), x1, y1, t1, x2 + y2


def test_shedding_and_forces_are_the_published_ones(wake):
    assert 0.164 < wake.strouhal < 0.166
    assert 1.32 < wake.drag < 1.35
    assert 0.32 < wake.lift_amplitude < 0.34


@pytest.mark.parametrize("component", [0, 1])
def test_sampled_velocity_and_pressure_obey_the_momentum_balance(balance, component):
    (u, v, _, _), x1, y1, t1, laplacian = balance
    i = component
    terms = (t1[i], u * x1[i] + v * y1[i], (x1, y1)[i][2], -laplacian[i] / 100)
    assert max(share(*terms)) < 0.004


def test_sampled_velocity_is_free_of_divergence(balance):
    _, x1, y1, _, _ = balance
    assert max(share(x1[0], y1[1])) < 1e-4


def test_sampled_scalars_are_carried_and_mixed(balance):
    (u, v, _, _), x1, y1, t1, laplacian = balance
    assert max(share(t1[3], u * x1[3] + v * y1[3], -laplacian[3] / 100)) < 0.006


def test_the_wake_is_its_mirror_image_half_a_period_later(wake, points):
    x, y, t = points
    now, later = wake.sample(x, y, t), wake.sample(x, -y, t + wake.period / 2)
    for sign, a, b in zip((1, -1, 1, -1), now, later, strict=True):
        assert b == pytest.approx(sign * a, abs=1e-3)
    heat, later = wake.sample(x, y, t, "heat").c, wake.sample(x, -y, t + wake.period / 2, "heat").c
    assert later == pytest.approx(heat, abs=1e-3)
    assert np.abs(now.v).max() > 0.5


def test_a_period_later_all_is_as_it_was(wake, points):
    x, y, t = points
    assert np.array(wake.sample(x, y, t - 3 * wake.period)) == pytest.approx(
        np.array(wake.sample(x, y, t)), abs=1e-9
    )


def test_vorticity_is_the_turning_of_the_sampled_velocity(wake, points, balance):
    _, x1, y1, _, _ = balance
    assert wake.vorticity(*points) == pytest.approx(x1[1] - y1[0], abs=1e-4)


def test_fluid_on_the_wall_rests_and_is_hot(wake):
    angle, t = np.meshgrid(np.linspace(0, 2 * np.pi, 40), np.linspace(0, 6, 9))
    u, v, _, c = wake.sample(0.5 * np.cos(angle), 0.5 * np.sin(angle), t, scalar="heat")
    assert np.abs([u, v]).max() < 5e-5
    assert c == pytest.approx(np.ones_like(c), abs=1e-6)


def ring(wake, r, scalar="dye"):
    """Fields on a circle over a period, and velocity and its gradient: (times, angles) each."""
    angle = np.linspace(0, 2 * np.pi, 300, endpoint=False)[None, :]
    t = np.linspace(0, wake.period, 25, endpoint=False)[:, None]
    at = (r * np.cos(angle), r * np.sin(angle), t)

    def sample(*at):
        return np.array(wake.sample(*at, scalar=scalar))

    x1, y1 = (derivatives(sample, *at, axis=i)[0] for i in range(2))
    return angle, sample(*at), x1, y1


@pytest.mark.parametrize("r", [2.0, 6.0])
def test_drag_is_the_momentum_that_the_stream_loses(wake, r):
    angle, (u, v, p, _), x1, y1 = ring(wake, r)
    across = u * np.cos(angle) + v * np.sin(angle)
    stress = (2 * x1[0] * np.cos(angle) + (x1[1] + y1[0]) * np.sin(angle)) / 100
    loss = -(u * across + p * np.cos(angle) - stress).mean() * 2 * np.pi * r
    assert 2 * loss == pytest.approx(wake.drag, rel=0.003)


@pytest.mark.parametrize(("scalar", "tolerance"), [("heat", 0.005), ("dye", 0.02)])
def test_what_enters_a_circle_leaves_a_wider_one(wake, scalar, tolerance):
    fluxes = []
    for r in (0.7, 2.0, 6.0):
        angle, (u, v, _, c), x1, y1 = ring(wake, r, scalar)
        across = u * np.cos(angle) + v * np.sin(angle)
        slope = x1[3] * np.cos(angle) + y1[3] * np.sin(angle)
        fluxes.append((across * c - slope / 100).mean() * 2 * np.pi * r)
    assert fluxes == pytest.approx([fluxes[0]] * 3, abs=tolerance * max(0.1, abs(fluxes[0])))
    assert (fluxes[0] > 0.1) == (scalar == "heat")


def test_ahead_of_the_cylinder_the_total_head_is_that_of_the_stream(wake):
    t = np.linspace(0, wake.period, 40, endpoint=False)
    u, v, p, _ = wake.sample(-5.0, np.linspace(-3, 3, 7)[:, None], t)
    assert (p + (u**2 + v**2) / 2).mean(axis=1) == pytest.approx(np.full(7, 0.5), abs=0.005)
    front = 2 * wake.sample(-0.5, 0.0, t).p.mean()
    assert 1.0 < front < 1.1  # pressure coefficient: friction adds a little to 1


def test_inside_the_cylinder_there_is_no_flow(wake):
    assert np.isnan(np.array(wake.sample(0.3, [0.0, 0.1], 0.0))).all()
    assert np.isnan(wake.vorticity(0.0, 0.0, 0.0))


def test_samples_have_the_broadcast_shape(wake):
    found = wake.sample(np.ones((3, 1)), np.ones(4), 2.0)
    assert {f.shape for f in found} == {(3, 4)}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((11.0, 0.0, 0.0), "within 10"),
        ((np.nan, 0.0, 0.0), "within 10"),
        ((1.0, 0.0, np.inf), "finite"),
        ((1.0, 0.0, 0.0, "salt"), "dye, heat"),
    ],
)
def test_points_out_of_reach_are_refused(wake, arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        wake.sample(*arguments)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("reynolds", 40.0),
        ("reynolds", 250.0),
        ("peclet", 0.0),
        ("peclet", np.nan),
        ("rows", 10),
        ("modes", 8),
        ("step", 0.0),
        ("settle", 1.0),
        ("develop", 0.0),
    ],
)
def test_parameters_out_of_range_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} must lie between"):
        simulate_wake(**{name: value})


@pytest.fixture
def little(monkeypatch):
    """A coarse grid on which a run takes seconds."""
    monkeypatch.setattr(cylinder_wake, "COARSE", Grid(112, 40))
    monkeypatch.setattr(cylinder_wake, "SCALARS_DEVELOP", 10.0)
    return {"rows": 112, "modes": 40, "step": 0.01, "develop": 60.0, "settle": 25.0}


def test_a_faster_stream_sheds_at_the_measured_frequency(little):
    wake = simulate_wake(120.0, 40.0, **little)
    fit = -3.3265 / 120 + 0.1816 + 1.6e-4 * 120  # Williamson's, to his measurements
    assert wake.strouhal == pytest.approx(fit, rel=0.02)
    assert (wake.reynolds, wake.peclet) == (120.0, 40.0)


def test_a_step_that_is_too_long_is_told(little):
    with pytest.raises(RuntimeError, match="became unstable"):
        simulate_wake(**little | {"step": 0.02})


@pytest.mark.parametrize(
    ("lift", "complaint"),
    [
        (lambda t: np.exp(0.1 * t) * np.sin(t), "not settled"),
        (lambda t: np.exp(-0.1 * t) * np.sin(t), "not settled"),
        (lambda t: 1 + np.sin(t), "does not oscillate"),
    ],
)
def test_a_wake_that_is_not_periodic_is_refused(lift, complaint):
    t = np.arange(0, 30, 0.01)
    with pytest.raises(RuntimeError, match=complaint):
        cylinder_wake._period(np.transpose([t, 1 + 0 * t, lift(t)]))


def test_the_period_is_found_between_the_steps():
    t = np.arange(0, 30, 0.07)
    log = np.transpose([t, 1 + 0 * t, np.sin(2 * np.pi * t / 6.0)])
    assert cylinder_wake._period(log) == pytest.approx(6.0, abs=1e-4)
