"""Figures from arrays, in one look; no models, no training, nothing computed or shown.

Every function takes arrays and ``ax`` (the current axes unless given) and returns the axes.
"""

import io
from importlib.resources import files

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

OBSERVED, MODEL, SECOND, MUTED = "#000000", "#0072B2", "#D55E00", "#8C8C8C"
ABOVE = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2}  # of a legend
NO_DATE = {"svg": {"Date": None}, "png": {"Software": None}, "pdf": {"CreationDate": None}}
PAPER_LIMIT = 500_000  # bytes above which the PDF edition takes the PNG too


def use_style():
    """Draw everything that follows in the book's look, embedded for the web and for paper.

    In a notebook each figure is stored as `figure_bundle` says; outside of one only the look
    changes.
    """
    plt.style.use(files("mlearth") / "book.mplstyle")
    try:
        from IPython import get_ipython
        from matplotlib_inline.config import InlineBackend
    except ImportError:
        return
    if (shell := get_ipython()) is None:
        return
    backend = InlineBackend.instance(parent=shell)
    backend.figure_formats = set()  # else it would embed a PNG as well
    backend.rc = {}  # in some versions it changes the figure's size
    for formatter in shell.display_formatter.formatters.values():
        formatter.pop(Figure, None)
    shell.display_formatter.mimebundle_formatter.for_type(Figure, figure_bundle)


def figure_bundle(figure, include=None, exclude=None):
    """Render a figure for the web, as SVG or PNG, whichever is smaller, and for paper, as PDF.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    include, exclude : collection of str, optional
        IPython passes them; they are not used.

    Returns
    -------
    dict of str to (str or bytes)
        MIME types and contents, the same bytes for the same drawing. There is no PDF if it would
        exceed `PAPER_LIMIT`; then there is always a PNG.
    dict of str to dict
        The size [CSS pixels] at which to show a PNG, which is drawn finer than that.
    """
    if not figure.axes:
        return {}, {}
    svg, png, pdf = (_render(figure, kind) for kind in ("svg", "png", "pdf"))
    paper = {"application/pdf": pdf} if len(pdf) <= PAPER_LIMIT else {}
    if paper and len(svg) <= len(png):
        return {"image/svg+xml": svg.decode()} | paper, {}
    width, height = (round(96 * inches) for inches in figure.get_size_inches())
    return {"image/png": png} | paper, {"image/png": {"width": width, "height": height}}


def _render(figure, kind):
    with io.BytesIO() as buffer:
        figure.savefig(buffer, format=kind, metadata=NO_DATE[kind])
        return buffer.getvalue()


def plot_predicted_against_observed(observed, predicted, *, unit, ax=None, **kwargs):
    """Scatter predictions over what was observed, with the line where both agree.

    Parameters
    ----------
    observed, predicted : ndarray, shape (n,)
        In the unit named by `unit`.
    unit : str
        For the axes' labels.
    ax : matplotlib.axes.Axes, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.plot` for the points.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    ends = [min(np.min(observed), np.min(predicted)), max(np.max(observed), np.max(predicted))]
    ax.plot(ends, ends, color=MUTED, linewidth=1, zorder=1)
    ax.plot(observed, predicted, **{"marker": ".", "linestyle": "", "alpha": 0.5} | kwargs)
    ax.set(xlabel=f"observed ({unit})", ylabel=f"predicted ({unit})", aspect="equal")
    return ax


def plot_importances(names, values, errors=None, *, ax=None, **kwargs):
    """Draw one horizontal bar per feature, the largest on top.

    Parameters
    ----------
    names : sequence of str, length n
    values : array_like, shape (n,)
        Importances, all in one unit.
    errors : array_like, shape (n,), optional
        Standard deviations, drawn as thin lines to both sides.
    ax : matplotlib.axes.Axes, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.barh`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    values = np.asarray(values)
    order = np.argsort(values, kind="stable")
    errors = None if errors is None else np.asarray(errors)[order]
    labels = [names[i].replace("_", " ") for i in order]
    ax.barh(labels, values[order], xerr=errors, **{"error_kw": {"elinewidth": 1}} | kwargs)
    ax.tick_params(axis="y", length=0)
    ax.set(xlabel="importance")
    return ax


def plot_intervals(position, lower, upper, observed, *, ax=None):
    """Draw prediction intervals as bars, and the observations; those outside stand out.

    Parameters
    ----------
    position : ndarray, shape (n,)
        Where to draw each interval along the horizontal axis, such as its row or its prediction.
    lower, upper, observed : ndarray, shape (n,)
        Ends of the intervals and what was observed, in one unit.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    outside = (observed < lower) | (observed > upper)
    ax.vlines(position, lower, upper, color=MODEL, alpha=0.25, linewidth=2, label="interval")
    marks = ((~outside, ".", OBSERVED, "inside"), (outside, "x", SECOND, "outside"))
    for rows, marker, colour, label in marks:
        ax.plot(position[rows], observed[rows], marker, color=colour, label=label)
    ax.legend(**ABOVE, ncols=3)
    return ax


def plot_scores_by_fold(scores, *, ax=None, **kwargs):
    """Draw the score of every fold as a bar, and their mean as a line.

    Parameters
    ----------
    scores : array_like, shape (n_folds,)
        In the order of the folds.
    ax : matplotlib.axes.Axes, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.bar`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    folds = np.arange(1, len(scores) + 1)
    ax.bar(folds, scores, **kwargs)
    ax.axhline(0, color=OBSERVED, linewidth=0.8)
    ax.axhline(np.mean(scores), color=SECOND, linestyle="--", label="mean of the folds")
    ax.set(xlabel="fold", ylabel="$R^2$", xticks=folds)
    ax.legend(**ABOVE)
    return ax


def plot_learning_curve(x, curves, *, ax=None, **kwargs):
    """Draw scores against whatever was varied: size of the training set, depth, number of trees.

    Parameters
    ----------
    x : array_like, shape (n,)
    curves : dict of str to array_like, shape (n,) or (repeats, n)
        By label. Repeats are drawn as their mean, with a band of one standard deviation.
    ax : matplotlib.axes.Axes, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    for label, values in curves.items():
        repeats = np.atleast_2d(values)
        mean, spread = repeats.mean(axis=0), repeats.std(axis=0)
        (line,) = ax.plot(x, mean, **{"marker": "o", "label": label} | kwargs)
        if len(repeats) > 1:
            ax.fill_between(x, mean - spread, mean + spread, color=line.get_color(), alpha=0.2)
    ax.legend()
    return ax


def plot_curves(curves, *, ylabel, ax=None, **kwargs):
    """Draw several groups of curves over their index, one colour for each group.

    Parameters
    ----------
    curves : dict of str to ndarray, shape (repeats, n)
        By label.
    ylabel : str
        With the unit.
    ax : matplotlib.axes.Axes, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    for number, (label, repeats) in enumerate(curves.items()):
        style = {"color": f"C{number}", "linewidth": 1.0, "alpha": 0.8} | kwargs
        lines = ax.plot(np.atleast_2d(repeats).T, **style)
        lines[0].set_label(label)
    ax.set_ylabel(ylabel)
    ax.legend()
    return ax


def plot_surface(x, y, values, *, label, ax=None, **kwargs):
    """Map a quantity over two features as coloured cells with a colour bar.

    Parameters
    ----------
    x : ndarray, shape (n_x,)
    y : ndarray, shape (n_y,)
    values : ndarray, shape (n_y, n_x)
    label : str
        Of the colour bar, with the unit.
    ax : matplotlib.axes.Axes, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.pcolormesh`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    mesh = ax.pcolormesh(x, y, values, **{"rasterized": True} | kwargs)
    ax.figure.colorbar(mesh, ax=ax, label=label)
    return ax


def plot_maps(x, y, maps, *, label, border=None, columns=2, **kwargs):
    """Map several quantities over the same two features, with one colour bar from 0 to 1.

    Parameters
    ----------
    x : ndarray, shape (n_x,)
    y : ndarray, shape (n_y,)
    maps : dict of str to ndarray, shape (n_y, n_x)
        By title.
    label : str
        Of the colour bar, with the unit.
    border : ndarray of bool, shape (n_y, n_x), optional
        Outlined on every map.
    columns : int
        Maps side by side.
    **kwargs
        Passed to `matplotlib.axes.Axes.pcolormesh`.

    Returns
    -------
    ndarray of matplotlib.axes.Axes, shape (len(maps),)
    """
    rows = -(-len(maps) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(6, 0.4 + 2.3 * rows), sharex=True, sharey=True, squeeze=False
    )
    for ax, (title, values) in zip(axes.flat, maps.items(), strict=False):
        options = {"rasterized": True, "vmin": 0, "vmax": 1} | kwargs
        mesh = ax.pcolormesh(x, y, values, **options)
        ax.set_title(title)
        if border is not None:
            ax.contour(x, y, border, [0.5], colors=SECOND)
    for ax in axes.flat[len(maps) :]:
        ax.set_axis_off()
    figure.colorbar(mesh, ax=axes, label=label)
    return axes.flat[: len(maps)]


def plot_splits(schemes, n_rows, *, axes=None):
    """Draw which rows each fold trains on and which it tests, one panel for each scheme.

    Parameters
    ----------
    schemes : dict of str to sequence of (train, test)
        By title; each fold is a pair of arrays of row numbers.
    n_rows : int
    axes : sequence of matplotlib.axes.Axes, optional

    Returns
    -------
    sequence of matplotlib.axes.Axes
    """
    if axes is None:
        _, axes = plt.subplots(len(schemes), figsize=(6, 1.25 * len(schemes) + 0.6), sharex=True)
    looks = (("trains", MODEL, 0.35), ("tests", SECOND, 1.0))
    for ax, (title, folds) in zip(axes, schemes.items(), strict=True):
        for height, pair in enumerate(folds):
            for rows, (label, colour, alpha) in zip(pair, looks, strict=True):
                spans = [(row - 0.5, 1) for row in rows]
                bar = {"facecolors": colour, "alpha": alpha, "linewidth": 0}
                ax.broken_barh(spans, (height - 0.4, 0.8), label=label, **bar)
        ax.set(yticks=[], xlim=(-0.5, n_rows - 0.5), ylim=(len(folds) - 0.5, -0.5))
        ax.set_title(title, loc="left")
        ax.set_ylabel("folds")
    handles, labels = axes[0].get_legend_handles_labels()
    legend = {"loc": "lower right", "bbox_to_anchor": (1, 1), "borderaxespad": 0.2, "ncols": 2}
    axes[0].legend(handles[:2], labels[:2], **legend)
    return axes


def plot_tree(placed, labels, values, *, ax=None):
    """Draw a decision tree: questions above, answers below, yes to the left.

    Parameters
    ----------
    placed : sequence of (node, x, depth, parent), length n
        Place of every node, parents before children, and the index of its parent (-1 for the
        root), as ``layout()`` of the trees in `mlearth.models.tree` returns it.
    labels : sequence of str, length n
        Text of every node.
    values : array_like, shape (n,)
        Colour the nodes from the smallest (dark) to the largest (bright).
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    shade = plt.Normalize(np.min(values), np.max(values))
    for (_, x, depth, parent), label, value in zip(placed, labels, values, strict=True):
        if parent >= 0:
            above = placed[parent][1:3]
            ax.plot([above[0], x], [-above[1], -depth], color=MUTED, linewidth=1, zorder=1)
        red, green, blue, _ = colour = plt.get_cmap()(shade(value))
        ink = "black" if 0.3 * red + 0.59 * green + 0.11 * blue > 0.46 else "white"
        box = {"boxstyle": "round,pad=0.3", "facecolor": colour, "edgecolor": "white"}
        ax.text(x, -depth, label, ha="center", va="center", color=ink, fontsize=10.5, bbox=box)
    leaves, depths = [x for _, x, _, _ in placed], [depth for _, _, depth, _ in placed]
    ax.set(xlim=(-0.6, max(leaves) + 0.6), ylim=(-max(depths) - 0.3, 0.3))
    ax.axis("off")
    return ax


def plot_stacked_bars(names, parts, *, ax=None):
    """Draw one horizontal bar per name, made of parts that add up; the first name on top.

    Parameters
    ----------
    names : sequence of str, length n
    parts : dict of str to array_like, shape (n,)
        By label, all in one unit and not negative; drawn from left to right.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    left = np.zeros(len(names))
    for (label, values), colour in zip(parts.items(), ("0.8", MODEL, SECOND), strict=False):
        ax.barh(names, values, left=left, label=label, color=colour, height=0.65)
        left = left + np.asarray(values)
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(parts))
    return ax


def plot_dots(names, series, *, ax=None):
    """Draw one row per name and one marker per series in it; the first name on top.

    Parameters
    ----------
    names : sequence of str, length n
    series : dict of str to array_like, shape (n,)
        By label, all in one unit.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    rows = np.arange(len(names))
    table = np.array(list(series.values()))
    ax.hlines(rows, table.min(axis=0), table.max(axis=0), color="0.8", linewidth=1.5, zorder=1)
    for (label, values), marker in zip(series.items(), "osD^v", strict=False):
        ax.plot(values, rows, marker, markersize=7, label=label)
    ax.set(yticks=rows, yticklabels=names)
    ax.tick_params(axis="y", length=0)
    ax.invert_yaxis()
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(series))
    return ax


def plot_scores_and_truth(names, scores, truth=None, errors=None, *, ax=None):
    """Draw one horizontal bar per feature, in the given order from the top, and the truth on it.

    Parameters
    ----------
    names : sequence of str, length n
    scores : array_like, shape (n,)
        What was estimated.
    truth : array_like, shape (n,), optional
        In the same unit, drawn as diamonds.
    errors : array_like, shape (n,), optional
        Half the lengths of the thin lines through the ends of the bars.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    rows = np.arange(len(names))
    thin = {"elinewidth": 1.2, "ecolor": OBSERVED}
    ax.barh(rows, scores, xerr=errors, color=MODEL, height=0.62, error_kw=thin, label="forest")
    if truth is not None:
        mark = {"color": SECOND, "markeredgecolor": "white", "markersize": 8, "clip_on": False}
        ax.plot(truth, rows, "D", **mark, label="truth")
    ax.axvline(0, color=OBSERVED, linewidth=0.8)
    ax.set(yticks=rows, yticklabels=[name.replace("_", " ") for name in names])
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    return ax


def plot_coloured_points(x, y, colour, *, label, ax=None, **kwargs):
    """Scatter points whose colour shows a third quantity, with a colour bar.

    Parameters
    ----------
    x, y, colour : array_like, shape (n,)
    label : str
        Of the colour bar, with the unit.
    ax : matplotlib.axes.Axes, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.scatter`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    look = {"s": 14, "cmap": "plasma", "edgecolor": "0.3", "linewidth": 0.2}
    points = ax.scatter(x, y, c=colour, **look | kwargs)
    ax.figure.colorbar(points, ax=ax, label=label)
    return ax


def plot_series_by_block(values, blocks, *, label, ax=None, **kwargs):
    """Draw values in the order taken, with every other block shaded.

    Parameters
    ----------
    values : ndarray, shape (n,)
    blocks : ndarray of int, shape (n,)
        Contiguous labels from 0.
    label : str
        Of the vertical axis, with the unit.
    ax : matplotlib.axes.Axes, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    starts = np.searchsorted(blocks, np.arange(blocks[-1] + 2))
    for first, last in zip(starts[1:-1:2], starts[2::2], strict=False):
        ax.axvspan(first, last, color=MUTED, alpha=0.15, linewidth=0)
    ax.plot(np.arange(len(values)), values, **{"marker": ".", "linestyle": "", "ms": 3} | kwargs)
    ax.axhline(0, color=OBSERVED, linewidth=0.8)
    ax.set(xlabel="row, in the order taken", ylabel=label, xlim=(0, len(values)))
    return ax


def plot_error_and_spread(error, spread, *, unit, ax=None):
    """Draw for every fold how far the target spreads, and how large the errors are.

    Parameters
    ----------
    error, spread : array_like, shape (n_folds,)
        Root mean squared error, and standard deviation of the target within the fold, in one unit.
    unit : str
        For the vertical axis.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    folds = np.arange(1, len(error) + 1)
    ax.bar(folds, spread, color=MODEL, alpha=0.35, label="spread of the target")
    worse = np.asarray(error) > np.asarray(spread)
    marks = ((~worse, MODEL, "o", "RMSE below it"), (worse, SECOND, "X", "RMSE above it"))
    for rows, colour, marker, label in marks:
        ax.plot(folds[rows], np.asarray(error)[rows], marker, color=colour, ms=8, label=label)
    ax.set(xlabel="fold", ylabel=unit, xticks=folds)
    ax.legend(**ABOVE, ncols=3, columnspacing=1, handletextpad=0.4)
    return ax


def plot_search(scores, nested, *, ax=None):
    """Draw what every candidate scores where it is reported, and what a nested choice scores.

    Parameters
    ----------
    scores : sequence of array_like
        One per round of the search: what the candidates added in it score.
    nested : sequence of float
        What the nested choice among all candidates up to that round scores.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    for height, (points, choice) in enumerate(zip(scores, nested, strict=True)):
        dots = {"alpha": 0.45, "color": MODEL, "label": "each candidate"}
        ax.plot(points, np.full(len(points), height), "o", **dots)
        ax.plot(choice, height, "D", color=SECOND, ms=9, mec="white", label="nested choice")
    rounds = [f"round {number}" for number in range(1, len(nested) + 1)]
    ax.set(yticks=range(len(nested)), yticklabels=rounds, ylim=(len(nested) - 0.5, -0.5))
    ax.legend(*(found[:2] for found in ax.get_legend_handles_labels()), **ABOVE, ncols=2)
    return ax


def plot_coverage_by_fold(coverages, level, *, ax=None):
    """Draw the share of observations inside their intervals, fold by fold.

    Parameters
    ----------
    coverages : dict of str to array_like, shape (n_folds,)
        By method.
    level : float
        What the intervals promise.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    ax.axhline(level, color=OBSERVED, linewidth=0.8)
    markers = ("o", "s", "^", "D")
    for index, (name, values) in enumerate(coverages.items()):
        folds = np.arange(1, len(values) + 1) + 0.15 * (index - (len(coverages) - 1) / 2)
        ax.plot(folds, values, linestyle="", marker=markers[index % 4], ms=7, label=name)
    ax.set(xlabel="fold", ylabel="share inside", xticks=range(1, len(values) + 1))
    ax.set_ylim(top=1.03)
    ax.legend(**ABOVE, ncols=2)
    return ax


def plot_reliability(found, *, columns=2):
    """Draw reliability diagrams, with bars for what chance alone explains.

    Parameters
    ----------
    found : dict of str to mlearth.verification.Reliability
        By title; the area of a dot grows with the number of its events.
    columns : int
        Diagrams side by side.

    Returns
    -------
    ndarray of matplotlib.axes.Axes, shape (len(found),)
    """
    rows = -(-len(found) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(6, 0.4 + 2.7 * rows), sharex=True, sharey=True, squeeze=False
    )
    for ax, (title, each) in zip(axes.flat, found.items(), strict=False):
        ax.plot([0, 1], [0, 1], color=MUTED, linewidth=1)
        ax.vlines(each.stated, each.lower, each.upper, color=MUTED, alpha=0.5, linewidth=5)
        area = 15 + 150 * each.counts / each.counts.sum()
        ax.scatter(each.stated, each.happened, s=area, color=MODEL, zorder=3)
        ax.set(title=title, xlim=(-0.05, 1.05), ylim=(-0.05, 1.05), aspect="equal")
    for ax in axes.flat[len(found) :]:
        ax.set_axis_off()
    size = plt.rcParams["axes.labelsize"]
    figure.supxlabel("stated probability", fontsize=size)
    figure.supylabel("share that happened", fontsize=size)
    return axes.flat[: len(found)]


def plot_gains(comparisons, *, ax=None):
    """Draw by how much one model beats another, with intervals, one row for each pair.

    Parameters
    ----------
    comparisons : dict of str to dict of str to mlearth.resampling.Comparison
        By pair, then by the way in which the interval was found; the same ways for each pair.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    for row, ways in enumerate(comparisons.values()):
        for number, (way, found) in enumerate(ways.items()):
            height = row + 0.24 * (number - (len(ways) - 1) / 2)
            line = {"color": f"C{number}", "linewidth": 4, "label": None if row else way}
            ax.plot([found.lower, found.upper], [height, height], **line)
            ax.plot(found.gain, height, "o", color=OBSERVED)
    ax.axvline(0, color=OBSERVED, linewidth=0.8)
    ax.set(yticks=range(len(comparisons)), yticklabels=list(comparisons))
    ax.set_ylim(len(comparisons) - 0.5, -0.5)
    ax.legend(**ABOVE, ncols=2)
    return ax
