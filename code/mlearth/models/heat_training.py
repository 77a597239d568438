"""Steps of several optimisers for a `HeatLoss`, each as a function without arguments."""

import numpy as np
import torch

from mlearth.models.gauss_newton import GaussNewton
from mlearth.models.quasi_newton import Descent


def torch_step(loss, optimiser):
    """Prepare steps of an optimiser of PyTorch.

    Parameters
    ----------
    loss : HeatLoss
        With known diffusivity.
    optimiser : torch.optim.Optimizer
        Of the network's weights.

    Returns
    -------
    callable
    """

    def closure():
        optimiser.zero_grad()
        value = loss()
        value.backward()
        return value

    def advance():
        optimiser.step(closure)

    return advance


def broyden_step(loss):
    """Prepare steps of self-scaled Broyden, which leave their weights in the network.

    Parameters
    ----------
    loss : HeatLoss

    Returns
    -------
    descent : mlearth.models.quasi_newton.Descent
    advance : callable
    """
    descent = Descent(loss.value_and_gradient, loss.start)

    def advance():
        moved = descent.step()
        loss.keep(descent.x)
        return moved

    return descent, advance


def gauss_newton_step(loss):
    """Prepare steps of damped Gauss-Newton, which leave their weights in the network.

    Parameters
    ----------
    loss : HeatLoss

    Returns
    -------
    fit : mlearth.models.gauss_newton.GaussNewton
    advance : callable
    """
    fit = GaussNewton(loss.residuals, loss.linearise, loss.start)

    def advance():
        moved = fit.step()
        loss.keep(fit.x)
        return moved

    return fit, advance


def temperature(network, x, t, *, root=True):
    """Ask a network for the temperature.

    Parameters
    ----------
    network : PhysicsNetwork
    x, t : array_like
        Broadcast.
    root : bool
        Whether the network's second input is the root of time.

    Returns
    -------
    ndarray, of the broadcast shape
    """
    x, t = np.broadcast_arrays(np.asarray(x, float), np.asarray(t, float))
    points = np.stack([x.ravel(), t.ravel() ** 0.5 if root else t.ravel()], axis=1)
    with torch.no_grad():
        return network(torch.tensor(points)).numpy().reshape(x.shape)
