import numpy as np
import pytest

from mlearth.models.growth_network import exact_growth, first_patch, growth_loss


def test_the_exact_growth_obeys_the_logistic_equation():
    x, t, step = np.array([0.3, 0.5, 0.65]), 0.4, 1e-5
    slope = (exact_growth(x, t + step, 5.0) - exact_growth(x, t - step, 5.0)) / (2 * step)
    u = exact_growth(x, t, 5.0)
    assert slope == pytest.approx(5.0 * u * (1 - u), abs=1e-8)
    assert exact_growth(x, 0.0, 5.0) == pytest.approx(first_patch(x))


def test_a_lake_without_algae_breaks_only_the_start():
    loss = growth_loss(5.0, 0)
    law, start = loss.terms_squared(0 * loss.start)
    assert law == 0
    assert start == pytest.approx(np.mean(first_patch(np.linspace(0, 1, 100)) ** 2))
