from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from mlearth.sensitivity import conditional_totals, shapley_effects, sobol_indices


def ishigami(x):
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


ISHIGAMI_FIRST = [0.3139, 0.4424, 0.0]  # closed form, a = 7 and b = 0.1
ISHIGAMI_TOTAL = [0.5576, 0.4424, 0.2437]


def test_sobol_indices_of_the_ishigami_function_are_known():
    uniform = stats.uniform(-np.pi, 2 * np.pi).ppf
    found = sobol_indices(ishigami, [uniform] * 3, 2048, seed=0)
    assert found.first == pytest.approx(ISHIGAMI_FIRST, abs=0.02)
    assert found.total == pytest.approx(ISHIGAMI_TOTAL, abs=0.02)
    assert np.all(np.abs(found.total - ISHIGAMI_TOTAL) < 2 * found.total_half_width)
    assert np.all(found.first_half_width < 0.15)


def test_sobol_indices_follow_the_marginals_given_as_quantile_functions_or_samples():
    rng = np.random.default_rng(0)
    marginals = [stats.norm(5, 3).ppf, rng.normal(-2, 1, size=20000), rng.uniform(size=10)]
    found = sobol_indices(lambda x: x[:, 0] + 2 * x[:, 1], marginals, 1024, seed=1)
    assert found.first == pytest.approx([9 / 13, 4 / 13, 0], abs=0.02)
    assert found.total == pytest.approx([9 / 13, 4 / 13, 0], abs=0.02)
    assert found.total[2] == 0


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_seed_gives_the_same_indices_and_intervals(seed):
    uniform = stats.uniform(-np.pi, 2 * np.pi).ppf
    runs = [sobol_indices(ishigami, [uniform] * 3, 128, seed=seed) for _ in range(2)]
    np.testing.assert_array_equal(runs[0].total_half_width, runs[1].total_half_width)
    np.testing.assert_array_equal(runs[0].first, runs[1].first)


def test_sobol_indices_do_not_depend_on_a_large_offset():
    uniform = stats.uniform(-np.pi, 2 * np.pi).ppf
    plain = sobol_indices(ishigami, [uniform] * 3, 512, seed=0)
    shifted = sobol_indices(lambda x: 300 + ishigami(x), [uniform] * 3, 512, seed=0)
    assert shifted.first == pytest.approx(plain.first, abs=1e-8)


def linear_gaussian_effects(slopes, covariance, players):
    """Shapley effects of slopes @ x, x ~ N(0, covariance), by averaging over all orders."""
    slopes = np.asarray(slopes, dtype=float)
    total = slopes @ covariance @ slopes

    def explained(inside):
        if not inside:
            return 0.0
        towards = covariance[inside] @ slopes
        return towards @ np.linalg.solve(covariance[np.ix_(inside, inside)], towards)

    effect = np.zeros(len(players))
    orders = list(permutations(range(len(players))))
    for order in orders:
        inside = []
        for k in order:
            gained = sorted(inside + players[k])
            effect[k] += (explained(gained) - explained(inside)) / total
            inside = gained
    return effect / len(orders)


SLOPES = [1.0, 2.0, 0.0, -1.0]
COVARIANCE = np.array(
    [[1.0, -0.77, 0.5, 0.0], [-0.77, 1.0, 0.0, 0.0], [0.5, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 2.0]]
)


@pytest.mark.parametrize("groups", [None, [[0, 1], [2], [3]]])
def test_shapley_effects_of_a_linear_gaussian_function_are_known(groups):
    rng = np.random.default_rng(0)
    sample = rng.multivariate_normal(np.zeros(4), COVARIANCE, size=100000)
    players = groups or [[0], [1], [2], [3]]
    expected = linear_gaussian_effects(SLOPES, COVARIANCE, players)
    found = shapley_effects(lambda x: x @ SLOPES, sample, 1024, rng, groups)
    assert found.effect == pytest.approx(expected, abs=0.01)
    assert found.effect.sum() == pytest.approx(1)
    assert found.variance == pytest.approx(SLOPES @ COVARIANCE @ SLOPES, rel=0.05)


def test_the_standard_error_is_the_spread_over_seeds():
    rng = np.random.default_rng(1)
    sample = rng.multivariate_normal(np.zeros(4), COVARIANCE, size=5000)
    runs = [
        shapley_effects(lambda x: x @ SLOPES, sample, 32, np.random.default_rng(seed))
        for seed in range(60)
    ]
    spread = np.std([run.effect for run in runs], axis=0, ddof=1)
    told = np.mean([run.standard_error for run in runs], axis=0)
    assert told == pytest.approx(spread, rel=0.35)


def test_shapley_effects_of_independent_inputs_lie_between_first_order_and_total():
    sample = np.random.default_rng(2).uniform(-np.pi, np.pi, size=(20000, 3))
    found = shapley_effects(ishigami, sample, 1024, np.random.default_rng(3))
    expected = (np.array(ISHIGAMI_FIRST) + ISHIGAMI_TOTAL) / 2  # there are only pair interactions
    assert found.effect == pytest.approx(expected, abs=0.03)


def test_an_inert_input_gets_a_share_only_through_its_correlation():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(20000, 3))
    x[:, 1] = 0.9 * x[:, 0] + np.sqrt(1 - 0.81) * x[:, 1]
    effect = shapley_effects(lambda z: z[:, 0] ** 3, x, 256, rng).effect
    assert effect[1] > 0.1
    assert abs(effect[2]) < 0.002


def test_marginals_of_the_sample_are_respected():
    rng = np.random.default_rng(5)
    sample = np.exp(rng.normal(size=(20000, 2)))
    found = shapley_effects(lambda x: np.log(x[:, 0]) + 2 * np.log(x[:, 1]), sample, 512, rng)
    assert found.effect == pytest.approx([0.2, 0.8], abs=0.02)
    assert found.variance == pytest.approx(5, rel=0.05)


def test_collinear_inputs_share_equally():
    rng = np.random.default_rng(6)
    one = rng.normal(size=5000)
    found = shapley_effects(lambda x: x[:, 0], np.column_stack([one, 2 * one]), 256, rng)
    assert found.effect == pytest.approx([0.5, 0.5], abs=0.01)


@pytest.mark.parametrize(
    "call",
    [
        lambda f, x, rng: sobol_indices(f, list(x.T), 100, 0),
        lambda f, x, rng: sobol_indices(f, [[1.0], [1.0, 2.0]], 64, 0),
        lambda f, x, rng: sobol_indices(f, [[1.0, np.nan], [1.0, 2.0]], 64, 0),
        lambda f, x, rng: sobol_indices(lambda z: np.ones(len(z)), list(x.T), 64, 0),
        lambda f, x, rng: sobol_indices(lambda z: z, list(x.T), 64, 0),
        lambda f, x, rng: shapley_effects(lambda z: f(z) * np.nan, x, 64, rng),
        lambda f, x, rng: shapley_effects(f, x * np.nan, 64, rng),
        lambda f, x, rng: shapley_effects(f, x[:1], 64, rng),
        lambda f, x, rng: shapley_effects(f, x, 100, rng),
        lambda f, x, rng: shapley_effects(f, x, 64, rng, repeats=1),
        lambda f, x, rng: shapley_effects(f, x, 64, rng, [[0], [1]]),
        lambda f, x, rng: shapley_effects(f, x, 64, rng, [[0], [1, 2], []]),
        lambda f, x, rng: shapley_effects(f, np.column_stack([x, np.ones(len(x))]), 64, rng),
        lambda f, x, rng: shapley_effects(f, rng.normal(size=(50, 13)), 64, rng),
    ],
)
def test_bad_input_is_refused(call):
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r".+"):
        call(lambda z: z[:, 0], rng.normal(size=(50, 3)), rng)


def test_conditional_totals_of_a_linear_function_of_correlated_inputs_are_known():
    rho = 0.8
    sample = np.random.default_rng(0).multivariate_normal(
        [0, 0, 0], [[1, rho, 0], [rho, 1, 0], [0, 0, 1]], size=40000
    )
    found = conditional_totals(
        lambda x: 2 * x[:, 0] + x[:, 1] + x[:, 2], sample, 4096, np.random.default_rng(1)
    )
    variance = 4 + 1 + 4 * rho + 1
    assert found == pytest.approx(np.array([4 * 0.36, 0.36, 1]) / variance, abs=0.01)


def test_conditional_totals_of_a_group_count_what_its_members_share():
    sample = np.random.default_rng(0).multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 40000)
    sample = np.column_stack([sample, np.random.default_rng(1).normal(size=40000)])
    found = conditional_totals(
        lambda x: x[:, 0] + x[:, 2], sample, 1024, np.random.default_rng(2), groups=[[0, 1], [2]]
    )
    assert found == pytest.approx([0.5, 0.5], abs=0.02)


def test_an_inert_input_has_a_conditional_total_of_exactly_nothing():
    sample = np.random.default_rng(0).multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 500)
    found = conditional_totals(lambda x: x[:, 0], sample, 64, np.random.default_rng(1))
    assert found[1] == 0
    assert found[0] > 0.2
