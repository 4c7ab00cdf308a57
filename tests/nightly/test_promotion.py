"""The gate decides on figures alone: each check can stop a model, and without an older one there is no choice."""

from dataclasses import replace

import pytest
from nightporter.nightly.gate import Measured, decide

BEFORE = Measured("monday", error=20.0, recall=0.80, finite=True, schema="a")
GOOD = Measured("tuesday", error=20.0, recall=0.80, finite=True, schema="a")
BASELINES = {"PCA": 0.7, "rarity sum": 0.3}


def test_a_model_as_good_as_the_one_before_is_promoted() -> None:
    decision = decide(GOOD, BEFORE, BASELINES, 1.0)
    assert (decision.promoted, decision.scored_by) == (True, "tuesday")
    assert [check.name for check in decision.checks] == ["weights", "schema", "error", "recall", "baseline", "overlap"]
    assert all(check.passed for check in decision.checks)


@pytest.mark.parametrize(
    ("candidate", "baselines", "overlap", "failed"),
    [
        (replace(GOOD, error=20.61), BASELINES, 1.0, "error"),
        (replace(GOOD, error=float("nan")), BASELINES, 1.0, "error"),
        (replace(GOOD, recall=0.74), BASELINES, 1.0, "recall"),
        (GOOD, {"PCA": 0.86}, 1.0, "baseline"),
        (GOOD, BASELINES, 0.69, "overlap"),
        (replace(GOOD, finite=False), BASELINES, 1.0, "weights"),
        (replace(GOOD, schema="b"), BASELINES, 1.0, "schema"),
    ],
)
def test_each_check_alone_keeps_the_model_before(
    candidate: Measured, baselines: dict[str, float], overlap: float, failed: str
) -> None:
    decision = decide(candidate, BEFORE, baselines, overlap)
    assert (decision.promoted, decision.scored_by) == (False, "monday")
    assert [check.name for check in decision.checks if not check.passed] == [failed]
    assert decision.reason.startswith("The model monday stays. ")
    assert next(check.text for check in decision.checks if not check.passed) in decision.reason


@pytest.mark.parametrize(
    ("candidate", "overlap"),
    [(replace(GOOD, error=20.59), 1.0), (replace(GOOD, recall=0.75), 1.0), (GOOD, 0.7)],
)
def test_a_model_at_the_bound_passes(candidate: Measured, overlap: float) -> None:
    assert decide(candidate, BEFORE, BASELINES, overlap).promoted


def test_one_planted_attack_of_thirty_three_less_than_a_simple_method_is_noise_and_two_are_not() -> None:
    before = replace(BEFORE, recall=27 / 33)
    simple = {"PCA": 29 / 33, "rarity sum": 10 / 33}
    assert decide(replace(GOOD, recall=28 / 33), before, simple, 1.0).promoted
    decision = decide(replace(GOOD, recall=27 / 33), before, simple, 1.0)
    assert decision.scored_by == "monday"
    assert decision.reason == (
        "The model monday stays. It finds 82% of the planted attacks, the best simple method (PCA) 88%; "
        "at least 83% are needed."
    )


def test_a_model_far_below_the_best_simple_method_is_kept_out_however_blind_the_one_before_was() -> None:
    assert not decide(replace(GOOD, recall=0.5), replace(BEFORE, recall=0.5), BASELINES, 1.0).promoted


def test_the_first_model_is_promoted_and_what_it_fails_is_on_record() -> None:
    decision = decide(replace(GOOD, recall=0.5), None, BASELINES, None)
    assert (decision.promoted, decision.scored_by) == (True, "tuesday")
    assert decision.reason == (
        "There is no older model. It finds 50% of the planted attacks, the best simple method (PCA) 70%; "
        "at least 65% are needed."
    )


def test_a_first_model_of_infinite_weights_scores_nothing() -> None:
    decision = decide(replace(GOOD, finite=False), None, {}, None)
    assert (decision.promoted, decision.scored_by) == (False, "")


def test_a_night_without_planted_attacks_is_judged_by_the_rest() -> None:
    decision = decide(replace(GOOD, recall=None), replace(BEFORE, recall=None), {}, 1.0)
    assert decision.promoted
    assert [check.name for check in decision.checks] == ["weights", "schema", "error", "overlap"]
