"""A neural network from scratch: forward pass, backpropagation and the ways to walk downhill.

Layers are fully connected; hidden units are tanh, the output is one number per row, read as the
log-odds of a yes. Everything is NumPy, in float64.
"""

from itertools import pairwise

import numpy as np
from scipy.special import expit


class Network:
    """(n, n_inputs) -> (n,), the probability of a yes.

    Parameters
    ----------
    sizes : sequence of int
        Number of inputs, of units in each hidden layer, and 1. Without a hidden layer the network
        is a logistic regression.
    rng : numpy.random.Generator
    scale : float, optional
        Standard deviation of the first weights. The default, one over the square root of the number
        of inputs of a layer, keeps the spread of the signal from layer to layer
        [lecun1998efficient]_.

    Attributes
    ----------
    parameters : list of ndarray
        Weights (n_in, n_out) and biases (n_out,) of each layer in turn.

    Raises
    ------
    ValueError
        If `sizes` has fewer than two numbers, or does not end in 1.
    """

    def __init__(self, sizes, rng, *, scale=None):
        if len(sizes) < 2 or sizes[-1] != 1:
            raise ValueError(f"sizes go from the number of inputs to 1 output, not {sizes!r}")
        self.parameters = []
        for n_in, n_out in pairwise(sizes):
            spread = n_in**-0.5 if scale is None else scale
            self.parameters += [rng.normal(0.0, spread, (n_in, n_out)), np.zeros(n_out)]

    def activations(self, x):
        """Carry rows through the network, and keep what every layer puts out.

        Parameters
        ----------
        x : ndarray, shape (n, n_inputs)

        Returns
        -------
        list of ndarray
            The rows themselves, the hidden layers (n, n_units), and the log-odds (n, 1).
        """
        found = [np.asarray(x, float)]
        for weights, biases in self._layers():
            signal = found[-1] @ weights + biases
            found.append(np.tanh(signal))
        found[-1] = signal  # the last layer is not bent
        return found

    def __call__(self, x):
        """Return the probability of a yes, shape (n,)."""
        return expit(self.activations(x)[-1][:, 0])

    def loss(self, x, y, *, decay=0.0):
        """Mean cross-entropy, plus half of `decay` times the sum of the squared weights.

        Parameters
        ----------
        x : ndarray, shape (n, n_inputs)
        y : ndarray of bool or float, shape (n,)
            1 for yes, 0 for no.
        decay : float

        Returns
        -------
        float
            [nats].
        """
        log_odds = self.activations(x)[-1][:, 0]
        misfit = np.mean(np.logaddexp(0.0, log_odds) - np.asarray(y, float) * log_odds)
        return misfit + 0.5 * decay * sum(np.sum(w**2) for w, _ in self._layers())

    def gradients(self, x, y, *, decay=0.0):
        """Differentiate the loss by backpropagation.

        Parameters
        ----------
        x, y, decay
            As in `loss`.

        Returns
        -------
        list of ndarray
            One for each of `parameters`, of its shape.
        """
        outputs = self.activations(x)
        error = (expit(outputs[-1]) - np.asarray(y, float)[:, None]) / len(y)  # d loss / d log-odds
        found = []
        for (weights, _), entering in zip(self._layers()[::-1], outputs[-2::-1], strict=True):
            found = [entering.T @ error + decay * weights, error.sum(axis=0), *found]
            error = (error @ weights.T) * (1 - entering**2)  # through the weights and the tanh
        return found

    def _layers(self):
        return list(zip(self.parameters[::2], self.parameters[1::2], strict=True))


class GradientDescent:
    """Steps against the gradient, with momentum if asked for.

    Parameters
    ----------
    rate : float
        Learning rate.
    momentum : float
        Share of the last step that is repeated, from 0 to below 1.
    """

    def __init__(self, rate, momentum=0.0):
        self.rate, self.momentum, self._last = rate, momentum, None

    def update(self, parameters, gradients):
        """Change the parameters in place by one step."""
        last = self._last or [0.0] * len(parameters)
        steps = [self.momentum * s - self.rate * g for s, g in zip(last, gradients, strict=True)]
        for parameter, step in zip(parameters, steps, strict=True):
            parameter += step
        self._last = steps


class Adam:
    """Steps of about `rate` whatever the gradient's size [kingma2015adam]_.

    Parameters
    ----------
    rate : float
        Learning rate.
    memory, square_memory : float
        How much of the running means of the gradient and of its square is kept in each step.
    """

    def __init__(self, rate=1e-3, memory=0.9, square_memory=0.999, tiny=1e-8):
        self.rate, self.memory, self.square_memory, self.tiny = rate, memory, square_memory, tiny
        self._count, self._means, self._squares = 0, None, None

    def update(self, parameters, gradients):
        """Change the parameters in place by one step."""
        if self._means is None:
            self._means = [np.zeros_like(p) for p in parameters]
            self._squares = [np.zeros_like(p) for p in parameters]
        self._count += 1
        unbias = 1 - self.memory**self._count, 1 - self.square_memory**self._count
        for p, g, mean, square in zip(
            parameters, gradients, self._means, self._squares, strict=True
        ):
            mean += (1 - self.memory) * (g - mean)
            square += (1 - self.square_memory) * (g**2 - square)
            p -= self.rate * (mean / unbias[0]) / (np.sqrt(square / unbias[1]) + self.tiny)


def descend(network, optimiser, x, y, steps, *, batch=None, rng=None, decay=0.0):
    """Train a network in place.

    Parameters
    ----------
    network : Network
    optimiser : GradientDescent or Adam
    x : ndarray, shape (n, n_inputs)
    y : ndarray, shape (n,)
        1 for yes, 0 for no.
    steps : int
    batch : int, optional
        Rows drawn at random for each step; all rows unless given.
    rng : numpy.random.Generator, optional
        Needed with `batch`.
    decay : float
        Weight decay, as in `Network.loss`.

    Returns
    -------
    ndarray, shape (steps + 1,)
        Loss on all rows, without the decay, before the first step and after each.
    """
    losses = [network.loss(x, y)]
    for _ in range(steps):
        rows = slice(None) if batch is None else rng.integers(len(y), size=batch)
        optimiser.update(network.parameters, network.gradients(x[rows], y[rows], decay=decay))
        losses.append(network.loss(x, y))
    return np.array(losses)


def fit_network(x, y, hidden, rng, *, steps=1000, rate=0.03, decay=0.0):
    """Train a network of one hidden layer with Adam on all rows at once.

    Parameters
    ----------
    x : ndarray, shape (n, n_inputs)
    y : ndarray, shape (n,)
        1 for yes, 0 for no.
    hidden : int
        Hidden units.
    rng : numpy.random.Generator
        For the first weights.
    steps : int
    rate, decay : float
        Learning rate and weight decay.

    Returns
    -------
    Network
    """
    network, optimiser = Network((x.shape[1], hidden, 1), rng), Adam(rate)
    for _ in range(steps):
        optimiser.update(network.parameters, network.gradients(x, y, decay=decay))
    return network
