"""How far a revealed flow lies from the one that nobody measured."""

import numpy as np

from mlearth.field_errors import relative_error


class HiddenTruth:
    """The true flow on a grid in the window, at some phases of half a period.

    Parameters
    ----------
    wake : Wake
        With `sample` and `period`.
    low, high : sequence of float
        Corners of the window.
    shape : tuple of int
        Phases, and points in y and x.

    Attributes
    ----------
    x, y : ndarray, shape (n_x,), (n_y,)
    points : ndarray, shape (n, 3)
        x, y, phase.
    fields : dict of str to ndarray, shape (phases, n_y, n_x)
        u, v, and p without its mean at each phase.
    """

    def __init__(self, wake, low, high, shape=(4, 31, 53)):
        phase = np.pi * (np.arange(shape[0]) + 0.5) / shape[0]  # the other half is the mirror image
        self.y, self.x = (np.linspace(low[i], high[i], shape[2 - i]) for i in (1, 0))
        grid = np.meshgrid(phase, self.y, self.x, indexing="ij")
        self.points = np.stack([g.ravel() for g in grid[::-1]], axis=1)
        u, v, p, _ = wake.sample(grid[2], grid[1], grid[0] * wake.period / (2 * np.pi))
        self.fields = {"u": u, "v": v, "p": _centred(p)}

    def averaged(self):
        """Average the truth over the period, as `fields`."""
        means = {name: f.mean(axis=0) for name, f in self.fields.items()}
        signs = {"u": 1, "v": -1, "p": 1}
        return {n: (m + signs[n] * m[::-1]) / 2 + 0 * self.fields[n] for n, m in means.items()}

    def found(self, system):
        """Evaluate what a fit has found, as `fields`."""
        names = {"u": ("psi_y", 1), "v": ("psi_x", -1), "p": ("p", 1)}
        shape = self.fields["u"].shape
        values = {
            name: sign * system.evaluate(use, self.points).reshape(shape)
            for name, (use, sign) in names.items()
            if use.partition("_")[0] in system.fields
        }
        return values | ({"p": _centred(values["p"])} if "p" in values else {})

    def compare(self, found):
        """Relative errors [%] of some of `fields`, as a dict."""
        return {name: 100 * relative_error(f, self.fields[name]) for name, f in found.items()}

    def errors(self, system):
        """Compare with the truth.

        Returns
        -------
        dict of str to float
            u, v, p: relative errors [%]; Re, Pe: what was found, as far as it was sought.
        """
        scores = self.compare(self.found(system))
        numbers = {"Re": "viscosity", "Pe": "diffusivity"}
        known = {k: 1 / system.numbers[n] for k, n in numbers.items() if n in system.numbers}
        return scores | known


def _centred(pressure):
    return pressure - pressure.mean(axis=(1, 2), keepdims=True)
