"""How far a flow revealed in a channel, and its shear on the walls, lie from the true ones."""

import numpy as np

from mlearth.field_errors import relative_error
from mlearth.hidden_scores import HiddenTruth, _centred


class ChannelTruth(HiddenTruth):
    """The true flow between the walls, at some phases of the period.

    Parameters
    ----------
    channel : Channel
        With `sample`, `wall_shear`, `narrows` and `period`.
    ends : sequence of two float
        Of the window, in x.
    shape : tuple of int
        Phases, and points across and along.

    Attributes
    ----------
    x, y : ndarray, shape (n_y, n_x)
    points : ndarray, shape (n, 3)
        x, y, phase.
    fields : dict of str to ndarray, shape (phases, n_y, n_x)
        u, v, and p without its mean at each phase.
    along : ndarray, shape (n_x,)
    shear : ndarray, shape (2, phases, n_x)
        On the lower and on the upper wall, over density; positive if the fluid next to it flows
        downstream.
    """

    def __init__(self, channel, ends, shape=(4, 25, 53)):
        phase = 2 * np.pi * np.arange(shape[0]) / shape[0]
        self.along = np.linspace(*ends, shape[2])
        walls = channel.narrows.walls(self.along)
        self.x = np.tile(self.along, (shape[1], 1))
        self.y = np.linspace(*walls, shape[1] + 2)[1:-1]
        times = phase[:, None, None] * channel.period / (2 * np.pi)
        u, v, p, _ = channel.sample(self.x, self.y, times)
        self.fields = {"u": u, "v": v, "p": _centred(p)}
        self.points = _all_phases(self.x, self.y, phase)
        self.shear = np.array(channel.wall_shear(self.along, times[:, 0]))
        self._walls = [_all_phases(self.along, wall, phase) for wall in walls]

    def found_shear(self, system):
        """Evaluate what a fit says of the shear, as `shear`."""
        bent = [
            system.evaluate("psi_xx", wall) + system.evaluate("psi_yy", wall)
            for wall in self._walls
        ]
        both = np.stack([bent[0], -bent[1]]).reshape(self.shear.shape)
        return system.numbers["viscosity"] * both

    def errors(self, system):
        """As `HiddenTruth.errors`, and shear: relative error [%] of the wall's."""
        scores = super().errors(system)
        if "viscosity" in system.numbers:
            scores["shear"] = 100 * relative_error(self.found_shear(system), self.shear)
        return scores


def _all_phases(x, y, phase):
    grid = [np.broadcast_to(a, (len(phase), *x.shape)).ravel() for a in (x, y)]
    return np.stack([*grid, np.repeat(phase, x.size)], axis=1)
