"""The training loop for PyTorch models; it knows no model.

The loss is an argument, the history is returned.
"""

import copy
import math
from dataclasses import dataclass, field

from tqdm import trange


@dataclass
class History:
    """What happened in a training.

    Parameters
    ----------
    losses : list of float
        On the batch of each step.
    checks : list of (int, float)
        Step and validation loss of each check.
    best_step : int
        Step after which the model that was kept stood.
    """

    losses: list = field(default_factory=list)
    checks: list = field(default_factory=list)
    best_step: int = 0


def train(
    model,
    loss_fn,
    optimiser,
    batches,
    steps,
    *,
    validate=None,
    every=50,
    patience=None,
    progress=True,
):
    """Train a model in place, and stop when it no longer improves if asked to.

    Parameters
    ----------
    model : torch.nn.Module
    loss_fn : callable
        (model, batch) -> scalar tensor.
    optimiser : torch.optim.Optimizer
    batches : iterator
        Yields as many batches as there are steps.
    steps : int
        At most so many updates.
    validate : callable, optional
        model -> float, smaller is better; called every `every` steps. The model ends as it was at
        the best check.
    every : int
    patience : int, optional
        Stop after so many checks in a row without improvement.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    History

    Raises
    ------
    FloatingPointError
        If the loss is no longer finite; the model is left as it was.
    """
    history, best, kept = History(), math.inf, None
    with trange(steps, disable=None if progress else True, leave=False) as bar:
        for step in bar:
            loss = loss_fn(model, next(batches))
            _require_finite(loss.item(), step)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            history.losses.append(loss.item())
            bar.set_postfix(loss=f"{history.losses[-1]:.3g}", refresh=False)
            if validate is None or (step + 1) % every:
                continue
            history.checks.append((step + 1, validate(model)))
            if history.checks[-1][1] < best:
                best, history.best_step = history.checks[-1][1], step + 1
                kept = copy.deepcopy(model.state_dict())
            elif patience and step + 1 - history.best_step >= patience * every:
                break
    if kept is not None:
        model.load_state_dict(kept)
    return history


def _require_finite(loss, step):
    if not math.isfinite(loss):
        raise FloatingPointError(
            f"The loss became {loss} at step {step}. Lower the learning rate, or look for a "
            "division by zero, a logarithm of zero or a gap in the data."
        )
