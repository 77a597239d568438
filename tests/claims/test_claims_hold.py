"""The claims of the book, held against the executed pages, as the build holds them."""

import pytest

from bookbuild import build, claims, execute, pages


@pytest.fixture(scope="module")
def results():
    with execute.build_lock():
        found = execute.run(pages.find_pages())
    build.require_success(found)
    return found


def test_every_claim_holds_and_every_result_is_claimed(results):
    known = claims.load_claims()
    assert len(known) >= 20
    assert claims.check_results(results, known) == []


def test_the_lint_of_the_prose_passes(results):
    assert build.content_problems(results) == []


def test_most_claims_name_the_baseline_that_they_beat_or_are_exact():
    """A bound that a sceptic's baseline also keeps would show nothing."""
    known = claims.load_claims()
    assert sum(claim.beats is not None for claim in known.values()) >= 5
