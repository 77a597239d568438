"""The loss asks for the heat problem and nothing else; a wrong residual is seen."""

import numpy as np
import pytest
import torch

from mlearth.field_errors import relative_error
from mlearth.models.heat_loss import careful_loss, subtracted_loss
from mlearth.models.heat_singular import both_parts
from mlearth.models.heat_terms import (
    clustered_points,
    given_terms,
    inside_term,
    residual_in_root_time,
    residual_in_time,
    spread_points,
    value_term,
)
from mlearth.models.heat_training import broyden_step, gauss_newton_step, temperature, torch_step
from mlearth.models.physics_network import Streams
from mlearth.simulate import heat

X, T = heat.error_grid()
TRUTH = heat.exact_temperature(X, T[:, None])


def exact_streams(x, y, k, root):
    """The streams of exp(-k t) sin x, which obeys the equation with k and no other."""
    x, y = (torch.tensor(v, requires_grad=True) for v in (x, y))
    t = y**2 if root else y
    u = torch.exp(-k * t) * torch.sin(x)
    by_x, by_y = torch.autograd.grad(u.sum(), (x, y), create_graph=True)
    return Streams(u, by_x, by_y, torch.autograd.grad(by_x.sum(), x)[0])


@pytest.mark.parametrize(
    ("residual", "root"), [(residual_in_time, False), (residual_in_root_time, True)]
)
def test_a_residual_vanishes_for_its_own_diffusivity_only(residual, root):
    x, y = np.array([0.3, 0.9, 0.5]), np.array([0.1, 0.3, 0.45])
    streams = exact_streams(x, y, 1.7, root)
    points = torch.tensor(np.stack([x, y], 1))
    assert torch.abs(residual(streams, points, 1.7)).max() < 1e-14
    assert torch.abs(residual(streams, points, 1.0)).min() > 1e-3


def test_residuals_in_time_and_in_its_root_differ_by_the_factor_two_s():
    s = np.array([0.2, 0.4])
    streams = Streams(
        *(torch.tensor([a, b]) for a, b in ((1.0, 2.0), (0.3, 0.1), (0.7, -2.0), (3.0, 5.0)))
    )
    points = torch.tensor(np.stack([s, s], 1))
    in_time = streams._replace(u_y=streams.u_y / (2 * points[:, 1]))  # u_t = u_s / 2 s
    ours = residual_in_root_time(streams, points, 1.3)
    torch.testing.assert_close(ours, 2 * points[:, 1] * residual_in_time(in_time, points, 1.3))


def test_the_exact_solution_satisfies_every_given_value():
    for term in given_terms(heat.initial_temperature):
        x, s = term.points.T.numpy()
        u = torch.tensor(heat.exact_temperature(x, s**2))
        assert torch.abs(term.residual(Streams(u, u, u, u), term.points, 1.0)).max() < 1e-12
    for term in given_terms(heat.initial_temperature, known=both_parts):
        x, s = term.points.T.numpy()
        u = torch.tensor(heat.exact_temperature(x, s**2)) - both_parts(x, s**2)
        assert torch.abs(term.residual(Streams(u, u, u, u), term.points, 1.0)).max() < 1e-12


def test_points_lie_in_the_domain_and_crowd_at_corner_and_kink():
    points = clustered_points(np.random.default_rng(0), 4000)
    assert points.min() >= 0
    assert points[:, 0].max() <= 1
    assert points[:, 1].max() <= 0.5
    for place in (1.0, 0.5):
        near = np.hypot(points[:, 0] - place, points[:, 1]) < 0.01
        assert near.sum() > 100
    spread = spread_points(np.random.default_rng(0), 1000)
    assert np.histogram(spread[:, 1], 10, (0, 0.25))[0].tolist() == [100] * 10


def test_weights_of_the_equation_fall_towards_the_corner_and_the_kink():
    weights = inside_term([[0.2, 0.4], [0.99, 0.01], [0.5, 0.01]]).weights
    assert weights[0] > 5 * weights[2] > 5 * weights[1]


def losses():
    reading = value_term([0.3, 0.9], [0.2, 0.4], [0.1, 0.6], known=both_parts)
    return {
        "known k": careful_loss(heat.initial_temperature, 0, hidden=(5,), count=40),
        "unknown k": subtracted_loss(
            heat.initial_temperature,
            both_parts,
            0,
            hidden=(5,),
            count=40,
            more=[reading],
            log_k=0.4,
        ),
    }


@pytest.mark.parametrize("name", ["known k", "unknown k"])
def test_gradient_jacobian_and_differences_agree(name):
    loss = losses()[name]
    value, gradient = loss.value_and_gradient(loss.start)
    residuals, jacobian = loss.linearise(loss.start)
    assert (
        value
        == pytest.approx(np.sum(residuals**2))
        == pytest.approx(sum(loss.terms_squared(loss.start)))
    )
    assert 2 * jacobian.T @ residuals == pytest.approx(gradient, rel=1e-9, abs=1e-10)
    nudge = np.eye(len(gradient))[-1] * 1e-6
    ends = [loss.value_and_gradient(loss.start + sign * nudge)[0] for sign in (1, -1)]
    assert (ends[0] - ends[1]) / 2e-6 == pytest.approx(gradient[-1], rel=1e-4, abs=1e-7)


def test_an_unknown_k_is_the_last_of_the_unknowns():
    loss = losses()["unknown k"]
    assert loss.start[-1] == 0.4
    assert len(loss.start) == loss.network.weights.numel() + 1


def test_a_plain_network_learns_the_whole_problem_with_its_corner():
    loss = careful_loss(heat.initial_temperature, 0, count=800)
    advance = broyden_step(loss)[1]
    for _ in range(250):
        advance()
    assert relative_error(temperature(loss.network, X, T[:, None]), TRUTH) < 3e-2


def test_a_network_for_the_rest_finds_the_diffusivity_from_far_away():
    rng = np.random.default_rng(1)
    x, t = rng.uniform(0, 1, 100), rng.uniform(0, 0.25, 100)
    reading = value_term(x, t**0.5, heat.exact_temperature(x, t, 0.8), known=both_parts)
    loss = subtracted_loss(
        heat.initial_temperature, both_parts, 0, more=[reading], log_k=np.log(5.0)
    )
    descent, advance = broyden_step(loss)
    for _ in range(200):
        advance()
    assert np.exp(descent.x[-1]) == pytest.approx(0.8, abs=0.01)


def test_gauss_newton_lowers_the_loss_and_leaves_its_weights_in_the_network():
    loss = careful_loss(heat.initial_temperature, 0, hidden=(6,), count=40)
    fit, advance = gauss_newton_step(loss)
    before = fit.value
    for _ in range(3):
        advance()
    assert sum(loss.terms_squared(loss.start)) == pytest.approx(fit.value)
    assert fit.value < 0.9 * before


def test_a_step_of_torch_changes_the_network_as_its_optimiser_says():
    loss = careful_loss(heat.initial_temperature, 0, hidden=(6,), count=40)
    start, gradient = loss.start, loss.value_and_gradient(loss.start)[1]
    torch_step(loss, torch.optim.SGD([loss.network.weights], lr=1e-4))()
    assert loss.start == pytest.approx(start - 1e-4 * gradient)
