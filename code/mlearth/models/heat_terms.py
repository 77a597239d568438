"""What a network for the chapter's heat problem must obey, as a list of weighted squares.

The network's second input is the time t or its root s = sqrt(t). With the root the equation
u_t = k u_xx becomes u_s = 2 s k u_xx, which has no singular coefficient at the start.
"""

from typing import NamedTuple

import numpy as np
import torch
from scipy.stats import qmc

DURATION = 0.25
CORNER, KINK = 1.0, 0.5  # where at t = 0 the temperature jumps, and where it has an edge
CLOSEST = 10**-2.5  # to which points are drawn towards them, in x and sqrt(t)
INSIDE, GIVEN = 0.3, 3.0  # weights that make the equation and the given values alike


class Term(NamedTuple):
    """Points, and the residual that is demanded to vanish there.

    Parameters
    ----------
    points : torch.Tensor, shape (n, 2)
    residual : callable
        (Streams, points, k) -> Tensor of shape (n,), point by point.
    weights : torch.Tensor, shape (n,) or ()
        Multiplied with the residuals, before these are squared and added.
    """

    points: torch.Tensor
    residual: object
    weights: torch.Tensor


def residual_in_time(streams, points, k):
    """u_t - k u_xx, if the second input is t."""
    return streams.u_y - k * streams.u_xx


def residual_in_root_time(streams, points, k):
    """2 s (u_t - k u_xx) = u_s - 2 s k u_xx, if the second input is s = sqrt(t)."""
    return streams.u_y - 2 * points[:, 1] * k * streams.u_xx


def value_term(x, y, values, weight=GIVEN, known=None):
    """Demand given values: of the start, of the ends, or measured.

    Parameters
    ----------
    x, y, values : array_like
        Both inputs of the network and the value wanted; broadcast.
    weight : float
        Of the root of the mean square of the misfits.
    known : callable, optional
        (x, t, k) -> a part of the temperature that the network need not learn; then the second
        input must be the root of time.

    Returns
    -------
    Term
    """
    x, y, values = (torch.tensor(v) for v in _flat(x, y, values))
    weights = torch.full_like(x, weight / len(x) ** 0.5)

    def misfit(streams, points, k):
        return streams.u - values if known is None else streams.u + known(x, y**2, k) - values

    return Term(torch.stack([x, y], 1), misfit, weights)


def _flat(*arrays):
    arrays = np.broadcast_arrays(*(np.asarray(v, float) for v in arrays))
    return [v.ravel().copy() for v in arrays]


def given_terms(start, count=150, *, weight=GIVEN, known=None):
    """Demand the start and both ends, at points that crowd where these are not smooth.

    Parameters
    ----------
    start : callable
        x -> temperature at t = 0.
    count : int
        Points on the start, and on the two ends together.
    weight : float
    known : callable, optional
        As for `value_term`.

    Returns
    -------
    list of Term
    """
    third, half = count // 3, count // 2
    near = np.geomspace(0.004, 0.3, third)
    sides = np.geomspace(0.003, 0.3, third // 2)
    x = np.r_[np.linspace(0, 0.98, third), CORNER - near, KINK - sides, KINK + sides]
    s = DURATION**0.5 * np.r_[0, np.geomspace(1e-3, 1, half)]
    ends = np.repeat([0.0, 1.0], len(s))
    return [
        value_term(x, 0.0, start(x), weight, known),
        value_term(ends, np.r_[s, s], ends, weight, known),
    ]


def spread_points(rng, count):
    """Points over line and time by a Latin hypercube.

    Parameters
    ----------
    rng : numpy.random.Generator
    count : int

    Returns
    -------
    ndarray, shape (count, 2)
        x and t.
    """
    return qmc.LatinHypercube(2, seed=rng).random(count) * [1, DURATION]


def clustered_points(rng, count):
    """Points of which half crowd at the corner and at the kink, as many at each scale.

    Parameters
    ----------
    rng : numpy.random.Generator
    count : int
        Divisible by 4.

    Returns
    -------
    ndarray, shape (count, 2)
        x and s = sqrt(t).
    """
    even = qmc.LatinHypercube(2, seed=rng).random(count // 2) * [1, DURATION**0.5]
    clouds = [even]
    for place, first, width in ((CORNER, np.pi / 2, 1.0), (KINK, 0.0, 0.5)):
        distance = CLOSEST ** rng.uniform(0, 1, count // 4)
        angle = rng.uniform(first, np.pi, count // 4)
        x = np.clip(place + width * distance * np.cos(angle), 0, 1)
        clouds.append(np.stack([x, DURATION**0.5 * distance * np.sin(angle)], axis=1))
    return np.concatenate(clouds)


def inside_term(points, *, weight=INSIDE, falling=True):
    """Demand the equation at points of x and s, with weights that fall towards corner and kink.

    Near the corner u depends on the direction only, so that its slopes grow like one over the
    distance; the weights make up for it.

    Parameters
    ----------
    points : array_like, shape (n, 2)
    weight : float
    falling : bool
        Whether the weights fall; else all are alike.

    Returns
    -------
    Term
    """
    points = np.asarray(points)
    to_corner = np.hypot(points[:, 0] - CORNER, points[:, 1])
    to_kink = np.hypot(points[:, 0] - KINK, points[:, 1])
    share = (
        np.clip(to_corner, 1e-3, 1) * np.clip(2 * to_kink, 0, 1) ** 0.5
        if falling
        else 1.0 + 0 * to_kink
    )
    weights = torch.tensor(weight * share / len(points) ** 0.5)
    return Term(torch.tensor(points), residual_in_root_time, weights)
