"""A run is scored when it should be, and its scoring is not timed."""

import time

import numpy as np

from mlearth.convergence import follow


def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_it_scores_before_the_first_step_regularly_and_at_the_end():
    taken = []
    run = follow(lambda: taken.append(1), lambda: len(taken), steps=7, every=3, progress=False)
    assert run.steps.tolist() == [0, 3, 6, 7] == run.scores.tolist()


def test_a_step_that_finds_nothing_ends_the_run():
    answers = iter([True, None, False, True])
    run = follow(lambda: next(answers), lambda: 0.0, steps=9, every=5, progress=False)
    assert run.steps.tolist() == [0, 3]


def test_the_time_of_scoring_does_not_count():
    run = follow(lambda: burn(0.01), lambda: burn(0.05) or 1.0, steps=3, every=1, progress=False)
    assert 0.03 <= run.seconds[-1] < 0.06


def test_seconds_to_a_score_are_those_of_the_first_time_or_infinite():
    scores = iter([9.0, 5.0, 1.0, 2.0, 0.5])
    run = follow(lambda: burn(0.002), lambda: next(scores), steps=4, every=1, progress=False)
    assert run.seconds_to(1.0) == run.seconds[2]
    assert run.seconds_to(0.1) == np.inf


def test_scores_may_be_whole_fields():
    run = follow(lambda: None, lambda: np.zeros((2, 3)), steps=2, every=1, progress=False)
    assert run.scores.shape == (3, 2, 3)
