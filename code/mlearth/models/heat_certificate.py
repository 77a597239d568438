"""How wrong a network for the heat equation can be at most, from what it leaves undone.

If e is the error, then e_t - k e_xx is the residual r, and the maximum principle says: |e| is at
most the largest miss on the start and the ends, plus the integral over time of the largest |r| at
each time. With s = sqrt(t) and R = 2 s r that integral is one of max |R| over s. Misses and
residuals are looked up at many points, not proved between them.
"""

from typing import NamedTuple

import numpy as np
import torch

from mlearth.models.heat_terms import DURATION, residual_in_root_time


class ErrorBound(NamedTuple):
    """The two parts of the bound; their sum is at least the largest error."""

    edges: float
    inside: float


def error_bound(network, start, known, points=400):
    """Bound the error of a network of x and sqrt(t) for the chapter's problem with k = 1.

    Parameters
    ----------
    network : mlearth.models.physics_network.PhysicsNetwork
    start : callable
        x -> temperature at t = 0.
    known : callable
        (x, t, diffusivity) -> a part that obeys the law exactly, added to the network.
    points : int
        Along x and along s; not those that the network was trained on.

    Returns
    -------
    ErrorBound
    """
    x, s = np.linspace(0, 1, points), DURATION**0.5 * np.linspace(0, 1, points)
    edges = [(x, 0 * x, start(x)), (0 * s, s, 0 * s), (1 + 0 * s, s, 1 + 0 * s)]
    return ErrorBound(max(_miss(network, known, *edge) for edge in edges), _integral(network, x, s))


def _miss(network, known, x, s, given):
    """The largest miss on one edge."""
    with torch.no_grad():
        u = network(torch.tensor(np.stack([x, s], axis=1))) + torch.as_tensor(known(x, s**2, 1.0))
    return float(np.abs(u.numpy() - given).max())


def _integral(network, x, s):
    """The integral over s of the largest residual at each s."""
    largest = []
    for each in s:
        points = torch.tensor(np.stack([x, 0 * x + each], axis=1))
        with torch.no_grad():
            left = residual_in_root_time(network.streams(points), points, 1.0)
        largest.append(float(left.abs().max()))
    return float(np.mean(largest) * s[-1])
