"""Inputs that fit an observation, sampled by Markov chains on an emulator.

The prior is uniform in a box. The chains are Hamiltonian (gradients by TensorFlow, the sampler by
TensorFlow Probability) and move in coordinates in which the walls of the box lie at infinity, so
that they cannot leave it.
"""

import logging
from dataclasses import dataclass

import gpflow
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from mlearth.models.emulator_fit import TREND_VARIANCE

STEPS_PER_MOVE = 10


@dataclass(frozen=True)
class Chains:
    """Draws from a posterior, and what they tell about themselves.

    Attributes
    ----------
    draws : ndarray, shape (n, chains, d)
        In the unit of the inputs, the warm-up left out.
    r_hat : ndarray, shape (d,)
        Spread over all chains against spread within (half) a chain, as a ratio of standard
        deviations; above 1.01 they disagree. A hair under 1 is sampling noise.
    n_effective : ndarray, shape (d,)
        Independent draws that would give mean and variance as surely (the smaller of the two).
    accepted : float
        Share of the proposals.
    """

    draws: np.ndarray
    r_hat: np.ndarray
    n_effective: np.ndarray
    accepted: float


def sample_posterior(
    emulator, observed, error, box, rng, *, chains=16, n=500, warm_up=300, emulator_error=True
):
    """Draw inputs from the posterior for one observation of the emulated output.

    Parameters
    ----------
    emulator : mlearth.models.emulator.Emulator
    observed, error : float
        The observation and its standard deviation [output unit].
    box : array_like, shape (d, 2)
        Lowest and highest value of each input; the prior is uniform between.
    rng : numpy.random.Generator
    chains, n, warm_up : int
        Chains, draws of each, and draws before these, while the step is tuned.
    emulator_error : bool
        Add the emulator's variance to that of the observation.

    Returns
    -------
    Chains

    Raises
    ------
    ValueError
        If the observation is not finite, its error not above 0, or the box has no inside.
    """
    low, high = np.asarray(box, dtype=float).T
    if not (np.isfinite(observed) and error > 0):
        raise ValueError("the observation must be finite, and its error above 0")
    if not np.all(low < high):
        raise ValueError("each row of the box must be its lowest value, then its highest")
    predict = predictor(emulator)

    def log_density(share):  # of the way from low to high, (chains, d)
        mean, variance = predict(low + share * (high - low))
        total = error**2 + (variance if emulator_error else 0.0 * variance)
        return -0.5 * ((observed - mean) ** 2 / total + tf.math.log(total))

    start, seed = rng.random((chains, len(low))), rng.integers(2**31, size=2, dtype=np.int32)
    share, accepted = (part.numpy() for part in _run(log_density, start, seed, n, warm_up))
    return Chains(
        low + share * (high - low),
        np.sqrt(tfp.mcmc.potential_scale_reduction(share, split_chains=True).numpy()),
        _n_effective(share),
        float(np.mean(accepted)),
    )


def predictor(emulator):
    """Write an emulator as a function of TensorFlow, through which gradients pass.

    Parameters
    ----------
    emulator : mlearth.models.emulator.Emulator

    Returns
    -------
    callable
        ``inputs (m, d) -> mean (m,), variance (m,)`` of the function [output unit, and squared].
    """
    found = emulator.hyperparameters
    kernel = gpflow.kernels.Matern52(found["variance"], found["length"])
    kernel += gpflow.kernels.Constant(TREND_VARIANCE) + gpflow.kernels.Linear(TREND_VARIANCE)
    likelihood = gpflow.likelihoods.Gaussian(found["noise"], variance_lower_bound=0.0)
    runs = (emulator.inputs - emulator.shift) / emulator.half_width
    outputs = (emulator.outputs - emulator.centre) / emulator.spread
    model = gpflow.models.GPR((runs, outputs[:, None]), kernel, likelihood=likelihood)
    posterior = model.posterior()  # the factorisation is done once

    def predict(inputs):
        mean, variance = posterior.predict_f((inputs - emulator.shift) / emulator.half_width)
        return (
            emulator.centre + emulator.spread * mean[:, 0],
            emulator.spread**2 * tf.maximum(variance[:, 0], 0.0),
        )

    return predict


@tf.function(reduce_retracing=True)
def _run(log_density, start, seed, n, warm_up):
    hamiltonian = tfp.mcmc.HamiltonianMonteCarlo(
        log_density, step_size=tf.constant(0.1, tf.float64), num_leapfrog_steps=STEPS_PER_MOVE
    )
    in_box = tfp.mcmc.TransformedTransitionKernel(hamiltonian, tfp.bijectors.Sigmoid())
    tuned = tfp.mcmc.DualAveragingStepSizeAdaptation(in_box, int(0.8 * warm_up))
    return tfp.mcmc.sample_chain(
        n,
        start,
        kernel=tuned,
        num_burnin_steps=warm_up,
        seed=seed,
        trace_fn=lambda _, results: results.inner_results.inner_results.is_accepted,
    )


def _n_effective(share):
    """Of all chains together, shape (d,)."""
    log = tf.get_logger()
    level = log.level
    log.setLevel(logging.ERROR)  # the Fourier transform inside warns of a harmless cast
    try:
        found = [
            tfp.mcmc.effective_sample_size(
                values, cross_chain_dims=1, filter_beyond_positive_pairs=True
            ).numpy()
            for values in (share, (share - share.mean(axis=(0, 1))) ** 2)
        ]
    finally:
        log.setLevel(level)
    return np.min(found, axis=0)
