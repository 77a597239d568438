"""The marginal likelihood of a Gaussian process, taken apart, and kernels fitted by it."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import LinAlgError, cho_solve, cholesky
from scipy.optimize import minimize

from mlearth.models.kernel_algebra import Kernel

HOPELESS = 1e12  # minus the log marginal likelihood where there is none
REACH = np.log(1e5)  # a fit strays no further than this from its start, per log parameter


@dataclass(frozen=True)
class Evidence:
    """Log density that kernel and noise give to the data, as a sum of three parts [nats].

    Parameters
    ----------
    fit : float
        Minus half the data's squared length, measured in the deviations that were expected.
    complexity : float
        Minus half the log determinant: a model that expects little can spread its density less.
    constant : float
        Depends on the number of data alone.
    gradient : ndarray, shape (p + 1,)
        Derivative of `total` by the kernel's log parameters and the logarithm of the noise.
    """

    fit: float
    complexity: float
    constant: float
    gradient: np.ndarray

    @property
    def total(self):
        """The log marginal likelihood [nats]."""
        return self.fit + self.complexity + self.constant


def evidence(kernel, x, y, noise):
    """Log marginal likelihood of data whose prior mean is zero, with its gradient.

    Parameters
    ----------
    kernel : Kernel
    x : array_like, shape (n,) or (n, d)
    y : array_like, shape (n,)
    noise : float
        Variance of the observations' errors, above 0 [unit of y, squared].

    Returns
    -------
    Evidence

    Raises
    ------
    ValueError
        If values are not finite, shapes do not fit, the noise is not above 0, or rounding leaves
        the covariance without a Cholesky factor.

    References
    ----------
    rasmussen2006gaussian, equations 5.8 and 5.9
    """
    x, y = _checked(x, y, noise)
    n, matrix = len(y), kernel(x)
    try:
        factor = cholesky(matrix + noise * np.eye(n), lower=True)
    except LinAlgError:
        raise ValueError(f"the covariance of {n} rows has no Cholesky factor: more noise") from None
    weights = cho_solve((factor, True), y)
    slack = np.outer(weights, weights) - cho_solve((factor, True), np.eye(n))
    by_kernel = [np.sum(slack * derivative) / 2 for derivative in kernel.gradients(x)]
    return Evidence(
        fit=float(-y @ weights / 2),
        complexity=float(-np.sum(np.log(np.diag(factor)))),
        constant=-n / 2 * np.log(2 * np.pi),
        gradient=np.array([*by_kernel, noise * np.trace(slack) / 2]),
    )


@dataclass(frozen=True)
class Optimum:
    """Where one ascent of the log marginal likelihood ended.

    Parameters
    ----------
    kernel : Kernel
    noise : float
        Variance of the observations' errors.
    total : float
        Log marginal likelihood [nats].
    path : ndarray, shape (steps + 1, p + 1)
        Logarithms of the kernel's parameters and of the noise, from the start on.
    """

    kernel: Kernel
    noise: float
    total: float
    path: np.ndarray


def climb(kernel, x, y, noise):
    """Ascend the log marginal likelihood from given parameters, by L-BFGS with gradients.

    Parameters
    ----------
    kernel, x, y, noise
        As in `evidence`; kernel and noise are the start.

    Returns
    -------
    Optimum
        A local one.

    Raises
    ------
    ValueError
        As `evidence`, at the start.
    """
    evidence(kernel, x, y, noise)  # complains about bad input and a bad start
    start = np.array([*kernel.log_parameters, np.log(noise)])
    path = [start]

    def descend(values):
        try:
            found = evidence(kernel.with_log_parameters(values[:-1]), x, y, np.exp(values[-1]))
        except ValueError:  # no Cholesky factor there: step back
            return HOPELESS, np.zeros_like(values)
        return -found.total, -found.gradient

    bounds = [(value - REACH, value + REACH) for value in start]
    options = {"jac": True, "bounds": bounds, "method": "L-BFGS-B", "callback": path.append}
    end = minimize(descend, start, **options)
    best = kernel.with_log_parameters(end.x[:-1])
    return Optimum(best, float(np.exp(end.x[-1])), float(-end.fun), np.array(path))


def climb_from_many(kernel, x, y, noise, rng, *, starts=5, spread=1.0):
    """Ascend from several starts: the given one, and others drawn around it.

    Parameters
    ----------
    kernel, x, y, noise
        As in `climb`.
    rng : numpy.random.Generator
    starts : int
    spread : float
        Standard deviation of the starts in the logarithm of each parameter.

    Returns
    -------
    list of Optimum
        The best first; ascents that failed for want of a Cholesky factor are left out.

    Raises
    ------
    ValueError
        As `climb`, for the given start.
    """
    optima, centre = [climb(kernel, x, y, noise)], np.array([*kernel.log_parameters, np.log(noise)])
    for start in centre + spread * rng.normal(size=(starts - 1, len(centre))):
        try:
            optimum = climb(kernel.with_log_parameters(start[:-1]), x, y, np.exp(start[-1]))
        except ValueError:
            continue
        optima.append(optimum)
    return sorted(optima, key=lambda optimum: -optimum.total)


def part_of(posterior, kernel):
    """What a posterior says about one term of its kernel: one of the functions that were added.

    Parameters
    ----------
    posterior : mlearth.models.gaussian_process.Posterior
        Its kernel is a sum.
    kernel : Kernel
        One term of that sum, or a sum of some.

    Returns
    -------
    Posterior
        Of that function alone, with prior mean zero. Parts do not add up in their deviations: their
        posteriors are correlated.
    """
    return replace(posterior, kernel=kernel, prior_mean=lambda x: np.zeros(len(x)))


def _checked(x, y, noise):
    x, y = np.asarray(x, float), np.asarray(y, float)
    if y.ndim != 1 or len(x) != len(y) or not len(y):
        raise ValueError(f"need one y for each row of x, got {x.shape} and {y.shape}")
    if not np.all(np.isfinite(y)):
        raise ValueError("y must be finite")
    if not (np.isfinite(noise) and noise > 0):
        raise ValueError(f"the noise variance must be above 0, got {noise}")
    return x, y
