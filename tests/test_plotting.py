"""Figures show the arrays that they are given, in one look, in few bytes."""

import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

import matplotlib.pyplot as plt

from mlearth import plotting
from mlearth.resampling import Comparison
from mlearth.verification import reliability


@pytest.fixture
def ax():
    with plt.rc_context():
        plotting.use_style()
        _, ax = plt.subplots()
        yield ax
        plt.close("all")


def luminance(colour):
    """Relative luminance as WCAG defines it."""
    rgb = np.array(mpl.colors.to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def test_text_stays_legible_when_a_figure_is_shrunk_to_a_phone(ax):
    shrunk = 335 / (96 * ax.figure.get_figwidth())  # of 375 pixels, 335 are left by the margins
    for name in ("font.size", "axes.labelsize", "xtick.labelsize", "legend.fontsize"):
        assert mpl.rcParams[name] * 96 / 72 * shrunk >= 8


def test_the_first_colours_of_the_cycle_can_be_seen_on_white(ax):
    for colour in mpl.rcParams["axes.prop_cycle"].by_key()["color"][:4]:
        assert 1.05 / (luminance(colour) + 0.05) >= 2.8


def test_a_plain_drawing_is_stored_as_svg_and_a_crowded_one_as_png(ax):
    ax.plot([0, 1], [0, 1])
    (plain, paper), _ = plotting.figure_bundle(ax.figure)
    ax.plot(*np.random.default_rng(0).normal(size=(2, 5000)), ".")
    (crowded, _), _ = plotting.figure_bundle(ax.figure)
    assert (plain, crowded) == ("image/svg+xml", "image/png")
    assert paper == "application/pdf"


def test_a_figure_too_heavy_for_paper_is_a_png_in_both_editions(ax, monkeypatch):
    monkeypatch.setattr(plotting, "PAPER_LIMIT", 100)
    assert list(plotting.figure_bundle(ax.figure)[0]) == ["image/png"]


def test_the_same_drawing_gives_the_same_bytes(ax):
    drawings = []
    for _ in range(2):
        figure, axes = plt.subplots()
        axes.plot([0, 1], [0, 1], clip_on=True)
        drawings.append(plotting.figure_bundle(figure)[0])
    first, again = drawings
    assert first == again
    assert "<dc:date>" not in first["image/svg+xml"]
    assert b"/CreationDate" not in first["application/pdf"]


def test_a_png_is_shown_at_its_nominal_size(ax):
    ax.plot(*np.random.default_rng(0).normal(size=(2, 5000)), ".")
    _, sizes = plotting.figure_bundle(ax.figure)
    assert sizes["image/png"]["width"] == 96 * ax.figure.get_figwidth()


def test_an_empty_figure_is_not_shown():
    assert plotting.figure_bundle(plt.figure()) == ({}, {})


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_notebook_embeds_each_figure_once_for_the_web_and_once_for_paper():
    shown = run(
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "import matplotlib.pyplot as plt\n"
        "from IPython.core.pylabtools import select_figure_formats\n"
        "select_figure_formats(shell, {'png'})\n"  # as a kernel does
        "from mlearth import plotting; plotting.use_style()\n"
        "figure, ax = plt.subplots()\n"
        "print(sorted(shell.display_formatter.format(figure)[0]))"
    )
    assert shown == "['application/pdf', 'image/svg+xml', 'text/plain']"


def test_the_look_is_had_without_ipython():
    size = run(
        "import sys; sys.modules['IPython'] = None; from mlearth import plotting;"
        "plotting.use_style(); import matplotlib; print(matplotlib.rcParams['font.size'])"
    )
    assert size == "12.0"


def test_predictions_that_are_right_lie_on_the_line(ax):
    values = np.array([-3.0, 1.0, 2.0])
    plotting.plot_predicted_against_observed(values, values, unit="K", ax=ax)
    line, points = ax.lines
    assert list(line.get_xdata()) == [-3.0, 2.0]
    np.testing.assert_array_equal(points.get_ydata(), values)
    assert "(K)" in ax.get_xlabel()


def test_the_most_important_feature_is_on_top_with_its_own_error(ax):
    plotting.plot_importances(["low", "high_one", "mid"], [1, 3, 2], [0.1, 0.3, 0.2], ax=ax)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["low", "mid", "high one"]
    ends = [segment[:, 0] for segment in ax.collections[0].get_segments()]
    np.testing.assert_allclose(ends, [[0.9, 1.1], [1.8, 2.2], [2.7, 3.3]])


def test_observations_outside_their_interval_stand_out(ax):
    zero, one = np.zeros(4), np.ones(4)
    observed = np.array([0.0, 0.5, 1.5, -0.1])
    plotting.plot_intervals(np.arange(4.0), zero, one, observed, ax=ax)
    inside, outside = ax.lines
    assert list(inside.get_xdata()) == [0, 1]
    assert list(outside.get_xdata()) == [2, 3]


def test_every_fold_and_their_mean_are_drawn(ax):
    plotting.plot_scores_by_fold([0.5, -0.1, 0.2], ax=ax)
    assert [bar.get_height() for bar in ax.patches] == [0.5, -0.1, 0.2]
    assert ax.lines[1].get_ydata()[0] == pytest.approx(0.2)


def test_repeats_of_a_learning_curve_become_a_mean_and_a_band(ax):
    curves = {"one": [1.0, 2.0], "many": [[0.0, 1.0], [2.0, 3.0]]}
    plotting.plot_learning_curve([10, 20], curves, ax=ax)
    assert [list(line.get_ydata()) for line in ax.lines] == [[1, 2], [1, 2]]
    (band,) = ax.collections
    assert band.get_paths()[0].get_extents().bounds == pytest.approx((10, 0, 10, 3))


def test_a_surface_has_its_rows_along_the_vertical_axis(ax):
    values = np.arange(6.0).reshape(2, 3)
    plotting.plot_surface(np.arange(3), np.arange(2), values, label="K", ax=ax)
    mesh = ax.collections[0]
    np.testing.assert_array_equal(mesh.get_array(), values)
    assert ax.figure.axes[1].get_ylabel() == "K"


ROW = np.array([0.1, 0.3, 0.5])


@pytest.mark.parametrize(
    ("draw", "arrays", "words"),
    [
        (plotting.plot_predicted_against_observed, (ROW, ROW), {"unit": "K"}),
        (plotting.plot_importances, (["a", "b", "c"], ROW), {}),
        (plotting.plot_intervals, (ROW, ROW, ROW, ROW), {}),
        (plotting.plot_scores_by_fold, (ROW,), {}),
        (plotting.plot_learning_curve, (ROW, {"a": ROW}), {}),
        (plotting.plot_surface, (ROW, ROW, np.outer(ROW, ROW)), {"label": "K"}),
    ],
)
def test_without_axes_the_current_ones_are_drawn_on(ax, draw, arrays, words):
    assert draw(*arrays, **words) is ax


def test_every_fold_shows_where_it_trains_and_where_it_tests(ax):
    folds = [(np.array([0, 1]), np.array([2, 5])), (np.array([3, 4, 5]), np.array([0]))]
    plotting.plot_splits({"two folds": folds}, 6, axes=[ax])
    drawn = [[path.get_extents().x0 + 0.5 for path in bars.get_paths()] for bars in ax.collections]
    assert drawn == [[0, 1], [2, 5], [3, 4, 5], [0]]
    heights = [bars.get_paths()[0].get_extents().y0 for bars in ax.collections]
    assert heights == pytest.approx([-0.4, -0.4, 0.6, 0.6])
    trains, tests = (bars.get_facecolor()[0][:3] for bars in ax.collections[:2])
    assert np.abs(trains - tests).max() > 0.3
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["trains", "tests"]


def test_a_drawn_tree_shows_every_label_and_joins_each_node_to_its_parent(ax):
    placed = [("root", 0.5, 0, -1), ("left", 0.0, 1, 0), ("right", 1.0, 1, 0)]
    plotting.plot_tree(placed, ["humid?", "-6 K", "-2 K"], [-4.0, -6.0, -2.0], ax=ax)
    assert [text.get_text() for text in ax.texts] == ["humid?", "-6 K", "-2 K"]
    ends = [list(zip(*line.get_data(), strict=True)) for line in ax.lines]
    assert ends == [[(0.5, 0), (0.0, -1)], [(0.5, 0), (1.0, -1)]]


def test_a_drawn_tree_is_readable_on_dark_and_on_bright_boxes(ax):
    placed = [("root", 0.5, 0, -1), ("left", 0.0, 1, 0), ("right", 1.0, 1, 0)]
    plotting.plot_tree(placed, ["a", "b", "c"], [0.5, 0.0, 1.0], ax=ax)
    for text in ax.texts:
        pair = sorted(
            luminance(colour) + 0.05
            for colour in (text.get_color(), text.get_bbox_patch().get_facecolor())
        )
        assert pair[1] / pair[0] >= 4.5


def test_stacked_bars_end_where_the_parts_add_up(ax):
    plotting.plot_stacked_bars(["tree", "forest"], {"a": [1.0, 2.0], "b": [3.0, 0.5]}, ax=ax)
    ends = [bar.get_x() + bar.get_width() for bar in ax.patches]
    assert ends == [1.0, 2.0, 4.0, 2.5]
    assert ax.yaxis_inverted()


def test_dots_stand_at_their_values_in_the_row_of_their_name(ax):
    plotting.plot_dots(["tree", "forest"], {"fresh": [0.3, 0.5], "own": [1.0, 0.9]}, ax=ax)
    assert [list(line.get_xdata()) for line in ax.lines] == [[0.3, 0.5], [1.0, 0.9]]
    assert [list(line.get_ydata()) for line in ax.lines] == [[0, 1], [0, 1]]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["tree", "forest"]


def test_scores_stand_in_the_given_order_with_the_truth_on_them(ax):
    plotting.plot_scores_and_truth(["air_temperature", "light"], [0.2, 0.7], [0.3, 0.6], [0.1, 0.2])
    rows = [label.get_text() for label in ax.get_yticklabels()]
    assert rows == ["air temperature", "light"]
    assert ax.yaxis_inverted()
    assert [bar.get_width() for bar in ax.patches] == [0.2, 0.7]
    (truth,) = [line for line in ax.lines if line.get_label() == "truth"]
    assert truth.get_xdata().tolist() == [0.3, 0.6]


def test_scores_may_come_without_a_truth(ax):
    plotting.plot_scores_and_truth(["light"], [0.2])
    assert "truth" not in [line.get_label() for line in ax.lines]


def test_coloured_points_have_a_bar_that_names_the_colour(ax):
    plotting.plot_coloured_points([0, 1], [2, 3], [4, 5], label="light (unit)")
    (points,) = ax.collections
    assert points.get_array().tolist() == [4, 5]
    assert ax.figure.axes[1].get_ylabel() == "light (unit)"


def test_every_other_block_of_a_series_is_shaded(ax):
    plotting.plot_series_by_block(np.arange(9.0), np.repeat([0, 1, 2], 3), label="K", ax=ax)
    (band,) = ax.patches
    assert (band.get_x(), band.get_width()) == (3, 3)
    assert ax.lines[0].get_ydata().tolist() == list(range(9))


def test_errors_above_the_spread_are_marked(ax):
    plotting.plot_error_and_spread([1.0, 3.0], [2.0, 2.0], unit="K", ax=ax)
    below, above = ax.lines
    assert (below.get_xdata().tolist(), above.get_xdata().tolist()) == ([1], [2])
    assert (below.get_label(), above.get_label()) == ("RMSE below it", "RMSE above it")
    assert [bar.get_height() for bar in ax.patches] == [2, 2]


def test_a_search_shows_candidates_and_the_nested_choice_by_round(ax):
    plotting.plot_search([[0.1, 0.2], [0.3]], [0.15, 0.25], ax=ax)
    assert [line.get_xdata() for line in ax.lines[1::2]] == [[0.15], [0.25]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["round 1", "round 2"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first round on top
    assert len(ax.get_legend().get_texts()) == 2


def test_coverage_is_drawn_beside_what_was_promised(ax):
    plotting.plot_coverage_by_fold({"a": [0.8, 1.0], "b": [0.7, 0.9]}, 0.9, ax=ax)
    level, *marks = ax.lines
    assert level.get_ydata()[0] == 0.9
    assert [line.get_ydata().tolist() for line in marks] == [[0.8, 1.0], [0.7, 0.9]]
    assert marks[0].get_xdata()[0] < 1 < marks[1].get_xdata()[0]


def test_a_reliability_diagram_shows_shares_over_statements_and_bars_of_chance(ax):
    rng = np.random.default_rng(0)
    stated = rng.uniform(size=200)
    found = reliability(rng.random(200) < stated, stated, rng, bins=4)
    axes = plotting.plot_reliability({"one": found, "two": found, "three": found})
    assert [each.get_title() for each in axes] == ["one", "two", "three"]
    bars, dots = axes[2].collections
    assert dots.get_offsets().data.tolist() == np.c_[found.stated, found.happened].tolist()
    ends = np.array([bar[:, 1] for bar in bars.get_segments()])
    assert ends.tolist() == np.c_[found.lower, found.upper].tolist()
    assert np.argmax(dots.get_sizes()) == np.argmax(found.counts)


def test_gains_stand_inside_their_intervals_and_each_way_is_named_once(ax):
    ways = {"months": Comparison(0.1, 0.05, 0.15, 1.0), "years": Comparison(0.1, -0.1, 0.3, 0.8)}
    plotting.plot_gains({"first": ways, "second": ways}, ax=ax)
    interval, gain = ax.lines[2:4]
    assert interval.get_xdata().tolist() == [-0.1, 0.3]
    assert gain.get_xdata() == [0.1]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["months", "years"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first pair on top
