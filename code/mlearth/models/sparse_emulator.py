"""Emulators for many runs, in which a few inducing points stand for all of them.

Two approximations of one model: a straight line (least squares) plus a smooth departure (Matern
5/2) plus noise. `fit_sgpr` sees all runs at every step [titsias2009variational]_, `fit_svgp` a
batch of them [hensman2013gaussian]_. Both begin with the hyperparameters of an exact emulator of
some of the runs.

.. [titsias2009variational] Titsias (2009), Variational learning of inducing variables in sparse
   Gaussian processes. AISTATS.
.. [hensman2013gaussian] Hensman, Fusi and Lawrence (2013), Gaussian processes for big data. UAI.
"""

from dataclasses import dataclass

import gpflow
import numpy as np
import tensorflow as tf
from scipy.cluster.vq import kmeans2

from mlearth.models.emulator import fit_emulator
from mlearth.models.emulator_fit import check_runs

FIRST = 250  # runs of the exact emulator that comes first
ROWS = 4096  # predicted at a time


@dataclass(frozen=True)
class SparseEmulator:
    """A fitted approximation; made by `fit_sgpr` or `fit_svgp`.

    Attributes
    ----------
    model : gpflow.models.GPModel
        For scaled inputs and outputs.
    shift, half_width : ndarray, shape (d,)
        Inputs are scaled to (inputs - shift) / half_width.
    centre, spread : float
        Outputs are scaled to (outputs - centre) / spread.
    """

    model: gpflow.models.GPModel
    shift: np.ndarray
    half_width: np.ndarray
    centre: float
    spread: float

    @property
    def noise_deviation(self):
        """Standard deviation of the fitted noise [output unit]."""
        return float(np.sqrt(self.model.likelihood.variance.numpy()) * self.spread)

    def predict(self, inputs, *, observed=False):
        """Mean and standard deviation at new inputs.

        Parameters
        ----------
        inputs : array_like, shape (m, d)
        observed : bool
            Of a new run, with its noise, instead of the smooth function beneath.

        Returns
        -------
        mean, deviation : ndarray, shape (m,)
            In the unit of the outputs.
        """
        z = (np.asarray(inputs, dtype=float) - self.shift) / self.half_width
        predict = self.model.predict_y if observed else self.model.predict_f
        parts = [predict(z[i : i + ROWS]) for i in range(0, len(z), ROWS)]
        mean, variance = (np.concatenate([part[k][:, 0] for part in parts]) for k in (0, 1))
        return self.centre + self.spread * mean, self.spread * np.sqrt(np.maximum(variance, 0))


def fit_sgpr(inputs, outputs, n_inducing, rng, *, iterations=10):
    """Fit with inducing points and all runs at once: the time grows with ``n * n_inducing**2``.

    Parameters
    ----------
    inputs, outputs : array_like, shapes (n, d) and (n,)
    n_inducing : int
        Inducing points, at most n; they stay where k-means puts them.
    rng : numpy.random.Generator
        Draws the runs of the first, exact fit, and starts k-means.
    iterations : int
        Of the search for hyperparameters.

    Returns
    -------
    SparseEmulator

    Raises
    ------
    ValueError
        As `mlearth.models.emulator.fit_emulator`, or if there are more inducing points than runs.
    """
    z, t, scaling, kernel, likelihood, inducing = _prepare(inputs, outputs, n_inducing, rng)
    model = gpflow.models.SGPR(
        (z, t), kernel, inducing, mean_function=_line(z, t), likelihood=likelihood
    )
    gpflow.set_trainable(model.inducing_variable, False)
    gpflow.optimizers.Scipy().minimize(
        model.training_loss, model.trainable_variables, options={"maxiter": iterations}
    )
    return SparseEmulator(model, *scaling)


def fit_svgp(inputs, outputs, n_inducing, rng, *, steps=600, batch=500):
    """Fit with inducing points and batches of runs: a step takes as long for any number of runs.

    Parameters
    ----------
    inputs, outputs : array_like, shapes (n, d) and (n,)
    n_inducing : int
        Inducing points, at most n; they stay where k-means puts them.
    rng : numpy.random.Generator
        Draws the runs of the first, exact fit, starts k-means and draws the batches.
    steps, batch : int
        Steps of training, and runs in each.

    Returns
    -------
    SparseEmulator

    Raises
    ------
    ValueError
        As `fit_sgpr`.
    """
    z, t, scaling, kernel, likelihood, inducing = _prepare(inputs, outputs, n_inducing, rng)
    model = gpflow.models.SVGP(
        kernel, likelihood, inducing, mean_function=_line(z, t), num_data=len(z)
    )
    gpflow.set_trainable(model.inducing_variable, False)
    step, rows = _training_step(model), min(batch, len(z))
    for _ in range(steps):
        drawn = rng.integers(len(z), size=rows)
        step(tf.constant(z[drawn]), tf.constant(t[drawn]))
    return SparseEmulator(model, *scaling)


def _training_step(model):
    """One batch: a natural gradient for the inducing values, Adam for the hyperparameters."""
    gpflow.set_trainable(model.q_mu, False)
    gpflow.set_trainable(model.q_sqrt, False)
    natural, adam = gpflow.optimizers.NaturalGradient(gamma=0.1), tf.keras.optimizers.Adam(0.01)
    adam.build(model.trainable_variables)

    @tf.function
    def step(z_batch, t_batch):
        loss = model.training_loss_closure((z_batch, t_batch), compile=False)
        natural.minimize(loss, [(model.q_mu, model.q_sqrt)])
        with tf.GradientTape() as tape:
            value = loss()
        variables = model.trainable_variables
        adam.apply_gradients(zip(tape.gradient(value, variables), variables, strict=True))

    return step


def _prepare(inputs, outputs, n_inducing, rng):
    """Scaled runs, the scaling, first guesses of kernel and noise, and inducing points."""
    inputs, outputs = check_runs(inputs, outputs)
    if not 1 <= n_inducing <= len(inputs):
        raise ValueError(f"{len(inputs)} runs allow 1 to {len(inputs)} inducing points")
    some = rng.permutation(len(inputs))[:FIRST]
    exact = fit_emulator(inputs[some], outputs[some])
    z, t = (inputs - exact.shift) / exact.half_width, (outputs - exact.centre) / exact.spread
    found = exact.hyperparameters
    kernel = gpflow.kernels.Matern52(found["variance"], found["length"])
    likelihood = gpflow.likelihoods.Gaussian(max(found["noise"], 1e-7), variance_lower_bound=1e-9)
    rows = z[rng.permutation(len(z))[: max(2000, n_inducing)]]
    inducing, _ = kmeans2(rows, n_inducing, minit="++", iter=5, seed=rng)
    scaling = exact.shift, exact.half_width, exact.centre, exact.spread
    return z, t[:, None], scaling, kernel, likelihood, inducing


def _line(z, t):
    """The least-squares line, held fixed."""
    found = np.linalg.lstsq(np.column_stack([z, np.ones(len(z))]), t, rcond=None)[0]
    line = gpflow.functions.Linear(A=found[:-1], b=found[-1])
    gpflow.set_trainable(line, False)
    return line
