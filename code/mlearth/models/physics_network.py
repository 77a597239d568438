"""A small tanh network of two inputs that carries its derivatives along.

The derivatives travel forwards through the layers beside the values ("Taylor streams"): one pass
gives u, u_x, u_y and u_xx, and the derivative of each point's residual by all weights. All numbers
are float64, and all weights form one vector, so that any optimiser can hold them.
"""

import math
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn


class Streams(NamedTuple):
    """A function of x and y and three of its derivatives, each of shape (n,)."""

    u: Tensor
    u_x: Tensor
    u_y: Tensor
    u_xx: Tensor


class PhysicsNetwork(nn.Module):
    """(n, 2) -> (n,), and derivatives by both inputs.

    Parameters
    ----------
    hidden : sequence of int
        Units of each hidden layer, at least one layer.
    low, high : sequence of float, length 2
        Range of the inputs x and y; they are scaled to [-1, 1].
    seed : int
        Of the first weights. Their standard deviation is 1 in the first layer; the others have that
        which keeps the spread of the signal and of its derivative from layer to layer.

    Attributes
    ----------
    weights : torch.nn.Parameter, shape (p,)
        Of each layer in turn: the matrix (n_in, n_out) row by row, then the biases (n_out,).

    Raises
    ------
    ValueError
        If there is no hidden layer or an upper limit is not above the lower.
    """

    def __init__(self, hidden, low, high, seed):
        super().__init__()
        if not hidden or any(b <= a for a, b in zip(low, high, strict=True)):
            raise ValueError("The network needs a hidden layer, and ranges with high above low.")
        self.sizes = (2, *hidden, 1)
        self.low, self.scale = (
            torch.tensor(low).double(),
            2 / torch.tensor([b - a for a, b in zip(low, high, strict=True)], dtype=torch.float64),
        )
        self.weights = nn.Parameter(self._draw(torch.Generator().manual_seed(seed)))

    def _draw(self, generator):
        parts = []
        for layer, (n_in, n_out) in enumerate(pairwise(self.sizes)):
            deviation = 1.0 if layer == 0 else math.sqrt(2 / (n_in + n_out))
            parts.append(deviation * _normal(n_in * n_out, generator))
            parts.append((0.7 if layer == 0 else 0.0) * _normal(n_out, generator))
        return torch.cat(parts)

    def layers(self, weights):
        """Cut the vector of all weights into (matrix, biases) of each layer."""
        start, found = 0, []
        for n_in, n_out in pairwise(self.sizes):
            end = start + n_in * n_out
            found.append((weights[start:end].view(n_in, n_out), weights[end : end + n_out]))
            start = end + n_out
        return found

    def forward(self, points):
        """Values only: (n, 2) -> (n,)."""
        h = (points - self.low) * self.scale - 1
        for matrix, biases in (layers := self.layers(self.weights))[:-1]:
            h = torch.tanh(h @ matrix + biases)
        return (h @ layers[-1][0] + layers[-1][1])[:, 0]

    def streams(self, points, weights=None):
        """Values and derivatives in one forward pass.

        Parameters
        ----------
        points : Tensor, shape (n, 2)
        weights : Tensor, shape (p,), optional
            Instead of the network's own.

        Returns
        -------
        Streams
        """
        return Streams(*self._carry(points, self.weights if weights is None else weights)[0])

    def _carry(self, points, weights):
        """Carry the four streams through; also return what enters and leaves each sum."""
        h, kept = self._enter(points), []
        for layer, (matrix, biases) in enumerate(self.layers(weights)):
            z = [torch.addmm(biases, h[0], matrix), *(each @ matrix for each in h[1:])]
            z = [each.expand(len(points), -1) for each in z]
            kept.append((h, z))
            if layer < len(self.sizes) - 2:
                h = _tanh_streams(*z)
        return [each[:, 0] for each in z], kept

    def _enter(self, points):
        """The inputs; their derivatives are the same at all points, hence one row."""
        by_x, by_y = torch.diag(self.scale).split(1)
        return [(points - self.low) * self.scale - 1, by_x, by_y, torch.zeros_like(by_x)]

    def residuals_and_jacobian(self, points, residual):
        """Residuals at all points, and the derivative of each by each weight.

        A residual depends on the network at its own point only. So one walk backwards from their
        sum gives the share of every point in every layer; products with what entered do the rest.

        Parameters
        ----------
        points : Tensor, shape (n, 2)
        residual : callable
            Streams -> Tensor of shape (n,), point by point.

        Returns
        -------
        residuals : Tensor, shape (n,)
        jacobian : Tensor, shape (n, p)
        """
        output, kept = self._carry(points, self.weights.detach().requires_grad_())
        found = residual(Streams(*output))
        sums = [each for _, z in kept for each in z]
        shares = torch.autograd.grad(found.sum(), sums, materialize_grads=True)
        columns = []
        for layer, (entering, _) in enumerate(kept):
            own = shares[4 * layer : 4 * layer + 4]
            columns += [_products(entering, own), own[0]]
        return found.detach(), torch.cat(columns, dim=1)


def _normal(count, generator):
    return torch.randn(count, generator=generator, dtype=torch.float64)


def _products(entering, shares):
    """Sum over the streams of what entered times the share of what left: (n, n_in * n_out)."""
    return sum(
        (h.detach().expand(len(share), -1)[:, :, None] * share[:, None, :]).flatten(1)
        for h, share in zip(entering, shares, strict=True)
    )


def _tanh_streams(z, z_x, z_y, z_xx):
    """The chain rule for tanh: the value, both first derivatives and the second by x."""
    a = torch.tanh(z)
    slope = 1 - a**2
    a_x = slope * z_x
    return [a, a_x, slope * z_y, slope * z_xx - 2 * a * a_x * z_x]


def nested_streams(network, points):
    """The same four numbers by nested reverse-mode differentiation, as most tutorials do it.

    Parameters
    ----------
    network : PhysicsNetwork
    points : Tensor, shape (n, 2)

    Returns
    -------
    Streams
    """
    points = points.detach().requires_grad_()
    u = network(points)
    slopes = torch.autograd.grad(u.sum(), points, create_graph=True)[0]
    curvature = torch.autograd.grad(slopes[:, 0].sum(), points, create_graph=True)[0]
    return Streams(u, slopes[:, 0], slopes[:, 1], curvature[:, 0])
