"""From temperatures back to what made them: one positive number, or a whole profile.

Both by least squares. A profile needs help, because many profiles fit alike: `SmoothInverse`
prefers those whose neighbours are close (Tikhonov's regularisation).

.. [hansen2010discrete] Hansen (2010), Discrete Inverse Problems: Insight and Algorithms. SIAM.
.. [golub1979generalized] Golub, Heath and Wahba (1979), Generalized cross-validation as a method
   for choosing a good ridge parameter. Technometrics 21, 215-223.
"""

import numpy as np

STRENGTHS = np.geomspace(1e-6, 1e2, 161)  # among which the choices are made


def fit_positive(predict, sensitivity, measured, start, factor=5.0):
    """Find the positive number with which a model fits measurements best, in the least squares.

    The search is by Gauss and Newton's steps for the logarithm, each at most a given factor.

    Parameters
    ----------
    predict, sensitivity : callable
        The number -> the measurements that it predicts, shape (n,), and their derivatives by it.
    measured : ndarray, shape (n,)
    start : float
        Where to start, above 0.
    factor : float
        Largest change in one step.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `start` is not positive, or the measurements do not depend on the number there.
    RuntimeError
        If the search has not come to rest after 50 steps.
    """
    if not start > 0:
        raise ValueError(f"The search starts above 0, not at {start}.")
    value = float(start)
    for _ in range(50):
        slope = value * sensitivity(value)  # by the logarithm
        if not np.any(np.abs(slope) > 1e-200):
            raise ValueError(f"At {value:g} the predictions do not change with the number.")
        step = slope @ (measured - predict(value)) / (slope @ slope)
        value *= np.exp(np.clip(step, -np.log(factor), np.log(factor)))
        if abs(step) < 1e-9:
            return value
    raise RuntimeError(f"No rest after 50 steps; the last value was {value:g}. Start elsewhere.")


def cramer_rao_bound(sensitivity, noise):
    """The least standard deviation that an unbiased estimate of one number can have.

    Parameters
    ----------
    sensitivity : array_like, shape (n,)
        Derivatives of the noise-free measurements by the number.
    noise : float
        Standard deviation of the measurements' independent Gaussian errors.

    Returns
    -------
    float
        In the unit of the number; infinite if no measurement depends on it.
    """
    information = np.sum(np.square(sensitivity)) / noise**2
    return float(1 / np.sqrt(information)) if information else np.inf


class SmoothInverse:
    """Least squares for a profile f with A f near the data and small steps between neighbours.

    f minimises |A f - d|^2 + strength * |D f|^2. D takes the differences of neighbours, the first
    from 0; after the last f is free.

    Parameters
    ----------
    operator : ndarray, shape (m, n)
        A: from the profile to the noise-free data.
    """

    def __init__(self, operator):
        operator = np.asarray(operator, dtype=float)
        if operator.ndim != 2 or not np.all(np.isfinite(operator)):
            raise ValueError("The operator must be a matrix of finite numbers.")
        summed = np.cumsum(operator[:, ::-1], axis=1)[:, ::-1]  # A D^-1: acts on the differences
        left, self.singular, right = np.linalg.svd(summed, full_matrices=False)
        self._left, self._back, self.count = left, np.cumsum(right.T, axis=0), len(operator)

    def solve(self, data, strength):
        """The profile.

        Parameters
        ----------
        data : ndarray, shape (m,)
        strength : float
            Above 0.

        Returns
        -------
        ndarray, shape (n,)
        """
        shrunk = self.singular / (self.singular**2 + strength)
        return self._back @ (shrunk * (self._left.T @ data))

    def by_discrepancy(self, data, noise):
        """Choose the largest strength whose misfit is that of noise (Morozov's discrepancy).

        Parameters
        ----------
        data : ndarray, shape (m,)
        noise : float
            Standard deviation of the data's errors.

        Returns
        -------
        float
            Among `STRENGTHS`; the least if the misfit of all is larger.
        """
        allowed = self._misfit(data) <= self.count * noise**2
        return STRENGTHS[allowed].max(initial=STRENGTHS[0])

    def by_cross_validation(self, data):
        """Choose by generalised cross-validation, which need not know the noise.

        Parameters
        ----------
        data : ndarray, shape (m,)

        Returns
        -------
        float
            Among `STRENGTHS`.
        """
        free = self.count - np.sum(self._filters(), axis=1)
        return STRENGTHS[np.argmin(self._misfit(data) / free**2)]

    def by_likelihood(self, data, noise):
        """Choose the strength under which the data are likeliest.

        The steps between neighbours are taken as independent Gaussians with the variance
        noise^2 / strength: f is a Gaussian process, a random walk.

        Parameters
        ----------
        data : ndarray, shape (m,)
        noise : float
            Standard deviation of the data's errors.

        Returns
        -------
        float
            Among `STRENGTHS`.
        """
        variance = noise**2 * (self.singular**2 / STRENGTHS[:, None] + 1)
        surprise = (self._left.T @ data) ** 2 / variance + np.log(variance)
        return STRENGTHS[np.argmin(np.sum(surprise, axis=1))]

    def _filters(self):
        return self.singular**2 / (self.singular**2 + STRENGTHS[:, None])

    def _misfit(self, data):
        seen = self._left.T @ data
        beyond = data @ data - seen @ seen
        return np.sum(((1 - self._filters()) * seen) ** 2, axis=1) + max(beyond, 0.0)
