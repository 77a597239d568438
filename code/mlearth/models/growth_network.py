"""A network for something that grows at its place until it is crowded: u_t = rate u (1 - u).

A patch of algae that starts from a bell around x = 1/2 [krishnapriyan2021characterizing]_. Nothing
spreads; every place obeys the logistic equation, whose exact solution is known.

.. [krishnapriyan2021characterizing] Krishnapriyan et al. (2021), Characterizing possible failure
   modes in physics-informed neural networks. NeurIPS 34.
"""

import numpy as np
import torch
from scipy.stats import qmc

from mlearth.models.heat_loss import HeatLoss
from mlearth.models.heat_terms import Term, value_term
from mlearth.models.physics_network import PhysicsNetwork

WIDTH = 0.125  # of the bell


def first_patch(x):
    """The bell at t = 0: ndarray of the shape of x."""
    return np.exp(-0.5 * ((np.asarray(x, float) - 0.5) / WIDTH) ** 2)


def exact_growth(x, t, rate):
    """The solution for x and t that broadcast: ndarray of the broadcast shape, from 0 to 1."""
    grown = first_patch(x) * np.exp(rate * np.asarray(t, float))
    return grown / (grown + 1 - first_patch(x))


def growth_loss(rate, seed, *, hidden=(16, 16, 16), count=800, start=1.0):
    """The usual loss: the law inside, and the values at the start.

    Parameters
    ----------
    rate : float
        Of growth, for times from 0 to 1.
    seed : int
        Of the points and of the first weights.
    hidden : sequence of int
    count : int
        Points inside.
    start : float
        Weight of the values at the start; the law has the weight 1.

    Returns
    -------
    mlearth.models.heat_loss.HeatLoss
        Of a network of x and t.
    """
    points = torch.tensor(qmc.LatinHypercube(2, seed=np.random.default_rng(seed)).random(count))
    x = np.linspace(0, 1, 100)
    law = Term(
        points, lambda u, _, k: u.u_y - rate * u.u * (1 - u.u), torch.tensor(count**-0.5).double()
    )
    network = PhysicsNetwork(hidden, (0, 0), (1, 1), seed)
    return HeatLoss(network, [law, value_term(x, 0.0, first_patch(x), weight=start)])
