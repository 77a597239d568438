"""Networks of one hidden layer that is drawn at random and then frozen: only the output is learned.

A field is then linear in what is learned, and so are all its derivatives.
"""

from math import comb

import numpy as np

LETTERS = "xyt"


class TanhFeatures:
    """(n, d) points -> (n, size): tanh neurons with frozen weights, or combinations of them.

    Parameters
    ----------
    weights : ndarray, shape (d, neurons)
    biases : ndarray, shape (neurons,)
    parity : {0, 1, -1}
        1: each neuron is added to its mirror image in the second coordinate, y -> -y; -1: the image
        is subtracted; 0: left alone.
    linear : bool
        Whether 1 and the coordinates (those of the right parity) join the neurons.
    """

    def __init__(self, weights, biases, *, parity=0, linear=True):
        self.weights, self.biases, self.parity = weights, biases, parity
        self.linear, self.mix = linear, None

    @property
    def size(self):
        """Number of functions."""
        if self.mix is not None:
            return self.mix.shape[1]
        return self.weights.shape[1] + self._lines(np.zeros((1, len(self.weights))), None).shape[1]

    def compress(self, points, size, *, tolerance=1e-10):
        """Combine the neurons into fewer functions, orthonormal over some points.

        Random neurons resemble each other. The leading singular vectors of their values carry
        nearly all that they can say, and are numerically independent.

        Parameters
        ----------
        points : ndarray, shape (n, d)
        size : int
            At most so many functions.
        tolerance : float
            Singular values below this share of the largest are left out.

        Returns
        -------
        TanhFeatures
            Itself.
        """
        zero = (0,) * len(self.weights)
        values = self._neurons(points, [zero])[zero] / np.sqrt(len(points))
        _, singular, directions = np.linalg.svd(values, full_matrices=False)
        keep = min(size, int(np.sum(singular > tolerance * singular[0])))
        self.mix = directions[:keep].T / singular[:keep]
        return self

    def derivatives(self, points, orders):
        """Differentiate all functions.

        Parameters
        ----------
        points : ndarray, shape (n, d)
        orders : iterable of tuple of int
            How often to differentiate with respect to each coordinate; at most four times in all.

        Returns
        -------
        dict of tuple to ndarray, shape (n, size)
        """
        return self._neurons(points, orders, self.mix)

    def _neurons(self, points, orders, mix=None):
        mirror = points * np.where(np.arange(points.shape[1]) == 1, -1.0, 1.0)
        sides = [(points, 1)] + [(mirror, -1)] * (self.parity != 0)
        tanhs = [(np.tanh(p @ self.weights + self.biases), sign) for p, sign in sides]
        found = {}
        for order in orders:
            factor = np.prod(self.weights ** np.array(order)[:, None], axis=0)
            total = _tanh_derivative(tanhs[0][0], sum(order)) * factor
            for image, sign in tanhs[1:]:
                total += _tanh_derivative(image, sum(order)) * (
                    factor * self.parity * sign ** order[1]
                )
            total = np.hstack([total, self._lines(points, order)])
            found[order] = total if mix is None else total @ mix
        return found

    def _lines(self, points, order):
        """1 and the coordinates, or what is left of them."""
        n, d = points.shape
        if not self.linear:
            return np.empty((n, 0))
        order = (0,) * d if order is None else order
        columns = []
        for axis in (None, *range(d)):
            if self.parity and (axis == 1) != (self.parity < 0):
                continue
            rest = np.array(order) - np.eye(d, dtype=int)[axis] if axis is not None else None
            if not any(order):
                columns.append(np.ones(n) if axis is None else points[:, axis])
            else:
                columns.append(np.full(n, float(rest is not None and not rest.any())))
        return np.stack(columns, axis=1)


def _tanh_derivative(t, order):
    """Derivative of tanh, in terms of its value."""
    s = 1 - t * t
    if order == 0:
        return t.copy()
    return (s, -2 * t * s, s * (6 * t * t - 2), 8 * t * s * (2 - 3 * t * t))[order - 1]


def draw_neurons(rng, count, low, high, slope, *, crowd=None, parity=0):
    """Draw neurons whose slopes lie anywhere in a box, in any direction.

    Parameters
    ----------
    rng : numpy.random.Generator
    count : int
    low, high : sequence of float
        Corners of the box.
    slope : float or callable
        Typical length of the weights [1 / unit of the points]; a callable is given the points
        where the neurons stand, shape (count, d), and returns one for each.
    crowd : sequence of float, optional
        For each coordinate, an exponent: above 1 the neurons crowd towards `low`.
    parity : {0, 1, -1}
        As for `TanhFeatures`.

    Returns
    -------
    TanhFeatures
    """
    low, high = np.asarray(low, float), np.asarray(high, float)
    share = rng.uniform(size=(count, len(low))) ** (1.0 if crowd is None else np.asarray(crowd))
    places = low + (high - low) * share
    directions = rng.normal(size=places.shape)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    lengths = (slope(places) if callable(slope) else slope) * rng.uniform(0.3, 1.7, count)
    weights = directions * lengths[:, None]
    return TanhFeatures(weights.T, -np.sum(weights * places, axis=1), parity=parity)


class PlainField:
    """A field of any coordinates, linear in its coefficients.

    Parameters
    ----------
    features : TanhFeatures
    """

    def __init__(self, features):
        self.features, self.size = features, features.size

    def prepare(self, points, derivatives):
        """Compute once what the other methods need at some points.

        Parameters
        ----------
        points : ndarray, shape (n, d)
        derivatives : iterable of str
            Such as ``""`` for the field itself, or ``"xxy"``.

        Returns
        -------
        object
        """
        return self.features.derivatives(points, {_order(d, points.shape[1]) for d in derivatives})

    def values(self, prepared, derivative, coefficients, rows=slice(None)):
        """Evaluate the field or a derivative.

        Parameters
        ----------
        prepared : object
            From `prepare`.
        derivative : str
        coefficients : ndarray, shape (size,)
        rows : slice
            Of the points.

        Returns
        -------
        ndarray, shape (n,)
        """
        return prepared[_order(derivative, len(next(iter(prepared))))][rows] @ coefficients

    def jacobian(self, prepared, weights, rows=slice(None)):
        """Differentiate a weighted sum of derivatives with respect to the coefficients.

        Parameters
        ----------
        prepared : object
            From `prepare`.
        weights : dict of str to ndarray, shape (n,)
            For each derivative its weight at each of the `rows`.
        rows : slice

        Returns
        -------
        ndarray, shape (n, size)
        """
        width = len(next(iter(prepared)))
        found = np.zeros((len(range(*rows.indices(len(next(iter(prepared.values())))))), self.size))
        for derivative, weight in weights.items():
            found += weight[:, None] * prepared[_order(derivative, width)][rows]
        return found


class HarmonicField:
    """A periodic field: sums over k of features of (x, y) times cos and sin of k (phase - kappa x).

    Coordinates are x, y and the phase of the period [rad], whose letter is t. Harmonic 0 has no
    sine.

    Parameters
    ----------
    features : sequence of two TanhFeatures
        Of (x, y); the first serves the even harmonics, the second the odd ones.
    sizes : sequence of int
        How many of the leading features each harmonic uses, from harmonic 0.
    kappa : float
        Wavenumber of the pattern that travels downstream [1 / unit of x].
    """

    def __init__(self, features, sizes, kappa=0.0):
        self.features, self.kappa = features, kappa
        self.sizes = [min(n, features[k % 2].size) for k, n in enumerate(sizes)]
        self.size = self.sizes[0] + 2 * sum(self.sizes[1:])
        self._ends = self.sizes[0] + 2 * np.cumsum([0, *self.sizes[1:]])

    def prepare(self, points, derivatives):
        """As `PlainField.prepare`; points are (n, 3)."""
        orders = [_order(d, 3) for d in derivatives]
        needed = {(less, j) for i, j, _ in orders for less in range(i + 1)}
        spatial = []
        for parity, features in enumerate(self.features):
            size = max(self.sizes[parity::2], default=0)
            found = features.derivatives(points[:, :2], needed)
            spatial.append({order: values[:, :size].copy() for order, values in found.items()})
        return points, spatial

    def values(self, prepared, derivative, coefficients, rows=slice(None)):
        """As `PlainField.values`."""
        points, spatial = prepared
        x, phase = points[rows, 0], points[rows, 2]
        found = np.zeros(len(x))
        for k, part, cosine, sine in self._terms(derivative, x, phase):
            features = spatial[k % 2][part][rows, : self.sizes[k]]
            found += cosine * (features @ coefficients[self._columns(k, 0)])
            if k:
                found += sine * (features @ coefficients[self._columns(k, 1)])
        return found

    def jacobian(self, prepared, weights, rows=slice(None)):
        """As `PlainField.jacobian`."""
        points, spatial = prepared
        x, phase = points[rows, 0], points[rows, 2]
        totals = {}
        for derivative, weight in weights.items():
            for k, part, cosine, sine in self._terms(derivative, x, phase):
                pair = totals.setdefault((k, part), [0.0, 0.0])
                pair[0], pair[1] = pair[0] + weight * cosine, pair[1] + weight * sine
        found = np.zeros((len(x), self.size))
        for (k, part), pair in totals.items():
            features = spatial[k % 2][part][rows, : self.sizes[k]]
            for side, weight in enumerate(pair[: 1 + (k > 0)]):
                found[:, self._columns(k, side)] += features * weight[:, None]
        return found

    def widen(self, coefficients, finer):
        """Write coefficients as those of a field with more functions per harmonic.

        Parameters
        ----------
        coefficients : ndarray, shape (size,)
        finer : HarmonicField
            Of the same features, no smaller in any harmonic.

        Returns
        -------
        ndarray, shape (finer.size,)
        """
        found = np.zeros(finer.size)
        for k, size in enumerate(self.sizes):
            for side in range(1 + (k > 0)):
                start = finer._columns(k, side).start
                found[start : start + size] = coefficients[self._columns(k, side)]
        return found

    def _columns(self, k, side):
        start = self._ends[k - 1] + side * self.sizes[k] if k else 0
        return slice(start, start + self.sizes[k])

    def _terms(self, derivative, x, phase):
        """Leibniz' rule: yield harmonic, spatial derivative and the factors of cosine and sine."""
        i, j, turns = _order(derivative, 3)
        for k in range(len(self.sizes)):
            if k == 0:
                if turns == 0:
                    yield 0, (i, j), np.ones(len(x)), 0.0
                continue
            for m in range(i + 1):
                factor = comb(i, m) * (-self.kappa * k) ** m * float(k) ** turns
                if factor:
                    angle = k * (phase - self.kappa * x) + (m + turns) * np.pi / 2
                    yield k, (i - m, j), factor * np.cos(angle), factor * np.sin(angle)


def _order(derivative, width):
    return tuple(derivative.count(letter) for letter in LETTERS[:width])
