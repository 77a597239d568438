"""Fit fields to measurements and to equations at once, by the method of Gauss and Newton.

Fields are linear in their coefficients (`flow_features`); the equations may be anything that is
computed point by point from fields, derivatives and a few unknown numbers.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.blas import dsyrk


@dataclass
class Condition:
    """Something that should be zero at some points: a misfit, or the residual of an equation.

    Parameters
    ----------
    residual : callable
        (f, q, columns) -> sequence of tensors, shape (n,), to be zero. ``f["psi_xy"]`` is a field's
        derivative (``f["psi"]`` the field), ``q["rate"]`` an unknown number.
    uses : sequence of str
        Names of all the derivatives that `residual` asks of `f`.
    points : ndarray, shape (n, d), or callable
        Where; a callable is given the numbers, as a dict, before each step.
    columns : dict of str to ndarray, shape (n,)
        Further columns for `residual`, such as what was measured.
    weight : float
        Of the mean square.
    """

    residual: callable
    uses: tuple
    points: object
    columns: dict
    weight: float = 1.0

    def place(self, numbers):
        """Return the points, shape (n, d)."""
        return self.points(numbers) if callable(self.points) else self.points


class System:
    """Fields and numbers that are sought, and the conditions on them.

    Parameters
    ----------
    fields : dict of str to PlainField or HarmonicField
    numbers : dict of str to float
        First guesses.
    conditions : dict of str to Condition
    ridge : float
        Times the sum of the squared coefficients, added to the loss.
    fixed : sequence of str
        Numbers that are left as they are.
    chunk : int
        Rows handled at once.

    Attributes
    ----------
    coefficients : dict of str to ndarray
    numbers : dict of str to float
    inverse : ndarray, shape (free numbers, free numbers)
        After a step: the numbers' block of the inverse of the matrix. Times the noise variance over
        the number of measured points it bounds the covariance that noise gives them from above, if
        the fields can be exact.
    """

    def __init__(self, fields, numbers, conditions, *, ridge=1e-10, fixed=(), chunk=1000):
        self.fields, self.numbers, self.conditions = fields, dict(numbers), conditions
        self.ridge, self.chunk = ridge, chunk
        self.free = [name for name in numbers if name not in fixed]
        self.coefficients = {name: np.zeros(field.size) for name, field in fields.items()}
        ends = np.cumsum([0, *(field.size for field in fields.values())])
        self._slices = {n: slice(*e) for n, e in zip(fields, pairwise(ends), strict=True)}
        self.size = int(ends[-1]) + len(self.free)
        self._prepared = {}

    def evaluate(self, name, points):
        """Evaluate a field or a derivative, such as ``"psi_xy"``.

        Returns
        -------
        ndarray, shape (n,)
        """
        field, derivative = _split(name)
        prepared = self.fields[field].prepare(points, [derivative])
        return self.fields[field].values(prepared, derivative, self.coefficients[field])

    def misfits(self):
        """Return the root mean square of each condition, as a dict."""
        found = {}
        for name in self.conditions:
            residuals = [r for r, _ in self._rows(name, jacobian=False)]
            found[name] = float(np.sqrt(np.mean(np.concatenate(residuals) ** 2)))
        return found

    def step(self):
        """Make one step of Gauss and Newton.

        Returns
        -------
        float
            The loss before the step.
        """
        matrix, slope, loss = self.normal_equations()
        factor = cho_factor(matrix, overwrite_a=True, check_finite=False)
        change = cho_solve(factor, -slope)
        first = self.size - len(self.free)
        last = np.eye(self.size, len(self.free), -first)  # the numbers' columns of the identity
        self.inverse = cho_solve(factor, last)[first:]
        for name, part in self._slices.items():
            self.coefficients[name] = self.coefficients[name] + change[part]
        for name, value in zip(self.free, change[first:], strict=True):
            self.numbers[name] += float(value)
        return loss

    def release(self):
        """Give back the memory of the features; a further step computes them anew."""
        self._prepared = {}

    def normal_equations(self):
        """Linearise all conditions at what is known so far.

        Returns
        -------
        matrix : ndarray, shape (size, size)
            Half the second derivative of the loss, as Gauss and Newton approximate it: its upper
            triangle. The numbers come last.
        slope : ndarray, shape (size,)
            Half its gradient.
        loss : float
            Sum over conditions of weight times mean square, plus the ridge.
        """
        matrix = np.zeros((self.size, self.size), order="F")
        slope, loss = np.zeros(self.size), 0.0
        for name, condition in self.conditions.items():
            share = np.sqrt(condition.weight / self._count(name))
            columns = self._columns(condition)
            part = np.zeros((len(columns), len(columns)), order="F")
            for residual, jacobian in self._rows(name):
                jacobian *= share
                part = dsyrk(1.0, jacobian.T, 1.0, part, overwrite_c=True)
                slope[columns] += jacobian.T @ (share * residual)
                loss += np.sum((share * residual) ** 2)
            _add(matrix, part, columns)
        for name, part in self._slices.items():
            matrix[part, part][np.diag_indices(part.stop - part.start)] += self.ridge
            slope[part] += self.ridge * self.coefficients[name]
            loss += self.ridge * np.sum(self.coefficients[name] ** 2)
        return matrix, slope, loss

    def _columns(self, condition):
        """Which unknowns a condition knows: its fields' coefficients and the numbers."""
        used = {_split(use)[0]: None for use in condition.uses}
        parts = [np.arange(self.size)[self._slices[field]] for field in used]
        return np.concatenate([*parts, np.arange(self.size - len(self.free), self.size)])

    def _count(self, name):
        return len(self.conditions[name].place(self.numbers))

    def _prepare(self, name):
        """Features at the points of a condition; kept while the points stay where they are."""
        condition = self.conditions[name]
        points = condition.place(self.numbers)
        if name not in self._prepared or self._prepared[name][0] is not points:
            wanted = {}
            for use in condition.uses:
                field, derivative = _split(use)
                wanted.setdefault(field, []).append(derivative)
            found = {field: self.fields[field].prepare(points, d) for field, d in wanted.items()}
            self._prepared[name] = points, found
        return self._prepared[name]

    def _rows(self, name, jacobian=True):
        """Yield residuals and their Jacobian, chunk by chunk."""
        condition = self.conditions[name]
        points, prepared = self._prepare(name)
        for start in range(0, len(points), self.chunk):
            rows = slice(start, min(start + self.chunk, len(points)))
            f = {}
            for use in condition.uses:
                field, derivative = _split(use)
                values = self.fields[field].values(
                    prepared[field], derivative, self.coefficients[field], rows
                )
                f[use] = torch.tensor(values, requires_grad=True)
            n = rows.stop - rows.start
            q = {
                k: torch.full((n,), v, dtype=torch.float64, requires_grad=True)
                for k, v in self.numbers.items()
            }
            columns = {k: torch.as_tensor(c[rows]) for k, c in condition.columns.items()}
            for residual in condition.residual(f, q, columns):
                if jacobian:
                    yield residual.detach().numpy(), self._jacobian(residual, f, q, prepared, rows)
                else:
                    yield residual.detach().numpy(), None

    def _jacobian(self, residual, f, q, prepared, rows):
        """One backward pass: a residual depends on nothing but its own point."""
        inputs = [*f.values(), *(q[name] for name in self.free)]
        slopes = torch.autograd.grad(residual.sum(), inputs, retain_graph=True, allow_unused=True)
        by_field = {field: {} for field in prepared}
        for use, slope in zip(f, slopes[: len(f)], strict=True):
            if slope is not None:
                field, derivative = _split(use)
                by_field.setdefault(field, {})[derivative] = slope.numpy()
        parts = [
            self.fields[field].jacobian(prepared[field], by_field[field], rows)
            for field in prepared
        ]
        nothing = torch.zeros(len(residual), dtype=torch.float64)
        parts += [
            (nothing if slope is None else slope).numpy()[:, None] for slope in slopes[len(f) :]
        ]
        return np.hstack(parts)


def _add(matrix, part, columns):
    """Add a matrix to some rows and columns, a few at a time to save memory."""
    for start in range(0, len(columns), 256):
        some = slice(start, start + 256)
        matrix[np.ix_(columns, columns[some])] += part[:, some]


def _split(name):
    field, _, derivative = name.partition("_")
    return field, derivative
