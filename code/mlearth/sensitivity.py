"""How much of the variance of a known function each of its random inputs brings about.

Sobol indices divide the variance of a function of independent inputs; Shapley effects also do so
where inputs are correlated. Both take the function itself, not a table, so they give the truth that
the importances of `mlearth.explain` are judged by.
"""

from dataclasses import dataclass
from math import factorial

import numpy as np
from scipy import stats
from sklearn.utils import check_array

MOST_PLAYERS = 12  # 4096 subsets


@dataclass(frozen=True)
class SobolIndices:
    """Shares of the variance of a function of independent inputs, each of shape (n_inputs,).

    Attributes
    ----------
    first : ndarray
        Share that an input brings about alone.
    first_half_width : ndarray
        Half the width of the 95 % bootstrap interval of `first`.
    total : ndarray
        Share that an input brings about alone or together with others.
    total_half_width : ndarray
        Half the width of the 95 % bootstrap interval of `total`.
    """

    first: np.ndarray
    first_half_width: np.ndarray
    total: np.ndarray
    total_half_width: np.ndarray


@dataclass(frozen=True)
class ShapleyEffects:
    """Shares of the variance of a function whose inputs may be correlated.

    Attributes
    ----------
    effect : ndarray, shape (n_players,)
        Share of each player; they add up to one.
    standard_error : ndarray, shape (n_players,)
        Sampling error of `effect`.
    variance : float
        Variance of the function, in its unit squared.
    """

    effect: np.ndarray
    standard_error: np.ndarray
    variance: float


def sobol_indices(function, marginals, n, seed):
    """First-order and total Sobol indices of a function of independent inputs (by SALib).

    Parameters
    ----------
    function : callable
        (m, n_inputs) -> (m,).
    marginals : sequence of callable or array_like, length n_inputs >= 2
        The distribution of each input: a quantile function that takes probabilities, such as
        ``scipy.stats.norm.ppf``, or a sample of it. The columns of a table: ``list(table.T)``.
    n : int
        Base sample, a power of 2; the function sees n (n_inputs + 2) rows.
    seed : int
        For the scrambled sequence and the bootstrap.

    Returns
    -------
    SobolIndices
        First-order and total indices with their uncertainty.

    Raises
    ------
    ValueError
        If `n` is not a power of 2 of at least 2, a sample is not finite or shorter than 2, or
        the function is constant or not finite.

    References
    ----------
    sobol2001global, saltelli2010variance
    """
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    quantiles = [_quantile_function(marginal) for marginal in marginals]
    _check_power_of_two(n)
    names = np.array([f"x{i}" for i in range(len(quantiles))])  # SALib 1.5 + pandas 3: no lists
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    u = sampling.sample(problem, n, calc_second_order=False, seed=seed)
    y = _values(function, _to_inputs(u, quantiles))
    # SALib takes a seed of 0 for none at all
    found = analysis.analyze(problem, y, calc_second_order=False, seed=seed + 1)
    return SobolIndices(found["S1"], found["S1_conf"], found["ST"], found["ST_conf"])


def shapley_effects(function, sample, n, rng, groups=None, repeats=8):
    """Shapley effects of a function of correlated inputs.

    The value of a set of inputs is the variance of the function that they explain, Var E[f | set];
    a player's effect is its mean gain over all orders in which players can join. All subsets are
    visited. The joint distribution is modelled as a Gaussian copula with the marginals of `sample`
    and its correlation of normal scores: it has the observed marginals and monotone
    dependence, but no other. For each subset, the inputs outside it are drawn anew given
    those inside; half the mean squared change of f is what the subset leaves unexplained.
    All subsets share the same random numbers, so an input that has no effect and is
    uncorrelated with the others gets next to nothing even where `n` is small. One that has none but
    is correlated with an active one gets a share.

    Parameters
    ----------
    function : callable
        (m, n_inputs) -> (m,).
    sample : array_like, shape (m, n_inputs)
        Rows from the joint distribution, from which the copula is fitted.
    n : int
        Rows per subset and repeat, a power of 2.
    rng : numpy.random.Generator
        Scrambles the Sobol sequences that the rows are drawn with.
    groups : sequence of sequences of int, optional
        Inputs that join together as one player; every input must be in exactly one group. Without
        it each input is a player.
    repeats : int
        Independent sequences, at least 2: their mean is returned, their spread gives the standard
        error. The function sees n repeats 2**n_players rows in all.

    Returns
    -------
    ShapleyEffects
        Effects, their standard errors, and the variance they divide.

    Raises
    ------
    ValueError
        If `sample` is not finite or has fewer than 2 rows or a constant column, groups do not
        divide the inputs, there are more than 12 players, `n` is not a power of 2 of at least 2,
        repeats < 2, or the function is constant or not finite.

    References
    ----------
    Owen (2014), Sobol' indices and Shapley value, SIAM/ASA Journal on Uncertainty Quantification 2,
    245-251. Song, Nelson and Staum (2016), Shapley effects for global sensitivity analysis: theory
    and computation, same journal 4, 1060-1083.
    """
    sample = check_array(sample, dtype=np.float64, ensure_min_samples=2)
    players = _players(groups, sample.shape[1])
    quantiles = [_quantile_function(column) for column in sample.T]
    correlation = _normal_score_correlation(sample)
    _check_power_of_two(n)
    if repeats < 2:
        raise ValueError(f"repeats must be at least 2 to tell the error, got {repeats}")

    def of_scores(scores):
        return _values(function, _to_inputs(stats.norm.cdf(scores), quantiles))

    sequences = [stats.qmc.Sobol(2 * sample.shape[1], seed=rng).random(n) for _ in range(repeats)]
    left = _unexplained(of_scores, np.concatenate(sequences), correlation, players)
    left = left.reshape(-1, repeats, n).mean(axis=2)  # (subsets, repeats)
    value = _shapley_value(left[0] - left)  # (players, repeats)
    variance = left[0].mean()
    effect = value.mean(axis=1) / variance
    deviation = value - effect[:, None] * left[0]  # of a ratio (delta method)
    error = deviation.std(axis=1, ddof=1) / np.sqrt(repeats) / variance
    return ShapleyEffects(effect, error, float(variance))


def conditional_totals(function, sample, n, rng, groups=None):
    """Share of the variance that a player explains and no other can replace.

    The mean variance of the function that is left when all other inputs are known,
    E Var[f | others] / Var f. For independent inputs this is the total Sobol index; for
    correlated ones it is what conditional permutation importance is after. The joint
    distribution is modelled as in `shapley_effects`.

    Parameters
    ----------
    function : callable
        (m, n_inputs) -> (m,).
    sample : array_like, shape (m, n_inputs)
        Rows from the joint distribution.
    n : int
        Rows per player, a power of 2.
    rng : numpy.random.Generator
        Scrambles the Sobol sequence.
    groups : sequence of sequences of int, optional
        Inputs that count as one player; every input must be in exactly one group.

    Returns
    -------
    ndarray, shape (n_players,)
        They need not add up to one.

    Raises
    ------
    ValueError
        As `shapley_effects`.

    References
    ----------
    saltelli2010variance, song2016shapley
    """
    sample = check_array(sample, dtype=np.float64, ensure_min_samples=2)
    players = _players(groups, sample.shape[1])
    quantiles = [_quantile_function(column) for column in sample.T]
    correlation = _normal_score_correlation(sample)
    _check_power_of_two(n)
    u = stats.qmc.Sobol(2 * sample.shape[1], seed=rng).random(n)
    scores = stats.norm.ppf(np.clip(u, 1e-12, 1 - 1e-12)).reshape(n, 2, -1)
    known, fresh = np.moveaxis(scores @ _square_root(correlation), 1, 0)

    def change(redrawn):
        inputs = [_to_inputs(stats.norm.cdf(z), quantiles) for z in (known, redrawn)]
        before, after = (_values(function, x) for x in inputs)
        return np.mean((after - before) ** 2)

    others = [[i for i in range(sample.shape[1]) if i not in player] for player in players]
    left = [change(_redraw(known, fresh, inside, correlation)) for inside in others]
    return np.array(left) / change(fresh)


def _unexplained(of_scores, u, correlation, players):
    """Half the squared change of the function when all inputs outside a subset are redrawn.

    From m points u (m, 2 n_inputs) in the unit cube to (2**n_players, m): bit k of the first index
    says whether player k is in the subset.
    """
    scores = stats.norm.ppf(np.clip(u, 1e-12, 1 - 1e-12)).reshape(len(u), 2, -1)
    scores = scores @ _square_root(correlation)
    known, fresh = scores[:, 0], scores[:, 1]
    y = of_scores(known)
    left = np.zeros((2 ** len(players), len(u)))  # nothing where all inputs are known
    for subset in range(len(left) - 1):
        inside = [i for k, player in enumerate(players) if subset >> k & 1 for i in player]
        left[subset] = (y - of_scores(_redraw(known, fresh, inside, correlation))) ** 2 / 2
    return left


def _redraw(known, fresh, inside, correlation):
    """Draw the inputs outside `inside` given those in it (rows of standard normals).

    `fresh` are independent draws of all inputs; kriging moves them on to the known ones.
    """
    gap = known[:, inside] - fresh[:, inside]
    weights = np.linalg.pinv(correlation[np.ix_(inside, inside)]) @ correlation[inside]
    redrawn = fresh + gap @ weights
    redrawn[:, inside] = known[:, inside]
    return redrawn


def _shapley_value(value):
    """Mean gain of each player over all orders: (2**n_players, m) -> (n_players, m)."""
    subsets = np.arange(len(value))
    players = range(len(value).bit_length() - 1)
    size = sum(subsets >> k & 1 for k in players)
    orders = [factorial(s) * factorial(len(players) - s - 1) for s in players]
    share = np.array(orders) / factorial(len(players))
    without = [subsets[subsets >> k & 1 == 0] for k in players]
    gains = [value[w | 1 << k] - value[w] for k, w in enumerate(without)]
    return np.array([share[size[w]] @ gain for w, gain in zip(without, gains, strict=True)])


def _quantile_function(marginal):
    """Quantile function of a marginal that is one already, or a sample."""
    if callable(marginal):
        return marginal
    values = np.sort(np.asarray(marginal, dtype=np.float64))
    if values.ndim != 1 or values.size < 2 or not np.all(np.isfinite(values)):
        raise ValueError("a sample of an input must be 1-D, finite and hold at least 2 values")
    probabilities = np.linspace(0, 1, values.size)
    return lambda u: np.interp(u, probabilities, values)


def _to_inputs(u, quantiles):
    """(m, n_inputs) probabilities -> inputs."""
    u = np.clip(u, 1e-12, 1 - 1e-12)  # 0 and 1 have no quantile in an unbounded distribution
    return np.column_stack(
        [quantile(column) for quantile, column in zip(quantiles, u.T, strict=True)]
    )


def _check_power_of_two(n):
    if n < 2 or n & (n - 1):
        raise ValueError(f"n must be a power of 2 of at least 2, got {n}")


def _normal_score_correlation(sample):
    """Correlation of the columns after each has been turned into normal scores by its ranks."""
    if np.any(np.ptp(sample, axis=0) == 0):
        raise ValueError("a constant input explains nothing: leave it out")
    ranks = stats.rankdata(sample, axis=0)
    return np.atleast_2d(np.corrcoef(stats.norm.ppf(ranks / (len(sample) + 1)).T))


def _square_root(correlation):
    """Symmetric square root, which exists where inputs are collinear too."""
    values, vectors = np.linalg.eigh(correlation)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def _players(groups, n_inputs):
    players = [[i] for i in range(n_inputs)] if groups is None else [list(g) for g in groups]
    if sorted(i for player in players for i in player) != list(range(n_inputs)) or [] in players:
        raise ValueError(f"groups must hold each of the {n_inputs} inputs exactly once: {players}")
    if len(players) > MOST_PLAYERS:
        raise ValueError(f"{len(players)} players are too many, at most {MOST_PLAYERS}: use groups")
    return players


def _values(function, x):
    y = np.asarray(function(x), dtype=np.float64)
    if y.shape != (len(x),) or not np.all(np.isfinite(y)):
        raise ValueError(f"the function must return {len(x)} finite numbers, got shape {y.shape}")
    if len(x) > 1 and np.ptp(y) == 0:
        raise ValueError("the function is constant: there is no variance to divide")
    return y
