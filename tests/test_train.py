"""The training loop on problems whose answer is known."""

from itertools import repeat

import pytest
import torch

from mlearth.train import train

X = torch.linspace(-1, 1, 20, dtype=torch.float64)[:, None]
Y = 3 * X - 1


def line():
    torch.manual_seed(0)
    return torch.nn.Linear(1, 1, dtype=torch.float64)


def squared(model, batch):
    return torch.mean((model(batch[0]) - batch[1]) ** 2)


def fit(model, steps=300, rate=0.3, **options):
    optimiser = torch.optim.SGD(model.parameters(), rate)
    return train(model, squared, optimiser, repeat((X, Y)), steps, progress=False, **options)


def test_a_line_is_found():
    model = line()
    history = fit(model)
    assert [model.weight.item(), model.bias.item()] == pytest.approx([3, -1], abs=1e-4)
    assert len(history.losses) == 300
    assert history.losses[-1] < 1e-6 < history.losses[0]


def test_training_stops_when_nothing_improves_and_the_best_model_stays():
    model, told = line(), iter([3.0, 1.0, 2.0, 2.0, 2.0, 0.0])
    weights = []

    def validate(model):
        weights.append(model.weight.item())
        return next(told)

    history = fit(model, validate=validate, every=10, patience=3)
    assert [step for step, _ in history.checks] == [10, 20, 30, 40, 50]
    assert history.best_step == 20
    assert model.weight.item() == weights[1]


def test_a_loss_that_explodes_is_reported_and_not_trained_on():
    model = line()
    with pytest.raises(FloatingPointError, match="learning rate"):
        fit(model, steps=5000, rate=1e3)
    assert all(torch.isfinite(p).all() for p in model.parameters())
