"""The Gaussian process agrees with two libraries, with brute force and with sampling."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from mlearth.models.gaussian_process import condition, sample_prior

VARIANCE, LENGTH, NOISE = 1.7, 0.6, 0.04


def bell(x, other=None):
    other = x if other is None else other
    x, other = (np.reshape(a, (len(a), -1)) for a in (x, other))
    squares = np.sum((x[:, None] - other[None]) ** 2, axis=-1)
    return VARIANCE * np.exp(-squares / (2 * LENGTH**2))


@pytest.fixture
def observed():
    rng = np.random.default_rng(3)
    x = rng.uniform(0, 4, (25, 2))
    return x, np.sin(x[:, 0]) + 0.5 * x[:, 1] + 0.2 * rng.normal(size=25), rng.uniform(0, 4, (9, 2))


def test_posterior_equals_scikit_learn(observed):
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel

    x, y, new = observed
    kernel = ConstantKernel(VARIANCE) * RBF(LENGTH)
    theirs = GaussianProcessRegressor(kernel, alpha=NOISE, optimizer=None).fit(x, y)
    mean, covariance = theirs.predict(new, return_cov=True)
    ours = condition(bell, x, y, NOISE)
    found, deviation = ours.predict(new)
    np.testing.assert_allclose(found, mean, rtol=0, atol=1e-8)
    np.testing.assert_allclose(deviation**2, np.diag(covariance), rtol=0, atol=1e-8)
    np.testing.assert_allclose(ours.covariance(new), covariance, rtol=0, atol=1e-8)
    likelihood = theirs.log_marginal_likelihood_value_
    assert ours.log_marginal_likelihood == pytest.approx(likelihood, rel=0, abs=1e-8)


def test_posterior_equals_gpflow(observed):
    gpflow = pytest.importorskip("gpflow", reason="pip install gpflow")
    x, y, new = observed
    kernel = gpflow.kernels.SquaredExponential(variance=VARIANCE, lengthscales=LENGTH)
    theirs = gpflow.models.GPR((x, y[:, None]), kernel, noise_variance=NOISE)
    ours = condition(bell, x, y, NOISE)
    for noise, predict in ((0.0, theirs.predict_f), (NOISE, theirs.predict_y)):
        expected, variance = (each.numpy().ravel() for each in predict(new))
        mean, deviation = ours.predict(new, noise=noise)
        np.testing.assert_allclose(mean, expected, rtol=0, atol=1e-8)
        np.testing.assert_allclose(deviation**2, variance, rtol=0, atol=1e-8)
    likelihood = float(theirs.log_marginal_likelihood())
    assert ours.log_marginal_likelihood == pytest.approx(likelihood, rel=0, abs=1e-8)


def slope(x):
    return 3.0 - 0.5 * x[:, 0]


def test_errors_of_each_row_and_a_mean_enter_as_the_joint_gaussian_says(observed):
    x, y, new = observed
    noise = np.linspace(0.01, 0.5, len(y))
    joint = bell(np.concatenate([x, new])) + np.diag(np.append(noise, np.zeros(len(new))))
    upper, lower = joint[: len(y)], joint[len(y) :]
    weights = np.linalg.solve(upper[:, : len(y)], upper[:, len(y) :]).T
    ours = condition(bell, x, y, noise, mean=slope)
    np.testing.assert_allclose(ours.predict(new)[0], slope(new) + weights @ (y - slope(x)))
    expected = lower[:, len(y) :] - weights @ upper[:, len(y) :]
    np.testing.assert_allclose(ours.covariance(new), expected, rtol=0, atol=1e-12)
    density = multivariate_normal(slope(x), upper[:, : len(y)]).logpdf(y)
    assert ours.log_marginal_likelihood == pytest.approx(density)


def test_leave_one_out_equals_as_many_refits(observed):
    x, y, _ = observed
    noise = np.linspace(0.01, 0.5, len(y))
    means, deviations = condition(bell, x, y, noise, mean=slope).leave_one_out()
    for i in range(len(y)):
        rest = np.arange(len(y)) != i
        refit = condition(bell, x[rest], y[rest], noise[rest], mean=slope)
        mean, deviation = refit.predict(x[i : i + 1], noise=noise[i])
        assert means[i] == pytest.approx(mean[0], rel=0, abs=1e-8)
        assert deviations[i] == pytest.approx(deviation[0], rel=0, abs=1e-8)


def test_one_exact_height_of_a_pair_leaves_the_textbook_distribution():
    x = np.array([0.0, 50.0])  # the second is too far away to matter
    mean, deviation = condition(bell, x, [2.0, 0.5]).predict([LENGTH])
    share = np.exp(-0.5)
    assert mean[0] == pytest.approx(2 * share)
    assert deviation[0] == pytest.approx(np.sqrt(VARIANCE * (1 - share**2)))


def test_exact_observations_are_met_and_far_away_the_prior_returns(observed):
    x, y, _ = observed
    ours = condition(bell, x, y, mean=slope)
    mean, deviation = ours.predict(x)
    np.testing.assert_allclose(mean, y, atol=1e-9)
    np.testing.assert_allclose(deviation, 0, atol=1e-6)
    far = np.array([[100.0, 100.0]])
    mean, deviation = ours.predict(far)
    assert (mean, deviation**2) == (pytest.approx(slope(far)), pytest.approx(VARIANCE))


def test_deviations_of_many_rows_are_those_of_few(observed):
    x, y, new = observed
    ours, many = condition(bell, x, y, NOISE), np.tile(new, (130, 1))  # more than are taken at once
    np.testing.assert_allclose(ours.predict(many)[1], np.tile(ours.predict(new)[1], 130))


def test_samples_have_the_mean_and_covariance_they_are_drawn_from(observed):
    x, y, new = observed
    rng, n = np.random.default_rng(1), 40_000
    ours = condition(bell, x, y, NOISE, mean=slope)
    cases = (
        (ours.sample(new, rng, n), ours.predict(new)[0], ours.covariance(new)),
        (sample_prior(bell, new, rng, n, mean=slope), slope(new), bell(new)),
    )
    for drawn, mean, covariance in cases:
        assert drawn.shape == (n, len(new))
        scale = np.sqrt(np.diag(covariance))
        assert np.all(np.abs(drawn.mean(axis=0) - mean) < 5 * scale / n**0.5)
        found = np.cov(drawn.T) / np.outer(scale, scale)
        expected = covariance / np.outer(scale, scale)
        np.testing.assert_allclose(found, expected, rtol=0, atol=5 * 2**0.5 / n**0.5)


def test_rows_too_close_for_the_digits_are_refused_and_jitter_mends_it():
    x = np.linspace(0, 4, 100)
    with pytest.raises(ValueError, match=r"100 rows has no Cholesky factor.*jitter"):
        condition(bell, x, np.sin(x))
    mended = condition(bell, x, np.sin(x), jitter=1e-10)
    np.testing.assert_allclose(mended.predict(x + 0.01)[0], np.sin(x + 0.01), atol=1e-3)


def test_jitter_is_a_share_of_the_variance_whatever_the_unit():
    x = np.linspace(0, 4, 12)
    metres = condition(bell, x, np.sin(x), jitter=1e-3)
    millimetres = condition(lambda *rows: 1e6 * bell(*rows), x, 1e3 * np.sin(x), jitter=1e-3)
    for ours, theirs in zip(metres.predict(x), millimetres.predict(x), strict=True):
        np.testing.assert_allclose(1e3 * ours, theirs)
    noisy = condition(bell, x, np.sin(x), noise=1e-3 * VARIANCE)
    np.testing.assert_allclose(metres.predict(x)[1], noisy.predict(x)[1])


def test_bands_hold_what_they_promise_when_the_prior_is_true():
    rng, x, at = np.random.default_rng(5), np.linspace(0, 4, 7), np.linspace(0, 4, 23)
    truths = sample_prior(bell, np.concatenate([x, at]), rng, 400)
    held = []
    for truth in truths:
        y = truth[:7] + NOISE**0.5 * rng.normal(size=7)
        mean, deviation = condition(bell, x, y, NOISE).predict(at)
        held.append(np.abs(truth[7:] - mean) < 1.96 * deviation)
    assert np.mean(held) == pytest.approx(0.95, abs=0.02)


X, Y = np.arange(4.0), np.array([0.0, 1.0, 0.0, 2.0])


@pytest.mark.parametrize(
    ("x", "y", "options", "complaint"),
    [
        (np.array([0.0, np.nan, 1.0, 2.0]), Y, {}, "x has 1 values that are not finite"),
        (X, np.array([0.0, np.inf, 1.0, np.nan]), {}, "y has 2 values that are not finite"),
        (X, Y[:3], {}, r"x has 4 rows, so y must be of shape \(4,\), not \(3,\)"),
        (X, Y[:, None], {}, r"not \(4, 1\)"),
        (X[None, None], Y, {}, r"x must be of shape \(n,\) or \(n, d\)"),
        (np.array([]), np.array([]), {}, "not empty"),
        (X[:1], Y[:1], {}, "one row is too few"),
        (X, np.full(4, 7.5), {}, "all 4 outputs equal 7.5"),
        (np.array([0.0, 1.0, 1.0, 2.0]), Y, {}, "repeated although there is no noise"),
        (np.array([0.0, 1.0, 1.0, 2.0]), Y, {"jitter": 1e-6}, "repeated although"),
        (X, Y, {"noise": -0.1}, "noise is a variance"),
        (X, Y, {"noise": [0.1, 0.2]}, "one number or one for each row"),
        (X, Y, {"noise": np.nan}, "noise is a variance"),
        (X, Y, {"jitter": -1e-3}, "jitter must be finite and not negative"),
        (X, Y, {"mean": lambda x: np.zeros((4, 1))}, r"mean\(x\) must be finite and of shape"),
        (X, Y, {"mean": lambda x: x / 0}, r"mean\(x\) must be finite"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value|divide by zero")
def test_bad_input_is_named_before_any_factor_is_tried(x, y, options, complaint):
    with pytest.raises(ValueError, match=complaint):
        condition(bell, x, y, **options)


def test_repeated_rows_with_noise_are_welcome():
    mean, deviation = condition(bell, [0.0, 0.0, 9.0], [1.0, 2.0, 0.0], 0.5).predict([0.0])
    assert mean[0] == pytest.approx(1.5 * VARIANCE / (VARIANCE + 0.25))
    assert deviation[0] ** 2 == pytest.approx(VARIANCE * 0.25 / (VARIANCE + 0.25))


@pytest.mark.parametrize(
    ("kernel", "complaint"),
    [
        (lambda x, other=None: bell(x)[:, :2], r"finite, of shape \(4, 4\); it is \(4, 2\)"),
        (lambda x, other=None: bell(x) * np.nan, "with 16 values not finite"),
        (lambda x, other=None: -bell(x), "the kernel is not one"),
    ],
)
def test_what_is_no_kernel_is_refused(kernel, complaint):
    with pytest.raises(ValueError, match=complaint):
        condition(kernel, X, Y)


def test_questions_of_another_kind_than_the_observed_are_refused(observed):
    x, y, new = observed
    ours = condition(bell, x, y, NOISE)
    for ask in (ours.predict, ours.covariance, lambda x: ours.sample(x, np.random.default_rng())):
        with pytest.raises(ValueError, match=r"rows of shape \(1,\), but observed \(2,\)"):
            ask(new[:, :1])
        with pytest.raises(ValueError, match="not finite"):
            ask(new * np.nan)
    with pytest.raises(ValueError, match="noise is a variance"):
        ours.predict(new, noise=-1.0)
