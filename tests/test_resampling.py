"""The block bootstrap against theory for series whose truth is known."""

import numpy as np
import pytest

from mlearth.resampling import block_bootstrap, compare


def red_noise(rng, n, memory):
    series = np.zeros(n)
    for i in range(1, n):
        series[i] = memory * series[i - 1] + rng.normal()
    return series


def test_blocks_of_one_give_the_textbook_standard_error():
    values = np.random.default_rng(0).normal(size=400)
    drawn = block_bootstrap(values, np.mean, np.random.default_rng(1), block=1)
    assert drawn.std() == pytest.approx(values.std() / 20, rel=0.1)


def test_blocks_find_the_error_of_a_mean_of_red_noise_which_single_values_miss():
    rng, n, memory = np.random.default_rng(2), 2000, 0.8
    true = 1 / (1 - memory) / np.sqrt(n)  # long-run standard deviation over root n
    found = []
    for _ in range(20):
        series = red_noise(rng, n, memory)
        found.append(
            [block_bootstrap(series, np.mean, rng, block=b, draws=200).std() for b in (1, 60)]
        )
    single, blocks = np.mean(found, axis=0)
    assert blocks == pytest.approx(true, rel=0.15)
    assert single < 0.5 * true


def test_every_value_is_drawn_equally_often():
    drawn = block_bootstrap(
        np.arange(10.0),
        lambda v: np.bincount(v.astype(int), minlength=10)[0],
        np.random.default_rng(3),
        block=4,
        draws=4000,
    )
    assert drawn.mean() == pytest.approx(1.0, abs=0.06)


def test_a_block_keeps_neighbours_together():
    seen = []
    block_bootstrap(
        np.arange(12),
        lambda v: seen.append(v.copy()) or 0.0,
        np.random.default_rng(4),
        block=3,
        draws=5,
    )
    for series in seen:
        assert len(series) == 12
        steps = np.diff(series.reshape(4, 3), axis=1) % 12
        assert (steps == 1).all()


@pytest.mark.parametrize("block", [0, 11])
def test_a_block_that_does_not_fit_is_refused(block):
    with pytest.raises(ValueError, match="block must be"):
        block_bootstrap(np.zeros(10), np.mean, np.random.default_rng(0), block=block)


def test_a_model_that_is_better_by_a_known_amount_is_found_so():
    rng = np.random.default_rng(5)
    noise = red_noise(rng, 600, 0.5)
    found = compare(noise, noise + 0.3 + 0.1 * rng.normal(size=600), rng, block=20)
    assert found.gain == pytest.approx(0.3, abs=0.02)
    assert 0.25 < found.lower < found.gain < found.upper
    assert found.upper - found.lower < 0.05
    assert found.share_better == 1


def test_two_equal_models_are_not_told_apart_nine_times_in_ten():
    rng = np.random.default_rng(6)
    hits = 0
    for _ in range(100):
        found = compare(np.zeros(200), red_noise(rng, 200, 0.5), rng, block=15, draws=300)
        hits += found.lower < 0 < found.upper
    assert 80 <= hits <= 97


def test_losses_on_different_cases_are_refused():
    with pytest.raises(ValueError, match="same cases"):
        compare(np.zeros(3), np.zeros(4), np.random.default_rng(0), block=1)
