"""A network (x, y, t) -> (psi, p) with its derivatives, and its training by flow equations.

Derivatives travel forwards through the layers beside the values. That is exact, like nested
reverse mode, and cheaper: one pass gives all of them.
"""

import time
from itertools import pairwise

import torch
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from mlearth.models.flow_equations import momentum_residual
from mlearth.models.quasi_newton import Descent

STREAMS = ("", *"xyt", "xx", "xy", "yy", "xt", "yt", "xxx", "xxy", "xyy", "yyy")


class FlowNetwork(nn.Module):
    """(n, 3) points -> psi, p and their derivatives, each (n,), float64.

    Parameters
    ----------
    low, high : sequence of float
        Corners of the box of x, y, t, whose centre is subtracted.
    width, depth : int
        Neurons in each hidden layer, and how many of these.
    """

    def __init__(self, low, high, *, width=40, depth=4):
        super().__init__()
        low, high = torch.as_tensor(low).double(), torch.as_tensor(high).double()
        self.register_buffer("centre", (low + high) / 2)
        sizes = [3, *[width] * depth, 2]
        self.layers = nn.ModuleList(nn.Linear(*pair) for pair in pairwise(sizes)).double()
        for layer in self.layers:
            nn.init.xavier_normal_(layer.weight)
            nn.init.zeros_(layer.bias)
        self.inertia = nn.Parameter(torch.zeros((), dtype=torch.float64))
        self.viscosity = nn.Parameter(torch.zeros((), dtype=torch.float64))

    def forward(self, points):
        """Return psi, p and their derivatives as a dict of names such as ``psi_xxy``."""
        streams = {name: torch.zeros_like(points) for name in STREAMS}
        streams[""] = points - self.centre
        for axis, letter in enumerate("xyt"):
            streams[letter] = torch.eye(3, dtype=torch.float64)[axis] + streams[letter]
        for number, layer in enumerate(self.layers):
            stacked = torch.stack([streams[name] for name in STREAMS]) @ layer.weight.T
            streams = dict(zip(STREAMS, stacked, strict=True))
            streams[""] = streams[""] + layer.bias
            if number < len(self.layers) - 1:
                streams = _bend(streams)
        return {
            f"{field}_{name}".rstrip("_"): stream[:, column]
            for column, field in enumerate(("psi", "p"))
            for name, stream in streams.items()
        }


def _bend(z):
    """Tanh of a stream and its derivatives: the chain rule up to third order."""
    h = torch.tanh(z[""])
    first = 1 - h * h
    second = -2 * h * first
    third = first * (6 * h * h - 2)
    found = {"": h}
    for name in STREAMS[1:]:
        found[name] = first * z[name]
        if len(name) == 2:
            found[name] = found[name] + second * z[name[0]] * z[name[1]]
        elif len(name) == 3:
            a, b, c = name
            mixed = z[a + b] * z[c] + z[a + c] * z[b] + z[b + c] * z[a]
            found[name] = found[name] + second * mixed + third * z[a] * z[b] * z[c]
    return found


def network_loss(network, points, u, v):
    """Mean square of the velocity misfit plus that of the momentum residual, at the same points.

    Parameters
    ----------
    network : FlowNetwork
    points : Tensor, shape (n, 3)
    u, v : Tensor, shape (n,)
        As measured.

    Returns
    -------
    Tensor
        Scalar.
    """
    f = network(points)
    numbers = {"rate": 1.0, "inertia": network.inertia, "viscosity": network.viscosity}
    misfits = f["psi_y"] - u, -f["psi_x"] - v
    return sum(torch.mean(r**2) for r in (*misfits, *momentum_residual(f, numbers, {})))


def value_and_gradient(network, points, u, v, chunk=1500):
    """Compute `network_loss` at all points, a few at a time to save memory.

    Parameters
    ----------
    network : FlowNetwork
    points : Tensor, shape (n, 3)
    u, v : Tensor, shape (n,)
    chunk : int

    Returns
    -------
    value : float
    gradient : ndarray, shape (weights,)
        By the weights, in the order of the network's parameters.
    """
    weights, total, gradient = list(network.parameters()), 0.0, 0.0
    for part in zip(points.split(chunk), u.split(chunk), v.split(chunk), strict=True):
        loss = network_loss(network, *part) * (len(part[1]) / len(u))
        slopes = torch.autograd.grad(loss, weights, materialize_grads=True)
        total += loss.item()
        gradient = gradient + parameters_to_vector(slopes).numpy()
    return total, gradient


def train_flow_network(network, points, u, v, rng, *, adam=600, batch=500, descent=200, watch=None):
    """Train in place: Adam on small batches, then self-scaled Broyden on all points.

    Parameters
    ----------
    network : FlowNetwork
    points : ndarray, shape (n, 3)
    u, v : ndarray, shape (n,)
    rng : numpy.random.Generator
        For the batches.
    adam, descent : int
        Steps of each.
    batch : int
    watch : callable, optional
        network -> object, called after every 50 steps of Adam and every 20 of Broyden.

    Returns
    -------
    list of (float, object)
        Processor seconds so far, those of `watch` left out, and what it returned.
    """
    points, u, v = (torch.as_tensor(a) for a in (points, u, v))
    history, clock = [], _Clock()
    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, adam, 3e-4)
    for step in range(adam):
        rows = torch.as_tensor(rng.choice(len(points), batch, replace=False))
        optimiser.zero_grad()
        network_loss(network, points[rows], u[rows], v[rows]).backward()
        optimiser.step()
        schedule.step()
        if (step + 1) % 50 == 0:
            clock.record(history, watch, network)
    _descend(network, points, u, v, descent, lambda: clock.record(history, watch, network))
    return history


def _descend(network, points, u, v, steps, look):
    def evaluate(weights):
        vector_to_parameters(torch.as_tensor(weights), network.parameters())
        return value_and_gradient(network, points, u, v)

    with torch.no_grad():
        start = parameters_to_vector(network.parameters()).numpy()
    descent = Descent(evaluate, start)
    for step in range(steps):
        if not descent.step():
            break
        if (step + 1) % 20 == 0:
            vector_to_parameters(torch.as_tensor(descent.x), network.parameters())
            look()
    vector_to_parameters(torch.as_tensor(descent.x), network.parameters())


class _Clock:
    """Counts processor seconds except while somebody looks."""

    def __init__(self):
        self.start = time.process_time()

    def record(self, history, watch, network):
        if watch is None:
            return
        before = time.process_time()
        history.append((before - self.start, watch(network)))
        self.start += time.process_time() - before
