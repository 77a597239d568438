"""The figures on Gaussian processes show what they are given."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

import matplotlib.pyplot as plt

from mlearth import process_plots


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_the_band_reaches_196_deviations_to_both_sides():
    x, mean, deviation = np.arange(3.0), np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 2.0])
    ax = process_plots.plot_band(x, mean, deviation, color="r")
    np.testing.assert_allclose(ax.lines[0].get_ydata(), mean)
    corners = ax.collections[0].get_paths()[0].vertices
    at_the_end = corners[corners[:, 0] == 2, 1]
    assert [at_the_end.min(), at_the_end.max()] == pytest.approx([3 - 3.92, 3 + 3.92])


def test_the_slice_is_drawn_from_the_pairs_within_it():
    pairs = np.array([[0.0, 5.0], [1.0, 7.0], [1.2, 9.0], [9.0, 1.0]])
    curves = {"all": ([0, 1], [0, 1]), "slice": ([0, 1], [1, 0])}
    left, right = process_plots.plot_slice(pairs, 1.0, 1.0, curves, unit="cm")
    assert left.get_xlabel() == "first (cm)"
    everything, sliced = right.containers
    area = [sum(bar.get_width() * bar.get_height() for bar in bars) for bars in right.containers]
    assert area == pytest.approx([1, 1])
    assert everything[0].get_x() == pytest.approx(1.0)
    assert sliced[0].get_x() == pytest.approx(7.0)


def test_every_prior_gets_a_panel_with_all_its_draws():
    x, panels = (
        np.arange(4.0),
        {"one": np.ones((3, 4)), "two": np.zeros((3, 4)), "three": np.eye(4)},
    )
    axes = process_plots.plot_draws(x, panels)
    assert [ax.get_title() for ax in axes] == list(panels)
    np.testing.assert_allclose(axes[2].lines[1].get_ydata(), [0, 1, 0, 0])
    assert [len(ax.lines) for ax in axes] == [4, 4, 5]  # and the line at zero


def test_ascents_are_drawn_on_the_terrain_from_their_start_to_their_end():
    x, y = np.geomspace(0.1, 10, 5), np.geomspace(1, 100, 6)
    height = -np.add.outer(np.log(y / 10) ** 2, np.log(x) ** 2)
    path = np.array([[0.2, 50.0], [0.5, 20.0], [1.0, 10.0]])
    ax = process_plots.plot_terrain(x, y, height, [path])
    line, begin, end = ax.lines
    np.testing.assert_allclose(line.get_xydata(), path)
    assert (begin.get_xydata()[0].tolist(), end.get_xydata()[0].tolist()) == ([0.2, 50], [1, 10])
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert ax.get_ylim() == pytest.approx((1, 100))
