"""Hyperparameters of an emulator, fitted by GPflow; and which runs it can be fitted to.

GPflow's graph is compiled once per number of inputs and serves every later fit.
"""

from functools import cache

import gpflow
import numpy as np
import tensorflow as tf

TREND_VARIANCE = 100.0  # of level and slopes, in variances of the outputs: wide
SEARCH = {  # first guess, lowest and highest value, in scaled units
    "variance": (1.0, 1e-4, 1e4),
    "length": (2.0, 0.05, 1e3),
    "noise": (1e-3, 1e-10, 1.0),
}


def check_runs(inputs, outputs):
    """Turn runs into arrays that an emulator can be fitted to, or say what is wrong with them.

    Parameters
    ----------
    inputs, outputs : array_like, shapes (n, d) and (n,)

    Returns
    -------
    inputs, outputs : ndarray of float

    Raises
    ------
    ValueError
        If they do not fit, are not finite, occur twice, are constant or too few.
    """
    inputs = np.asarray(inputs, dtype=np.float64)
    outputs = np.asarray(outputs, dtype=np.float64)
    if inputs.ndim != 2 or outputs.shape != inputs.shape[:1]:
        raise ValueError(
            f"inputs must be (n, d) and outputs (n,), got {inputs.shape} and {outputs.shape}"
        )
    if not (np.all(np.isfinite(inputs)) and np.all(np.isfinite(outputs))):
        raise ValueError("inputs and outputs must be finite: a value is missing or infinite")
    n, d = inputs.shape
    if n < 2 * (d + 1):
        raise ValueError(f"{n} runs are too few for {d} inputs: at least {2 * (d + 1)} are needed")
    width = np.ptp(inputs, axis=0)
    if np.any(width == 0):
        raise ValueError(f"input {int(np.argmin(width))} is the same in all runs: leave it out")
    if len(np.unique(np.round((inputs - inputs[0]) / width, 9), axis=0)) < n:
        raise ValueError("two runs have the same inputs: keep one of them")
    if np.ptp(outputs) == 0:
        raise ValueError("the outputs are constant: there is nothing to emulate")
    return inputs, outputs


def maximise_likelihood(z, t, noise=None):
    """Find the hyperparameters with the largest marginal likelihood.

    Parameters
    ----------
    z : ndarray, shape (n, d)
        Inputs, scaled to [-1, 1].
    t : ndarray, shape (n,)
        Outputs, scaled to mean 0 and variance 1.
    noise : float, optional
        Variance of the noise, in the same scale; fitted if not given.

    Returns
    -------
    dict
        variance, length (d,) and noise variance.

    Raises
    ------
    ValueError
        If the covariance of the runs cannot be factored.
    """
    model, optimiser = _model(z.shape[1])
    for variable, values in zip(model.data, (z, t[:, None]), strict=True):
        variable.assign(values)
    matern = model.kernel.kernels[0]
    parameters = {
        "variance": matern.variance,
        "length": matern.lengthscales,
        "noise": model.likelihood.variance,
    }
    bounds = []
    for name, parameter in parameters.items():
        known = name == "noise" and noise is not None
        guess, *limits = (noise, noise, noise) if known else SEARCH[name]
        parameter.assign(np.full(parameter.shape, guess))
        bounds += [np.log(limits)] * parameter.unconstrained_variable.numpy().size
    variables = [parameter.unconstrained_variable for parameter in parameters.values()]
    try:
        optimiser.minimize(
            model.training_loss, variables, bounds=bounds, tf_fun_args={"autograph": False}
        )
    except tf.errors.InvalidArgumentError as error:
        raise ValueError(
            "no fit found: the runs contradict a smooth function, or lie too close together"
        ) from error
    return {name: parameter.numpy() for name, parameter in parameters.items()}


def _positive(value):
    """A parameter that is fitted through its logarithm."""
    return gpflow.Parameter(value, transform=gpflow.utilities.positive(base="exp"))


@cache
def _model(d):
    """A GPflow model whose data can be replaced, so that its graph is compiled once."""
    data = tuple(tf.Variable(np.zeros((2, k)), shape=(None, k), trainable=False) for k in (d, 1))
    departure = gpflow.kernels.Matern52(lengthscales=np.ones(d))
    departure.variance, departure.lengthscales = _positive(1.0), _positive(np.ones(d))
    trend = gpflow.kernels.Constant(TREND_VARIANCE) + gpflow.kernels.Linear(TREND_VARIANCE)
    likelihood = gpflow.likelihoods.Gaussian(variance_lower_bound=0.0)
    likelihood.variance = _positive(1.0)
    model = gpflow.models.GPR(data, departure + trend, likelihood=likelihood)
    return model, gpflow.optimizers.Scipy()
