"""Random forests from scratch, and what is built on them.

`Forest` is bagging by hand. `QuantileForest` reads prediction intervals out of a fitted
scikit-learn forest, `conformal_interval` gets them from held-out residuals, and `PhysicsResidual`
lets any regressor correct the output of a physical model, which is one column of its input.
"""

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.utils import check_array, check_X_y
from sklearn.utils.validation import check_is_fitted


class Forest:
    """Average of trees, each grown on its own bootstrap sample (bagging).

    Parameters
    ----------
    make_tree : callable
        Takes a numpy.random.Generator and returns an unfitted tree, ours or scikit-learn's. The
        random subspaces are the tree's: ``lambda rng: RegressionTree(max_features=3, rng=rng)``.
    n_trees : int
        How many.

    Attributes
    ----------
    trees : list
        The fitted trees.
    rows : ndarray of int, shape (n_trees, n)
        Training rows in each bootstrap sample, with repeats.

    References
    ----------
    breiman1996bagging, breiman2001random
    """

    def __init__(self, make_tree, n_trees=100):
        self.make_tree = make_tree
        self.n_trees = n_trees
        self.trees = []

    def fit(self, x, y, rng):
        """Grow the trees.

        Parameters
        ----------
        x : array_like, shape (n, n_features)
            Training features, n >= 2, finite.
        y : array_like, shape (n,)
            Target, finite.
        rng : numpy.random.Generator
            Draws the bootstrap samples and is handed to `make_tree`.

        Returns
        -------
        Forest
            Itself.

        Raises
        ------
        ValueError
            If shapes differ, values are not finite, or n < 2.
        """
        x, y = check_X_y(x, y, dtype=np.float64, ensure_min_samples=2, y_numeric=True)
        self.rows = rng.integers(len(y), size=(self.n_trees, len(y)))
        self.trees = [self.make_tree(rng).fit(x[rows], y[rows]) for rows in self.rows]
        return self

    def predict_trees(self, x):
        """(n, n_features) -> (n_trees, n): what every tree says."""
        if not self.trees:
            raise ValueError("this forest has not been fitted yet: call fit(x, y, rng) first")
        return np.stack([tree.predict(x) for tree in self.trees])

    def predict(self, x):
        """(n, n_features) -> (n,): mean over the trees."""
        return self.predict_trees(x).mean(axis=0)

    def predict_out_of_bag(self, x):
        """Training features (n, n_features) -> (n,): mean over trees that never saw the row."""
        return out_of_bag_mean(self.predict_trees(x), self.rows)


def out_of_bag_mean(predictions, rows):
    """Average over the trees whose bootstrap sample left the row out.

    Parameters
    ----------
    predictions : array_like, shape (n_trees, n)
        Every tree's prediction for every training row.
    rows : array_like of int, shape (n_trees, n)
        Training rows in each tree's bootstrap sample.

    Returns
    -------
    ndarray, shape (n,)
        NaN for a row that every tree has seen (rare with 30 trees or more).

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    breiman2001random
    """
    predictions, rows = np.asarray(predictions, dtype=np.float64), np.asarray(rows)
    if predictions.ndim != 2 or predictions.shape != rows.shape:
        raise ValueError(
            f"predictions {predictions.shape} and rows {rows.shape} must be one 2-D shape"
        )
    out = np.ones(rows.shape, dtype=bool)
    out[np.arange(len(rows))[:, None], rows] = False
    with np.errstate(invalid="ignore"):  # 0 / 0 is the NaN that we promise
        return np.sum(predictions * out, axis=0) / np.sum(out, axis=0)


class QuantileForest:
    """Conditional quantiles from the leaves of a fitted forest.

    A forest's prediction is a weighted mean of the training targets: a training row weighs more the
    more often it shares a leaf with the query. The same weights give the whole
    conditional distribution. As in the source, all training rows of a leaf count, in
    the bag or not; leaves need several rows (``min_samples_leaf`` of 5 or more) to show a spread.

    Parameters
    ----------
    forest : fitted RandomForestRegressor or ExtraTreesRegressor
        From scikit-learn.
    x, y : array_like, shapes (n, n_features) and (n,)
        The rows the forest was trained on.

    Raises
    ------
    ValueError
        If the forest is not fitted or does not fit x, shapes differ, or values are not finite.

    References
    ----------
    meinshausen2006quantile
    """

    def __init__(self, forest, x, y):
        check_is_fitted(forest)
        x, y = check_X_y(x, y, dtype=np.float64, ensure_min_samples=2, y_numeric=True)
        order = np.argsort(y, kind="stable")
        self.forest = forest
        self.y = y[order]
        self._first = np.cumsum([0] + [tree.tree_.node_count for tree in forest.estimators_])
        member = self._leaf_members(x[order])
        rows_in_leaf = np.asarray(member.sum(axis=0)).ravel()
        share = sparse.diags(1 / np.maximum(rows_in_leaf, 1) / len(forest.estimators_))
        self._share = (member @ share).T.tocsr()  # (leaves, n)

    def _leaf_members(self, x):
        """(n, n_features) -> sparse (n, nodes of all trees), one where the row is in the leaf."""
        leaves = self.forest.apply(x) + self._first[:-1]
        n, n_trees = leaves.shape
        starts = np.arange(0, n * n_trees + 1, n_trees)
        return sparse.csr_matrix(
            (np.ones(leaves.size), leaves.ravel(), starts), shape=(n, self._first[-1])
        )

    def weights(self, x):
        """Weight of every training row for every query.

        Parameters
        ----------
        x : array_like, shape (m, n_features)
            Queries.

        Returns
        -------
        ndarray, shape (m, n)
            Rows sum to one; the columns follow `self.y`, the training targets in rising order.
        """
        return (self._leaf_members(check_array(x, dtype=np.float64)) @ self._share).toarray()

    def predict(self, x, quantiles):
        """Conditional quantiles of the target.

        Parameters
        ----------
        x : array_like, shape (m, n_features)
            Queries.
        quantiles : sequence of float, shape (q,)
            Probabilities in (0, 1).

        Returns
        -------
        ndarray, shape (m, q)
            The smallest training target at which the weights add up to the probability.

        Raises
        ------
        ValueError
            If a probability is outside (0, 1) or x does not fit the forest.
        """
        quantiles = np.atleast_1d(np.asarray(quantiles, dtype=np.float64))
        if not np.all((quantiles > 0) & (quantiles < 1)):
            raise ValueError(f"quantiles must lie between 0 and 1, got {quantiles}")
        reached = np.cumsum(self.weights(x), axis=1)  # (m, n)
        index = [np.sum(reached < q - 1e-12, axis=1) for q in quantiles]
        return self.y[np.stack(index, axis=1)]

    def interval(self, x, level):
        """Central interval: x (m, n_features), level in (0, 1) -> lower (m,), upper (m,)."""
        return tuple(self.predict(x, [(1 - level) / 2, (1 + level) / 2]).T)


def conformal_interval(residuals, prediction, level):
    """Prediction interval from residuals on rows that the model had not seen.

    Half the width is the k-th smallest absolute residual, k = ceil((n + 1) level). If the n
    residuals and the new one are exchangeable, the interval holds the truth with
    probability k/(n + 1) >= `level`, whatever the model. Residuals from shuffled folds of
    autocorrelated rows are not exchangeable with those of a new day: use those of blocks.

    Parameters
    ----------
    residuals : array_like, shape (n,)
        Observed minus predicted, held out (calibration rows or cross-validation), in units of y.
    prediction : array_like, shape (m,)
        New predictions, in units of y.
    level : float
        Wanted coverage, in (0, 1).

    Returns
    -------
    lower, upper : ndarray, shape (m,)
        Infinite if n is too small to promise `level`, that is if n < level / (1 - level).

    Raises
    ------
    ValueError
        If `level` is outside (0, 1), or values are not finite or not one-dimensional.

    References
    ----------
    Lei, G'Sell, Rinaldo, Tibshirani and Wasserman (2018), Distribution-free predictive inference
    for regression, Journal of the American Statistical Association 113, 1094-1111.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    size = np.sort(np.abs(_finite_series("residuals", residuals)))
    prediction = _finite_series("prediction", prediction)
    k = int(np.ceil((size.size + 1) * level - 1e-9))  # rounding must not add a rank
    radius = size[k - 1] if k <= size.size else np.inf
    return prediction - radius, prediction + radius


def _finite_series(name, values):
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or values.size == 0 or not np.all(np.isfinite(values)):
        raise ValueError(f"{name} must be a non-empty, finite 1-D array, got shape {values.shape}")
    return values


class PhysicsResidual(RegressorMixin, BaseEstimator):
    """Regressor that learns what a physical model leaves unexplained.

    The physics comes as one column of x, in the unit of the target; the regressor is
    trained on target minus physics with all columns as features, and the physics is added back.

    Parameters
    ----------
    regressor : scikit-learn regressor
        Cloned and fitted to the residual.
    physics_column : int
        Column of x that holds the physical model's prediction.

    Attributes
    ----------
    regressor_ : regressor
        The fitted clone.
    """

    def __init__(self, regressor, physics_column=-1):
        self.regressor = regressor
        self.physics_column = physics_column

    def fit(self, x, y):
        """Fit to x (n, n_features) and y (n,); ValueError for other shapes or non-finite values."""
        x, y = check_X_y(x, y, dtype=np.float64, ensure_min_samples=2, y_numeric=True)
        self.regressor_ = clone(self.regressor).fit(x, y - x[:, self.physics_column])
        return self

    def predict(self, x):
        """(n, n_features) -> (n,): physics plus learned correction."""
        check_is_fitted(self)
        x = check_array(x, dtype=np.float64)
        return x[:, self.physics_column] + self.regressor_.predict(x)
