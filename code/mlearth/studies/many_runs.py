"""Emulators of 100 to 100 000 runs of the small sea-level model: seconds, errors and coverage.

An exact emulator is fitted for as many runs as take seconds. Beyond that it keeps these
hyperparameters and is only conditioned on more runs, to 3000. The time of the factorisation alone
is recorded too, so that its growth can be extrapolated. Sparse emulators see the same runs. All are
judged on other runs: by the error against the model's value before it is rounded to 1 mm, by how
often the function's interval of 95 % holds that value, and by how often a new run's interval holds
the rounded one. Seconds are those of one processor, not of the clock, so that others at work on the
machine do not count.
"""

import time
from dataclasses import replace

import numpy as np
from scipy.linalg import cholesky
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import PolynomialFeatures

from mlearth import metrics
from mlearth.models.emulator import fit_emulator
from mlearth.models.sparse_emulator import fit_sgpr, fit_svgp
from mlearth.simulate.sea_level import simulate_highstand, simulate_runs

EXACT = (100, 300, 1000, 3000)
FACTORISED = (1000, 1500, 2000, 3000)
SPARSE = (100, 1000, 10_000, 100_000)
INDUCING = (50, 150)
FITTED = 500  # runs, at most, from which an exact emulator takes its hyperparameters
N_TEST = 2000


def run(seed):
    """Fit and time all emulators once.

    Parameters
    ----------
    seed : int
        Of the runs, and of what the sparse emulators draw.

    Returns
    -------
    dict
        ``fits``: one dict each with ``method``, ``n``, ``inducing`` (0 if none), ``seconds``,
        ``rmse``, ``deviation`` (as stated) and ``noise`` [m], ``coverage`` (of the function) and
        ``coverage_run`` (of new runs). ``factorising``: dicts with ``n`` and ``seconds``.
        ``quadratic_rmse`` [m]: of quadratic regression on all runs.
    """
    rng = np.random.default_rng(seed)
    test, runs = simulate_runs(rng, N_TEST), simulate_runs(rng, max(SPARSE))
    truth = simulate_highstand(test.stresses)
    fits = [fit_one("exact", runs, n, 0, rng, test, truth) for n in EXACT]
    for n in SPARSE:
        for inducing in [m for m in INDUCING if m <= n]:
            for method in ("sgpr", "svgp"):
                fits.append(fit_one(method, runs, n, inducing, rng, test, truth))
    return {
        "fits": fits,
        "factorising": [time_factorising(runs, n) for n in FACTORISED],
        "quadratic_rmse": quadratic_rmse(runs, test.stresses, truth),
    }


def fit_one(method, runs, n, inducing, rng, test, truth):
    """Fit one emulator to the first `n` runs, and judge it.

    Parameters
    ----------
    method : {"exact", "sgpr", "svgp"}
    runs, test : mlearth.simulate.sea_level.Runs
    n, inducing : int
    rng : numpy.random.Generator
    truth : ndarray, shape (m,)
        Of the test runs, before rounding [m].

    Returns
    -------
    dict
        See `run`.
    """
    x, y = runs.stresses[:n], runs.highstand[:n]
    started = time.process_time()
    if method == "exact":
        emulator = replace(fit_emulator(x[:FITTED], y[:FITTED]), inputs=x, outputs=y)
    else:
        emulator = {"sgpr": fit_sgpr, "svgp": fit_svgp}[method](x, y, inducing, rng)
    mean, deviation = emulator.predict(test.stresses)
    seconds = time.process_time() - started
    wider = np.hypot(deviation, emulator.noise_deviation)
    return {
        "method": method,
        "n": n,
        "inducing": inducing,
        "seconds": round(seconds, 3),
        "rmse": float(f"{np.sqrt(np.mean((mean - truth) ** 2)):.4g}"),
        "deviation": float(f"{np.sqrt(np.mean(deviation**2)):.4g}"),
        "coverage": share_inside(truth, mean, deviation),
        "coverage_run": share_inside(test.highstand, mean, wider),
        "noise": float(f"{emulator.noise_deviation:.4g}"),
    }


def share_inside(values, mean, deviation):
    """Share of the values inside intervals of 95 %.

    Parameters
    ----------
    values, mean, deviation : ndarray, shape (m,)

    Returns
    -------
    float
    """
    half = 1.96 * deviation
    return round(metrics.coverage(values, mean - half, mean + half), 4)


def time_factorising(runs, n, first=100):
    """Time the step of an exact emulator of `n` runs that grows fastest: Cholesky's.

    Parameters
    ----------
    runs : mlearth.simulate.sea_level.Runs
    n : int
    first : int
        Runs from which the hyperparameters come.

    Returns
    -------
    dict
        ``n`` and ``seconds``, the least of three.
    """
    small = fit_emulator(runs.stresses[:first], runs.highstand[:first])
    covariance = small.covariance(runs.stresses[:n]) + small.noise_deviation**2 * np.eye(n)
    taken = []
    for _ in range(3):
        started = time.process_time()
        cholesky(covariance, lower=True)
        taken.append(time.process_time() - started)
    return {"n": n, "seconds": round(min(taken), 5)}


def quadratic_rmse(runs, inputs, truth):
    """Error of a quadratic in all inputs, fitted to all runs by least squares [m].

    Parameters
    ----------
    runs : mlearth.simulate.sea_level.Runs
    inputs, truth : ndarray, shapes (m, 4) and (m,)

    Returns
    -------
    float
    """
    centre, spread = runs.stresses.mean(axis=0), runs.stresses.std(axis=0)
    terms = PolynomialFeatures(2)
    fitted = LinearRegression().fit(
        terms.fit_transform((runs.stresses - centre) / spread), runs.highstand
    )
    guess = fitted.predict(terms.transform((inputs - centre) / spread))
    return float(f"{np.sqrt(np.mean((guess - truth) ** 2)):.4g}")
