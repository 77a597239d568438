"""Classification and regression trees (CART) from scratch.

A tree asks one question after another, "is this feature at most this threshold?", and answers with
the mean of the training rows that gave the same replies. The code below grows the same trees as
scikit-learn's best splitter on features without ties; use that one where speed matters.

Both kinds of tree are one algorithm. Write a class label as a row of zeros with a single one: the
mean of such rows is the share of each class, and their variance, summed over the columns, is
the Gini impurity. So a split that lowers the variance of these columns lowers the impurity.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sklearn.utils import check_array, check_X_y

IMPURITIES = ("variance", "gini")


class Split(NamedTuple):
    """A question: rows with ``x[feature] <= threshold`` go left, the others right."""

    feature: int
    threshold: float
    impurity: float  # of the two sides together, weighted by their rows


@dataclass(eq=False)
class Node:
    """What a tree knows about the training rows that reached this point.

    Attributes
    ----------
    value : ndarray, shape (1,) or (n_classes,)
        Mean of the target, or the share of each class.
    impurity : float
        Variance of the target, or Gini impurity of the labels.
    n_rows : int
        Training rows in the node.
    split : Split or None
        The question asked here; None in a leaf.
    left, right : Node or None
        Where the rows go that answer yes, and no; None in a leaf.
    """

    value: np.ndarray
    impurity: float
    n_rows: int
    split: Split | None = None
    left: "Node | None" = None
    right: "Node | None" = None


class PlacedNode(NamedTuple):
    """A node with its place in a drawing; `parent` is its index in the list, -1 for the root."""

    node: Node
    x: float
    depth: int
    parent: int


def gini(labels):
    """Probability that two labels, drawn with replacement, differ.

    Parameters
    ----------
    labels : array_like, shape (n,)
        Class labels of any kind, n >= 1.

    Returns
    -------
    float
        0 where all labels agree, at most 1 - 1/n_classes.

    Raises
    ------
    ValueError
        If `labels` is empty or not one-dimensional.

    References
    ----------
    breiman1984classification
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.size == 0:
        raise ValueError(f"labels must be a non-empty 1-D array, got shape {labels.shape}")
    counts = np.unique(labels, return_counts=True)[1]
    return float(1 - np.sum((counts / labels.size) ** 2))


def best_split(x, y, impurity, min_samples_leaf=1):
    """Find the question that leaves the two sides as pure as possible.

    Candidates are the midpoints between neighbouring values of each feature. Of equally good
    ones the lowest feature wins, then the lowest threshold (scikit-learn takes the features in
    random order instead).

    Parameters
    ----------
    x : array_like, shape (n,) or (n, n_features)
        One feature or several, n >= 2.
    y : array_like, shape (n,)
        Numbers for "variance", labels for "gini".
    impurity : {"variance", "gini"}
        What to lower.
    min_samples_leaf : int
        Rows that each side must keep.

    Returns
    -------
    Split or None
        None if no question separates the rows.

    Raises
    ------
    ValueError
        If shapes differ, values are not finite, n < 2, or `impurity` is unknown.

    References
    ----------
    breiman1984classification
    """
    x = np.asarray(x)
    x, y = check_X_y(x[:, None] if x.ndim == 1 else x, y, dtype=np.float64, ensure_min_samples=2)
    return _search(x, _target_columns(y, impurity), min_samples_leaf)


def _target_columns(y, impurity):
    """(n,) numbers -> (n, 1); (n,) labels -> (n, n_classes) of zeros and ones."""
    if impurity not in IMPURITIES:
        raise ValueError(f"impurity must be one of {IMPURITIES}, got {impurity!r}")
    if impurity == "variance":
        return np.asarray(y, dtype=np.float64)[:, None]
    classes, codes = np.unique(y, return_inverse=True)
    return np.eye(classes.size)[codes]


def _search(x, targets, min_samples_leaf):
    """Score every cut of every column of x (n, p) by the spread of targets (n, k) it removes."""
    n = len(x)
    centred = targets - targets.mean(axis=0)
    order = np.argsort(x, axis=0, kind="stable")  # (n, p)
    x = np.take_along_axis(x, order, axis=0)
    left = np.cumsum(centred[order], axis=0)[:-1]  # (n - 1, p, k); the right sums are -left
    n_left = np.arange(1, n)[:, None]
    removed = np.sum(left**2, axis=2) * (1 / n_left + 1 / (n - n_left))  # sum of squares
    allowed = (x[1:] > x[:-1]) & (np.minimum(n_left, n - n_left) >= min_samples_leaf)
    if not allowed.any():
        return None
    removed = np.where(allowed, removed, -np.inf)
    feature, cut = divmod(int(np.argmax(removed.T)), n - 1)
    below, above = x[cut, feature], x[cut + 1, feature]
    middle = below / 2 + above / 2
    threshold = middle if middle < above else below  # neighbours in floating point
    impurity = (np.sum(centred**2) - removed[cut, feature]) / n
    return Split(feature, float(threshold), max(float(impurity), 0.0))


class _Tree:
    """What both kinds of tree share: growing, descending, printing, placing."""

    def __init__(self, max_depth=None, min_samples_leaf=1, max_features=None, rng=None):
        if max_features is not None and rng is None:
            raise ValueError("max_features draws features at random: pass rng, a NumPy Generator")
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf
        self.max_features = max_features
        self.rng = rng
        self.root = None

    def _fit_columns(self, x, targets):
        self.n_features = x.shape[1]
        self.root = self._grow(x, targets, depth=0)
        return self

    def _grow(self, x, targets, depth):
        node = Node(targets.mean(axis=0), float(targets.var(axis=0).sum()), len(x))
        if depth == self.max_depth or node.impurity <= np.finfo(float).eps:
            return node
        node.split = self._ask(x, targets)
        if node.split is not None:
            yes = x[:, node.split.feature] <= node.split.threshold
            node.left = self._grow(x[yes], targets[yes], depth + 1)
            node.right = self._grow(x[~yes], targets[~yes], depth + 1)
        return node

    def _ask(self, x, targets):
        if self.max_features is None:
            return _search(x, targets, self.min_samples_leaf)
        columns = np.sort(self.rng.choice(self.n_features, self.max_features, replace=False))
        split = _search(x[:, columns], targets, self.min_samples_leaf)
        return split and split._replace(feature=int(columns[split.feature]))

    def _leaf_values(self, x):
        """(n, n_features) -> (n, k): the value of the leaf that each row ends in."""
        if self.root is None:
            raise ValueError("this tree has not been fitted yet: call fit(x, y) first")
        x = check_array(x, dtype=np.float64)
        if x.shape[1] != self.n_features:
            raise ValueError(f"the tree knows {self.n_features} features, got {x.shape[1]}")
        values = np.empty((len(x), self.root.value.size))
        _descend(self.root, x, np.arange(len(x)), values)
        return values

    def to_text(self, feature_names=None):
        """Print the tree as indented questions.

        Parameters
        ----------
        feature_names : sequence of str, optional
            One name per feature; ``x[0], x[1], ...`` without.

        Returns
        -------
        str
            One line per node: question or prediction, rows, impurity.
        """
        names = feature_names or [f"x[{i}]" for i in range(self.n_features)]
        lines = []
        for node, _, depth, _ in self.layout():
            split = node.split
            says = f"{names[split.feature]} <= {split.threshold:.4g}?" if split else self._say(node)
            lines.append(f"{'|   ' * depth}{says}  ({node.n_rows} rows, {node.impurity:.3g})")
        return "\n".join(lines)

    def layout(self):
        """Place the nodes for a drawing, parents before children, yes (left) before no.

        Returns
        -------
        list of PlacedNode
            Leaves stand at x = 0, 1, 2, ... from left to right, every other node midway between
            its children; depth counts down from 0 at the root.
        """
        placed = []
        _place(self.root, 0, -1, placed, n_leaves=0)
        return placed


def _descend(node, x, rows, values):
    """Send `rows` of x down from `node` and write what they find into `values`."""
    if node.split is None:
        values[rows] = node.value
        return
    yes = x[rows, node.split.feature] <= node.split.threshold
    _descend(node.left, x, rows[yes], values)
    _descend(node.right, x, rows[~yes], values)


def _place(node, depth, parent, placed, n_leaves):
    """Append `node` and what hangs below it to `placed`; return (its x, leaves so far)."""
    me = len(placed)
    placed.append(None)
    if node.split is None:
        x, n_leaves = float(n_leaves), n_leaves + 1
    else:
        left, n_leaves = _place(node.left, depth + 1, me, placed, n_leaves)
        right, n_leaves = _place(node.right, depth + 1, me, placed, n_leaves)
        x = (left + right) / 2
    placed[me] = PlacedNode(node, x, depth, parent)
    return x, n_leaves


class RegressionTree(_Tree):
    """Regression tree: lowers the variance of the target on the two sides of each question.

    Parameters
    ----------
    max_depth : int, optional
        Questions between root and leaf; None grows until the leaves are pure.
    min_samples_leaf : int
        Training rows that every leaf keeps.
    max_features : int, optional
        Features drawn at random for each question (a random forest's tree); None tries all.
    rng : numpy.random.Generator, optional
        Source of these draws; needed with `max_features`.

    Attributes
    ----------
    root : Node
        The grown tree.

    References
    ----------
    breiman1984classification
    """

    def fit(self, x, y):
        """Grow the tree from x (n, n_features) and y (n,); n >= 2, all finite.

        Raises ValueError for other input; returns the tree itself.
        """
        x, y = check_X_y(x, y, dtype=np.float64, ensure_min_samples=2, y_numeric=True)
        return self._fit_columns(x, _target_columns(y, "variance"))

    def predict(self, x):
        """(n, n_features) -> (n,): mean target of the training rows in the same leaf."""
        return self._leaf_values(x)[:, 0]

    def _say(self, node):
        return f"predict {node.value[0]:.4g}"


class ClassificationTree(_Tree):
    """Classification tree: lowers the Gini impurity; two or more classes.

    Parameters and attributes are those of `RegressionTree`; `classes` (n_classes,) holds the
    labels in sorted order, after which the entries of ``Node.value`` are ordered.

    References
    ----------
    breiman1984classification
    """

    def fit(self, x, y):
        """Grow the tree from x (n, n_features) and labels y (n,); n >= 2, x finite.

        Raises ValueError for other input; returns the tree itself.
        """
        x, y = check_X_y(x, y, dtype=np.float64, ensure_min_samples=2)
        self.classes = np.unique(y)
        return self._fit_columns(x, _target_columns(y, "gini"))

    def predict_proba(self, x):
        """(n, n_features) -> (n, n_classes): class shares among the training rows in the leaf."""
        return self._leaf_values(x)

    def predict(self, x):
        """(n, n_features) -> (n,): the commonest label of the leaf, of equals the first."""
        return self.classes[np.argmax(self.predict_proba(x), axis=1)]

    def _say(self, node):
        return f"predict {self.classes[np.argmax(node.value)]}"
