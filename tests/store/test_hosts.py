"""How hosts report: what is said of each, and what counts as a sign of tampering."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from nightporter.store.hosts import expect, findings, look, remove
from nightporter.store.merge import merge
from store_logs import load_lines

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = NOW.replace(minute=0, second=0)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of the test, not of its import: a whole run takes longer than a host may be silent."""
    now = datetime.now(UTC).replace(microsecond=0)
    monkeypatch.setattr(sys.modules[__name__], "NOW", now)
    monkeypatch.setattr(sys.modules[__name__], "HOUR", now.replace(minute=0, second=0))


def beat(client: Client, host: str, at: datetime, **said: Any) -> None:
    """A heartbeat that came at `at`."""
    row = {"received": at, "host": host, "at": at, "boot_id": "b", "version": "1", "origins": ["journal"], **said}
    client.insert("heartbeats", [list(row.values())], list(row))


def deliver(client: Client, host: str, hour: datetime, lines: int) -> None:
    """Lines that came within an hour."""
    columns = ["host", "hour", "deliveries", "lines", "bytes", "last_received"]
    client.insert("host_hours", [[host, hour, 1, lines, lines * 100, hour]], columns)


def found(client: Client) -> dict[tuple[str, str], str]:
    """(host, kind) → what is said, of the last two days."""
    rows = findings(client, HOUR - timedelta(days=2), NOW + timedelta(hours=1))
    return {(row["host"], row["kind"]): row["text"] for row in rows}


def test_each_host_has_a_state_and_a_next_step(client: Client) -> None:
    until = NOW + timedelta(days=300)
    expect(client, dict.fromkeys(["well", "gone", "never", "behind", "ahead", "clone", "left"], until))
    remove(client, ["left"])
    for name, at, said in [
        ("well", NOW, {}),
        ("gone", NOW - timedelta(hours=2), {}),
        ("behind", NOW, {"lag": 1200.0}),
        ("ahead", NOW, {"clock_offset": 3600.0}),
        ("left", NOW, {}),
        ("stranger", NOW, {}),
    ]:
        beat(client, name, at, **said)
    deliver(client, "well", HOUR, 7)
    client.insert(
        "parked", [[NOW, "clone", "the certificate is for clone", ""]], ["received", "host", "reason", "line"]
    )
    rows = {row["host"]: row for row in look(client)}
    states = {host: row["state"] for host, row in rows.items()}
    assert states == {
        "well": "reports",
        "stranger": "reports",
        "gone": "silent",
        "never": "never",
        "behind": "late",
        "ahead": "clock",
        "clone": "refused",
    }
    assert "7 lines in 24 hours" in rows["well"]["sentence"]
    assert "20 minutes behind" in rows["behind"]["sentence"]
    assert all(row["next_step"] for row in rows.values() if row["state"] != "reports")
    assert [row["host"] for row in look(client, ["gone", "nobody"])] == ["gone"]


def test_what_looks_like_tampering_is_found(client: Client) -> None:
    hour = HOUR - timedelta(hours=3)
    for minute in range(60):
        at = hour + timedelta(minutes=minute)
        late = minute >= 30
        beat(client, "emptied", at, truncations=int(late), lost_bytes=900 * late)
        beat(client, "cut", at, gaps=2 * late)
        beat(client, "clock", at, clock_offset=-7200.0 if minute == 20 else 0.2)
        beat(client, "quiet", at)
        beat(client, "well", at)
    for day in range(1, 8):
        deliver(client, "quiet", hour - timedelta(days=day), 100)
        deliver(client, "well", hour - timedelta(days=day), 100)
    deliver(client, "well", hour, 90)
    beat(client, "mute", hour - timedelta(hours=5))
    deliver(client, "mute", hour, 40)
    assert found(client) == {
        ("emptied", "emptied"): "a log file was emptied or rewritten; 900 bytes had not been read",
        ("cut", "gap"): "lines that should have come next were gone (2 times)",
        ("clock", "clock"): "its clock jumped by 7,200 s",
        (
            "quiet",
            "nothing_logged",
        ): "its collector lives and nothing was logged; about 100 lines were usual in this hour",
        ("mute", "no_heartbeat"): "40 lines came, and not one heartbeat",
    }


def test_a_session_without_the_line_that_let_it_in_is_found(client: Client) -> None:
    stamp = (HOUR - timedelta(hours=2)).isoformat()
    let_in = f"{stamp} web1 sshd[411]: Accepted password for ann from 192.0.2.7 port 50122 ssh2"
    opened = f"{stamp} web1 sshd[{{}}]: pam_unix(sshd:session): session opened for user ann(uid=1000) by (uid=0)"
    load_lines(client, [line.encode() for line in (let_in, opened.format(411), opened.format(412))])
    merge(client)
    assert found(client) == {("web1", "session_without_login"): "1 ssh sessions without the line that let them in"}


def test_a_server_that_falls_silent_while_others_report_is_found(client: Client) -> None:
    hour = HOUR - timedelta(hours=8)
    for back in range(8):
        beat(client, "other", hour + timedelta(hours=back, minutes=5))
    for name in ("gone", "left", "back"):
        beat(client, name, hour + timedelta(minutes=5))
    for back in range(4, 8):
        beat(client, "back", hour + timedelta(hours=back))
    expect(client, {"left": NOW})
    remove(client, ["left"])
    assert found(client) == {
        ("gone", "silent"): "it fell silent for 7 h in which others reported",
        ("back", "silent"): "it fell silent for 3 h in which others reported",
    }


def test_when_nobody_reports_it_was_the_appliance(client: Client) -> None:
    for name in ("one", "two"):
        for hour in (6, 2):
            beat(client, name, HOUR - timedelta(hours=hour))
    assert found(client) == {}


def test_a_part_of_a_log_that_was_passed_over_is_found(client: Client) -> None:
    columns = ["received", "host", "stream", "read_from", "read_to"]
    at = HOUR - timedelta(hours=2)

    def deliver(host: str, *stretches: tuple[str, int, int]) -> None:
        rows = [[at + timedelta(seconds=4 * n), host, *stretch] for n, stretch in enumerate(stretches)]
        client.insert("host_stretches", rows, columns)

    deliver("well", ("a", 0, 100), ("a", 100, 250), ("a", 250, 300), ("b", 40, 90), ("b", 90, 95))
    deliver("again", ("a", 0, 100), ("a", 100, 250), ("a", 0, 250), ("a", 250, 260))  # killed before it had saved
    deliver("anew", ("a", 5000, 6000), ("a", 0, 50), ("a", 50, 300))  # another file with the number of one that is gone
    deliver("hidden", ("a", 0, 100), ("a", 700, 900), ("b", 0, 5))
    assert found(client) == {
        (
            "hidden",
            "skipped",
        ): "600 bytes (of a file) or entries (of the journal) were passed over between two deliveries"
    }
