"""Figures for heat on a line show the arrays they are given, on axes that say what they are."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from mlearth import heat_plots


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def test_profiles_are_drawn_as_given_each_in_a_style_of_its_own(ax):
    x, curves = np.linspace(0, 1, 5), {"early": np.arange(5.0), "late": -np.arange(5.0)}
    assert heat_plots.plot_profiles(x, curves, ax=ax) is ax
    assert [line.get_label() for line in ax.lines] == ["early", "late"]
    assert np.array_equal(ax.lines[1].get_ydata(), curves["late"])
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()
    assert ax.get_xlabel().startswith("place")
    assert ax.get_ylabel().startswith("temperature")


def test_errors_are_drawn_against_costs_on_logarithmic_axes(ax):
    curves = {str(n): ([1, 10], [0.1 / n, 0.01 / n]) for n in range(1, 8)}
    heat_plots.plot_errors(curves, xlabel="time (s)", ax=ax)
    assert ax.get_xscale() == ax.get_yscale() == "log"
    assert ax.get_xlabel() == "time (s)"
    assert np.array_equal(ax.lines[1].get_ydata(), [0.05, 0.005])
    looks = {(line.get_color(), line.get_marker(), line.get_linestyle()) for line in ax.lines}
    assert len(looks) == 7
    assert len({line.get_marker() for line in ax.lines}) == 7


def test_the_curve_of_the_bound_is_a_density_with_the_bound_as_its_deviation(ax):
    heat_plots.plot_estimates(np.array([0.9, 1.1]), 1.0, 0.2, xlabel="k", ax=ax)
    value, density = ax.lines[0].get_data()
    width = np.diff(value)[0]
    assert np.sum(density) * width == pytest.approx(1, abs=1e-3)
    assert np.sum(density * (value - 1) ** 2) * width == pytest.approx(0.04, rel=0.02)
    assert sum(bar.get_height() * bar.get_width() for bar in ax.patches) == pytest.approx(1)
