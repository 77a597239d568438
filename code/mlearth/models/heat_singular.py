"""The two parts of the chapter's heat problem that no smooth function can follow, in closed form.

The boundary jumps at the corner x = 1, t = 0, and the hat has an edge at x = 1/2. Each sets off a
solution of the heat equation that depends only on the distance over sqrt(k t), and that we may
subtract. What is left is smooth. Written for PyTorch, so that k may be unknown.
"""

import math

import torch

NARROWEST = 1e-100  # instead of a diffusion length of 0: what is left at t = 0 is the limit


def step_from_corner(x, t, diffusivity=1.0):
    """What spreads from an end at x = 1 that jumps from 0 to 1 at once, on a half-line.

    Parameters
    ----------
    x, t, diffusivity : Tensor, array_like or float
        Place, at most 1, time, 0 or more, and k; broadcast.

    Returns
    -------
    Tensor, of the broadcast shape
        1 at x = 1, also at t = 0; elsewhere 0 at t = 0.
    """
    x, length = _as_tensor(x), _length(t, diffusivity)
    return torch.special.erfc((1 - x) / length)


def rounded_edge(x, t, diffusivity=1.0):
    """What becomes of the edge -|x - 1/2| on an endless line.

    Parameters
    ----------
    x, t, diffusivity
        As for `step_from_corner`, with any x.

    Returns
    -------
    Tensor, of the broadcast shape
    """
    away, length = torch.abs(_as_tensor(x) - 0.5), _length(t, diffusivity)
    ratio = away / length
    return away * (torch.special.erfc(ratio) - 1) - length * torch.exp(-(ratio**2)) / math.pi**0.5


def both_parts(x, t, diffusivity=1.0):
    """Add the step from the corner and the rounded edge; all as for these."""
    return step_from_corner(x, t, diffusivity) + rounded_edge(x, t, diffusivity)


def _length(t, diffusivity):
    squared = 4 * _as_tensor(diffusivity) * _as_tensor(t)
    return torch.sqrt(torch.clamp(squared, min=NARROWEST**2))


def _as_tensor(value):
    return torch.as_tensor(value, dtype=torch.float64)
