"""The fit of fields and equations finds what exact solutions of Navier and Stokes contain."""

import numpy as np
import pytest
import torch

from mlearth.models.flow_equations import MOMENTUM, VELOCITY, momentum_residual, velocity_misfit
from mlearth.models.flow_features import HarmonicField, PlainField, TanhFeatures, draw_neurons
from mlearth.models.flow_fit import Condition, System
from mlearth.models.flow_network import FlowNetwork, network_loss, train_flow_network

REYNOLDS = 40.0
GROWTH = REYNOLDS / 2 - np.sqrt(REYNOLDS**2 / 4 + 4 * np.pi**2)


def kovasznay(x, y):
    """Steady flow behind a grid, in closed form (Kovasznay 1948): u, v, p."""
    decay = np.exp(GROWTH * x)
    u = 1 - decay * np.cos(2 * np.pi * y)
    v = GROWTH / (2 * np.pi) * decay * np.sin(2 * np.pi * y)
    return u, v, -(decay**2) / 2


@pytest.fixture(scope="module")
def grid_flow():
    rng = np.random.default_rng(3)
    x, y = rng.uniform(-0.3, 0.7, 1000), rng.uniform(-0.5, 0.5, 1000)
    u, v, _ = kovasznay(x, y)
    neurons = draw_neurons(rng, 500, (-0.3, -0.5), (0.7, 0.5), 3.0)
    box = rng.uniform((-0.3, -0.5), (0.7, 0.5), (1000, 2))
    neurons.compress(box, 350, tolerance=1e-12)
    steady = HarmonicField((neurons, neurons), (350,))
    points = np.column_stack([x, y, 0 * x])
    data = Condition(velocity_misfit, VELOCITY, points, {"u": u, "v": v, "t": 0 * x})
    where = np.column_stack([box, np.zeros(1000)])
    physics = Condition(momentum_residual, MOMENTUM, where, {}, 0.01)
    numbers = {"rate": 1.0, "inertia": 1.0, "viscosity": 0.0}  # 0 = 0 is a steady solution, too
    conditions = {"data": data, "physics": physics}
    fixed, fields = ("rate", "inertia"), {"psi": steady, "p": steady}
    system = System(fields, numbers, conditions, ridge=1e-12, fixed=fixed)
    alone = System({"psi": steady}, {"rate": 1.0}, {"data": data}, ridge=1e-12, fixed=["rate"])
    alone.step()
    system.coefficients["psi"] = alone.coefficients["psi"]
    for _ in range(5):
        system.step()
    return system


def test_viscosity_of_an_exact_flow_is_found(grid_flow):
    assert grid_flow.numbers["viscosity"] == pytest.approx(1 / REYNOLDS, rel=1e-5)


def test_inertia_is_found_if_the_exact_flow_drifts_past():
    rng, drift = np.random.default_rng(8), 0.5
    low, high = (0.0, -0.5, 0.0), (1.0, 0.5, 0.4)
    x, y, t = rng.uniform(low, high, (1500, 3)).T
    u, v, _ = kovasznay(x - drift * t, y)
    box = rng.uniform(low, high, (1500, 3))
    field = PlainField(draw_neurons(rng, 700, low, high, 2.0).compress(box, 450, tolerance=1e-12))
    columns, points = {"u": u + drift, "v": v, "t": 0 * t}, np.column_stack([x, y, t])
    data = Condition(velocity_misfit, VELOCITY, points, columns)
    alone = System({"psi": field}, {"rate": 1.0}, {"data": data}, ridge=1e-10, fixed=["rate"])
    alone.step()
    conditions = {"data": data, "physics": Condition(momentum_residual, MOMENTUM, box, {}, 0.1)}
    numbers = {"rate": 1.0, "inertia": 0.0, "viscosity": 1 / REYNOLDS}  # this flow cannot tell both
    fields = {"psi": field, "p": field}
    system = System(fields, numbers, conditions, ridge=1e-12, fixed=["rate", "viscosity"])
    system.coefficients["psi"] = alone.coefficients["psi"]
    for _ in range(5):
        system.step()
    assert system.numbers["inertia"] == pytest.approx(1, abs=0.001)


def test_pressure_that_nobody_measured_is_found(grid_flow):
    rng = np.random.default_rng(4)
    points = rng.uniform((-0.25, -0.45, 0), (0.65, 0.45, 0), (200, 3))
    found = grid_flow.evaluate("p", points)
    _, _, truth = kovasznay(points[:, 0], points[:, 1])
    truth, found = truth - truth.mean(), found - found.mean()
    assert np.linalg.norm(found - truth) < 1e-4 * np.linalg.norm(truth)


def test_jacobian_agrees_with_finite_differences():
    rng = np.random.default_rng(0)
    features = [draw_neurons(rng, 6, (0, -1), (2, 1), 1.0, parity=s) for s in (1, -1)]
    fields = {"psi": HarmonicField(features[::-1], (4, 4, 3), 1.3)}
    fields["p"] = HarmonicField(features, (3, 3, 3), 1.3)
    points = rng.uniform((0, -1, 0), (2, 1, 6), (5, 3))
    numbers = {"rate": 1.1, "inertia": 0.7, "viscosity": 0.2}
    system = System(fields, numbers, {"it": Condition(momentum_residual, MOMENTUM, points, {})})
    for name, field in fields.items():
        system.coefficients[name] = rng.normal(size=field.size)
    _, slope, loss = system.normal_equations()
    steps = [("psi", 2), ("psi", 13), ("p", 7)]
    for column, (name, i) in zip((2, 13, fields["psi"].size + 7), steps, strict=True):
        losses = []
        for nudge in (1e-5, -2e-5):
            system.coefficients[name][i] += nudge
            losses.append(system.normal_equations()[2])
        system.coefficients[name][i] += 1e-5
        assert (losses[0] - losses[1]) / 2e-5 == pytest.approx(2 * slope[column], rel=1e-5)
    system.numbers["rate"] += 1e-5
    change = (system.normal_equations()[2] - loss) / 1e-5
    assert change == pytest.approx(2 * slope[-3], rel=1e-3)


def test_data_feel_the_rate_at_which_the_phase_turns():
    rng = np.random.default_rng(1)
    features = [draw_neurons(rng, 9, (0, -1), (2, 1), 1.0, parity=s) for s in (1, -1)]
    psi = HarmonicField(features[::-1], (6, 6))
    x, y, t = rng.uniform((0, -1, 0), (2, 1, 20), (300, 3)).T
    truth = rng.normal(size=psi.size)

    def points(numbers):
        return np.column_stack([x, y, numbers["rate"] * t])

    prepared = psi.prepare(points({"rate": 1.0}), ("x", "y"))
    u, v = psi.values(prepared, "y", truth), -psi.values(prepared, "x", truth)
    data = Condition(velocity_misfit, VELOCITY, points, {"u": u, "v": v, "t": t})
    system = System({"psi": psi}, {"rate": 1.003}, {"data": data}, ridge=1e-13)
    system.coefficients["psi"] = truth + 0.01 * rng.normal(size=psi.size)
    for _ in range(6):
        system.step()
    assert system.numbers["rate"] == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("order", [(1, 0), (0, 2), (2, 1), (1, 2), (0, 0)])
@pytest.mark.parametrize("parity", [0, 1, -1])
def test_derivatives_of_features_agree_with_finite_differences(order, parity):
    rng = np.random.default_rng(2)
    features = draw_neurons(rng, 5, (0, -1), (2, 1), 1.0, parity=parity)
    points, step = rng.uniform(-1, 1, (4, 2)), 1e-5
    found = features.derivatives(points, [order, (order[0] + 1, order[1])])
    ends = [features.derivatives(points + s * np.array([step, 0]), [order])[order] for s in (1, -1)]
    slope = (ends[0] - ends[1]) / (2 * step)
    assert slope == pytest.approx(found[order[0] + 1, order[1]], abs=1e-7)


def test_fields_have_the_symmetry_of_vortices_shed_in_turn():
    rng = np.random.default_rng(5)
    even, odd = (draw_neurons(rng, 8, (0, -1), (2, 1), 1.0, parity=s) for s in (1, -1))
    psi, points = HarmonicField((odd, even), (5, 5, 5), 1.3), rng.uniform(-1, 1, (6, 3))
    coefficients = rng.normal(size=psi.size)
    mirrored = points * [1, -1, 1] + [0, 0, np.pi]
    values = [psi.values(psi.prepare(p, [""]), "", coefficients) for p in (points, mirrored)]
    assert values[1] == pytest.approx(-values[0], abs=1e-12)


def test_finer_field_starts_as_the_coarse_one():
    rng = np.random.default_rng(6)
    both = (draw_neurons(rng, 8, (0, -1), (2, 1), 1.0),) * 2
    coarse, fine = HarmonicField(both, (3, 4), 1.3), HarmonicField(both, (7, 6, 5), 1.3)
    coefficients, points = rng.normal(size=coarse.size), rng.uniform(-1, 1, (6, 3))
    wide = coarse.widen(coefficients, fine)
    before = coarse.values(coarse.prepare(points, ["xy"]), "xy", coefficients)
    assert fine.values(fine.prepare(points, ["xy"]), "xy", wide) == pytest.approx(before, abs=1e-12)


def test_plain_field_holds_its_own_jacobian():
    rng = np.random.default_rng(7)
    field = PlainField(TanhFeatures(rng.normal(size=(3, 6)), rng.normal(size=6)))
    prepared = field.prepare(rng.normal(size=(4, 3)), ["xt", "yy"])
    coefficients, weights = rng.normal(size=field.size), {"xt": np.full(4, 2.0), "yy": np.ones(4)}
    wanted = 2 * field.values(prepared, "xt", coefficients)
    wanted += field.values(prepared, "yy", coefficients)
    assert field.jacobian(prepared, weights) @ coefficients == pytest.approx(wanted)


def test_streams_of_the_network_agree_with_reverse_mode():
    torch.manual_seed(0)
    network = FlowNetwork((0, 0, 0), (1, 2, 3), width=6, depth=2)
    points = torch.rand(4, 3, dtype=torch.float64, requires_grad=True)
    f = network(points)
    for name in ("psi", "psi_x", "psi_y", "psi_xx", "psi_xy", "psi_yy", "p"):
        gradient = torch.autograd.grad(f[name].sum(), points, retain_graph=True)[0]
        for axis, letter in enumerate("xyt"):
            head, _, old = name.partition("_")
            longer = f"{head}_{''.join(sorted(old + letter, key='xyt'.index))}"
            if longer in f:
                assert torch.allclose(gradient[:, axis], f[longer])


def test_network_lowers_its_loss():
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    points = rng.uniform(size=(60, 3))
    u, v = np.sin(points[:, 1]), 0 * points[:, 1]
    network = FlowNetwork((0, 0, 0), (1, 1, 1), width=8, depth=2)
    tensors = [torch.as_tensor(a) for a in (points, u, v)]
    before = network_loss(network, *tensors).item()
    history = train_flow_network(
        network, points, u, v, rng, adam=50, batch=30, descent=40, watch=lambda n: n.inertia.item()
    )
    assert len(history) == 3
    assert network_loss(network, *tensors).item() < 0.01 * before


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_derivatives_of_a_travelling_field_agree_with_finite_differences(axis):
    rng = np.random.default_rng(9)
    both = (draw_neurons(rng, 8, (0, -1), (2, 1), 1.0),) * 2
    field, points = HarmonicField(both, (4, 4, 4), 1.3), rng.uniform(-1, 1, (6, 3))
    coefficients, step = rng.normal(size=field.size), 1e-5 * np.eye(3)[axis]

    def value(derivative, where):
        return field.values(field.prepare(where, [derivative]), derivative, coefficients)

    slope = (value("xx", points + step) - value("xx", points - step)) / 2e-5
    assert value("xx" + "xyt"[axis], points) == pytest.approx(slope, rel=1e-6, abs=1e-6)
