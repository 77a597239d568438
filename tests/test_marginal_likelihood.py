"""The marginal likelihood is that of the normal distribution, and fits find what was planted."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process import kernels as sklearn_kernels

from mlearth.models.gaussian_process import condition, sample_prior
from mlearth.models.kernels import Linear, Matern, Periodic, SquaredExponential
from mlearth.models.marginal_likelihood import climb, climb_from_many, evidence, part_of

KERNEL = SquaredExponential(2.0, 3.0) * Periodic(1.0, 1.2, 1.0).hold("period") + Matern(0.5, 0.4)


@pytest.fixture
def series():
    rng = np.random.default_rng(0)
    x = np.sort(rng.uniform(0, 6, 40))
    return x, sample_prior(KERNEL, x, rng)[0] + 0.2 * rng.normal(size=40)


def test_the_parts_add_up_to_the_log_density_of_a_normal_distribution(series):
    x, y = series
    found = evidence(KERNEL, x, y, 0.04)
    covariance = KERNEL(x) + 0.04 * np.eye(40)
    expected = multivariate_normal(np.zeros(40), covariance).logpdf(y)
    assert found.total == pytest.approx(expected, rel=1e-10)
    assert found.complexity == pytest.approx(-0.5 * np.linalg.slogdet(covariance)[1], rel=1e-10)
    assert found.total == pytest.approx(
        condition(KERNEL, x, y, 0.04).log_marginal_likelihood, rel=1e-10
    )


def test_value_and_gradient_equal_those_of_scikit_learn(series):
    x, y = series
    theirs = 2 * sklearn_kernels.RBF(0.7) + sklearn_kernels.WhiteKernel(0.1)
    model = GaussianProcessRegressor(theirs, optimizer=None, alpha=0).fit(x[:, None], y)
    value, gradient = model.log_marginal_likelihood(model.kernel_.theta, eval_gradient=True)
    ours = evidence(SquaredExponential(2.0, 0.7), x, y, 0.1)
    assert ours.total == pytest.approx(value, rel=1e-8)
    np.testing.assert_allclose(ours.gradient, gradient, rtol=1e-6)


def test_the_gradient_is_that_of_finite_differences(series):
    x, y = series
    start = np.array([*KERNEL.log_parameters, np.log(0.04)])
    found = evidence(KERNEL, x, y, 0.04).gradient
    assert found.shape == start.shape
    for number, step in enumerate(1e-5 * np.eye(len(start))):
        up, down = (
            evidence(KERNEL.with_log_parameters(v[:-1]), x, y, np.exp(v[-1])).total
            for v in (start + step, start - step)
        )
        assert found[number] == pytest.approx((up - down) / 2e-5, abs=1e-5)


def test_an_ascent_ends_where_the_gradient_is_zero_and_above_its_start(series):
    x, y = series
    found = climb(SquaredExponential(1.0, 1.0), x, y, 0.5)
    at_end = evidence(found.kernel, x, y, found.noise)
    assert found.total == pytest.approx(at_end.total)
    assert np.abs(at_end.gradient).max() < 1e-2
    assert found.total > evidence(SquaredExponential(1.0, 1.0), x, y, 0.5).total + 1
    np.testing.assert_allclose(found.path[-1], [*found.kernel.log_parameters, np.log(found.noise)])


def test_planted_parameters_are_found_from_many_data():
    rng, x = np.random.default_rng(1), np.linspace(0, 100, 500)
    y = sample_prior(SquaredExponential(4.0, 0.8), x, rng)[0] + 0.3 * rng.normal(size=500)
    found = climb(SquaredExponential(1.0, 2.0), x, y, 1.0)
    assert found.kernel.length == pytest.approx(0.8, rel=0.1)
    assert found.kernel.variance == pytest.approx(4.0, rel=0.4)
    assert found.noise == pytest.approx(0.09, rel=0.25)


def test_an_ascent_survives_steps_to_matrices_without_a_cholesky_factor():
    x = np.linspace(0, 1, 80)
    kernel = SquaredExponential(1.0, 0.3)
    found = climb(kernel, x, np.sin(3 * x), 1e-9)
    assert found.total > evidence(kernel, x, np.sin(3 * x), 1e-9).total + 10
    assert np.isfinite(found.path).all()


def test_held_parameters_stay():
    rng, x = np.random.default_rng(1), np.linspace(0, 10, 60)
    found = climb(Periodic(1.0, 1.0, 1.3).hold("period"), x, np.sin(x) + rng.normal(size=60), 1.0)
    assert found.kernel.kernel.period == pytest.approx(1.3)


def test_many_starts_are_sorted_and_no_worse_than_the_one_given(series):
    x, y = series
    kernel = SquaredExponential(1.0, 5.0)
    found = climb_from_many(kernel, x, y, 0.5, np.random.default_rng(0), starts=6)
    totals = [optimum.total for optimum in found]
    assert len(found) == 6
    assert totals == sorted(totals, reverse=True)
    assert totals[0] >= climb(kernel, x, y, 0.5).total


def test_parts_of_a_posterior_add_up_in_the_mean_but_not_in_the_variance(series):
    x, y = series
    kernel, ahead = SquaredExponential(2.0, 3.0) + Periodic(1.0, 1.0, 1.0), np.linspace(0, 9, 50)
    whole = condition(kernel, x, y, 0.04)
    parts = [part_of(whole, term).predict(ahead) for term in kernel.terms]
    np.testing.assert_allclose(sum(mean for mean, _ in parts), whole.predict(ahead)[0], rtol=1e-9)
    squares = sum(deviation**2 for _, deviation in parts)
    assert np.abs(squares - whole.predict(ahead)[1] ** 2).max() > 0.1


def test_a_part_is_the_conditional_distribution_of_the_function_alone():
    x, ahead = np.array([0.0, 1.0]), np.array([2.0])
    line, rough = Linear(1.0), Matern(1.0, 1.0, 0.5)
    mean, deviation = part_of(condition(line + rough, x, [0.0, 2.0], 0.1), line).predict(ahead)
    covariance = (line + rough)(x) + 0.1 * np.eye(2)
    gain = line(ahead, x) @ np.linalg.inv(covariance)
    assert mean[0] == pytest.approx((gain @ [0.0, 2.0])[0])
    assert deviation[0] ** 2 == pytest.approx((line(ahead) - gain @ line(x, ahead))[0, 0])


@pytest.mark.parametrize(
    ("x", "y", "noise", "message"),
    [
        ([0.0, 1.0], [1.0], 0.1, "one y for each row"),
        ([0.0, 1.0], [1.0, np.nan], 0.1, "y must be finite"),
        ([0.0, np.inf], [1.0, 2.0], 0.1, "inputs must be finite"),
        ([0.0, 1.0], [1.0, 2.0], 0.0, "noise variance must be above 0"),
        ([0.0, 0.0], [1.0, 2.0], 1e-30, "no Cholesky factor"),
    ],
)
def test_bad_input_is_named(x, y, noise, message):
    with pytest.raises(ValueError, match=message):
        climb(SquaredExponential(), x, y, noise)
