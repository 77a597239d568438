"""Gaussian processes, exactly: a prior over functions, and what observations leave of it.

Everything goes through one Cholesky factor of the covariance of the observations; no matrix is
ever inverted. A kernel is any callable: ``kernel(x)`` gives the covariance of the function at the
rows of x with itself, shape (n, n), and ``kernel(x, other)`` with that at other rows, shape (n, m).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_solve, cholesky, solve_triangular

SAMPLING_JITTER = 1e-9  # over the mean prior variance: no eye sees it, and the factor exists
ROWS_AT_ONCE = 100  # rows whose prior variances are taken from one small matrix


@dataclass(frozen=True)
class Posterior:
    """What a Gaussian process believes after observations; made by `condition`.

    Parameters
    ----------
    kernel : callable
    x, y : ndarray, shapes (n,) or (n, d), and (n,)
        Where was observed, and what.
    factor : ndarray, shape (n, n)
        L, lower triangular: L @ L.T is the covariance of the observations.
    weights : ndarray, shape (n,)
        L @ L.T undone on the observations minus their prior mean.
    prior_mean : callable
        x -> prior mean.
    """

    kernel: Callable
    x: np.ndarray
    y: np.ndarray
    factor: np.ndarray
    weights: np.ndarray
    prior_mean: Callable

    def predict(self, x, *, noise=0.0):
        """Mean and standard deviation at other rows.

        Parameters
        ----------
        x : array_like, shape (m,) or (m, d)
        noise : float or array_like of shape (m,), optional
            Variance of the error of a new observation. Without it the deviation is that of the
            function itself.

        Returns
        -------
        mean, deviation : ndarray, shape (m,)
            In the unit of y. A band of 95 % reaches 1.96 deviations to both sides.

        Raises
        ------
        ValueError
            If `x` is not finite or has other columns than the observed, or `noise` is negative.
        """
        x, mean, explained = self._given(x)
        variance = _prior_variances(self.kernel, x) - np.sum(explained**2, axis=0)
        return mean, np.sqrt(np.maximum(variance, 0) + _variances(noise, mean.shape))

    def covariance(self, x):
        """Covariance of the function between other rows, shape (m, m); arguments as `predict`."""
        x, _, explained = self._given(x)
        return _matrix(self.kernel, x) - explained.T @ explained

    def sample(self, x, rng, n=1):
        """Draw functions that the observations have left plausible.

        Parameters
        ----------
        x : array_like, shape (m,) or (m, d)
        rng : numpy.random.Generator
        n : int

        Returns
        -------
        ndarray, shape (n, m)
            Functions without errors of observation, one in each row.
        """
        mean = self._given(x)[1]
        jitter = SAMPLING_JITTER * np.mean(_prior_variances(self.kernel, np.asarray(x, float)))
        factor = _factorise(self.covariance(x), jitter)
        return mean + rng.normal(size=(n, len(mean))) @ factor.T

    @property
    def log_marginal_likelihood(self):
        """Logarithm of the density that the prior, plus noise, gave to what was observed [nats]."""
        misfit = (self.y - self.prior_mean(self.x)) @ self.weights
        half_log_determinant = np.sum(np.log(np.diag(self.factor)))
        return float(-0.5 * misfit - half_log_determinant - 0.5 * len(self.y) * np.log(2 * np.pi))

    def leave_one_out(self):
        """Predict every observation from all others, without refitting.

        With C the covariance of the observations and w the weights, row i is missed by
        ``w[i] / inv(C)[i, i]``, and the variance of that error is ``1 / inv(C)[i, i]``.

        Returns
        -------
        mean, deviation : ndarray, shape (n,)
            Of the *observation*: the deviation includes its noise.

        References
        ----------
        [rasmussen2006gaussian]_, equations 5.10 to 5.12; [sundararajan2001predictive]_
        """
        half = solve_triangular(self.factor, np.eye(len(self.y)), lower=True)
        precision = np.sum(half**2, axis=0)  # the diagonal of the inverse, which is half.T @ half
        return self.y - self.weights / precision, precision**-0.5

    def _given(self, x):
        """Checked rows, posterior mean (m,), and K(observed, x) with L undone, (n, m)."""
        x = _finite_rows(x)
        if x.shape[1:] != self.x.shape[1:]:
            raise ValueError(f"x has rows of shape {x.shape[1:]}, but observed {self.x.shape[1:]}")
        cross = self.kernel(self.x, x)
        explained = solve_triangular(self.factor, cross, lower=True)
        return x, self.prior_mean(x) + cross.T @ self.weights, explained


def condition(kernel, x, y, noise=0.0, *, mean=None, jitter=0.0):
    """Condition a Gaussian process on observations.

    Parameters
    ----------
    kernel : callable
        ``kernel(x, other=None)`` -> covariance of the function, shape (n, n) or (n, m).
    x, y : array_like, shapes (n,) or (n, d), and (n,)
        Where was observed, and what.
    noise : float or array_like of shape (n,)
        Variance of the observations' errors, in the unit of y squared.
    mean : callable, optional
        x -> prior mean, shape (n,); zero if not given.
    jitter : float
        Added to the diagonal as well, as a share of the mean prior variance, against rounding.

    Returns
    -------
    Posterior

    Raises
    ------
    ValueError
        If values are not finite, shapes do not fit, rows are fewer than two or repeated without
        noise, all outputs are equal, or the covariance has no Cholesky factor.

    References
    ----------
    [rasmussen2006gaussian]_, algorithm 2.1
    """
    x, y, noise = _observations(x, y, noise)
    if not 0 <= jitter < np.inf:
        raise ValueError(f"jitter must be finite and not negative, got {jitter}")
    mean = mean or (lambda rows: np.zeros(len(rows)))
    residual = y - mean(x)
    if residual.shape != y.shape or not np.all(np.isfinite(residual)):
        raise ValueError(f"mean(x) must be finite and of shape {y.shape}, not {residual.shape}")
    covariance = _matrix(kernel, x)
    factor = _factorise(covariance, noise + jitter * np.mean(np.diag(covariance)))
    return Posterior(kernel, x, y, factor, cho_solve((factor, True), residual), mean)


def sample_prior(kernel, x, rng, n=1, *, mean=None):
    """Draw functions before anything was observed.

    Parameters
    ----------
    kernel, mean
        As in `condition`.
    x, rng, n
        As in `Posterior.sample`.

    Returns
    -------
    ndarray, shape (n, m)

    Raises
    ------
    ValueError
        If `x` is not finite or the covariance has no Cholesky factor.
    """
    x = _finite_rows(x)
    covariance = _matrix(kernel, x)
    factor = _factorise(covariance, SAMPLING_JITTER * np.mean(np.diag(covariance)))
    drawn = rng.normal(size=(n, len(x))) @ factor.T
    return drawn if mean is None else drawn + mean(x)


def _factorise(covariance, added):
    """Cholesky factor of a covariance with something added to its diagonal."""
    matrix = covariance + np.diag(np.broadcast_to(added, len(covariance)))
    try:
        return cholesky(matrix, lower=True)
    except LinAlgError:
        raise ValueError(
            f"the covariance of the {len(matrix)} rows has no Cholesky factor. Either rows lie so "
            "close together that rounding makes the matrix singular: add noise or a jitter of "
            "1e-10 or more. Or the kernel is not one: its matrices must be positive definite."
        ) from None


def _matrix(kernel, x):
    matrix = np.asarray(kernel(x), float)
    if matrix.shape != (len(x), len(x)) or not np.all(np.isfinite(matrix)):
        found = f"{matrix.shape} with {np.sum(~np.isfinite(matrix))} values not finite"
        raise ValueError(f"kernel(x) must be finite, of shape {(len(x), len(x))}; it is {found}")
    return matrix


def _prior_variances(kernel, x):
    starts = range(0, len(x), ROWS_AT_ONCE)
    return np.concatenate([np.diag(kernel(x[i : i + ROWS_AT_ONCE])) for i in starts])


def _finite_rows(x):
    x = np.asarray(x, float)
    if x.ndim not in (1, 2) or x.size == 0:
        raise ValueError(f"x must be of shape (n,) or (n, d) and not empty, not {x.shape}")
    if not np.all(np.isfinite(x)):
        raise ValueError(f"x has {np.sum(~np.isfinite(x))} values that are not finite")
    return x


def _variances(noise, shape):
    noise = np.asarray(noise, float)
    if noise.shape not in ((), shape) or not np.all(np.isfinite(noise)) or np.any(noise < 0):
        raise ValueError("noise is a variance: not negative, one number or one for each row")
    return noise


def _observations(x, y, noise):
    x, y = _finite_rows(x), np.asarray(y, float)
    if y.shape != (len(x),):
        raise ValueError(f"x has {len(x)} rows, so y must be of shape {(len(x),)}, not {y.shape}")
    if len(x) < 2:
        raise ValueError("one row is too few: at least two are needed")
    if not np.all(np.isfinite(y)):
        raise ValueError(f"y has {np.sum(~np.isfinite(y))} values that are not finite")
    if np.all(y == y[0]):
        raise ValueError(f"all {len(y)} outputs equal {y[0]:g}: there is nothing to learn")
    noise = _variances(noise, y.shape)
    if np.any(noise == 0) and len(np.unique(x, axis=0)) < len(x):
        raise ValueError("rows of x are repeated although there is no noise: merge them or add it")
    return x, y, noise
