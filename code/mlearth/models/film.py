"""Turn a film of something that is carried about into a smooth field, harmonic by harmonic."""

import numpy as np

NEEDED = ("", "x", "y", "xx", "yy", "t")  # derivatives in the equation of a passive scalar


class Film:
    """A smooth scalar field, fitted to a film of one period.

    Parameters
    ----------
    field : HarmonicField
        Of x, y and phase; with fewer than half as many harmonics as there are frames.
    pixels : ndarray, shape (n, 2)
    phases : ndarray, shape (frames,)
        Evenly over the period [rad].
    frames : ndarray, shape (frames, n)
    floor : float
        Least penalty that cross-validation may choose.

    Attributes
    ----------
    coefficients : ndarray
    used : ndarray, shape (harmonics,)
        Effective number of functions, as generalised cross-validation chose it.
    noise : float
        Standard deviation of what no harmonic explains.
    """

    def __init__(self, field, pixels, phases, frames, *, floor=1e-9):
        self.field, self.coefficients = field, np.zeros(field.size)
        count = len(field.sizes)
        self.used = np.empty(count)
        waves = np.exp(1j * np.outer(np.arange(count), phases))
        rotating = waves.conj() @ frames / len(phases)
        rotating[1:] *= 2
        rest = frames - (waves.T @ rotating).real
        self.noise = np.sqrt(np.sum(rest**2) / (rest.size - (2 * count - 1) * len(pixels)))
        for parity in (0, 1):
            solve = _smoother(field.features[parity], pixels, floor)
            for k in range(parity, count, 2):
                found, self.used[k] = solve(
                    rotating[k] * np.exp(1j * k * field.kappa * pixels[:, 0])
                )
                self.coefficients[field._columns(k, 0)] = found.real
                if k:
                    self.coefficients[field._columns(k, 1)] = -found.imag

    def derivatives(self, points, names=NEEDED, *, chunk=1000):
        """Evaluate the field and derivatives of it.

        Parameters
        ----------
        points : ndarray, shape (n, 3)
            x, y, phase.
        names : sequence of str

        Returns
        -------
        dict of str to ndarray, shape (n,)
        """
        parts = {name: [] for name in names}
        for start in range(0, len(points), chunk):
            prepared = self.field.prepare(points[start : start + chunk], names)
            for name in names:
                parts[name].append(self.field.values(prepared, name, self.coefficients))
        return {f"c_{name}": np.concatenate(part) for name, part in parts.items()}


def _smoother(functions, pixels, floor):
    """Return a function that fits a picture: (complex values) -> coefficients, effective number.

    The ridge is on the weights of the neurons, not of their orthonormal combinations: what needs
    large weights, such as wiggles between pixels, is dear.
    """
    scale = np.linalg.norm(functions.mix, axis=0)  # 1 / singular value of each combination
    left, stretch, right = np.linalg.svd(
        functions.derivatives(pixels, [(0, 0)])[0, 0] / scale, full_matrices=False
    )
    n, ridges = len(pixels), len(pixels) * 10.0 ** np.arange(np.log10(floor), 1, 0.5)

    def solve(picture):
        shadow = left.T @ picture
        outside = np.sum(abs(picture) ** 2) - np.sum(abs(shadow) ** 2)
        kept = [stretch**2 / (stretch**2 + ridge) for ridge in ridges]
        scores = [(np.sum(abs((1 - k) * shadow) ** 2) + outside) / (n - k.sum()) ** 2 for k in kept]
        best = kept[int(np.argmin(scores))]
        return right.T @ (best / stretch * shadow) / scale, best.sum()

    return solve
