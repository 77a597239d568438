"""The network from scratch against finite differences, logistic regression and PyTorch."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from mlearth.models.network import Adam, GradientDescent, Network, descend


@pytest.fixture
def rows():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(40, 2))
    return x, (x[:, 0] * x[:, 1] > 0)


def network(sizes=(2, 5, 3, 1), seed=0):
    return Network(sizes, np.random.default_rng(seed))


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_gradients_equal_finite_differences(rows, decay):
    net, step = network(), 1e-6
    for parameter, gradient in zip(net.parameters, net.gradients(*rows, decay=decay), strict=True):
        assert gradient.shape == parameter.shape
        for place in np.ndindex(parameter.shape):
            here = parameter[place]
            ends = []
            for moved in (here + step, here - step):
                parameter[place] = moved
                ends.append(net.loss(*rows, decay=decay))
            parameter[place] = here
            assert gradient[place] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-8)


def test_loss_and_gradients_equal_those_of_pytorch(rows):
    net = network()
    tensors = [torch.tensor(p, requires_grad=True) for p in net.parameters]
    signal = torch.tensor(rows[0])
    for index in range(0, 6, 2):
        signal = (torch.tanh(signal) if index else signal) @ tensors[index] + tensors[index + 1]
    target = torch.tensor(rows[1], dtype=torch.float64)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(signal[:, 0], target)
    loss.backward()
    assert net.loss(*rows) == pytest.approx(loss.item(), abs=1e-12)
    for gradient, tensor in zip(net.gradients(*rows), tensors, strict=True):
        assert gradient == pytest.approx(tensor.grad.numpy(), abs=1e-12)


def test_without_a_hidden_layer_it_is_a_logistic_regression(rows):
    x = rows[0]
    y = x[:, 0] + 0.5 * x[:, 1] + np.random.default_rng(0).logistic(size=len(x)) > 0
    net = network((2, 1))
    optimiser = GradientDescent(1.0)
    for _ in range(3000):
        optimiser.update(net.parameters, net.gradients(x, y))
    reference = LogisticRegression(C=1e10, tol=1e-10).fit(x, y)
    assert net(x) == pytest.approx(reference.predict_proba(x)[:, 1], abs=1e-4)


@pytest.mark.parametrize(
    ("ours", "theirs", "options"),
    [
        (GradientDescent(0.02), torch.optim.SGD, {"lr": 0.02}),
        (GradientDescent(0.01, 0.9), torch.optim.SGD, {"lr": 0.01, "momentum": 0.9}),
        (Adam(0.05), torch.optim.Adam, {"lr": 0.05}),
    ],
)
def test_optimisers_walk_as_those_of_pytorch_do(ours, theirs, options):
    here = [np.array([1.0, -2.0]), np.array([0.5])]
    there = [torch.tensor(p, requires_grad=True) for p in here]
    walker = theirs(there, **options)
    for _ in range(20):
        walker.zero_grad()
        sum((t**4).sum() for t in there).backward()
        walker.step()
        ours.update(here, [4 * p**3 for p in here])
    for p, t in zip(here, there, strict=True):
        assert p == pytest.approx(t.detach().numpy(), abs=1e-10)


def test_the_same_generator_gives_the_same_network(rows):
    assert (network(seed=1)(rows[0]) == network(seed=1)(rows[0])).all()
    assert (network(seed=1)(rows[0]) != network(seed=2)(rows[0])).any()


def test_the_first_weights_keep_the_spread_of_the_signal():
    rng = np.random.default_rng(0)
    net = Network((200, 200, 1), rng)
    assert net.parameters[0].std() == pytest.approx(200**-0.5, rel=0.05)
    assert Network((200, 200, 1), rng, scale=0.01).parameters[0].std() == pytest.approx(
        0.01, rel=0.05
    )


@pytest.mark.parametrize("sizes", [(2,), (2, 4, 3)])
def test_a_network_without_one_output_is_refused(sizes):
    with pytest.raises(ValueError, match="1 output"):
        network(sizes)


def test_descending_lowers_the_loss_and_decay_keeps_weights_small(rows):
    x, y = rows
    free, held = network((2, 8, 1)), network((2, 8, 1))
    losses = descend(free, Adam(0.03), x, y, 300)
    descend(held, Adam(0.03), x, y, 300, decay=0.1)
    assert losses.shape == (301,)
    assert losses[-1] == free.loss(x, y) < 0.3 * losses[0]
    size = [sum(np.sum(w**2) for w in net.parameters[::2]) for net in (free, held)]
    assert size[1] < 0.2 * size[0]


def test_batches_are_drawn_from_the_generator(rows):
    runs = [
        descend(
            network(), GradientDescent(0.1), *rows, 20, batch=4, rng=np.random.default_rng(seed)
        )
        for seed in (1, 1, 2)
    ]
    assert (runs[0] == runs[1]).all()
    assert (runs[0] != runs[2]).any()
