"""The list of ideas of the leaf study, with the round in which each was thought of."""

from itertools import product
from typing import NamedTuple

from sklearn.base import BaseEstimator
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.linear_model import HuberRegressor, LinearRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, SplineTransformer, StandardScaler
from sklearn.svm import SVR

from mlearth.models.forest import PhysicsResidual
from mlearth.models.leaf_features import FittedPhysics, ScaledTarget
from mlearth.models.ordered_rows import BlockBootstrapForest, PerCampaign, QuietRowsFirst

PLAIN, EXTRA = "forest, as it comes", "extra trees per campaign"
TREES = 30
# sign of the effect that physics expects of each column of the table; 0 where it expects none
SIGNS = [-1, 1, 1, -1, 0, -1, 0, 0]
SMOOTH = "kernel ridge, smooth"
AVERAGES = {
    "mean of forest and ridge": (1, ("forest, 20 rows in a leaf", "ridge")),
    "mean of five smooth and rough models": (
        1,
        (
            "ridge of squares and products",
            "support vector regression",
            "forest, 20 rows in a leaf",
            "extra trees",
            "boosting, monotone",
        ),
    ),
    "mean of kernel ridge and extra trees, by campaign": (
        3,
        (f"{SMOOTH}, and campaign: length 2, noise 1", EXTRA),
    ),
}
SETS = ("smooth without thickness", "few", "few and deficit", "smoothed over the visit")


class Idea(NamedTuple):
    """One line of the list: a model, and the set of features that it gets."""

    name: str
    round: int
    features: str
    model: BaseEstimator


class Setting(NamedTuple):
    """One setting of kernel ridge regression; several make a line of the list."""

    name: str
    features: str
    campaign: int  # how much the campaign weighs among the features; 0: not at all
    length: float
    noise: float


def list_ideas(seed):
    """List the ideas that are scikit-learn regressors.

    Parameters
    ----------
    seed : int
        Of the models that draw random numbers.

    Returns
    -------
    list of Idea
    """
    return _first_round(seed) + _second_round(seed)


def list_settings():
    """List the settings of kernel ridge: round 3, after campaigns and smoothness had helped.

    Returns
    -------
    list of Setting
    """
    wide = list(product((2, 3, 4.5, 7), (0.3, 1, 3, 10)))
    near = list(product((1.5, 2, 3), (0.3, 1)))
    found = [Setting(SMOOTH, "smooth", 0, *pair) for pair in wide]
    found += [Setting(f"{SMOOTH}, and campaign", "smooth", 1, *pair) for pair in wide]
    for features in ("smooth", *SETS):
        for weight in (1, 2):
            name = f"kernel ridge, {features}, and campaign" + (" twice" if weight == 2 else "")
            found += [Setting(name, features, weight, *pair) for pair in near]
    return list(dict.fromkeys(found))


def _forest(seed, rows=5, **options):
    options = {"max_features": 0.34, "n_estimators": TREES} | options
    return RandomForestRegressor(min_samples_leaf=rows, random_state=seed, **options)


def _extra(seed, rows=5):
    return ExtraTreesRegressor(
        TREES, min_samples_leaf=rows, max_features=0.5, bootstrap=True, random_state=seed
    )


def _boosting(seed, **options):
    options = {"max_leaf_nodes": 6, "max_iter": 80} | options
    return HistGradientBoostingRegressor(
        learning_rate=0.05, min_samples_leaf=30, l2_regularization=10, random_state=seed, **options
    )


def _scaled(model):
    return make_pipeline(StandardScaler(), model)


def _first_round(seed):
    """Ideas written down before any score but the plain forest's was known."""
    squares = make_pipeline(StandardScaler(), PolynomialFeatures(2, include_bias=False))
    splines = SplineTransformer(5, degree=3, knots="quantile")
    huber = GradientBoostingRegressor(
        n_estimators=40, learning_rate=0.1, max_depth=3, min_samples_leaf=20,
        subsample=0.6, max_features=0.4, loss="huber", random_state=seed,
    )  # fmt: skip
    lines = [
        ("mean of the training rows", "raw", DummyRegressor()),
        ("linear regression", "raw", LinearRegression()),
        ("ridge", "smooth", _scaled(Ridge(30))),
        ("robust regression (Huber)", "smooth", _scaled(HuberRegressor(alpha=10.0))),
        ("ridge of squares and products", "smooth", make_pipeline(squares, _scaled(Ridge(100)))),
        ("ridge of splines", "smooth", make_pipeline(splines, Ridge(3))),
        ("support vector regression", "smooth", _scaled(SVR(C=1, epsilon=0.5, gamma=0.03))),
        (PLAIN, "raw", RandomForestRegressor(random_state=seed)),
        ("forest, 5 rows in a leaf", "raw", _forest(seed)),
        ("forest, 20 rows in a leaf", "raw", _forest(seed, 20)),
        ("forest of depth 3", "raw", _forest(seed, 1, max_depth=3)),
        ("forest, derived features added", "derived", _forest(seed)),
        ("forest of the weather alone", "weather", _forest(seed, 20, max_features=0.5)),
        ("forest without what drifts", "steady", _forest(seed, 20)),
        ("forest, means of earlier rows added", "earlier", _forest(seed)),
        ("forest, means of the visit added", "visit", _forest(seed)),
        ("forest, rows drawn in runs", "raw", BlockBootstrapForest(random_state=seed)),
        ("forest, quiet rows weigh more", "raw", QuietRowsFirst(_forest(seed, 20))),
        ("forest of kelvin per kilopascal", "deficit", ScaledTarget(_forest(seed, 20))),
        ("extra trees", "raw", _extra(seed)),
        ("boosting", "raw", _boosting(seed)),
        ("boosting, monotone", "raw", _boosting(seed, monotonic_cst=SIGNS)),
        (
            "boosting, monotone, absolute error",
            "raw",
            _boosting(seed, monotonic_cst=SIGNS, loss="absolute_error"),
        ),
        (
            "boosting without interactions",
            "raw",
            _boosting(seed, interaction_cst="no_interactions", max_leaf_nodes=3, max_iter=150),
        ),
        ("boosting, Huber loss", "raw", huber),
        ("energy balance, nominal", "nominal", FittedPhysics()),
        ("energy balance, fitted", "physics", FittedPhysics()),
        ("energy balance, fitted, and offset", "physics", FittedPhysics(with_offset=True)),
        ("energy balance and forest", "raw, nominal", PhysicsResidual(_forest(seed))),
        ("forest, energy balance a feature", "raw, nominal", _forest(seed)),
    ]
    return [Idea(name, 1, features, model) for name, features, model in lines]


def _second_round(seed):
    """Ideas after the table had been looked at: its first and second part are unlike."""
    physics = FittedPhysics(with_offset=True)
    lines = [
        ("forest, campaign a feature", "tamed, campaign", _forest(seed, max_features=0.5)),
        ("forest, running medians added", "around", _forest(seed)),
        ("forest per campaign", "tamed, campaign", PerCampaign(_forest(seed))),
        ("forest per third of the table", "tamed, third", PerCampaign(_forest(seed))),
        (EXTRA, "tamed, campaign", PerCampaign(_extra(seed))),
        ("boosting per campaign", "tamed, campaign", PerCampaign(_boosting(seed))),
        ("ridge per campaign", "smooth, campaign", PerCampaign(_scaled(Ridge(100)))),
        ("energy balance per campaign", "physics, campaign", PerCampaign(physics)),
    ]
    return [Idea(name, 2, features, model) for name, features, model in lines]
