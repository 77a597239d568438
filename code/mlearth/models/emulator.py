"""A Gaussian-process emulator: what a slow computer model would say, from some of its runs.

A straight-line trend whose coefficients are uncertain, plus a smooth departure from it (Matern 5/2
kernel, one length scale per input), plus noise, fitted by GPflow. Inputs are scaled to [-1, 1] and
outputs to mean 0 and variance 1 inside; all that goes in or comes out is in the caller's units.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.spatial.distance import cdist
from scipy.stats import qmc

from mlearth.models.emulator_fit import TREND_VARIANCE, check_runs, maximise_likelihood

FURTHER_POINTS = 512  # at which a function is drawn before it can be called anywhere
JITTER = 1e-9  # in variances of the outputs: drawn functions are good to 3e-5 of their spread


@dataclass(frozen=True)
class Emulator:
    """A fitted emulator; made by `fit_emulator`.

    Attributes
    ----------
    inputs, outputs : ndarray, shapes (n, d) and (n,)
        The runs.
    shift, half_width : ndarray, shape (d,)
        Inputs are scaled to (inputs - shift) / half_width.
    centre, spread : float
        Outputs are scaled to (outputs - centre) / spread.
    hyperparameters : dict
        variance, length (d,) and noise variance, in scaled units.
    """

    inputs: np.ndarray
    outputs: np.ndarray
    shift: np.ndarray
    half_width: np.ndarray
    centre: float
    spread: float
    hyperparameters: dict

    @property
    def length_scales(self):
        """Length scale of each input [its unit], shape (d,)."""
        return self.hyperparameters["length"] * self.half_width

    @property
    def noise_deviation(self):
        """Standard deviation of the fitted noise [output unit]."""
        return float(np.sqrt(self.hyperparameters["noise"]) * self.spread)

    @cached_property
    def log_marginal_likelihood(self):
        """Logarithm of the density of the scaled outputs before they are known [nats]."""
        misfit = (self.outputs - self.centre) @ self._weights
        volume = np.sum(np.log(np.diag(self._factor) / self.spread))
        return -0.5 * misfit - volume - 0.5 * len(self.outputs) * np.log(2 * np.pi)

    def covariance(self, inputs=None, others=None):
        """Prior covariance, trend included and noise not [output unit squared].

        Parameters
        ----------
        inputs, others : array_like, shapes (m, d) and (k, d), optional
            The runs where not given; without `others`, of `inputs` with themselves.

        Returns
        -------
        ndarray, shape (m, k)
        """
        z = self._scaled(self.inputs if inputs is None else inputs)
        w = z if others is None else self._scaled(others)
        length = self.hyperparameters["length"]
        r = np.sqrt(5) * cdist(z / length, w / length)
        departure = self.hyperparameters["variance"] * (1 + r + r**2 / 3) * np.exp(-r)
        return self.spread**2 * (departure + TREND_VARIANCE * (1 + z @ w.T))

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
        across = self.covariance(self.inputs, inputs)  # (n, m)
        reduced = solve_triangular(self._factor, across, lower=True)
        prior = self._prior_variance(inputs) + (self.noise_deviation**2 if observed else 0)
        left = np.maximum(prior - np.sum(reduced**2, axis=0), 0)
        return self.centre + across.T @ self._weights, np.sqrt(left)

    def posterior_covariance(self, inputs):
        """Covariance of the smooth function at new inputs, shape (m, m) [output unit squared]."""
        return self._posterior(inputs, inputs)

    def samples(self, inputs, rng, n):
        """Functions that agree with the runs, drawn jointly at all `inputs`.

        Parameters
        ----------
        inputs : array_like, shape (m, d)
            At most a few thousand rows: the time grows with their cube.
        rng : numpy.random.Generator
        n : int

        Returns
        -------
        ndarray, shape (n, m)
        """
        mean, _ = self.predict(inputs)
        return mean + rng.normal(size=(n, len(mean))) @ self._sampling_root(inputs).T

    def sample_functions(self, rng, n):
        """Functions that agree with the runs, to be called at any inputs.

        Values at `FURTHER_POINTS` inputs, spread evenly over the range of the runs, are drawn
        jointly with `samples`; each function is the mean given the runs and these values, so that
        next to nothing is left uncertain between them. (The reference obtains the moments of
        effects by integration instead of drawing.)

        Parameters
        ----------
        rng : numpy.random.Generator
        n : int

        Returns
        -------
        list of callable
            (m, d) -> (m,).

        References
        ----------
        oakley2004probabilistic
        """
        unit = qmc.Sobol(len(self.shift), seed=rng).random(FURTHER_POINTS)
        further = self.shift + self.half_width * (2 * unit - 1)
        root = self._sampling_root(further)
        weights = solve_triangular(root, rng.normal(size=(FURTHER_POINTS, n)), lower=True, trans=1)

        def draw(column):
            return lambda new: self.predict(new)[0] + self._posterior(new, further) @ column

        return [draw(column) for column in weights.T]

    def leave_one_out(self):
        """Predict each run from all others, without refitting.

        Returns
        -------
        mean, deviation : ndarray, shape (n,)
            Of the left-out run, its noise included.

        References
        ----------
        rasmussen2006gaussian, section 5.4.2
        """
        root = solve_triangular(self._factor, np.eye(len(self.outputs)), lower=True)
        variance = 1 / np.sum(root**2, axis=0)  # one over the diagonal of the inverse
        return self.outputs - variance * self._weights, np.sqrt(variance)

    @cached_property
    def _factor(self):
        noise = self.noise_deviation**2 * np.eye(len(self.outputs))
        return cholesky(self.covariance() + noise, lower=True)

    @cached_property
    def _weights(self):
        return cho_solve((self._factor, True), self.outputs - self.centre)

    def _posterior(self, inputs, others):
        """Covariance between the smooth function at two sets of inputs, given the runs."""
        known, other = (
            solve_triangular(self._factor, self.covariance(self.inputs, z), lower=True)
            for z in (inputs, others)
        )
        return self.covariance(inputs, others) - known.T @ other

    def _sampling_root(self, inputs):
        jitter = JITTER * self.spread**2 * np.eye(len(inputs))
        return cholesky(self._posterior(inputs, inputs) + jitter, lower=True)

    def _scaled(self, inputs):
        inputs = np.asarray(inputs, dtype=np.float64)
        if inputs.ndim != 2 or inputs.shape[1] != self.inputs.shape[1]:
            raise ValueError(f"inputs must be (m, {self.inputs.shape[1]}), got {inputs.shape}")
        if not np.all(np.isfinite(inputs)):
            raise ValueError("inputs must be finite: a value is missing or infinite")
        return (inputs - self.shift) / self.half_width

    def _prior_variance(self, inputs):
        trend = TREND_VARIANCE * (1 + np.sum(self._scaled(inputs) ** 2, axis=1))
        return self.spread**2 * (self.hyperparameters["variance"] + trend)


def fit_emulator(inputs, outputs, *, noise_deviation=None):
    """Fit an emulator to runs of a computer model, by maximum marginal likelihood.

    Parameters
    ----------
    inputs : array_like, shape (n, d)
        One row per run, in any units; n of at least 2 (d + 1).
    outputs : array_like, shape (n,)
    noise_deviation : float, optional
        Standard deviation of the noise if it is known [output unit]; otherwise it is fitted.

    Returns
    -------
    Emulator

    Raises
    ------
    ValueError
        If the shapes do not fit, a value is not finite, a row occurs twice, an input or the outputs
        are constant, there are too few runs, the noise is not positive, or no fit can be found.
    """
    inputs, outputs = check_runs(inputs, outputs)
    low, high = inputs.min(axis=0), inputs.max(axis=0)
    shift, half_width = (low + high) / 2, (high - low) / 2
    centre, spread = outputs.mean(), outputs.std()
    noise = None if noise_deviation is None else (noise_deviation / spread) ** 2
    if noise is not None and not (noise_deviation > 0 and np.isfinite(noise)):
        raise ValueError(f"noise_deviation must be positive, got {noise_deviation}")
    fitted = maximise_likelihood((inputs - shift) / half_width, (outputs - centre) / spread, noise)
    return Emulator(inputs, outputs, shift, half_width, centre, spread, fitted)


def refit_each(inputs, outputs):
    """Predict each run by an emulator that was scaled and fitted without it.

    Parameters
    ----------
    inputs, outputs : array_like, shapes (n, d) and (n,)

    Returns
    -------
    mean, deviation : ndarray, shape (n,)
        Of the left-out run, its noise included.
    """
    inputs, outputs = check_runs(inputs, outputs)
    found = np.empty((2, len(outputs)))
    for i in range(len(outputs)):
        emulator = fit_emulator(np.delete(inputs, i, axis=0), np.delete(outputs, i))
        found[:, i] = np.ravel(emulator.predict(inputs[i : i + 1], observed=True))
    return found[0], found[1]
