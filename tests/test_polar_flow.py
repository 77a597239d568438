"""The rings around the cylinder: differences and boundary problems with known answers."""

import numpy as np
import pytest

from mlearth.simulate.polar_flow import STENCIL, Grid, Helmholtz, difference_weights, differentiate


def test_rings_begin_on_the_wall_and_end_at_the_outer_radius():
    r = Grid(60, 8, radius=20.0).r
    assert r[0] == pytest.approx(0.5)
    assert r[-1] == pytest.approx(20.0)
    assert r[1:] / r[:-1] == pytest.approx(np.full((59, 1), r[1] / r[0]))


def test_products_of_two_fields_have_no_aliases():
    grid = Grid(60, 21)
    angle = 2 * np.pi * np.arange(grid.angles) / grid.angles
    product = np.fft.rfft(np.cos(21 * angle) * np.cos(20 * angle))[:22] / grid.angles
    assert np.delete(np.abs(product), 1) == pytest.approx(np.zeros(21), abs=1e-15)


def test_differences_are_exact_for_polynomials_also_at_the_ends():
    x = np.linspace(0, 2, 30)
    field = (x**STENCIL - 3 * x**4)[:, None] / STENCIL + 0j
    weights, first = difference_weights(30, x[1])
    assert differentiate(weights, first, x[:, None] ** 8 + 0j) == pytest.approx(8 * x[:, None] ** 7)
    error = differentiate(weights, first, field) - (x**8 - 12 / STENCIL * x**3)[:, None]
    assert np.abs(error).max() > 1e-9  # of degree 9: the order is 8, no more


@pytest.mark.parametrize("k", [0.0, 1.0, 7.0])
def test_boundary_problems_are_solved_to_fourth_order(k):
    errors = []
    for rows in (41, 81, 161):
        s = np.linspace(0, 4, rows)[:, None]
        bump = s * np.exp(-2 * (s - 1.2) ** 2)
        slope = np.exp(-2 * (s - 1.2) ** 2) * (1 - 4 * s * (s - 1.2))
        curve = np.exp(-2 * (s - 1.2) ** 2) * (
            -4 * (s - 1.2) * (1 - 4 * s * (s - 1.2)) - 8 * s + 4.8
        )
        q = k**2 + np.exp(s)
        solver = Helmholtz(q, s[1, 0], outer=np.array([k]))
        ends = (bump[-1] - bump[-2]) / s[1] + k * (bump[-1] + bump[-2]) / 2
        errors.append(np.abs(solver.solve(curve - q * bump + 0j, ends) - bump).max())
        assert slope[0, 0] > 0
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all((orders > 3.7) & (orders < 4.4))


def test_the_response_is_one_on_the_wall_and_solves_the_equation():
    q = np.full((200, 1), 9.0)
    solver = Helmholtz(q, 0.02, outer=np.array([3.0]))
    s = 0.02 * np.arange(200)
    assert solver.response[:, 0] == pytest.approx(np.exp(-3 * s), abs=1e-5)
