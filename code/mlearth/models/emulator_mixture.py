"""An emulator whose hyperparameters are uncertain, too: many emulators instead of the best one."""

from dataclasses import replace

import numpy as np
from scipy import stats

# of the logarithms, in scaled units: centre and standard deviation of their normal priors
PRIORS = {"variance": (1.0, 3.0), "length": (1.0, 2.0), "noise": (-9.0, 3.0)}
LEAST_NOISE = 1e-6  # in variances of the outputs: where a walk may start


def vary_hyperparameters(emulator, rng, n=40, *, every=20, burn_in=400, step=0.25):
    """Draw emulators from the posterior of the hyperparameters with a Metropolis walk.

    The walk goes through the logarithms of variance, length scales and noise variance, from the
    fitted values on; the runs stay as they are.

    Parameters
    ----------
    emulator : Emulator
        From `mlearth.models.emulator.fit_emulator`.
    rng : numpy.random.Generator
    n : int
        Emulators wanted.
    every, burn_in : int
        Steps between two of them, and before the first.
    step : float
        Standard deviation of a proposed step, in logarithms.

    Returns
    -------
    list of Emulator, length n
        Neighbours in the list resemble each other.

    Raises
    ------
    ValueError
        If n, every or step is not positive, or burn_in is negative.
    """
    if n < 1 or every < 1 or burn_in < 0 or not step > 0:
        raise ValueError("n, every and step must be positive and burn_in not negative")
    fitted = emulator.hyperparameters
    place = np.log(np.hstack([fitted["variance"], fitted["length"], fitted["noise"]]))
    place[-1] = max(place[-1], np.log(LEAST_NOISE))
    current = _at(emulator, place)
    density, drawn = _log_density(current, place), []
    for count in range(burn_in + n * every):
        proposed = place + step * rng.normal(size=place.size)
        other = _at(emulator, proposed)
        rival = _log_density(other, proposed)
        if np.log(rng.random()) < rival - density:
            place, current, density = proposed, other, rival
        if count >= burn_in and (count - burn_in) % every == 0:
            drawn.append(current)
    return drawn


def mixture_probability(emulators, inputs, outputs):
    """Probability below each new run, averaged over emulators: uniform if they are right.

    Parameters
    ----------
    emulators : sequence of Emulator
    inputs, outputs : array_like, shapes (m, d) and (m,)

    Returns
    -------
    ndarray, shape (m,)
    """
    below = [stats.norm.cdf(outputs, *one.predict(inputs, observed=True)) for one in emulators]
    return np.mean(below, axis=0)


def _at(emulator, place):
    variance, *length, noise = np.exp(place)
    found = {"variance": variance, "length": np.array(length), "noise": noise}
    return replace(emulator, hyperparameters=found)


def _log_density(emulator, place):
    """Logarithm of likelihood times prior, up to a constant; minus infinity where it has none."""
    d = place.size - 2
    centres, deviations = np.array([PRIORS["variance"], *[PRIORS["length"]] * d, PRIORS["noise"]]).T
    prior = stats.norm.logpdf(place, centres, deviations).sum()
    try:
        return emulator.log_marginal_likelihood + prior
    except np.linalg.LinAlgError:  # numerically not positive definite
        return -np.inf
