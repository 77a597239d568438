"""Importance on left-out blocks credits what holds on new days, for whole groups."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression

from mlearth.blocked_importance import chance_floor, correlated_groups, held_out_importance


def linear_table(seed=0, n=4000):
    """y = 2 x0 + x1 + noise of unit variance; x2 does nothing; all independent, standard normal."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 3))
    return x, 2 * x[:, 0] + x[:, 1] + rng.standard_normal(n)


def test_a_swapped_feature_costs_twice_its_variance():
    x, y = linear_table()
    drop = held_out_importance(
        LinearRegression(), x, y, [[0], [1], [2], [0, 1]], np.arange(4000) // 800,
        np.random.default_rng(1), repeats=20,
    )  # fmt: skip
    assert drop.shape == (4, 5)
    assert drop.mean(axis=1) == pytest.approx(np.array([8, 2, 0, 10]) / 6, abs=0.06)


def test_recognising_a_block_is_worth_nothing_on_another():
    rng = np.random.default_rng(0)
    block = np.repeat(np.arange(20), 20)
    badge = rng.standard_normal(20)[block]  # the same for all rows of a block, without effect
    y = rng.standard_normal(20)[block] + 0.1 * rng.standard_normal(400)
    x = np.column_stack([badge, rng.standard_normal(400)])
    forest = RandomForestRegressor(30, random_state=0)
    shuffled = held_out_importance(forest, x, y, [[0]], rng.permutation(400) % 5, rng)
    blocked = held_out_importance(forest, x, y, [[0]], block % 5, rng)
    assert shuffled.mean() > 1
    assert blocked.mean() < 0.5


def test_replacements_come_from_the_whole_table():
    y = np.repeat([0.0, 10.0], 50)  # within a block x tells nothing, between blocks everything
    x = np.column_stack([y, np.ones(100)]) + 0.01 * np.random.default_rng(0).normal(size=(100, 2))
    drop = held_out_importance(
        LinearRegression(), np.tile(x, (2, 1)), np.tile(y, 2), [[0]],
        np.repeat([0, 1, 2, 3], 50), np.random.default_rng(0),
    )  # fmt: skip
    assert drop.mean() == pytest.approx(2, abs=0.2)


def test_features_are_grouped_through_a_third():
    rng = np.random.default_rng(0)
    first = rng.standard_normal(3000)
    second = first + 0.9 * rng.standard_normal(3000)
    third = second + 0.9 * rng.standard_normal(3000)
    x = np.column_stack([first, rng.standard_normal(3000), third, second])
    assert correlated_groups(x, 0.65) == [[0, 2, 3], [1]]
    assert correlated_groups(x, 0.99) == [[0], [1], [2], [3]]


def test_one_wild_value_does_not_hide_a_correlation():
    light = np.linspace(0, 1, 200)
    answer = light.copy()
    answer[3] = 1000
    assert abs(np.corrcoef(light, answer)[0, 1]) < 0.5
    assert correlated_groups(np.column_stack([light, answer]), 0.5) == [[0, 1]]


def test_correlation_of_either_sign_counts():
    x = np.linspace(0, 1, 50)
    assert correlated_groups(np.column_stack([x, -x]), 0.5) == [[0, 1]]


@pytest.mark.parametrize(
    ("groups", "blocks"),
    [([[0], []], [0, 1] * 5), ([[5]], [0, 1] * 5), ([[0]], [0] * 10), ([[0]], [0, 1])],
)
def test_groups_and_blocks_must_fit_the_table(groups, blocks):
    x = np.random.default_rng(0).normal(size=(10, 2))
    with pytest.raises(ValueError, match=r"groups|blocks"):
        held_out_importance(
            LinearRegression(), x, x[:, 0], groups, blocks, np.random.default_rng(0)
        )


def test_a_constant_target_or_feature_is_an_error():
    x = np.random.default_rng(0).normal(size=(10, 2))
    with pytest.raises(ValueError, match="y is constant"):
        held_out_importance(
            LinearRegression(), x, np.ones(10), [[0]], [0, 1] * 5, np.random.default_rng(0)
        )
    with pytest.raises(ValueError, match="constant feature"):
        correlated_groups(np.ones((10, 2)), 0.5)
    with pytest.raises(ValueError, match="threshold"):
        correlated_groups(x, 1.5)


def test_the_floor_is_two_standard_errors_or_what_would_not_matter():
    drop = [[0.0, 0.2, 0.0, 0.2], [0.1, 0.1, 0.1, 0.1]]
    assert chance_floor(drop, 0.01) == pytest.approx([2 * np.sqrt(0.04 / 3) / 2, 0.01])
    with pytest.raises(ValueError, match="2 blocks"):
        chance_floor([[1.0], [2.0]], 0.01)
