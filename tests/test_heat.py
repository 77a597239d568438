"""The exact temperature obeys its equation and limits, and the schemes do what theory says."""

import numpy as np
import pytest

from mlearth.simulate import heat

SOLVERS = {
    "explicit": heat.solve_explicit,
    "implicit": heat.solve_implicit,
    "crank_nicolson": heat.solve_crank_nicolson,
}
X = np.linspace(0, 1, 101)


@pytest.fixture(params=SOLVERS)
def solver(request):
    return SOLVERS[request.param]


def brute_force_series(x, age):
    """The same Fourier series with coefficients by numerical integration over hat minus x."""
    middle = (np.arange(200_000) + 0.5) / 200_000
    departure = 0.5 - np.abs(middle - 0.5) - middle
    n = np.arange(1, 40)
    heights = [2 * np.mean(departure * np.sin(m * np.pi * middle)) for m in n]
    return x + (heights * np.exp(-(n**2) * np.pi**2 * age)) @ np.sin(np.pi * np.outer(n, x))


@pytest.mark.parametrize("age", [0.01, 0.049, 0.051, 0.25])
def test_the_temperature_is_the_fourier_series_of_the_hat(age):
    assert heat.exact_temperature(X, age) == pytest.approx(brute_force_series(X, age), abs=1e-8)


def test_both_ways_of_summing_agree_where_they_meet():
    below, above = (heat.exact_temperature(X, heat.SWITCH * s) for s in (1 - 1e-15, 1.0))
    assert below == pytest.approx(above, abs=1e-13)
    below, above = (heat.exact_sensitivity(X, heat.SWITCH * s) for s in (1 - 1e-15, 1.0))
    assert below == pytest.approx(above, abs=1e-13)


def test_at_the_start_it_is_the_hat_and_the_boundary_wins_the_corner():
    start = heat.initial_temperature(X)
    assert start[:-1] == pytest.approx(0.5 - np.abs(X[:-1] - 0.5), abs=1e-15)
    assert start[-1] == 1
    soon = heat.exact_temperature(X[:-2], 1e-12)
    assert soon == pytest.approx(start[:-2], abs=2e-6)


def test_early_on_kink_and_corner_are_those_of_endless_lines():
    age = 1e-4
    assert heat.exact_temperature(0.5, age) == pytest.approx(0.5 - 2 * np.sqrt(age / np.pi))
    depth = 0.02  # where a step from 0 to 1 has become erfc(1)
    assert heat.exact_temperature(1 - depth, age) == pytest.approx(depth + 0.1572992070502851)


def test_late_it_is_a_straight_line():
    assert heat.exact_temperature(X, 50.0) == pytest.approx(X, abs=1e-15)


def test_the_ends_are_held_at_all_times():
    t = np.geomspace(1e-9, 10, 200)
    assert heat.exact_temperature(0.0, t) == pytest.approx(0, abs=1e-13)
    assert heat.exact_temperature(1.0, t) == pytest.approx(1, abs=1e-13)


def test_it_is_nowhere_warmer_or_colder_than_the_start_and_the_ends():
    t = np.concatenate([[0], np.geomspace(1e-9, 1, 300)])
    field = heat.exact_temperature(X, t[:, None])
    assert field.min() >= -1e-15
    assert field.max() <= 1 + 1e-15
    assert np.argmax(field, axis=1) == pytest.approx(100)


@pytest.mark.parametrize("t", [0.004, 0.03, 0.08])
def test_it_obeys_the_heat_equation(t):
    x, k, h = X[5:-5], 0.8, 1e-4
    warming = (heat.exact_temperature(x, t + h, k) - heat.exact_temperature(x, t - h, k)) / (2 * h)
    around = [heat.exact_temperature(x + shift, t, k) for shift in (-h, 0, h)]
    curvature = (around[0] - 2 * around[1] + around[2]) / h**2
    assert warming == pytest.approx(k * curvature, rel=0.01, abs=0.01)


def test_it_depends_on_time_and_diffusivity_by_their_product_alone():
    fast = heat.exact_temperature(X, 0.02, 5.0)
    assert fast == pytest.approx(heat.exact_temperature(X, 0.1, 1.0), abs=1e-15)


@pytest.mark.parametrize("t", [1e-4, 0.03, 0.2])
def test_the_sensitivity_is_the_derivative_by_the_diffusivity(t):
    k, step = 1.7, 1e-5
    warmer, colder = (heat.exact_temperature(X, t, k + s) for s in (step, -step))
    found = heat.exact_sensitivity(X, t, k)
    assert found == pytest.approx((warmer - colder) / (2 * step), abs=1e-8)
    assert np.all(heat.exact_sensitivity(X, 0.0) == pytest.approx(0, abs=1e-90))


def test_places_times_and_diffusivities_broadcast():
    field = heat.exact_temperature(X, np.array([[0.01], [0.2]]))
    assert field.shape == (2, 101)
    assert field[1] == pytest.approx(heat.exact_temperature(X, 0.2))
    assert heat.exact_temperature(0.3, 0.1).shape == ()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((1.1, 0.1), "x = 0 to x = 1"),
        ((np.nan, 0.1), "x = 0 to x = 1"),
        ((0.5, -0.1), "start at 0"),
        ((0.5, 0.1, 0.0), "above 0"),
    ],
)
def test_what_lies_outside_the_problem_is_refused(arguments, complaint):
    for function in (heat.exact_temperature, heat.exact_sensitivity):
        with pytest.raises(ValueError, match=complaint):
            function(*arguments)


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        ("explicit", lambda z: 1 - z),
        ("implicit", lambda z: 1 / (1 + z)),
        ("crank_nicolson", lambda z: (1 - z / 2) / (1 + z / 2)),
    ],
)
def test_each_scheme_multiplies_each_wave_by_its_factor(name, factor):
    x = np.linspace(0, 1, 21)
    for n in (1, 7, 19):
        wave = np.sin(n * np.pi * x)
        found = SOLVERS[name](wave, 3, duration=0.01, diffusivity=0.6)
        z = 0.6 * 0.01 / 3 * 4 * np.sin(n * np.pi / 40) ** 2 * 20**2
        assert found[3] == pytest.approx(factor(z) ** 3 * wave, abs=1e-12)


def test_a_straight_line_stays(solver):
    line = np.linspace(-2, 3, 31)
    assert solver(line, 500)[-1] == pytest.approx(line, abs=1e-12)


def test_the_mirrored_problem_has_the_mirrored_solution(solver):
    start = np.random.default_rng(0).normal(size=15)
    assert solver(start[::-1], 200)[:, ::-1] == pytest.approx(solver(start, 200), abs=1e-12)


def test_the_ends_and_the_start_are_kept(solver):
    start = heat.initial_temperature(np.linspace(0, 1, 21))
    found = solver(start, 300, every=3)
    assert found.shape == (101, 21)
    assert np.array_equal(found[0], start)
    assert np.array_equal(found[:, [0, -1]], np.tile([0.0, 1.0], (101, 1)))


def test_keeping_fewer_steps_changes_none(solver):
    start = heat.initial_temperature(np.linspace(0, 1, 21))
    assert np.array_equal(solver(start, 300, every=10), solver(start, 300)[::10])


def test_columns_are_problems_of_their_own(solver):
    starts = np.random.default_rng(1).normal(size=(12, 3))
    together = solver(starts, 40)
    assert together.shape == (41, 12, 3)
    for column in range(3):
        assert together[..., column] == pytest.approx(solver(starts[:, column], 40), abs=1e-13)


def test_time_and_diffusivity_count_by_their_product(solver):
    start = heat.initial_temperature(np.linspace(0, 1, 11))
    slow = solver(start, 100, duration=0.4, diffusivity=0.5)
    assert slow == pytest.approx(solver(start, 100, duration=0.2), abs=1e-13)


@pytest.mark.parametrize(
    ("name", "steps", "order"),
    [("explicit", (1000, 4000), 2), ("implicit", (10, 20), 1), ("crank_nicolson", (10, 20), 2)],
)
def test_a_smooth_start_gives_the_order_that_theory_says(name, steps, order):
    errors = []
    for cells, number in zip((40, 80), steps, strict=True):
        x = np.linspace(0, 1, cells + 1)
        truth = x + np.exp(-(np.pi**2) * heat.DURATION) * np.sin(np.pi * x)
        found = SOLVERS[name](x + np.sin(np.pi * x), number)[-1]
        errors.append(np.linalg.norm(found - truth) / np.sqrt(cells))
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.15)


def test_the_explicit_scheme_explodes_past_the_limit_and_only_there():
    start = heat.initial_temperature(np.linspace(0, 1, 41))
    allowed = heat.solve_explicit(start, 800)  # r = 1/2
    assert allowed.min() >= 0
    assert allowed.max() <= 1
    assert np.abs(heat.solve_explicit(start, 760)).max() > 1e6


def test_the_implicit_scheme_keeps_within_start_and_ends_however_long_its_steps():
    start = heat.initial_temperature(np.linspace(0, 1, 201))
    found = heat.solve_implicit(start, 5)
    assert found.min() >= 0
    assert found.max() <= 1


def test_the_jump_makes_crank_nicolson_ring_and_two_damped_steps_stop_it():
    rings, calm = [], []
    for cells in (80, 160):
        x = np.linspace(0, 1, cells + 1)
        start, truth = heat.initial_temperature(x), heat.exact_temperature(x, heat.DURATION)
        for damped_steps, errors in ((0, rings), (2, calm)):
            found = heat.solve_crank_nicolson(start, cells // 4, damped_steps=damped_steps)[-1]
            errors.append(np.abs(found - truth).max())
    assert rings[1] == pytest.approx(rings[0], rel=0.01)
    assert calm[0] / calm[1] == pytest.approx(4, rel=0.05)


def test_a_damped_step_is_two_implicit_halves():
    start = np.random.default_rng(2).normal(size=30)
    damped = heat.solve_crank_nicolson(start, 2, duration=0.02, damped_steps=1)[1]
    halves = heat.solve_implicit(start, 2, duration=0.01)[2]
    assert damped == pytest.approx(halves, abs=1e-13)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (([0, 1], 10), "at least 3"),
        (([0, np.nan, 1], 10), "finite"),
        (([0, 1, 2], 0), "at least 1"),
        (([0, 1, 2], 10, 3), "must divide"),
    ],
)
def test_a_grid_that_cannot_be_is_refused(solver, arguments, complaint):
    initial, steps, *every = arguments
    with pytest.raises(ValueError, match=complaint):
        solver(initial, steps, every=every[0] if every else 1)


def test_no_time_and_no_diffusivity_are_refused(solver):
    for wrong in ({"duration": 0.0}, {"diffusivity": -1.0}):
        with pytest.raises(ValueError, match="above 0"):
            solver([0, 1, 2], 10, **wrong)


def test_the_error_grid_covers_line_and_time_with_the_corner():
    x, t = heat.error_grid()
    assert (x[0], x[-1], t[0], t[-1]) == (0, 1, 0, 0.25)
    assert len(x) == len(t) == 101
    assert np.diff(x, 2) == pytest.approx(0, abs=1e-15)
