"""How the error of a fit falls with the time spent on it."""

import time
from dataclasses import dataclass

import numpy as np
from tqdm import trange


@dataclass(frozen=True)
class Convergence:
    """A score after so many steps and seconds.

    Parameters
    ----------
    steps : ndarray of int, shape (n,)
        From 0, before the first step.
    seconds : ndarray, shape (n,)
        Of one processor, without the time spent on scoring.
    scores : ndarray, shape (n, ...)
    """

    steps: np.ndarray
    seconds: np.ndarray
    scores: np.ndarray

    def seconds_to(self, score):
        """Seconds after which the score was first at most `score`; infinite if it never was."""
        good = self.scores <= score
        return float(self.seconds[np.argmax(good)]) if np.any(good) else float("inf")


def follow(advance, score, steps, every, *, progress=True):
    """Take steps, and score now and then.

    Parameters
    ----------
    advance : callable
        Takes one step; may return False if there is none to take, which ends the run.
    score : callable
        Returns a number, or an array of fixed shape; its time does not count.
    steps, every : int
        How many steps, and after how many of them to score.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    Convergence
    """
    kept, seconds = [(0, 0.0, score())], 0.0
    with trange(steps, disable=None if progress else True, leave=False) as bar:
        for step in bar:
            started = time.process_time()
            moved = advance()
            seconds += time.process_time() - started
            if moved is False or (step + 1) % every == 0 or step + 1 == steps:
                kept.append((step + 1, seconds, score()))
            if moved is False:
                break
    return Convergence(*(np.array(column) for column in zip(*kept, strict=True)))
