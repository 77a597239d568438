"""Markov chains on an emulator: they find the posterior, say when not, and stay in their box."""

import numpy as np
import pytest

from mlearth.models.emulator import fit_emulator
from mlearth.models.history_matching import log_likelihood, posterior_weights
from mlearth.models.markov_chain import predictor, sample_posterior

BOX = np.array([[0.0, 2.0], [1000.0, 3000.0]])


def model(inputs):
    return 3 * np.sin(inputs[:, 0]) + inputs[:, 1] / 1000


@pytest.fixture(scope="module")
def emulator():
    low, high = BOX.T
    runs = low + (high - low) * np.random.default_rng(0).random((14, 2))
    return fit_emulator(runs, model(runs))


@pytest.fixture(scope="module")
def grid():
    share = (np.arange(150) + 0.5) / 150
    points = np.stack(np.meshgrid(share, share), axis=-1).reshape(-1, 2)
    return BOX[:, 0] + points * np.diff(BOX)[:, 0]


def test_the_tensorflow_predictor_is_the_emulator(emulator, grid):
    mean, variance = (part.numpy() for part in predictor(emulator)(grid[::500]))
    expected, deviation = emulator.predict(grid[::500])
    np.testing.assert_allclose(mean, expected, atol=1e-6)
    np.testing.assert_allclose(np.sqrt(variance), deviation, atol=1e-5)


@pytest.mark.parametrize("emulator_error", [True, False])
def test_the_chains_find_the_posterior_that_a_grid_gives(emulator, grid, emulator_error):
    mean, deviation = emulator.predict(grid)
    weights = posterior_weights(log_likelihood(mean, emulator_error * deviation, 3.5, 0.2))
    centre = weights @ grid
    spread = np.sqrt(weights @ (grid - centre) ** 2)
    rng = np.random.default_rng(1)
    found = sample_posterior(emulator, 3.5, 0.2, BOX, rng, emulator_error=emulator_error)
    draws = found.draws.reshape(-1, 2)
    assert np.all(np.abs(draws.mean(axis=0) - centre) < 0.15 * spread)
    np.testing.assert_allclose(draws.std(axis=0), spread, rtol=0.1)
    assert found.draws.shape == (500, 16, 2)
    assert np.all(found.r_hat < 1.05)
    assert np.all(found.n_effective > 200)
    assert 0.4 < found.accepted < 1


def test_the_emulator_s_error_widens_the_posterior():
    low, high = BOX.T
    runs = low + (high - low) * np.random.default_rng(3).random((6, 2))
    unsure = fit_emulator(runs, model(runs))
    apart = []
    for emulator_error in (True, False):
        rng = np.random.default_rng(1)
        draws = sample_posterior(
            unsure, 3.5, 1e-2, BOX, rng, n=200, emulator_error=emulator_error
        ).draws
        apart.append(np.std(model(draws.reshape(-1, 2))))
    assert unsure.predict(BOX.T)[1].min() > 1e-2
    assert apart[0] > 1.2 * apart[1]


def test_no_draw_leaves_the_box(emulator):
    found = sample_posterior(emulator, 5.9, 0.1, BOX, np.random.default_rng(2), n=100).draws
    assert np.all((found >= BOX[:, 0]) & (found <= BOX[:, 1]))
    assert found[..., 1].max() > 2950


def test_the_same_generator_gives_the_same_chain(emulator):
    one, other = (
        sample_posterior(emulator, 3.5, 0.2, BOX, np.random.default_rng(4), n=20, warm_up=20)
        for _ in range(2)
    )
    np.testing.assert_array_equal(one.draws, other.draws)


def test_chains_that_have_not_met_are_found_out(emulator):
    rng = np.random.default_rng(0)
    found = sample_posterior(emulator, 3.5, 0.002, BOX, rng, n=10, warm_up=2, emulator_error=False)
    assert found.r_hat.max() > 1.1


def test_r_hat_is_a_ratio_of_standard_deviations(emulator):
    found = sample_posterior(emulator, 3.5, 0.2, BOX, np.random.default_rng(5), n=50, warm_up=20)
    halves = np.concatenate([found.draws[:25], found.draws[25:]], axis=1)
    within = halves.var(axis=0, ddof=1).mean(axis=0)
    total = 24 / 25 * within + halves.mean(axis=0).var(axis=0, ddof=1)
    np.testing.assert_allclose(found.r_hat, np.sqrt(total / within), rtol=0.01)
    assert found.r_hat.max() > 1.03  # far enough from 1 for the root to show


def test_draws_that_hardly_move_are_worth_few(emulator, caplog):
    rng = np.random.default_rng(0)
    found = sample_posterior(emulator, 3.5, 0.002, BOX, rng, n=60, warm_up=2, emulator_error=False)
    assert found.n_effective.max() < 0.5 * 60 * 16
    assert "casting" not in caplog.text


def test_what_cannot_be_sampled_is_refused(emulator):
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="error above 0"):
        sample_posterior(emulator, 3.5, 0.0, BOX, rng)
    with pytest.raises(ValueError, match="lowest value, then its highest"):
        sample_posterior(emulator, 3.5, 0.1, BOX[:, ::-1], rng)
