"""Derivatives of numbers against finite differences and PyTorch."""

import numpy as np
import pytest
import torch

from mlearth.autodiff import Number


def formula(a, b, tanh, exp, log):
    return tanh(a * b + a) * exp(b) - log(a * a + 3.0) + 2.0 * b


def slopes(a, b):
    a, b = Number(a), Number(b)
    formula(a, b, Number.tanh, Number.exp, Number.log).backward()
    return a.slope, b.slope


@pytest.mark.parametrize("point", [(0.7, -1.3), (-2.0, 0.1), (0.0, 0.0)])
def test_slopes_equal_those_of_pytorch(point):
    tensors = [torch.tensor(p, dtype=torch.float64, requires_grad=True) for p in point]
    formula(*tensors, torch.tanh, torch.exp, torch.log).backward()
    assert slopes(*point) == pytest.approx([float(t.grad) for t in tensors], abs=1e-12)


def test_slopes_equal_finite_differences():
    functions, step = (np.tanh, np.exp, np.log), 1e-6
    up, down = formula(0.7 + step, -1.3, *functions), formula(0.7 - step, -1.3, *functions)
    assert slopes(0.7, -1.3)[0] == pytest.approx((up - down) / (2 * step), rel=1e-8)


def test_a_number_used_twice_gets_the_sum_of_both_ways():
    x = Number(3.0)
    y = x * x
    (y + y).backward()
    assert x.slope == 12.0


def test_a_long_chain_does_not_exhaust_the_stack():
    x = end = Number(1.0)
    for _ in range(5000):
        end = end + 0.0
    end.backward()
    assert x.slope == 1.0
