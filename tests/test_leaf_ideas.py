"""The study of leaf ideas: its list, its nested choice, and that its record repeats."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from mlearth.data import load_leaves, load_study
from mlearth.models.blocked import block_labels
from mlearth.simulate.leaf_campaign import simulate_campaign
from mlearth.studies import leaf_ideas
from mlearth.studies._leaf_feature_sets import feature_sets
from mlearth.studies._leaf_idea_list import AVERAGES, list_ideas, list_settings


@pytest.fixture(scope="module")
def campaign():
    return simulate_campaign(np.random.default_rng(0), n_leaves=200)


def test_every_idea_is_listed_once_and_finds_its_features(campaign):
    sets, ideas, settings = feature_sets(campaign.features), list_ideas(0), list_settings()
    names = [idea.name for idea in ideas] + list(settings)
    assert len(set(names)) == len(names) > 100
    assert {one.features for one in [*ideas, *settings]} <= set(sets)
    assert all(np.isfinite(values).all() for values in sets.values())


def test_features_of_earlier_rows_do_not_look_ahead(campaign):
    changed = campaign.features.copy()
    changed[150:, 0] += 5
    before, after = (feature_sets(x)["earlier"][:150] for x in (campaign.features, changed))
    np.testing.assert_allclose(before, after, rtol=1e-9, atol=1e-12)  # sums may round differently


def test_the_whole_study_runs_on_a_small_table(campaign, monkeypatch):
    table = SimpleNamespace(frame=pd.DataFrame(campaign.columns), observed=False)
    monkeypatch.setattr(leaf_ideas, "load_leaves", lambda: table)
    monkeypatch.setattr(leaf_ideas, "N_FOLDS", 3)
    monkeypatch.setattr(leaf_ideas, "DESIGNS", [(4, 0)])
    result = leaf_ideas.run(0)
    assert result["source"] == "simulated"
    assert len(result["ideas"]) == len(list_ideas(0)) + len(list_settings()) + len(AVERAGES)
    assert [one["candidates"] for one in result["nested"]] == sorted(
        sum(idea["round"] <= last for idea in result["ideas"]) for last in (1, 2, 3)
    )
    best = max(idea["mean"] for idea in result["ideas"])
    assert all(one["mean"] <= best + 0.5 for one in result["nested"])


def test_the_nested_choice_is_confined_to_its_rounds():
    y, blocks = np.arange(20.0), block_labels(20, 4)
    pairs = {"early": np.tile(y + 1, (4, 1)), "late": np.tile(y, (4, 1))}
    lines = {"early": {"round": 1}, "late": {"round": 2}}
    first = leaf_ideas.score_nested(pairs, lines, 1, y, blocks)
    second = leaf_ideas.score_nested(pairs, lines, 2, y, blocks)
    assert (set(first["chosen"]), set(second["chosen"])) == ({"early"}, {"late"})
    assert second["mean"] == 1


def test_the_recorded_scores_of_kernel_ridge_repeat():
    table, record = load_leaves(), load_study("leaf_ideas")["results"][0]
    if record["source"] != ("observed" if table.observed else "simulated"):
        pytest.skip("the record was made with the other source of leaves")
    x, y = table.frame.to_numpy()[:, :-1], table.frame["differential"].to_numpy()
    blocks = block_labels(len(y), leaf_ideas.N_FOLDS)
    pairs, lines = leaf_ideas.smooth_pairs(feature_sets(x), y, blocks, list_settings()[::8])
    recorded = {(idea["name"], idea["setting"]): idea for idea in record["ideas"]}
    for key, line in lines.items():
        found = leaf_ideas.score(pairs[key], y, blocks)
        assert found["mean"] == pytest.approx(
            recorded[line["name"], line["setting"]]["mean"], abs=2e-4
        )
