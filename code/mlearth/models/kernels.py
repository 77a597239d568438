"""Kernels: how much two values of a random function have in common, given where they are.

They add (``k1 + k2``: a function that is the sum of two independent ones) and multiply. All are
immutable. For fitting, a kernel gives the logarithms of its free parameters as a vector, takes new
ones, and knows the derivatives of its matrix by them; see `mlearth.models.kernel_algebra.Kernel`.
"""

from dataclasses import dataclass

import numpy as np

from mlearth.models.kernel_algebra import Held, Kernel, Product, Sum

__all__ = [
    "Constant",
    "Held",
    "Kernel",
    "Linear",
    "Matern",
    "Periodic",
    "Product",
    "SquaredExponential",
    "Sum",
]


class Radial(Kernel):
    """A kernel of the distance alone, in units of the length scale."""

    free = ("variance", "length")

    def _matrix(self, x, other):
        return self.variance * self._shape(sum(self._squares(x, other)))

    def _squares(self, x, other):
        """One (n, m) per column: squared differences over the squared length scale."""
        lengths = np.asarray(self.length)
        if lengths.ndim and len(lengths) != x.shape[1]:
            raise ValueError(f"{len(lengths)} length scales for {x.shape[1]} columns")
        x, other = x / lengths, other / lengths
        return [(x[:, None, k] - other[None, :, k]) ** 2 for k in range(x.shape[1])]

    def _gradients(self, x):
        squares = self._squares(x, x)
        total = sum(squares)
        slope = self.variance * self._slope(total)
        by_length = squares if isinstance(self.length, tuple) else [total]
        return [self.variance * self._shape(total), *(slope * square for square in by_length)]


@dataclass(frozen=True)
class SquaredExponential(Radial):
    """Infinitely smooth functions: ``variance * exp(-r**2 / 2)``.

    Parameters
    ----------
    variance : float
        Of the function at any place [its unit squared].
    length : float or sequence of float, shape (d,)
        Length scale in the unit of the input, one for all columns or one for each; r is the
        distance over it.
    """

    variance: float = 1.0
    length: float | tuple[float, ...] = 1.0

    def _shape(self, square):
        return np.exp(-square / 2)

    def _slope(self, square):
        return np.exp(-square / 2)


@dataclass(frozen=True)
class Matern(Radial):
    """Rougher functions: continuous (nu = 1/2), once (3/2) or twice (5/2) differentiable.

    Parameters
    ----------
    variance, length
        As of `SquaredExponential`.
    nu : float
        0.5, 1.5 or 2.5.

    References
    ----------
    rasmussen2006gaussian, section 4.2.1
    """

    variance: float = 1.0
    length: float | tuple[float, ...] = 1.0
    nu: float = 2.5

    def __post_init__(self):
        super().__post_init__()
        if self.nu not in (0.5, 1.5, 2.5):
            raise ValueError(f"nu must be 0.5, 1.5 or 2.5, got {self.nu}")

    def _shape(self, square):
        a = np.sqrt(2 * self.nu * square)
        polynomial = {0.5: 1.0, 1.5: 1 + a, 2.5: 1 + a + a**2 / 3}
        return polynomial[self.nu] * np.exp(-a)

    def _slope(self, square):
        """Minus twice the derivative of the shape by the squared distance."""
        a = np.sqrt(2 * self.nu * square)
        if self.nu == 0.5:
            return np.divide(np.exp(-a), a, out=np.zeros_like(a), where=a > 0)
        return (3.0 if self.nu == 1.5 else 5 / 3 * (1 + a)) * np.exp(-a)


@dataclass(frozen=True)
class Periodic(Kernel):
    """Functions that repeat exactly: ``variance * exp(-2 * sin(pi * d / period)**2 / length**2)``.

    Several columns multiply. GPflow's length scale is half of ours; scikit-learn's is ours.

    Parameters
    ----------
    variance : float
    length : float
        Without a unit: small means many wiggles within a period, large nearly a sine.
    period : float
        In the unit of the input.

    References
    ----------
    rasmussen2006gaussian, chapter 4
    """

    variance: float = 1.0
    length: float = 1.0
    period: float = 1.0
    free = ("variance", "length", "period")

    def _matrix(self, x, other):
        angles = self._angles(x, other)
        return self.variance * np.exp(-2 / self.length**2 * np.sum(np.sin(angles) ** 2, axis=0))

    def _angles(self, x, other):
        return np.pi / self.period * (x.T[:, :, None] - other.T[:, None, :])

    def _gradients(self, x):
        angles, matrix = self._angles(x, x), self._matrix(x, x)
        by_length = 4 / self.length**2 * np.sum(np.sin(angles) ** 2, axis=0)
        by_period = 2 / self.length**2 * np.sum(angles * np.sin(2 * angles), axis=0)
        return [matrix, matrix * by_length, matrix * by_period]


@dataclass(frozen=True)
class Linear(Kernel):
    """Straight lines through zero at `centre`: ``variance * (x - centre) @ (other - centre)``.

    Parameters
    ----------
    variance : float
        Of the slope.
    centre : float
        Where all lines cross; never fitted.
    """

    variance: float = 1.0
    centre: float = 0.0
    free = ("variance",)

    def _matrix(self, x, other):
        return self.variance * (x - self.centre) @ (other - self.centre).T

    def _gradients(self, x):
        return [self._matrix(x, x)]


@dataclass(frozen=True)
class Constant(Kernel):
    """Functions that are the same everywhere, at a level that is not known.

    Parameters
    ----------
    variance : float
        Of the level.
    """

    variance: float = 1.0
    free = ("variance",)

    def _matrix(self, x, other):
        return np.full((len(x), len(other)), self.variance)

    def _gradients(self, x):
        return [self._matrix(x, x)]
