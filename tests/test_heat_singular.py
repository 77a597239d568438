"""The two singular parts obey the heat equation, and leave something smooth."""

import numpy as np
import pytest
import torch

from mlearth.models.heat_singular import both_parts, rounded_edge, step_from_corner
from mlearth.simulate import heat


@pytest.mark.parametrize("part", [step_from_corner, rounded_edge])
@pytest.mark.parametrize("k", [0.5, 1.0, 3.0])
def test_a_part_obeys_the_heat_equation_with_its_diffusivity(part, k):
    x = torch.tensor([0.1, 0.4, 0.52, 0.9], requires_grad=True, dtype=torch.float64)
    t = torch.tensor([0.01, 0.02, 0.05, 0.2], requires_grad=True, dtype=torch.float64)
    by_x, by_t = torch.autograd.grad(part(x, t, k).sum(), (x, t), create_graph=True)
    by_xx = torch.autograd.grad(by_x.sum(), x)[0]
    assert by_t.tolist() == pytest.approx((k * by_xx).tolist(), rel=1e-9, abs=1e-12)


def test_at_the_start_only_the_corner_and_the_edge_are_left():
    x = np.linspace(0, 1, 11)
    assert step_from_corner(x, 0.0).tolist() == [0] * 10 + [1]
    assert rounded_edge(x, 0.0).tolist() == pytest.approx(-np.abs(x - 0.5))


def test_what_is_left_is_a_constant_at_the_start():
    x = np.linspace(0, 1, 101)
    rest = heat.initial_temperature(x) - both_parts(x, 0.0).numpy()
    assert rest == pytest.approx(np.full(101, 0.5))


def test_on_the_way_down_a_line_of_small_times_the_rest_is_flat():
    x = np.linspace(0, 1, 101)
    rest = heat.exact_temperature(x, 1e-3) - both_parts(x, 1e-3).numpy()
    assert np.ptp(rest) < 1e-10


def test_a_tensor_k_gets_a_finite_derivative_even_at_the_start():
    k = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    both_parts(np.linspace(0, 1, 5), np.zeros(5), k).sum().backward()
    assert torch.isfinite(k.grad)
