"""What a fitted model, or any function of a table, makes of its features.

The estimators take a `predict` function and arrays, so that the truth of a simulator can be put
through the same mill as a model. Plain permutation importance is scikit-learn's; how a known
function depends on random inputs is asked in `mlearth.sensitivity`, and what a group of features is
worth on blocks left out in `mlearth.blocked_importance`.
"""

import warnings

import numpy as np
from sklearn.base import clone
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import GroupKFold, KFold, cross_val_predict
from sklearn.utils import check_array, check_X_y


def grouped_permutation_importance(predict, x, y, groups, rng, repeats=10):
    """Drop in R2 when the columns of a group are shuffled together.

    Rows of the group stay whole, so features that stand in for each other (temperature and
    humidity) lose their information together, and no impossible pair of the two arises.

    Parameters
    ----------
    predict : callable
        (m, n_features) -> (m,).
    x : array_like, shape (n, n_features)
        Rows that the model has not seen.
    y : array_like, shape (n,)
        Their targets.
    groups : sequence of sequences of int
        Columns of each group; ``[[0], [1], ...]`` is plain permutation importance.
    rng : numpy.random.Generator
        Source of the permutations.
    repeats : int
        Shuffles per group.

    Returns
    -------
    ndarray, shape (n_groups, repeats)
        R2 as it was minus R2 after each shuffle; near 0 for what the model does not use.

    Raises
    ------
    ValueError
        If shapes differ, values are not finite, n < 2, y is constant, or a group has no column
        or one that does not exist.

    References
    ----------
    breiman2001random, fisher2019all
    """
    x, y = _check(x, y)
    groups = [_columns(group, x.shape[1]) for group in groups]
    drops = np.empty((len(groups), repeats))
    for row, columns in zip(drops, groups, strict=True):
        order = rng.permuted(np.tile(np.arange(len(y)), (repeats, 1)), axis=1)
        row[:] = _drop_in_r2(predict, x, y, columns, x[order][..., columns])
    return drops


def conditional_permutation_importance(predict, x, y, rng, repeats=10, regressor=None, blocks=None):
    """Drop in R2 when a feature loses only what the other features do not tell about it.

    Every feature is predicted from the others (cross-fitted, 5 folds); the residuals of that
    prediction are shuffled and added back. [strobl2008conditional] shuffle within cells of the
    correlated features instead. Unlike plain shuffling this keeps the correlations, so the model is
    not asked about rows far from the data. It assumes that the residuals are spread alike
    everywhere. A feature that others can replace scores low: that is the question asked, not a
    flaw. Where rows are autocorrelated, give `blocks`: shuffled folds make the residuals too small.

    Parameters
    ----------
    predict : callable
        (m, n_features) -> (m,).
    x : array_like, shape (n, n_features)
        Rows that the model has not seen, n_features >= 2, n >= 5.
    y : array_like, shape (n,)
        Their targets.
    rng : numpy.random.Generator
        Source of the permutations, folds and forests.
    repeats : int
        Shuffles per feature.
    regressor : scikit-learn regressor, optional
        Predicts one feature from the others; a forest of 30 trees with 5 rows per leaf if not
        given. ``LinearRegression()`` is sharper where the features are jointly Gaussian.
    blocks : array_like, shape (n,), optional
        Label of the day or plot of each row, at least 5 of them; rows of one block stay in one
        fold. Folds are shuffled rows if not given.

    Returns
    -------
    ndarray, shape (n_features, repeats)
        R2 as it was minus R2 after each shuffle.

    Raises
    ------
    ValueError
        If shapes differ, values are not finite, rows, columns or blocks are too few, or y is
        constant.

    References
    ----------
    strobl2008conditional, fisher2019all, hooker2021unrestricted
    """
    x, y = _check(x, y)
    if x.shape[1] < 2 or len(y) < 5:
        raise ValueError(f"need at least 5 rows and 2 features, got shape {x.shape}")
    seed = int(rng.integers(2**31))
    if regressor is None:
        regressor = RandomForestRegressor(
            30, min_samples_leaf=5, max_features=0.5, random_state=seed
        )
    folds = KFold(5, shuffle=True, random_state=seed) if blocks is None else GroupKFold(5)
    drops = np.empty((x.shape[1], repeats))
    for j, row in enumerate(drops):
        others = np.delete(x, j, axis=1)
        told = cross_val_predict(clone(regressor), others, x[:, j], groups=blocks, cv=folds)
        residual = rng.permuted(np.tile(x[:, j] - told, (repeats, 1)), axis=1)
        row[:] = _drop_in_r2(predict, x, y, [j], (told + residual)[..., None])
    return drops


def _drop_in_r2(predict, x, y, columns, replacement):
    """Loss of R2 when `columns` of x take the values `replacement` (repeats, n, columns)."""
    changed = np.repeat(x[None], len(replacement), axis=0)  # (repeats, n, n_features)
    changed[..., columns] = replacement
    after = np.asarray(predict(changed.reshape(-1, x.shape[1]))).reshape(len(replacement), -1)
    error_after = np.mean((y - after) ** 2, axis=1)
    error_before = np.mean((y - np.asarray(predict(x))) ** 2)
    return (error_after - error_before) / np.var(y)


def partial_dependence(predict, x, feature, values):
    """Mean prediction when one feature is set to the same value in all rows.

    As scikit-learn's function of this name, but for any function of a table, and centred.

    Parameters
    ----------
    predict : callable
        (m, n_features) -> (m,).
    x : array_like, shape (n, n_features)
        Rows over which to average.
    feature : int
        Column to set.
    values : array_like, shape (k,)
        What to set it to, in its unit.

    Returns
    -------
    ndarray, shape (k,)
        Mean prediction minus the mean over the rows as they are, in the unit of the prediction.

    Raises
    ------
    ValueError
        If values are not finite, n < 2, or the feature does not exist.

    References
    ----------
    friedman2001greedy
    """
    x = check_array(x, dtype=np.float64, ensure_min_samples=2)
    (feature,) = _columns([feature], x.shape[1])
    values = np.asarray(values, dtype=np.float64)
    rows = np.repeat(x[None], len(values), axis=0)  # (k, n, n_features)
    rows[:, :, feature] = values[:, None]
    mean = np.asarray(predict(rows.reshape(-1, x.shape[1]))).reshape(len(values), -1).mean(axis=1)
    return mean - np.mean(predict(x))


def accumulated_local_effects(predict, x, feature, bins=20):
    """Average effect of one feature, from small steps taken only where there are data.

    Within each of `bins` quantile bins, every row is moved from the lower to the upper
    edge of the bin with its other features as they are; the mean changes are added up. Unlike
    partial dependence this does not ask about combinations far from the data. The effect of an
    interaction with a correlated feature is included: x0 * x1 with correlation r shows r x0^2 / 2.

    Parameters
    ----------
    predict : callable
        (m, n_features) -> (m,).
    x : array_like, shape (n, n_features)
        Rows over which to average.
    feature : int
        Column to vary.
    bins : int
        Quantile bins, at least 1; fewer are used where values repeat.

    Returns
    -------
    edges : ndarray, shape (k + 1,)
        Edges of the bins, in the unit of the feature, k <= bins.
    effect : ndarray, shape (k + 1,)
        Effect at the edges, in the unit of the prediction; interpolated to the rows, its mean is 0.

    Raises
    ------
    ValueError
        If values are not finite, n < 2, the feature does not exist or is constant, or bins < 1.

    References
    ----------
    Apley and Zhu (2020), Visualizing the effects of predictor variables in black box supervised
    learning models, Journal of the Royal Statistical Society B 82, 1059-1086;
    molnar2025interpretable
    """
    x = check_array(x, dtype=np.float64, ensure_min_samples=2)
    (feature,) = _columns([feature], x.shape[1])
    if bins < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    edges = np.unique(np.quantile(x[:, feature], np.linspace(0, 1, bins + 1)))
    if edges.size < 2:
        raise ValueError(f"feature {feature} is constant: it has no effect to show")
    home = np.clip(np.searchsorted(edges, x[:, feature]) - 1, 0, edges.size - 2)  # bin of each row
    low, high = x.copy(), x.copy()
    low[:, feature], high[:, feature] = edges[home], edges[home + 1]
    step = np.asarray(predict(high)) - np.asarray(predict(low))
    n_rows = np.bincount(home, minlength=edges.size - 1)
    mean_step = np.bincount(home, step, minlength=edges.size - 1) / np.maximum(n_rows, 1)
    effect = np.concatenate([[0.0], np.cumsum(mean_step)])
    return edges, effect - np.interp(x[:, feature], edges, effect).mean()


def tree_shap(model, x):
    """Shapley values of a tree model's predictions (TreeSHAP, following the trees' own paths).

    Parameters
    ----------
    model : fitted scikit-learn tree, forest or boosted trees (regression)
        What to explain.
    x : array_like, shape (n, n_features)
        Rows to explain.

    Returns
    -------
    ndarray, shape (n, n_features)
        Share of each feature in the prediction, in its unit. A row adds up to its prediction
        minus the model's mean over its training rows.

    Raises
    ------
    ValueError
        If values are not finite or the number of features is not the model's.

    References
    ----------
    lundberg2020local
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "IProgress not found")  # bars that nothing here draws
        import shap  # two seconds, which pages without it should not pay

    x = check_array(x, dtype=np.float64)
    if x.shape[1] != model.n_features_in_:
        raise ValueError(f"the model knows {model.n_features_in_} features, got {x.shape[1]}")
    return np.asarray(shap.TreeExplainer(model).shap_values(x, check_additivity=False))


def tied_ranking(importance, floor):
    """Rank features, with all that cannot be told from nothing in one last class.

    Parameters
    ----------
    importance : array_like, shape (n_features,)
        Larger is more important.
    floor : float or array_like, shape (n_features,)
        Importance that chance seldom exceeds: some standard errors of a permutation importance;
        0 for a known truth.

    Returns
    -------
    ndarray of int, shape (n_features,)
        1 for the most important; every feature at or below its floor shares the next rank after
        the last feature above it.

    Raises
    ------
    ValueError
        If values are not finite, shapes do not fit, or a floor is negative.
    """
    importance = np.asarray(importance, dtype=np.float64)
    floor = np.asarray(floor, dtype=np.float64)
    if importance.ndim != 1 or floor.shape not in ((), importance.shape):
        raise ValueError(f"importance {importance.shape} and floor {floor.shape} do not fit")
    if not (np.all(np.isfinite(importance)) and np.all(np.isfinite(floor)) and np.all(floor >= 0)):
        raise ValueError("importance and floor must be finite, floor not negative")
    kept = np.where(importance > floor, importance, -np.inf)
    return 1 + np.sum(kept[None, :] > kept[:, None], axis=1)


def _check(x, y):
    x, y = check_X_y(x, y, dtype=np.float64, ensure_min_samples=2, y_numeric=True)
    if np.ptp(y) == 0:
        raise ValueError("y is constant: R2 has no meaning")
    return x, y.astype(np.float64)


def _columns(columns, n_features):
    columns = [int(column) for column in columns]
    if not columns or not all(0 <= column < n_features for column in columns):
        raise ValueError(f"columns {columns} must be non-empty and within 0..{n_features - 1}")
    return columns
