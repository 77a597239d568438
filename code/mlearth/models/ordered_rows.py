"""Regressors for tables whose row order means something, though no column says what.

Rows that were taken one after the other share days, plots and campaigns. `find_change` looks for
the place where the features change their character; `PerCampaign` fits each side by itself;
`BlockBootstrapForest` and `QuietRowsFirst` treat neighbours as what they are.
"""

import numpy as np
from scipy.stats import rankdata
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils.validation import check_is_fitted


def find_change(x, shortest=60):
    """Find the row at which the level of the features changes most.

    Every feature is replaced by its ranks, so that outliers count no more than others; then the
    rows are cut in two so that the squared distances from the two means are smallest.

    Parameters
    ----------
    x : ndarray, shape (n, n_features)
        In the order taken, in any units. No target is needed.
    shortest : int
        Fewest rows on either side.

    Returns
    -------
    int
        The first row after the change, from 0.

    Raises
    ------
    ValueError
        If there are fewer than 2 `shortest` rows.
    """
    n = len(x)
    if n < 2 * shortest:
        raise ValueError(f"{n} rows cannot be cut into two parts of {shortest} or more")
    ranks = rankdata(x, axis=0)
    level = (ranks - ranks.mean(axis=0)) / np.maximum(ranks.std(axis=0), 1e-12)
    total = np.cumsum(level, axis=0)[shortest - 1 : n - shortest]  # of all rows before the cut
    before = np.arange(shortest, n - shortest + 1)
    gain = np.sum(total**2, axis=1) * (1 / before + 1 / (n - before))  # the overall mean is zero
    return int(before[np.argmax(gain)])


class PerCampaign(RegressorMixin, BaseEstimator):
    """Fit one clone of a regressor to each campaign.

    Parameters
    ----------
    regressor : scikit-learn regressor
    column : int
        Column of x that holds the number of the campaign; the regressor does not see it.
    fewest : int
        A campaign with fewer training rows than this is predicted by a fit to all rows.

    Attributes
    ----------
    regressors_ : dict of float to regressor
        By campaign.
    """

    def __init__(self, regressor, column=-1, fewest=40):
        self.regressor = regressor
        self.column = column
        self.fewest = fewest

    def fit(self, x, y):
        """Fit to x (n, n_features) and y (n,)."""
        features, campaign = self._separate(x)
        labels, counts = np.unique(campaign, return_counts=True)
        self.regressors_ = {
            label: clone(self.regressor).fit(features[campaign == label], y[campaign == label])
            for label in labels[counts >= self.fewest]
        }
        self._all_rows = features, y
        return self

    def predict(self, x):
        """(n, n_features) -> (n,): by the campaign's own regressor."""
        check_is_fitted(self)
        features, campaign = self._separate(x)
        prediction = np.empty(len(features))
        for label in np.unique(campaign):
            rows = campaign == label
            if label not in self.regressors_:
                self.regressors_[label] = clone(self.regressor).fit(*self._all_rows)
            prediction[rows] = self.regressors_[label].predict(features[rows])
        return prediction

    def _separate(self, x):
        return np.delete(x, self.column, axis=1), x[:, self.column]


class BlockBootstrapForest(RegressorMixin, BaseEstimator):
    """Forest whose bootstrap draws runs of neighbouring rows instead of single rows.

    Parameters
    ----------
    length : int
        Rows in a run.
    n_estimators, min_samples_leaf, max_features
        As in `sklearn.ensemble.RandomForestRegressor`.
    random_state : int
        Seed.
    """

    def __init__(
        self, length=20, n_estimators=50, min_samples_leaf=5, max_features=0.34, random_state=0
    ):
        self.length = length
        self.n_estimators = n_estimators
        self.min_samples_leaf = min_samples_leaf
        self.max_features = max_features
        self.random_state = random_state

    def fit(self, x, y):
        """Fit to x (n, n_features) and y (n,), rows in the order taken."""
        rng = np.random.default_rng(self.random_state)
        self.trees_ = []
        for _ in range(self.n_estimators):
            starts = rng.integers(len(y) - self.length + 1, size=-(-len(y) // self.length))
            rows = (starts[:, None] + np.arange(self.length)).ravel()
            tree = DecisionTreeRegressor(
                min_samples_leaf=self.min_samples_leaf,
                max_features=self.max_features,
                random_state=int(rng.integers(2**31)),
            )
            self.trees_.append(tree.fit(x[rows], y[rows]))
        return self

    def predict(self, x):
        """(n, n_features) -> (n,): mean over the trees."""
        check_is_fitted(self)
        return np.mean([tree.predict(x) for tree in self.trees_], axis=0)


class QuietRowsFirst(RegressorMixin, BaseEstimator):
    """Give the rows of quiet stretches more weight: one over the variance of their stretch.

    Parameters
    ----------
    regressor : scikit-learn regressor
        Takes `sample_weight`.
    length : int
        Rows in a stretch.
    """

    def __init__(self, regressor, length=80):
        self.regressor = regressor
        self.length = length

    def fit(self, x, y):
        """Fit to x (n, n_features) and y (n,), rows in the order taken."""
        parts = np.array_split(np.arange(len(y)), max(1, len(y) // self.length))
        weight = np.concatenate([np.full(len(rows), 1 / np.var(y[rows])) for rows in parts])
        fresh = clone(self.regressor)
        self.regressor_ = fresh.fit(x, y, sample_weight=weight / weight.mean())
        return self

    def predict(self, x):
        """(n, n_features) -> (n,)."""
        check_is_fitted(self)
        return self.regressor_.predict(x)
