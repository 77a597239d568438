"""The sum of squares by which a network for the chapter's heat problem is trained."""

import numpy as np
import torch

from mlearth.models.heat_terms import DURATION, clustered_points, given_terms, inside_term
from mlearth.models.physics_network import PhysicsNetwork


def careful_loss(start, seed, *, hidden=(16, 16, 16), count=1600):
    """A network of x and sqrt(t), and points that crowd where the problem is not smooth.

    Parameters
    ----------
    start : callable
        x -> temperature at t = 0.
    seed : int
        Of the network's first weights and of the points.
    hidden : sequence of int
        Units of each hidden layer.
    count : int
        Points inside; divisible by 4.

    Returns
    -------
    HeatLoss
    """
    network = PhysicsNetwork(hidden, (0, 0), (1, DURATION**0.5), seed)
    points = clustered_points(np.random.default_rng(seed), count)
    return HeatLoss(network, [inside_term(points), *given_terms(start)])


def subtracted_loss(start, known, seed, *, hidden=(12, 12), count=600, more=(), log_k=None):
    """A smaller network for what is left when a known part of the temperature is subtracted.

    Parameters
    ----------
    start : callable
        x -> temperature at t = 0.
    known : callable
        (x, t, k) -> a part that obeys the heat equation exactly.
    seed, hidden, count
        As for `careful_loss`; the points lie evenly.
    more : sequence of Term
        Measured values.
    log_k : float, optional
        As for `HeatLoss`.

    Returns
    -------
    HeatLoss
    """
    network = PhysicsNetwork(hidden, (0, 0), (1, DURATION**0.5), seed)
    points = np.random.default_rng(seed).uniform(size=(count, 2)) * [1, DURATION**0.5]
    terms = [inside_term(points, falling=False), *given_terms(start, 60, known=known), *more]
    return HeatLoss(network, terms, log_k)


class HeatLoss:
    """All terms of one network together, as any optimiser wants them.

    Parameters
    ----------
    network : PhysicsNetwork
    terms : list of Term
    log_k : float, optional
        Start of the logarithm of an unknown diffusivity, which becomes the last of the unknowns.
        Without it k = 1 is known.
    """

    def __init__(self, network, terms, log_k=None):
        self.network, self.terms, self.log_k = network, list(terms), log_k

    @property
    def start(self):
        """The network's weights as they are now, and the first log k if k is unknown."""
        weights = self.network.weights.detach().numpy()
        return weights.copy() if self.log_k is None else np.append(weights, self.log_k)

    def terms_squared(self, x):
        """Sum of squares of each term: list of float."""
        with torch.no_grad():
            return [float(r @ r) for r in self._residuals(torch.tensor(x))]

    def residuals(self, x):
        """All weighted residuals, shape (n,), with the unknowns `x`."""
        with torch.no_grad():
            return torch.cat(self._residuals(torch.tensor(x))).numpy()

    def __call__(self):
        """Sum of squares with the network's own weights, to be differentiated; k is known."""
        return sum(r @ r for r in self._residuals(self.network.weights))

    def value_and_gradient(self, x):
        """Sum of squares and its derivative by each of the unknowns `x`."""
        x = torch.tensor(x, requires_grad=True)
        value = sum(r @ r for r in self._residuals(x))
        return value.item(), torch.autograd.grad(value, x)[0].numpy()

    def linearise(self, x):
        """Residuals (n,) and their Jacobian (n, p) at the unknowns `x`."""
        x = torch.tensor(x)
        self.keep(x)
        found = [self._linearise(term, x) for term in self.terms]
        return tuple(torch.cat(parts).numpy() for parts in zip(*found, strict=True))

    def keep(self, x):
        """Give the network the weights among the unknowns `x`."""
        with torch.no_grad():
            self.network.weights.copy_(torch.as_tensor(x)[: self.network.weights.numel()])

    def _residuals(self, unknowns):
        """Those of each term, times their weights; the last unknown may be log k."""
        count, k = self.network.weights.numel(), self._diffusivity(unknowns)
        streams = [self.network.streams(term.points, unknowns[:count]) for term in self.terms]
        return [
            t.residual(u, t.points, k) * t.weights for t, u in zip(self.terms, streams, strict=True)
        ]

    def _linearise(self, term, x):
        found, jacobian = self.network.residuals_and_jacobian(
            term.points,
            lambda u: term.residual(u, term.points, self._diffusivity(x)) * term.weights,
        )
        if self.log_k is not None:
            jacobian = torch.cat([jacobian, self._by_log_k(term, x)], dim=1)
        return found, jacobian

    def _by_log_k(self, term, x):
        """Derivative of each residual by log k: each point has a k of its own."""
        with torch.no_grad():
            streams = self.network.streams(term.points)
        k = self._diffusivity(x).repeat(len(term.points)).requires_grad_()
        found = term.residual(streams, term.points, k) * term.weights
        if not found.requires_grad:  # such as the start, which knows no k
            return torch.zeros(len(k), 1, dtype=torch.float64)
        return (k * torch.autograd.grad(found.sum(), k)[0]).detach()[:, None]

    def _diffusivity(self, x):
        return 1.0 if self.log_k is None else torch.exp(x[-1])
