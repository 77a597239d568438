"""Every idea tried for predicting how hot leaves are on days that the model has not seen.

The list is fixed, and each idea is scored on ten contiguous folds. Those scores show what was
tried; they are not for choosing, since they were computed on the folds that are reported. The
choice is made by a nested search instead: for each fold, by the scores on the nine others. Round 1
of the list was written before any score but the plain forest's was known, rounds 2 and 3 after the
scores of the earlier ones had been seen, so that their nested scores still flatter.

The search behind this list was wider: it held weights from a classifier that tells test rows from
training rows, Gaussian processes with fitted lengths or autocorrelated residuals, more settings
and more averages. They are close relatives of what stands here.
"""

import numpy as np
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict

from mlearth.data import load_leaves
from mlearth.metrics import fold_scores
from mlearth.models.blocked import block_labels, choose_nested, held_out, inner_score, predict_pairs
from mlearth.models.ordered_rows import find_change
from mlearth.models.smooth import predict_pairs_smoothly
from mlearth.studies._leaf_feature_sets import feature_sets
from mlearth.studies._leaf_idea_list import AVERAGES, SMOOTH, list_ideas, list_settings

N_FOLDS = 10
DESIGNS = [(5, 0), (8, 0), (15, 0), (20, 0), (10, -40), (10, 40)]  # folds, shift [rows]


def run(seed):
    """Score all ideas, choose among them by nested search, and vary the folds.

    Parameters
    ----------
    seed : int
        Of the models that draw random numbers.

    Returns
    -------
    dict
        ``source``: "observed" or "simulated". ``change``: first row of the second campaign.
        ``ideas``: one dict each, scored on the reported folds and so not for choosing. ``nested``:
        what the nested search scores, by the rounds it may choose from. ``designs``: folds cut in
        other ways. ``transfer``: trained on one campaign, scored on the other.
    """
    table = load_leaves()
    x, y = table.frame.to_numpy()[:, :-1], table.frame["differential"].to_numpy()
    blocks = block_labels(len(y), N_FOLDS)
    sets = feature_sets(x)
    pairs, lines = predict_all(sets, y, blocks, seed)
    return {
        "source": "observed" if table.observed else "simulated",
        "change": find_change(x),
        "ideas": [line | score(pairs[key], y, blocks) for key, line in lines.items()],
        "nested": [score_nested(pairs, lines, last, y, blocks) for last in (1, 2, 3)],
        "designs": [score_design(x, y, sets, *design, seed) for design in DESIGNS],
        "transfer": score_transfer(x, y, seed),
    }


def predict_all(sets, y, blocks, seed):
    """Predict every row without its block and one block more, by every idea.

    Parameters
    ----------
    sets : dict of str to ndarray
        From `feature_sets`.
    y : ndarray, shape (n,)
        Leaf minus air temperature [K].
    blocks : ndarray of int, shape (n,)
    seed : int

    Returns
    -------
    pairs : dict of str to ndarray, shape (n_blocks, n)
        See `mlearth.models.blocked.predict_pairs`.
    lines : dict of str to dict
        ``name`` (settings of one idea share it), ``round``, and ``setting`` (text).
    """
    pairs, lines = smooth_pairs(sets, y, blocks, list_settings())
    for idea in list_ideas(seed):
        pairs[idea.name] = predict_pairs(idea.model, sets[idea.features], y, blocks)
        lines[idea.name] = {"name": idea.name, "round": idea.round, "setting": ""}
    for name, (thought_of, members) in AVERAGES.items():
        pairs[name] = np.mean([pairs[member] for member in members], axis=0)
        lines[name] = {"name": name, "round": thought_of, "setting": ""}
    return pairs, lines


def smooth_pairs(sets, y, blocks, settings):
    """Do as `predict_all`, for settings of kernel ridge; a test can repeat this quickly.

    Parameters
    ----------
    sets : dict of str to ndarray
        From `feature_sets`.
    y : ndarray, shape (n,)
    blocks : ndarray of int, shape (n,)
    settings : list of Setting

    Returns
    -------
    pairs, lines : dict
        As `predict_all`.
    """
    pairs, lines = {}, {}
    for one in settings:
        text = f"length {one.length:g}, noise {one.noise:g}"
        # a column that stands k times counts as if it were stretched by the root of k
        x = np.column_stack([sets[one.features], *[sets["campaign"]] * one.campaign**2])
        key = f"{one.name}: {text}"
        pairs[key] = predict_pairs_smoothly(x, y, blocks, one.length, one.noise)
        lines[key] = {"name": one.name, "round": 3, "setting": text}
    return pairs, lines


def score(pairs, y, blocks):
    """Score one idea on the reported folds, and on average on the inner ones.

    Parameters
    ----------
    pairs : ndarray, shape (n_blocks, n)
    y : ndarray, shape (n,)
    blocks : ndarray of int, shape (n,)

    Returns
    -------
    dict
        ``mean``, ``pooled``, ``inner`` (floats) and ``folds`` (list of float): all R2.
    """
    inner = [inner_score(pairs, y, blocks, outer) for outer in range(len(pairs))]
    return _as_dict(y, held_out(pairs, blocks), blocks) | {"inner": round(np.mean(inner), 4)}


def score_nested(pairs, lines, last, y, blocks):
    """Choose per fold among the ideas of rounds 1 to `last`, and score what was chosen.

    Parameters
    ----------
    pairs, lines : dict
        From `predict_all`.
    last : int
    y : ndarray, shape (n,)
    blocks : ndarray of int, shape (n,)

    Returns
    -------
    dict
        ``last``, ``candidates`` (int), ``chosen`` (a text per fold), and the scores.
    """
    allowed = {key: pairs[key] for key, line in lines.items() if line["round"] <= last}
    prediction, chosen = choose_nested(allowed, y, blocks)
    found = {"last": last, "candidates": len(allowed), "chosen": chosen}
    return found | _as_dict(y, prediction, blocks)


def score_design(x, y, sets, n_folds, shift, seed):
    """Score the plain forest and a nested choice of kernel ridge with folds cut in another way.

    Parameters
    ----------
    x, y : ndarray, shapes (n, 8) and (n,)
    sets : dict of str to ndarray
        From `feature_sets`.
    n_folds, shift : int
        See `mlearth.models.blocked.block_labels`.
    seed : int

    Returns
    -------
    dict
        ``n_folds``, ``shift`` [rows], ``forest`` and ``kernel``, each with its scores.
    """
    blocks = block_labels(len(y), n_folds, shift)
    forest = RandomForestRegressor(random_state=seed)
    plain = cross_val_predict(forest, x, y, groups=blocks, cv=LeaveOneGroupOut())
    settings = [one for one in list_settings() if one.name == f"{SMOOTH}, and campaign"]
    smooth, _ = choose_nested(smooth_pairs(sets, y, blocks, settings)[0], y, blocks)
    return {
        "n_folds": n_folds,
        "shift": shift,
        "forest": _as_dict(y, plain, blocks),
        "kernel": _as_dict(y, smooth, blocks),
    }


def score_transfer(x, y, seed):
    """Train the plain forest on one campaign and score it on the other, beside the training mean.

    Parameters
    ----------
    x, y : ndarray, shapes (n, 8) and (n,)
    seed : int

    Returns
    -------
    dict
        R2 by ``forest_to_first``, ``forest_to_second``, ``mean_to_first``, ``mean_to_second``.
    """
    second = np.arange(len(y)) >= find_change(x)
    models = {"forest": RandomForestRegressor(random_state=seed), "mean": DummyRegressor()}
    found = {}
    for where, fresh in (("first", ~second), ("second", second)):
        for name, model in models.items():
            prediction = model.fit(x[~fresh], y[~fresh]).predict(x[fresh])
            found[f"{name}_to_{where}"] = round(float(r2_score(y[fresh], prediction)), 4)
    return found


def _as_dict(y, prediction, blocks):
    found = fold_scores(y, prediction, blocks)
    return {
        "mean": round(found.mean, 4),
        "pooled": round(found.pooled, 4),
        "folds": [round(float(r2), 4) for r2 in found.r2],
    }
