"""Frozen features that obey the start and the ends by construction, whatever their coefficients.

Every feature is multiplied by x (1 - x) s, which vanishes on all three edges; a lift, linear in x,
takes the given values there. Only the equation is left to be solved for [lagaris1998artificial]_.

.. [lagaris1998artificial] Lagaris, Likas and Fotiadis (1998), Artificial neural networks for
   solving ordinary and partial differential equations. IEEE Trans. Neural Networks 9, 987-1000.
"""

import numpy as np
import torch

from mlearth.models.frozen_features import DURATION, least_squares
from mlearth.models.heat_singular import both_parts


class HardHeat:
    """The chapter's heat problem with singular parts subtracted and hard start and ends.

    Parameters
    ----------
    features : mlearth.models.frozen_features.FrozenFeatures
    side : int
        The equation is demanded at `side` x `side` Chebyshev points of x and s.
    """

    def __init__(self, features, *, side=36):
        self.features = features
        inner = 0.5 - 0.5 * np.cos(np.pi * (np.arange(side) + 0.5) / side)
        self._x, self._s = (v.ravel() for v in np.meshgrid(inner, DURATION**0.5 * inner))

    def solve(self, diffusivity=1.0):
        """Find the coefficients for one diffusivity: ndarray of shape (m,)."""
        x, s = self._x[:, None], self._s[:, None]
        value, by_x, by_s, by_xx = self.features.derivatives(self._x, self._s**2)
        rate = x * (1 - x) * (value + s * by_s)
        bent = s * (-2 * value + 2 * (1 - 2 * x) * by_x + x * (1 - x) * by_xx)
        return least_squares(rate - 2 * s * diffusivity * bent, -self._lift_rate(diffusivity))

    def temperature(self, coefficients, x, t, diffusivity=1.0):
        """Evaluate a solution at x and t, which broadcast: ndarray of the broadcast shape."""
        x, t = (v.copy() for v in np.broadcast_arrays(np.asarray(x, float), np.asarray(t, float)))
        smooth = (self.features.values(x.ravel(), t.ravel()) @ coefficients).reshape(x.shape)
        known = both_parts(x, t, diffusivity) + _lift(x, torch.tensor(t**0.5), diffusivity)
        return x * (1 - x) * t**0.5 * smooth + known.numpy()

    def _lift_rate(self, diffusivity):
        s = torch.tensor(self._s, requires_grad=True)
        return torch.autograd.grad(_lift(self._x, s, diffusivity).sum(), s)[0].numpy()


def _lift(x, s, diffusivity):
    """What is missing at the two ends, joined by lines; at s = 0 that is the start, too."""
    x, t = torch.as_tensor(x), s**2
    at_0, at_1 = (-both_parts(0.0, t, diffusivity), 1 - both_parts(1.0, t, diffusivity))
    return (1 - x) * at_0 + x * at_1
