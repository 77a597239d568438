"""Beyond `hidden_flow`, for flow between walls: fields without a symmetry, and no slip."""

from mlearth.models.flow_features import HarmonicField, draw_neurons


def plain_field(rng, places, sizes, *, slope, neurons=900, kappa=0.0):
    """A periodic field without any symmetry, as fine in one place as in another.

    Parameters
    ----------
    rng : numpy.random.Generator
    places : ndarray, shape (n, 2)
        All over the region: the functions are made orthonormal over these points.
    sizes : sequence of int
        Functions of each harmonic, from harmonic 0.
    slope : float
        Typical slope of a neuron [1 / unit of length].
    neurons : int
    kappa : float
        As for `HarmonicField`.

    Returns
    -------
    HarmonicField
    """
    neurons = draw_neurons(rng, neurons, places.min(axis=0), places.max(axis=0), slope)
    functions = neurons.compress(places, max(sizes))
    return HarmonicField((functions, functions), sizes, kappa)


def wall_slip(f, q, columns):
    """Velocity: zero at a wall."""
    return f["psi_y"], f["psi_x"]
