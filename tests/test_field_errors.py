"""The relative error is that of the whole field, and nothing is relative to nothing."""

import numpy as np
import pytest

from mlearth.field_errors import relative_error


def test_the_relative_error_is_root_of_summed_squares_over_that_of_the_truth():
    assert relative_error([[3.0, 0.0], [0.0, 8.0]], [[3.0, 4.0], [0.0, 5.0]]) == pytest.approx(
        np.sqrt(25 / 50)
    )


def test_the_unit_does_not_matter():
    truth, predicted = np.random.default_rng(0).normal(size=(2, 50))
    expected = relative_error(predicted, truth)
    assert relative_error(1e3 * predicted, 1e3 * truth) == pytest.approx(expected)


def test_fields_that_would_broadcast_are_refused():
    with pytest.raises(ValueError, match="Shapes differ"):
        relative_error(np.ones(3), np.ones((3, 1)))


def test_a_truth_of_zeros_is_refused():
    with pytest.raises(ValueError, match="zero everywhere"):
        relative_error(np.ones(3), np.zeros(3))
