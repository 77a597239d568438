import numpy as np
import pytest
import torch

from mlearth.models.heat_certificate import error_bound
from mlearth.models.heat_loss import subtracted_loss
from mlearth.models.heat_singular import both_parts
from mlearth.models.heat_training import broyden_step, temperature
from mlearth.models.physics_network import PhysicsNetwork, nested_streams
from mlearth.simulate import heat


@pytest.mark.parametrize("steps", [0, 30])
def test_no_error_exceeds_the_bound(steps):
    loss = subtracted_loss(heat.initial_temperature, both_parts, 1)
    _, advance = broyden_step(loss)
    for _ in range(steps):
        advance()
    x, t = heat.error_grid()
    found = temperature(loss.network, x, t[:, None]) + both_parts(x, t[:, None]).numpy()
    largest = np.abs(found - heat.exact_temperature(x, t[:, None])).max()
    assert largest <= sum(error_bound(loss.network, heat.initial_temperature, both_parts, 100))


def test_a_network_that_is_zero_breaks_no_law_but_misses_the_edges():
    network = PhysicsNetwork((4,), (0, 0), (1, 0.5), 0)
    network.weights.data.zero_()

    def nothing(x, t, k):
        return 0 * x

    bound = error_bound(network, np.sin, nothing, 50)
    assert bound.inside == 0
    assert bound.edges == 1


def test_what_is_left_inside_is_summed_over_time_at_its_largest():
    network = PhysicsNetwork((6,), (0, 0), (1, 0.5), 3)
    x, s = (torch.linspace(0, end, 60, dtype=torch.float64) for end in (1, 0.5))
    points = torch.cartesian_prod(s, x).flip(1)
    u = nested_streams(network, points)
    left = (u.u_y - 2 * points[:, 1] * u.u_xx).detach().abs().reshape(60, 60)
    found = error_bound(network, np.sin, lambda x, t, k: 0 * x, 60)
    assert found.inside == pytest.approx(0.5 * float(left.max(dim=1).values.mean()))
