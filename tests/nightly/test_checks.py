"""Data checks: what warns, what fails, and that a night on bad data is scored by the model before."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from clickhouse_connect.driver.client import Client
from login_rows import HOSTS, LAST, ordinary, store
from nightporter.nightly.checks import clock_skew, examine, hosts_reporting, unparsed_share, volume
from nightporter.nightly.days import volumes
from nightporter.nightly.ledger import Ledger
from nightporter.nightly.night import run_night

MONDAY = date(2026, 3, 30)


@pytest.mark.parametrize(
    ("expected", "reported", "level"), [(0, 0, "ok"), (100, 96, "ok"), (100, 94, "warn"), (100, 69, "fail")]
)
def test_hosts_that_are_missing(expected: int, reported: int, level: str) -> None:
    finding = hosts_reporting(expected, reported, ["db1"] if reported < expected else [])
    assert finding.level == level
    assert ("missing: db1" in finding.text) == (reported < expected)


@pytest.mark.parametrize(("unparsed", "level"), [(0, "ok"), (20, "ok"), (30, "warn"), (300, "fail")])
def test_lines_that_cannot_be_read(unparsed: int, level: str) -> None:
    assert unparsed_share(1000, unparsed).level == level
    assert unparsed_share(0, 0).level == "ok"


def test_clocks_that_are_wrong() -> None:
    assert clock_skew(0, 0, 0).level == "ok"
    assert clock_skew(100, 1, 0).level == "warn"
    assert clock_skew(100, 30, 0).level == "fail"
    assert clock_skew(0, 0, 1).level == "warn"
    assert clock_skew(4, 0, 3).level == "fail"


@pytest.mark.parametrize(("tonight", "level"), [(100, "ok"), (45, "warn"), (250, "warn"), (11, "fail"), (900, "fail")])
def test_volume_is_compared_with_the_same_day_of_the_week(tonight: int, level: str) -> None:
    weekend = [(MONDAY - timedelta(days=back), 5) for back in range(1, 22) if back % 7]
    mondays = [(MONDAY - timedelta(days=back), 100) for back in (7, 14, 21)]
    assert volume(MONDAY, [*weekend, *mondays, (MONDAY, tonight)]).level == level


def test_without_the_same_day_of_the_week_all_days_count() -> None:
    days = [(MONDAY - timedelta(days=back), 10 * back) for back in range(1, 5)]
    assert [volume(MONDAY, [*days, (MONDAY, logins)]).level for logins in (10, 40, 4, 1)] == [
        "ok",
        "ok",
        "warn",
        "fail",
    ]


@pytest.mark.parametrize("store", ["server"], indirect=True)
def test_a_night_on_bad_data_is_scored_by_the_model_before(client: Client) -> None:
    kept = [row for row in ordinary() if row.start.date() < LAST or row.host in HOSTS[:3]]
    store(client, kept)
    before = run_night(client, LAST - timedelta(days=1), budget=5)
    done = run_night(client, LAST, budget=5)
    assert done.model_run == before.model_run
    steps = Ledger(client, LAST).steps
    assert [steps[name].state for name in ("check", "train", "gate", "promote")] == ["done"] + 3 * ["skipped"]
    assert "37.5% of the expected hosts reported (3 of 8); missing: srv3, srv4, srv5, srv6, srv7" in steps["train"].text
    summary = json.loads(
        client.query("SELECT summary FROM model_runs WHERE night = {n:Date}", parameters={"n": LAST}).result_rows[0][0]
    )
    assert summary["gate"] == {"promoted": False, "scored_by": before.model_run, "checks": []}
    assert summary["checks"][0]["level"] == "fail"


def test_hosts_of_the_inventory_are_expected_and_removed_ones_are_not(client: Client) -> None:
    store(client, ordinary())
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    rows = [["new1", early, None, late], [HOSTS[0], early, early, late], ["future", late, None, late]]
    client.insert("hosts", rows, column_names=["name", "expected_since", "removed_at", "certificate_until"])
    (hosts, *_) = examine(client, LAST, volumes(client, LAST, 30))
    assert "(7 of 8); missing: new1" in hosts["text"]


def test_lines_and_clocks_of_the_day_are_counted(client: Client) -> None:
    night = datetime.now(UTC).date() - timedelta(days=1)  # heartbeats are not kept for long
    at = datetime(night.year, night.month, night.day, tzinfo=UTC)
    kinds = ["unparsed", "accepted"] * 2
    entries = [[at, "a", at + timedelta(hours=n), "sshd", kind, f"{n}"] for n, kind in enumerate(kinds)]
    client.insert("entries", entries, column_names=["received", "host", "time", "program", "kind", "message"])
    beats = [[at, "a", 300.0], [at, "b", 0.1]]
    client.insert("heartbeats", beats, column_names=["received", "host", "clock_offset"])
    hosts, unparsed, clocks, _ = examine(client, night, [(night, 1)])
    assert (hosts["level"], unparsed["text"]) == ("ok", "50.00% of 4 lines could not be read.")
    assert (clocks["level"], clocks["text"][:19]) == ("fail", "1 hosts wrote lines")
