"""The derivatives that travel along are those of the network."""

import numpy as np
import pytest
import torch

from mlearth.models.physics_network import PhysicsNetwork, nested_streams


@pytest.fixture
def network():
    return PhysicsNetwork((7, 5), low=(0, -1), high=(1, 3), seed=3)


@pytest.fixture
def points():
    return torch.tensor(np.random.default_rng(0).uniform(0, 1, (11, 2)))


def test_streams_are_the_nested_derivatives(network, points):
    for ours, theirs in zip(network.streams(points), nested_streams(network, points), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-13)


def test_streams_are_those_of_finite_differences(network):
    cross = np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]])
    places = torch.tensor([0.3, 0.1] + 1e-4 * cross)
    u, right, left, up, down = network(places).detach().tolist()
    found = [each.item() for each in network.streams(places[:1])]
    differences = [u, (right - left) / 2e-4, (up - down) / 2e-4, (right - 2 * u + left) / 1e-8]
    assert found == pytest.approx(differences, rel=1e-5, abs=1e-6)


def test_gradients_by_the_weights_are_those_of_nested_differentiation(network, points):
    found = []
    for u in (network.streams(points), nested_streams(network, points)):
        loss = torch.mean((u.u_y - u.u_xx + u.u * u.u_x) ** 2)
        found.append(torch.autograd.grad(loss, network.weights)[0])
    torch.testing.assert_close(*found, rtol=1e-11, atol=1e-13)


def test_each_row_of_the_jacobian_is_the_gradient_of_one_residual(network, points):
    def residual(u):
        return u.u_y - 0.7 * u.u_xx + u.u**2

    found, jacobian = network.residuals_and_jacobian(points, residual)
    for row, point in zip(jacobian, points, strict=True):
        one = residual(network.streams(point[None]))[0]
        torch.testing.assert_close(row, torch.autograd.grad(one, network.weights)[0])
    torch.testing.assert_close(found, residual(network.streams(points)).detach())


def test_a_residual_without_the_value_has_no_derivative_by_the_last_bias(network, points):
    jacobian = network.residuals_and_jacobian(points, lambda u: u.u_xx)[1]
    assert torch.all(jacobian[:, -1] == 0)
    assert torch.any(jacobian[:, -2] != 0)


def test_inputs_are_scaled_from_their_range_to_plus_minus_one(network):
    h = network._enter(torch.tensor([[0.0, -1.0], [1.0, 3.0]]).double())[0]
    assert h.tolist() == [[-1, -1], [1, 1]]


def test_the_seed_decides_the_first_weights_and_nothing_else_does():
    first, again, other = (PhysicsNetwork((4,), (0, 0), (1, 1), seed) for seed in (1, 1, 2))
    assert torch.equal(first.weights, again.weights)
    assert not torch.equal(first.weights, other.weights)


@pytest.mark.parametrize(("hidden", "high"), [((), (1, 1)), ((4,), (1, 0))])
def test_a_network_without_layers_or_with_an_empty_range_is_refused(hidden, high):
    with pytest.raises(ValueError, match="hidden layer"):
        PhysicsNetwork(hidden, (0, 0), high, 0)
