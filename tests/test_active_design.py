"""Active design: each choice is the best one, and a space-filling design fills space."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from mlearth.models.active_design import (
    choose_next,
    extend_design,
    maximin_latin_hypercube,
    spread_out,
)

PLACES = np.random.default_rng(0).random((40, 2))


def covariance(length=0.4):
    squares = np.sum(((PLACES[:, None] - PLACES) / length) ** 2, axis=-1)
    return 2.0 * np.exp(-squares / 2)


def given(made, noise=0.01):
    """Covariance after some runs, by the textbook formula."""
    k = covariance()
    known = k[np.ix_(made, made)] + noise * np.eye(len(made))
    return k - k[:, made] @ np.linalg.solve(known, k[made])


def test_the_integrated_criterion_takes_the_run_that_leaves_the_least_variance():
    (chosen,) = choose_next(given([5, 20]), 0.01, 1)
    left = [np.trace(given([5, 20, i])) for i in range(40)]
    assert chosen == int(np.argmin(left))


def test_the_other_criterion_takes_the_place_of_largest_variance():
    (chosen,) = choose_next(given([5, 20]), 0.01, 1, criterion="largest")
    assert chosen == int(np.argmax(np.diag(given([5, 20]))))
    assert chosen != choose_next(given([5, 20]), 0.01, 1)[0]


@pytest.mark.parametrize("criterion", ["integrated", "largest"])
def test_runs_chosen_together_are_those_chosen_one_by_one(criterion):
    together = choose_next(given([2]), 0.01, 5, criterion=criterion)
    made = [2]
    for _ in range(5):
        made += choose_next(given(made), 0.01, 1, criterion=criterion)
    assert together == made[1:]


def test_only_candidates_are_chosen_and_none_twice():
    chosen = choose_next(covariance(5.0), 0.0, 6, candidates=range(1, 7))
    assert sorted(chosen) == [1, 2, 3, 4, 5, 6]


def test_a_noisy_place_is_not_chosen_twice():
    chosen = choose_next(np.diag([10.0, 1.0, 1.0]), 100.0, 3, criterion="largest")
    assert sorted(chosen) == [0, 1, 2]


def test_the_caller_s_covariance_is_left_alone():
    mine = covariance()
    choose_next(mine, 0.01, 3)
    np.testing.assert_array_equal(mine, covariance())


def test_an_input_that_does_not_matter_has_no_say():
    chosen = {}
    for scale in (1.0, 1e-3, 0.0):
        stretched = PLACES * [1.0, scale]
        squares = np.sum(((stretched[:, None] - stretched) / 0.2) ** 2, axis=-1)
        chosen[scale] = choose_next(np.exp(-squares / 2), 1e-4, 5)
    assert chosen[1e-3] == chosen[0.0] != chosen[1.0]


class Fitted:
    """An emulator with a known covariance."""

    noise_deviation = 0.1

    def __init__(self, inputs, outputs):
        self.made = [int(np.argmin(np.sum((PLACES - row) ** 2, axis=1))) for row in inputs]

    def posterior_covariance(self, _):
        return given(self.made)


def test_a_design_grows_by_batches_and_opens_only_the_outputs_of_chosen_runs():
    opened = []

    def outputs_of(rows):
        opened.append(list(rows))
        return np.zeros(len(rows))

    design = extend_design(Fitted, PLACES, outputs_of, [4, 9], 9, batch=5)
    first = choose_next(given([4, 9]), 0.01, 5)
    assert design[:7] == [4, 9, *first]
    assert len(set(design)) == 9
    assert opened == [[4, 9], design[:7]]


def test_a_maximin_hypercube_is_a_latin_hypercube_and_wider_than_most():
    points = maximin_latin_hypercube(20, 3, np.random.default_rng(1))
    for column in points.T:
        assert sorted((column * 20).astype(int)) == list(range(20))
    single = [
        pdist(maximin_latin_hypercube(20, 3, np.random.default_rng(s), tries=1)).min()
        for s in range(20)
    ]
    assert pdist(points).min() > np.quantile(single, 0.9)


def test_rows_are_spread_out_from_the_centre_and_then_far_apart():
    corners = np.array([[0, 0], [0.5, 0.45], [1, 1], [0.6, 0.5], [0, 1], [1, 0]])
    assert set(spread_out(corners, 5)) in ({1, 0, 2, 4, 5}, {3, 0, 2, 4, 5})
    assert spread_out(corners, 2, first=0) == [0, 2]
    assert spread_out(np.array([[0, 0], [10, 0], [5, 3], [0, -4]]), 3, first=0) == [0, 1, 2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.ones((2, 3)), 0.1, 1), "square"),
        ((np.array([[1.0, np.nan], [np.nan, 1.0]]), 0.1, 1), "finite"),
        ((np.eye(2), -0.1, 1), "0 or more"),
        ((np.eye(2), 0.1, 3), "there are 2 candidates"),
    ],
)
def test_what_cannot_be_used_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        choose_next(*arguments)
    with pytest.raises(ValueError, match="largest, not 'least'"):
        choose_next(np.eye(2), 0.1, 1, criterion="least")
    with pytest.raises(ValueError, match="there are 2"):
        spread_out(np.eye(2), 3)
