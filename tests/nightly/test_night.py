"""A whole night on a small farm: the planted attacks are flagged, explained, and flagged again the same."""

import json
from datetime import timedelta
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from login_rows import FIRST, LAST, PEOPLE, ordinary, spraying, stolen_key, store
from nightporter.errors import NightError, ReviewError
from nightporter.nightly.night import run_night
from nightporter.store.review import give_verdict


def flags(client: Client) -> list[dict[str, Any]]:
    return list(client.query("SELECT * FROM flags FINAL ORDER BY rank").named_results())


def test_the_night_finds_explains_and_repeats(client: Client) -> None:
    store(client, ordinary() + stolen_key() + spraying())
    summary = run_night(client, LAST, budget=10, seed=1)
    first = flags(client)
    assert 2 <= len(first) == summary.flags <= 10
    assert [flag["rank"] for flag in first] == list(range(1, len(first) + 1))
    theft = next(flag for flag in first if flag["source_ip"] == "203.0.113.9")
    spray = next(flag for flag in first if flag["source_ip"] == "10.9.9.9")
    assert max(theft["rank"], spray["rank"]) <= 5

    assert "user3 logged in 8 times to 8 servers" in theft["sentence"]
    assert "203.0.113" in theft["sentence"]
    assert {"T1078", "T1021.004"} <= set(theft["techniques"])
    assert f"10.9.9.9 was refused {len(PEOPLE)} logins under {len(PEOPLE)} names" in spray["sentence"]
    assert f"{len(PEOPLE)} of the names are in use here" in spray["sentence"]
    assert "No attempt succeeded." in spray["sentence"]
    assert spray["techniques"] == ["T1110.003"]
    for flag in first:
        assert 0 < flag["score"] < 1
        assert flag["model_run"] == summary.model_run
        reasons = json.loads(flag["reasons"])
        assert [set(reason) for reason in reasons] == [{"field", "value", "usual", "surprise", "text"}] * len(reasons)
        assert len(json.loads(flag["events"])) >= 1
    events = [event["event_id"] for event in json.loads(theft["events"])]
    stolen = {row.event_id for row in stolen_key()}
    assert set(events[: len(stolen)]) == stolen
    # the owner's own logins of that day are strange only because somebody came from elsewhere: they are told with it
    assert f"Part of the same day: {len(events) - len(stolen)} logins from 10.1.3.20." in theft["sentence"]
    assert not [flag for flag in first if flag["source_ip"] == "10.1.3.20"]

    give_verdict(client, theft["flag_id"], "malicious", "the owner was asleep", "ada")
    run_night(client, LAST, budget=10, seed=1)
    again = flags(client)
    assert [(flag["flag_id"], flag["rank"], flag["score"], flag["sentence"]) for flag in again] == [
        (flag["flag_id"], flag["rank"], flag["score"], flag["sentence"]) for flag in first
    ]
    run_night(client, LAST, budget=1, seed=1)
    assert [flag["flag_id"] for flag in flags(client)] == [first[0]["flag_id"]]
    assert client.query("SELECT flag_id, verdict, who, reason FROM verdicts").result_rows == [
        (theft["flag_id"], "malicious", "ada", "the owner was asleep")
    ]
    assert client.command("SELECT count() FROM model_runs") == 3


def test_a_night_without_logins_or_without_days_before_it_says_so(client: Client) -> None:
    with pytest.raises(NightError, match="no logins on 2026-03-10"):
        run_night(client, LAST)
    store(client, ordinary(days=2))
    with pytest.raises(NightError, match="logins on 1 of the 30 days before 2026-03-03, a model needs 3"):
        run_night(client, FIRST + timedelta(days=1))


def test_a_verdict_needs_a_flag_a_known_word_and_a_reason(client: Client) -> None:
    with pytest.raises(ReviewError, match="no flag 0123"):
        give_verdict(client, "0123", "benign", "known", "ada")
    with pytest.raises(ReviewError, match="no verdict"):
        give_verdict(client, "0123", "fine", "known", "ada")
    with pytest.raises(ReviewError, match="needs a reason"):
        give_verdict(client, "0123", "benign", "  ", "ada")
