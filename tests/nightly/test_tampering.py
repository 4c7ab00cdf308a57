"""A server whose way of reporting looks like tampering is a flag of the night, if that is rare here."""

import json
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from clickhouse_connect.driver.client import Client
from login_rows import DAYS, FIRST, HOSTS, LAST, at, ordinary, stolen_key, store
from nightporter.nightly.flags import Rules, Tail
from nightporter.nightly.night import run_night
from nightporter.nightly.tampering import Suspect, most, suspects
from nightporter.store.suppressions import suppress

TAIL = Tail(np.linspace(0, 10, 1000), 100_000, 10)
COLUMNS = ["host", "hour", "deliveries", "lines", "bytes", "last_received"]


def report(client: Client, **said: dict[datetime, dict[str, Any]]) -> None:
    """All servers report every hour of every day; `said`: what the collector of one says from some hour on."""
    beats, delivered = [], []
    for host in HOSTS:
        now: dict[str, Any] = {}
        for hour in (at(day, hour) for day in range(DAYS) for hour in range(24)):
            now |= said.get(host, {}).get(hour, {})
            counts = [now.get(name, 0) for name in ("lost_bytes", "truncations", "gaps")]
            beats += [[hour + timedelta(minutes=minute), host, hour, *counts] for minute in (5, 35)]
            delivered.append([host, hour, 1, 50, 5000, hour])
    client.insert("heartbeats", beats, ["received", "host", "at", "lost_bytes", "truncations", "gaps"])
    client.insert("host_hours", delivered, COLUMNS)


def found(client: Client, budget: int = 50) -> list[Suspect]:
    return suspects(client, LAST, FIRST, TAIL, Rules(budget))


def test_what_never_was_so_here_is_worth_a_review_and_what_is_usual_is_not(client: Client) -> None:
    often = {at(day, 6): {"gaps": 2 * day} for day in range(1, DAYS)}
    once = {at(DAYS - 1, 3): {"truncations": 1, "lost_bytes": 900}}
    report(client, srv0=often, srv1=often, srv2=often, srv3=once)
    servers = found(client, budget=10)
    assert [server.host for server in servers] == ["srv3"]
    (sign,) = servers[0].signs
    assert (sign["kind"], sign["measure"], sign["as_bad"], sign["nights"], sign["hosts"]) == ("emptied", 900, 0, 8, 8)
    assert [server.host for server in found(client)] == ["srv3", "srv0", "srv1", "srv2"]
    assert all(first.rarity <= second.rarity for first, second in zip(found(client), found(client)[1:], strict=False))


def test_many_servers_at_once_take_no_more_than_their_share(client: Client) -> None:
    report(client, **{host: {at(DAYS - 1, 3): {"gaps": 1}} for host in HOSTS})
    assert len(found(client, budget=20)) == most(20) == 2
    assert found(client)[0].signs[0]["hosts_tonight"] == len(HOSTS)


def test_a_sign_that_is_suppressed_does_not_count(client: Client) -> None:
    report(client, srv3={at(DAYS - 1, 3): {"truncations": 1, "gaps": 1}}, srv4={at(DAYS - 1, 3): {"gaps": 1}})
    today = LAST - timedelta(days=1)
    for fields, about in ((("emptied", "gap"), {"host": "srv3"}), (("gap",), {"host": "srv4", "user": "ann"})):
        suppress(client, "ada", "logs are being moved", LAST, fields, today=today, **about)
    assert [server.host for server in found(client)] == ["srv4"]


@pytest.mark.parametrize("store", ["server"], indirect=True)
def test_it_is_one_of_the_night_s_flags_with_who_was_there(client: Client) -> None:
    store(client, ordinary() + stolen_key())
    report(client, srv3={at(DAYS - 1, 3): {"truncations": 1, "lost_bytes": 900}})
    summary = run_night(client, LAST, budget=10, seed=1)
    flags = list(client.query("SELECT * FROM flags FINAL ORDER BY rank").named_results())
    assert [flag["rank"] for flag in flags] == list(range(1, summary.flags + 1))
    (mine,) = (flag for flag in flags if not flag["user"] and not flag["source_ip"])
    assert mine["host"] == "srv3"
    assert mine["sentence"].startswith(
        "The log of srv3: a log file was emptied or rewritten; 900 bytes had not been read (03:00–04:00 UTC). "
        "Here one night in 9 shows this. About 1 in "
    )
    assert mine["techniques"] == ["T1070.002"]
    assert "srv3" in mine["benign_twin"]
    assert {reason["field"] for reason in json.loads(mine["reasons"])} == {"emptied"}
    there = {event["user"] for event in json.loads(mine["events"])}
    assert {"backup", "user3"} <= there
    assert any(flag["source_ip"] == "203.0.113.9" for flag in flags)
