"""Self-scaled Broyden: a quasi-Newton method with a full matrix, for hundreds of weights.

Like BFGS it learns the inverse of the curvature from the gradients that it meets. It also rescales
what it has learned in every step, and mixes two ways to update it so that the matrix stays well
conditioned. For physics-informed networks this pays [urban2025unveiling]_.

.. [urban2025unveiling] Urban, Stefanou and Pons (2025), Unveiling the optimization process of
   physics informed neural networks. Journal of Computational Physics 523, 113656.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.linalg.blas import dsymv, dsyr
from scipy.optimize import line_search


@dataclass
class Descent:
    """Where a descent stands; `step` moves it on.

    Parameters
    ----------
    evaluate : callable
        ndarray of shape (p,) -> (value, gradient of shape (p,)).
    x : ndarray, shape (p,)
        Where it is; given as the start.
    """

    evaluate: object
    x: np.ndarray

    def __post_init__(self):
        self.x = np.array(self.x, float)
        self.value, self.gradient = self.evaluate(self.x)
        self._before = self.value + np.linalg.norm(self.gradient) / 2  # makes the first step short
        self._inverse = None  # of the curvature; its upper triangle

    def step(self):
        """Go down once, to a point that meets the strong Wolfe conditions.

        Returns
        -------
        bool
            False if there is no such point, or it is no lower; then nothing moved.
        """
        direction = self._direction()
        seen = {}

        def look(x):
            if (key := x.tobytes()) not in seen:
                seen[key] = self.evaluate(x)
            return seen[key]

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it found nothing is our return value
            found = line_search(
                lambda x: look(x)[0],
                lambda x: look(x)[1],
                *(self.x, direction, self.gradient, self.value, self._before),
                maxiter=25,
            )
        if found[0] is None or not look(self.x + found[0] * direction)[0] < self.value:
            return False
        self._accept(found[0], found[0] * direction, look)
        return True

    def _direction(self):
        if self._inverse is None:
            return -self.gradient
        return -dsymv(1.0, self._inverse, self.gradient)

    def _accept(self, length, moved, look):
        old = self.gradient
        self._before, self.x = self.value, self.x + moved
        self.value, self.gradient = look(self.x)
        changed = self.gradient - old
        first = self._inverse is None
        if first:
            self._inverse = np.asfortranarray(np.eye(len(moved)))
        if moved @ changed > 0:  # else rounding has eaten the curvature
            _update(self._inverse, moved, changed, -length * (moved @ old), first=first)


def _update(inverse, moved, changed, bent, first):
    """Rescale the inverse curvature and teach it one more step, in place.

    `bent` is the moved part of the old curvature, s'Bs; the names b, h, a, theta, sigma and tau are
    those of the papers.
    """
    product = moved @ changed  # above 0 by the Wolfe conditions
    image = dsymv(1.0, inverse, changed)
    across = changed @ image
    b, h = bent / product, across / product
    a = max(h * b - 1, 1e-14)
    lower = min(1.0, h * (1 - np.sqrt(a / (1 + a))))
    theta = max((lower - 1) / a, min(1 / lower, (1 - b) / b))
    sigma = 1 + theta * a
    tau = h / sigma if first else _scale(b, theta, sigma, len(moved))
    v = moved / product - image / across
    dsyr(-1 / across, image, a=inverse, overwrite_a=1)
    dsyr((1 - theta) / sigma * across, v, a=inverse, overwrite_a=1)
    inverse /= tau
    dsyr(1 / product, moved, a=inverse, overwrite_a=1)


def _scale(b, theta, sigma, count):
    rho, root = min(1.0, 1 / b), abs(sigma) ** (1 / (1 - count))
    return min(rho * root, sigma) if theta <= 0 else rho * min(root, 1 / theta)
