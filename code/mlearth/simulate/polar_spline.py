"""Periodic fields around a cylinder between the points of their grid: quintic splines.

A field is a Fourier series around the cylinder and in time on rings of equal steps in
s = log(r / wall). `PolarSpline` evaluates it, and its derivatives in s and angle, anywhere.
"""

import numpy as np
from numba import njit
from scipy import fft
from scipy.interpolate import BSpline

DEGREE = 5


def _pieces():
    """Polynomial coefficients of the six weights, for derivatives 0 to 4: shape (5, 6, 6)."""
    basis = BSpline.basis_element(np.arange(DEGREE + 2), extrapolate=False)
    nodes = (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1)
    values = np.array([[basis(DEGREE - j + u) for u in nodes] for j in range(DEGREE + 1)])
    powers = np.vander(nodes, increasing=True)
    table = np.zeros((5, DEGREE + 1, DEGREE + 1))
    table[0] = np.linalg.solve(powers, values.T).T
    for d in range(1, 5):
        table[d, :, :-1] = table[d - 1, :, 1:] * np.arange(1, DEGREE + 1)
    return table


PIECES = _pieces()
CENTRE = np.array([1.0, 26, 66, 26, 1]) / 120  # the weights at a grid point


def _along_rows(rows):
    """Matrix from values on rows to spline coefficients (two more at each end, no knot there)."""
    system = np.zeros((rows + 4, rows + 4))
    for i in range(rows):
        system[i + 2, i : i + 5] = CENTRE
    jump = np.array([1.0, -6, 15, -20, 15, -6, 1])
    for row, start in ((0, 0), (1, 1), (-2, rows - 4), (-1, rows - 3)):
        system[row, start : start + 7] = jump
    return np.linalg.inv(system)[:, 2:-2]


@njit(cache=True)
def _evaluate(coefficients, s, angle, basis, s_pieces, angle_pieces):
    """Sum over 6 rows, 6 angles and all harmonics; s and angle count grid steps."""
    out = np.zeros(len(s))
    angles = coefficients.shape[1]
    ws, wa = np.empty(6), np.empty(6)
    for n in range(len(s)):
        i = min(max(int(np.floor(s[n])), 0), coefficients.shape[0] - 6)
        j = int(np.floor(angle[n]))
        us, ua = s[n] - i, angle[n] - j
        for m in range(6):
            ws[m], wa[m] = 0.0, 0.0
            for p in range(5, -1, -1):
                ws[m] = ws[m] * us + s_pieces[m, p]
                wa[m] = wa[m] * ua + angle_pieces[m, p]
        for a in range(6):
            for b in range(6):
                part = 0.0
                cell = coefficients[i + a, (j + b - 2) % angles]
                for h in range(basis.shape[1]):
                    part += cell[h] * basis[n, h]
                out[n] += ws[a] * wa[b] * part
    return out


class PolarSpline:
    """A field that can be evaluated anywhere.

    Parameters
    ----------
    modes : ndarray of complex, shape (harmonics, rows, modes)
        Coefficients of exp(i k angle), for each of 1, cos p, sin p, cos 2 p ... of the phase p.
    spacing : float
        Of the rows in s.
    """

    def __init__(self, modes, spacing):
        self.spacing = spacing
        self.angles = fft.next_fast_len(4 * modes.shape[-1], real=True)
        wave = 2 * np.pi * np.arange(modes.shape[-1]) / self.angles
        symbol = (66 + 52 * np.cos(wave) + 2 * np.cos(2 * wave)) / 120
        values = fft.irfft(modes / symbol, n=self.angles, norm="forward")
        matrix = _along_rows(modes.shape[1])
        self.coefficients = np.ascontiguousarray(np.einsum("ir,hra->iah", matrix, values))

    def __call__(self, s, angle, phase, ds=0, dangle=0):
        """Evaluate the field or a derivative of it.

        Parameters
        ----------
        s, angle, phase : ndarray, shape (n,)
        ds, dangle : int
            Order of the derivative in s and in the angle.

        Returns
        -------
        ndarray, shape (n,)
        """
        width = 2 * np.pi / self.angles
        basis = phase_basis(phase, self.coefficients.shape[-1] // 2)
        turn = (angle % (2 * np.pi)) / width
        found = _evaluate(
            self.coefficients, s / self.spacing, turn, basis, PIECES[ds], PIECES[dangle]
        )
        return found / self.spacing**ds / width**dangle


def phase_basis(phase, harmonics):
    """1, cos p, sin p, cos 2 p, sin 2 p, ...: shape (n, 2 harmonics + 1)."""
    turns = phase[:, None] * np.arange(1, harmonics + 1)
    basis = np.ones((len(phase), 2 * harmonics + 1))
    basis[:, 1::2], basis[:, 2::2] = np.cos(turns), np.sin(turns)
    return basis
