import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mlearth.models.tree import ClassificationTree, RegressionTree, best_split, gini


def single_precision(x):
    """Values that scikit-learn, which keeps features in single precision, stores exactly."""
    return x.astype(np.float32).astype(np.float64)


def draw_table(seed, n=120, n_features=4):
    rng = np.random.default_rng(seed)
    x = single_precision(rng.normal(size=(n, n_features)))
    return x, np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] + 0.3 * rng.normal(size=n)


def draw_labels(seed, n_classes, n=120):
    x, y = draw_table(seed, n)
    return x, np.digitize(y, np.quantile(y, np.arange(1, n_classes) / n_classes))


def compare(node, theirs, x=None, i=0):
    """Walk both trees; count nodes that agree, stop below ties (other split, same impurity).

    Given the rows x in the node, a tie must part them alike.
    """
    tree = theirs.tree_
    assert node.n_rows == tree.n_node_samples[i]
    assert node.impurity == pytest.approx(tree.impurity[i], abs=1e-10)
    assert node.value == pytest.approx(tree.value[i].ravel(), abs=1e-10)
    if node.split is None or tree.children_left[i] < 0:
        assert node.split is None
        assert tree.children_left[i] < 0
        return 1, 0
    left, right = tree.children_left[i], tree.children_right[i]
    after = sum(tree.impurity[k] * tree.n_node_samples[k] for k in (left, right)) / node.n_rows
    assert node.split.impurity == pytest.approx(after, abs=1e-10)
    yes = None if x is None else x[:, node.split.feature] <= node.split.threshold
    if (node.split.feature, node.split.threshold) != (tree.feature[i], tree.threshold[i]):
        if x is not None:
            assert np.unique(yes ^ (x[:, tree.feature[i]] <= tree.threshold[i])).size == 1
        return 0, 1
    sides = (None, None) if x is None else (x[yes], x[~yes])
    below = [
        compare(child, theirs, side, k)
        for child, side, k in zip((node.left, node.right), sides, (left, right), strict=True)
    ]
    return 1 + below[0][0] + below[1][0], below[0][1] + below[1][1]


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("seed", [0, 2, 3])  # no two features part a small node alike
def test_regression_tree_is_scikit_learns(depth, seed):
    x, y = draw_table(seed, n=800)
    ours = RegressionTree(max_depth=depth, min_samples_leaf=5).fit(x, y)
    theirs = DecisionTreeRegressor(max_depth=depth, min_samples_leaf=5, random_state=0).fit(x, y)
    agreed, ties = compare(ours.root, theirs)
    assert (agreed, ties) == (theirs.tree_.node_count, 0)
    fresh = draw_table(seed + 100, n=500)[0]
    assert ours.predict(fresh) == pytest.approx(theirs.predict(fresh), abs=1e-12)


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("n_classes", [2, 3, 4])
def test_classification_tree_is_scikit_learns(depth, n_classes):
    x, y = draw_labels(0, n_classes, n=4000)
    ours = ClassificationTree(max_depth=depth, min_samples_leaf=40).fit(x, y)
    theirs = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=40, random_state=0).fit(x, y)
    agreed, ties = compare(ours.root, theirs)
    assert (agreed, ties) == (theirs.tree_.node_count, 0)
    fresh = draw_table(100, n=500)[0]
    np.testing.assert_array_equal(ours.predict(fresh), theirs.predict(fresh))
    assert ours.predict_proba(fresh) == pytest.approx(theirs.predict_proba(fresh), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 8), st.integers(40, 150))
def test_every_regression_split_is_scikit_learns_or_ties_with_it(seed, depth, leaf, n):
    x, y = draw_table(seed, n)
    ours = RegressionTree(max_depth=depth, min_samples_leaf=leaf).fit(x, y)
    theirs = DecisionTreeRegressor(max_depth=depth, min_samples_leaf=leaf, random_state=seed)
    agreed, ties = compare(ours.root, theirs.fit(x, y), x)
    assert agreed + ties >= 1


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 8), st.integers(2, 4))
def test_every_classification_split_is_scikit_learns_or_ties_with_it(seed, depth, leaf, n_classes):
    x, y = draw_labels(seed, n_classes)
    ours = ClassificationTree(max_depth=depth, min_samples_leaf=leaf).fit(x, y)
    theirs = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=leaf, random_state=seed)
    agreed, ties = compare(ours.root, theirs.fit(x, y))
    assert agreed + ties >= 1


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["variance", "gini"]), st.integers(1, 4))
def test_no_other_question_is_better_than_the_best_split(seed, impurity, leaf):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 5, size=(12, 2)).astype(float)  # with repeated values
    y = rng.integers(0, 3, size=12)
    measure = np.var if impurity == "variance" else gini
    scores = {}
    for j in range(2):
        values = np.unique(x[:, j])
        for threshold in (values[1:] + values[:-1]) / 2:
            yes = x[:, j] <= threshold
            if min(yes.sum(), (~yes).sum()) >= leaf:
                both = yes.sum() * measure(y[yes]) + (~yes).sum() * measure(y[~yes])
                scores[j, threshold] = both / 12
    split = best_split(x, y, impurity, min_samples_leaf=leaf)
    if not scores:
        assert split is None
    else:
        assert split.impurity == pytest.approx(min(scores.values()), abs=1e-12)
        assert scores[split.feature, split.threshold] == pytest.approx(split.impurity, abs=1e-12)


def test_gini_of_an_even_mix_is_one_minus_one_over_the_classes():
    assert gini(["wet", "dry"] * 4) == pytest.approx(1 / 2)
    assert gini([0, 1, 2, 3]) == pytest.approx(3 / 4)
    assert gini(["wet"] * 5) == 0.0


def test_best_split_of_one_feature_is_the_midpoint_of_the_gap():
    split = best_split([1.0, 2.0, 6.0, 7.0], [0.0, 0.0, 1.0, 1.0], "variance")
    assert split == (0, 4.0, 0.0)


def test_equally_good_questions_go_to_the_first_feature_and_lowest_threshold():
    x = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    assert best_split(x, ["a", "b", "a"], "gini")[:2] == (0, 0.5)


def test_a_threshold_between_neighbouring_floats_still_parts_them():
    low = np.nextafter(1.0, 2.0)
    high = np.nextafter(low, 2.0)  # their midpoint rounds up to it
    assert best_split([low, high], [0, 1], "gini").threshold == low


def test_constant_features_cannot_be_split():
    assert best_split(np.ones(5), np.arange(5.0), "variance") is None
    tree = RegressionTree().fit(np.ones((5, 2)), np.arange(5.0))
    assert tree.root.split is None
    assert tree.predict(np.ones((1, 2))) == pytest.approx(2.0)


def test_an_unpruned_tree_repeats_its_training_rows():
    x, y = draw_table(3)
    assert RegressionTree().fit(x, y).predict(x) == pytest.approx(y)


def test_a_tree_splits_even_where_the_first_question_gains_nothing():
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    labels = np.array(["same", "other", "other", "same"])
    np.testing.assert_array_equal(ClassificationTree().fit(x, labels).predict(x), labels)


def test_random_subspaces_ask_about_other_features():
    x, y = draw_table(0)
    first = {
        RegressionTree(max_depth=1, max_features=1, rng=np.random.default_rng(seed))
        .fit(x, y)
        .root.split.feature
        for seed in range(40)
    }
    assert first == {0, 1, 2, 3}


def test_a_tree_that_may_draw_all_features_draws_none():
    x, y = draw_table(1)
    drawn = RegressionTree(max_depth=4, max_features=4, rng=np.random.default_rng(0)).fit(x, y)
    assert drawn.to_text() == RegressionTree(max_depth=4).fit(x, y).to_text()


def test_the_printed_tree_shows_questions_and_answers():
    x = np.array([[10.0], [20.0], [30.0], [40.0]])
    tree = ClassificationTree().fit(x, ["cool", "cool", "hot", "hot"])
    assert tree.to_text(["air"]).splitlines() == [
        "air <= 25?  (4 rows, 0.5)",
        "|   predict cool  (2 rows, 0)",
        "|   predict hot  (2 rows, 0)",
    ]
    assert "x[0] <= 25?" in RegressionTree().fit(x, [0, 0, 1, 1]).to_text()


def test_placed_parents_stand_midway_above_their_children():
    x, y = draw_table(2)
    placed = RegressionTree(max_depth=4).fit(x, y).layout()
    leaves = [p for p in placed if p.node.split is None]
    assert [p.x for p in leaves] == list(range(len(leaves)))
    assert placed[0].parent == -1
    assert placed[0].depth == 0
    for i, (node, position, depth, _) in enumerate(placed):
        children = [p for p in placed if p.parent == i]
        if node.split:
            assert [child.node for child in children] == [node.left, node.right]
            assert position == np.mean([child.x for child in children])
            assert all(child.depth == depth + 1 for child in children)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (np.ones((3, 2)), np.ones(4)),
        (np.array([[1.0], [np.nan]]), np.ones(2)),
        (np.ones((2, 1)), np.array([1.0, np.inf])),
        (np.ones((1, 2)), np.ones(1)),
        (np.ones(4), np.ones(4)),
    ],
)
@pytest.mark.parametrize("tree", [RegressionTree, ClassificationTree])
def test_bad_training_rows_are_refused(tree, x, y):
    with pytest.raises(ValueError, match=r".+"):
        tree().fit(x, y)


def test_misuse_is_refused_with_a_reason():
    with pytest.raises(ValueError, match="impurity must be one of"):
        best_split([1.0, 2.0], [0, 1], "entropy")
    with pytest.raises(ValueError, match="pass rng"):
        RegressionTree(max_features=2)
    with pytest.raises(ValueError, match="not been fitted"):
        RegressionTree().predict(np.ones((2, 1)))
    with pytest.raises(ValueError, match="knows 4 features"):
        RegressionTree().fit(*draw_table(0)).predict(np.ones((2, 3)))
    for labels in ([], [[0, 1]]):
        with pytest.raises(ValueError, match="non-empty 1-D"):
            gini(labels)
