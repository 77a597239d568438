"""Kernels equal those of two libraries, and their derivatives those of finite differences."""

import numpy as np
import pytest
from sklearn.gaussian_process import kernels as sklearn_kernels

from mlearth.models.kernels import (
    Constant,
    Linear,
    Matern,
    Periodic,
    SquaredExponential,
)

KERNELS = {
    "squared exponential": SquaredExponential(2.0, 0.7),
    "one length a column": SquaredExponential(2.0, (0.7, 3.0)),
    "Matern 1/2": Matern(2.0, (0.7, 3.0), 0.5),
    "Matern 3/2": Matern(2.0, 0.7, 1.5),
    "Matern 5/2": Matern(2.0, (0.7, 3.0), 2.5),
    "periodic": Periodic(2.0, 0.8, 1.3),
    "linear": Linear(2.0, 0.3),
    "constant": Constant(3.0),
    "sum": Matern(1.0, 0.4, 1.5) + Linear(0.3) + Constant(2.0),
    "product": SquaredExponential(2.0, 4.0) * Periodic(1.5, 0.8, 1.0),
    "held": (SquaredExponential(2.0, 4.0) * Periodic(1.0, 0.8, 1.0).hold("variance", "period")),
}


@pytest.fixture
def x():
    return np.random.default_rng(0).uniform(0, 3, (20, 2))


@pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS)
def test_a_kernel_is_symmetric_and_has_no_negative_eigenvalue(kernel, x):
    matrix = kernel(x)
    np.testing.assert_allclose(matrix, matrix.T, rtol=1e-14)
    assert np.linalg.eigvalsh(matrix).min() > -1e-12 * np.trace(matrix)


@pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS)
def test_the_gradients_are_those_of_finite_differences(kernel, x):
    values, gradients = kernel.log_parameters, kernel.gradients(x)
    assert gradients.shape == (len(kernel.names), 20, 20)
    for number, step in enumerate(1e-5 * np.eye(len(values))):
        up, down = (kernel.with_log_parameters(values + s * step)(x) for s in (1, -1))
        np.testing.assert_allclose(gradients[number], (up - down) / 2e-5, atol=1e-6)


@pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS)
def test_parameters_survive_the_way_to_logarithms_and_back(kernel, x):
    again = kernel.with_log_parameters(kernel.log_parameters)
    np.testing.assert_allclose(again(x), kernel(x), rtol=1e-12)
    assert not np.allclose(kernel.with_log_parameters(kernel.log_parameters + 0.1)(x), kernel(x))


@pytest.mark.parametrize(
    ("kernel", "theirs"),
    [
        ("squared exponential", 2 * sklearn_kernels.RBF(0.7)),
        ("one length a column", 2 * sklearn_kernels.RBF([0.7, 3.0])),
        ("Matern 1/2", 2 * sklearn_kernels.Matern([0.7, 3.0], nu=0.5)),
        ("Matern 3/2", 2 * sklearn_kernels.Matern(0.7, nu=1.5)),
        ("Matern 5/2", 2 * sklearn_kernels.Matern([0.7, 3.0], nu=2.5)),
        ("constant", sklearn_kernels.ConstantKernel(3.0)),
    ],
)
def test_a_kernel_equals_that_of_scikit_learn(kernel, theirs, x):
    other = x[:7] + 0.1
    np.testing.assert_allclose(KERNELS[kernel](x, other), theirs(x, other), rtol=1e-10)


def test_periodic_linear_and_combined_kernels_equal_those_of_scikit_learn(x):
    x, other = x[:, :1], x[:7, 1:]
    wave = sklearn_kernels.ExpSineSquared(0.8, 1.3)
    line = sklearn_kernels.DotProduct(0.0)
    np.testing.assert_allclose(KERNELS["periodic"](x, other), 2 * wave(x, other), rtol=1e-10)
    found = Linear(2.0, 0.3) * Periodic(1.0, 0.8, 1.3) + Matern(1.0, 0.4, 0.5)
    expected = 2 * line(x - 0.3, other - 0.3) * wave(x, other)
    expected += sklearn_kernels.Matern(0.4, nu=0.5)(x, other)
    np.testing.assert_allclose(found(x, other), expected, rtol=1e-10)


def test_kernels_equal_those_of_gpflow(x):
    gpflow = pytest.importorskip("gpflow", reason="install gpflow to compare with it")
    theirs = {
        "one length a column": gpflow.kernels.SquaredExponential(2.0, [0.7, 3.0]),
        "Matern 1/2": gpflow.kernels.Matern12(2.0, [0.7, 3.0]),
        "Matern 3/2": gpflow.kernels.Matern32(2.0, 0.7),
        "Matern 5/2": gpflow.kernels.Matern52(2.0, [0.7, 3.0]),
        "periodic": gpflow.kernels.Periodic(gpflow.kernels.SquaredExponential(2.0, 0.4), 1.3),
        "constant": gpflow.kernels.Constant(3.0),
        "sum": gpflow.kernels.Matern32(1.0, 0.4)
        + gpflow.kernels.Linear(0.3)
        + gpflow.kernels.Constant(2.0),
        "product": gpflow.kernels.SquaredExponential(2.0, 4.0)
        * gpflow.kernels.Periodic(gpflow.kernels.SquaredExponential(1.5, 0.4), 1.0),
    }
    other = x[:7] + 0.1
    for name, kernel in theirs.items():
        np.testing.assert_allclose(KERNELS[name](x, other), kernel(x, other), atol=1e-8)


def test_the_matern_kernels_approach_the_squared_exponential_in_order(x):
    target = SquaredExponential(1.0, 1.5)(x)
    gaps = [np.abs(Matern(1.0, 1.5, nu)(x) - target).max() for nu in (0.5, 1.5, 2.5)]
    assert gaps == sorted(gaps, reverse=True)


def test_sums_and_products_add_and_multiply_and_list_their_terms(x):
    one, two, three = SquaredExponential(), Matern(0.3, 0.2), Linear(2.0)
    np.testing.assert_array_equal((one + two)(x), one(x) + two(x))
    np.testing.assert_array_equal((one * two)(x), one(x) * two(x))
    assert (one + two * three + three).terms == (one, two * three, three)


def test_held_parameters_are_not_free_and_do_not_change():
    kernel = (Matern(2.0, (1.0, 3.0)) + Periodic(0.5, 1.0, 12.0)).hold("period", "variance")
    assert kernel.names == ("Matern.length", "Matern.length", "Periodic.length")
    new = kernel.with_log_parameters(np.log([4.0, 5.0, 6.0])).kernel
    assert np.allclose(new.left.length, (4, 5))
    assert (new.left.variance, new.right.period) == pytest.approx((2, 12))
    assert new.right.length == pytest.approx(6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SquaredExponential(-1.0), "variance must be finite and above 0"),
        (lambda: Matern(1.0, (1.0, 0.0)), "length must be finite and above 0"),
        (lambda: Periodic(period=np.nan), "period must be finite"),
        (lambda: Matern(nu=2.0), "nu must be"),
        (lambda: Matern().hold("period"), "free parameters"),
        (lambda: Matern()([1.0, np.inf]), "inputs must be finite"),
        (lambda: Matern()(np.zeros((2, 2, 2))), "shape"),
        (lambda: Matern()(np.zeros((3, 2)), np.zeros(3)), "2 and 1 columns"),
        (lambda: Matern(1.0, (1.0, 2.0))(np.zeros(3)), "2 length scales for 1 columns"),
        (lambda: Matern().with_log_parameters([0.0]), "need 2 logarithms"),
    ],
)
def test_bad_input_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_kernel_does_not_add_a_number():
    with pytest.raises(TypeError, match="kernels only"):
        Matern() + 1.0
