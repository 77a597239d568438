"""What kernels have in common: how they add and multiply, and how their parameters are fitted.

The kernels themselves are in `mlearth.models.kernels`.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np


class Kernel:
    """What all kernels share; such as `mlearth.models.kernels.Matern`."""

    free: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self):
        """Store numbers as floats or tuples of floats, after checking them."""
        for name in self.free:
            value = np.asarray(getattr(self, name), float)
            if value.ndim > 1 or not value.size or not np.all(np.isfinite(value) & (value > 0)):
                raise ValueError(f"{name} must be finite and above 0, got {getattr(self, name)}")
            object.__setattr__(self, name, tuple(value.tolist()) if value.ndim else float(value))

    def __call__(self, x, other=None):
        """Covariance of the function at the rows of `x` with that at the rows of `other`.

        Parameters
        ----------
        x : array_like, shape (n, d) or (n,)
        other : array_like, shape (m, d) or (m,), optional
            `x` unless given.

        Returns
        -------
        ndarray, shape (n, m)

        Raises
        ------
        ValueError
            If values are not finite, or the shapes do not fit each other or the length scales.
        """
        x = _rows(x)
        other = x if other is None else _rows(other)
        if x.shape[1] != other.shape[1]:
            raise ValueError(f"the inputs have {x.shape[1]} and {other.shape[1]} columns")
        return self._matrix(x, other)

    def __add__(self, other):
        return Sum(self, other)

    def __mul__(self, other):
        return Product(self, other)

    def gradients(self, x):
        """Derivative of the matrix by the logarithm of each free parameter, shape (p, n, n)."""
        x = _rows(x)
        return np.array(self._gradients(x)).reshape(-1, len(x), len(x))

    def hold(self, *names):
        """The same kernel, with these parameters no longer free to be fitted."""
        return Held(self, names)

    @property
    def names(self):
        """Names of the free parameters in the order of `log_parameters`."""
        return tuple(
            f"{type(self).__name__}.{name}" for name in self.free for _ in self._entries(name)
        )

    @property
    def log_parameters(self):
        """Logarithms of the free parameters, shape (p,)."""
        return np.log([entry for name in self.free for entry in self._entries(name)])

    def with_log_parameters(self, values):
        """The same kernel with other free parameters, given as their logarithms, shape (p,)."""
        values = np.exp(_of_length(values, len(self.log_parameters)))
        new, start = {}, 0
        for name in self.free:
            size = len(self._entries(name))
            part = values[start : start + size]
            new[name] = part if isinstance(getattr(self, name), tuple) else part[0]
            start += size
        return replace(self, **new)

    def _entries(self, name):
        value = getattr(self, name)
        return value if isinstance(value, tuple) else (value,)


class Pair(Kernel):
    """Two kernels, of which the parameters of the left come first."""

    def __post_init__(self):
        for part in (self.left, self.right):
            if not isinstance(part, Kernel):
                raise TypeError(f"a kernel combines with kernels only, not with {part!r}")

    @property
    def names(self):
        """Names of the free parameters in the order of `log_parameters`."""
        return self.left.names + self.right.names

    @property
    def log_parameters(self):
        """Logarithms of the free parameters, shape (p,)."""
        return np.concatenate([self.left.log_parameters, self.right.log_parameters])

    def with_log_parameters(self, values):
        """The same kernel with other free parameters, given as their logarithms, shape (p,)."""
        n_left, n_right = len(self.left.log_parameters), len(self.right.log_parameters)
        values = _of_length(values, n_left + n_right)
        left = self.left.with_log_parameters(values[:n_left])
        return replace(self, left=left, right=self.right.with_log_parameters(values[n_left:]))


@dataclass(frozen=True)
class Sum(Pair):
    """The kernel of the sum of two independent functions.

    Parameters
    ----------
    left, right : Kernel
    """

    left: Kernel
    right: Kernel

    @property
    def terms(self):
        """All kernels that are added, in order, as a tuple."""
        return sum((getattr(p, "terms", (p,)) for p in (self.left, self.right)), ())

    def _matrix(self, x, other):
        return self.left._matrix(x, other) + self.right._matrix(x, other)

    def _gradients(self, x):
        return [*self.left._gradients(x), *self.right._gradients(x)]


@dataclass(frozen=True)
class Product(Pair):
    """The product of two kernels; of two variances that multiply, hold one when fitting.

    Parameters
    ----------
    left, right : Kernel
    """

    left: Kernel
    right: Kernel

    def _matrix(self, x, other):
        return self.left._matrix(x, other) * self.right._matrix(x, other)

    def _gradients(self, x):
        left, right = self.left._matrix(x, x), self.right._matrix(x, x)
        by_left = [gradient * right for gradient in self.left._gradients(x)]
        return by_left + [left * gradient for gradient in self.right._gradients(x)]


@dataclass(frozen=True)
class Held(Kernel):
    """A kernel some of whose parameters are known; made by `Kernel.hold`.

    Parameters
    ----------
    kernel : Kernel
    held : tuple of str
        Such as ``("period",)``; in a sum or product it holds for all parts that have it.
    """

    kernel: Kernel
    held: tuple[str, ...]

    def __post_init__(self):
        known = {name.split(".")[1] for name in self.kernel.names}
        if not self.held or not set(self.held) <= known:
            raise ValueError(f"{self.kernel} has the free parameters {known}, not {self.held}")

    @property
    def _kept(self):
        return np.array([name.split(".")[1] not in self.held for name in self.kernel.names])

    @property
    def names(self):
        """Names of the free parameters in the order of `log_parameters`."""
        return tuple(n for n, kept in zip(self.kernel.names, self._kept, strict=True) if kept)

    @property
    def log_parameters(self):
        """Logarithms of the free parameters, shape (p,)."""
        return self.kernel.log_parameters[self._kept]

    def with_log_parameters(self, values):
        """The same kernel with other free parameters, given as their logarithms, shape (p,)."""
        every = self.kernel.log_parameters
        every[self._kept] = _of_length(values, self._kept.sum())
        return replace(self, kernel=self.kernel.with_log_parameters(every))

    def _matrix(self, x, other):
        return self.kernel._matrix(x, other)

    def _gradients(self, x):
        every = zip(self.kernel._gradients(x), self._kept, strict=True)
        return [gradient for gradient, kept in every if kept]


def _rows(x):
    """(n,) or (n, d) -> (n, d), finite."""
    x = np.asarray(x, float)
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or not x.size:
        raise ValueError(f"inputs must have the shape (n,) or (n, d), got {x.shape}")
    if not np.all(np.isfinite(x)):
        raise ValueError("inputs must be finite")
    return x


def _of_length(values, n):
    values = np.asarray(values, float)
    if values.shape != (n,):
        raise ValueError(f"need {n} logarithms of parameters, got the shape {values.shape}")
    return values
