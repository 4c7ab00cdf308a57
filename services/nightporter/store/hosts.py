"""The servers that are to report, and how they do."""

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from clickhouse_connect.driver.client import Client

from nightporter.store.query import sql

QUIET = 300.0  # seconds without a heartbeat after which a host counts as silent; collectors speak each minute
LATE = 300.0  # seconds that a host's lines may wait
MOST_FINDINGS = 1000
LEARNED = timedelta(days=15)  # before a finding, from which it is known what is usual
CLOCK = 30.0  # seconds that a host's clock may be wrong
WORDS = {
    "emptied": "a log file was emptied or rewritten; {measure:,.0f} bytes had not been read",
    "gap": "lines that should have come next were gone ({measure:.0f} times)",
    "clock": "its clock jumped by {measure:,.0f} s",
    "nothing_logged": "its collector lives and nothing was logged; about {measure:,.0f} lines were usual in this hour",
    "no_heartbeat": "{measure:,.0f} lines came, and not one heartbeat",
    "silent": "it fell silent for {measure:,.0f} h in which others reported",
    "skipped": "{measure:,.0f} bytes (of a file) or entries (of the journal) were passed over between two deliveries",
    "session_without_login": "{measure:,.0f} ssh sessions without the line that let them in",
}

COLUMNS = ("name", "expected_since", "removed_at", "certificate_until")


def expect(client: Client, certificates: Mapping[str, datetime]) -> list[str]:
    """Expect hosts (name → end of its certificate) from now on; return those for which this was new."""
    known = _known(client, certificates)
    now = _now()
    rows, fresh = [], []
    for name, until in certificates.items():
        until = until.replace(microsecond=0)
        since, removed, known_until = known.get(name, (now, None, None))
        if name not in known or removed is not None:
            since = now
            fresh.append(name)
        elif known_until == until:
            continue
        rows.append([name, since, None, until])
    if rows:
        client.insert("hosts", rows, COLUMNS)
    return fresh


def remove(client: Client, names: Iterable[str]) -> list[str]:
    """Expect these hosts no longer; return those that were expected."""
    rows = [
        [name, since, _now(), until]
        for name, (since, removed, until) in _known(client, names).items()
        if removed is None
    ]
    if rows:
        client.insert("hosts", rows, COLUMNS)
    return [str(row[0]) for row in rows]


def _known(client: Client, names: Iterable[str]) -> dict[str, tuple[datetime, datetime | None, datetime]]:
    rows = client.query(
        "SELECT name, expected_since, removed_at, certificate_until FROM hosts FINAL "
        "WHERE name IN {names:Array(String)}",
        parameters={"names": list(names)},
    ).result_rows
    return {
        name: (_utc(since), _utc(removed) if removed else None, _utc(until)) for name, since, removed, until in rows
    }


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def look(client: Client, names: Iterable[str] = ()) -> list[dict[str, Any]]:
    """How each host reports: `host`, `state`, `sentence`, `next_step`, and what queries/hosts.sql gives.

    state: reports, late, clock, silent, refused, never.
    """
    found = client.query(sql("queries/hosts.sql"), parameters={"names": list(names)}).named_results()
    now = time.time()
    return [row | dict(zip(("state", "sentence", "next_step"), _judged(row, now), strict=True)) for row in found]


def findings(client: Client, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """What looks like tampering between two moments: `host`, `at`, `kind`, `techniques`, `measure`, `text`."""
    text = f"SELECT * FROM (\n{sql('queries/host_findings.sql')}\n) ORDER BY at DESC, host, kind LIMIT {MOST_FINDINGS}"
    rows = client.query(text, parameters=bounds(since, until)).named_results()
    return [row | {"text": told(row["kind"], row["measure"])} for row in rows]


def bounds(since: datetime, until: datetime) -> dict[str, datetime]:
    """Parameters of queries/host_findings.sql."""
    return {"since": since, "until": until, "from": since - LEARNED}


def told(kind: str, measure: float) -> str:
    """A finding in words."""
    return WORDS[kind].format(measure=measure)


def _judged(row: Mapping[str, Any], now: float) -> tuple[str, str, str]:
    host, heard = row["host"], max(row["last_heartbeat"], row["last_lines"])
    there = f"on {host}: systemctl status nightporter-collector, then the collector's --check (docs/install.md)"
    if row["last_refusal"] > heard:
        return "refused", f"{host} is refused: {row['refusal']}", f"run ansible-playbook collector.yml --limit {host}"
    if not heard:
        return "never", f"{host} has never reported: no request with its certificate has arrived", there
    if now - heard > QUIET:
        return (
            "silent",
            f"{host} is silent since {_clock(heard)}",
            f"see that it is up and reaches the receiver; {there}",
        )
    if row["lag"] > LATE:
        return (
            "late",
            f"{host} is {row['lag'] / 60:.0f} minutes behind",
            "wait, or see what keeps it: its log or the network",
        )
    if abs(row["clock_offset"]) > CLOCK:
        return "clock", f"the clock of {host} is {row['clock_offset']:+.0f} s off", f"let {host} set its clock by NTP"
    lines = f"{row['lines_day']:,} lines in 24 hours, {row['unparsed_day']:,} of them unread"
    if not row["last_lines"]:
        return "reports", f"{host} reports, and has sent no line yet", "log in to it once"
    return "reports", f"{host} reports: last lines at {_clock(row['last_lines'])}, {lines}", ""


def _clock(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
