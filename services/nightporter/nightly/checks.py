"""Data checks before training: whether the day is fit to be learned from and compared with.

`warn` goes on and tells; `fail` keeps today's data out of a new model: the model before scores the night. Each check
compares with what is usual here, and says nothing where too little is known to say what is usual.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

from clickhouse_connect.driver.client import Client

from nightporter.features.stream import midnight
from nightporter.store.query import sql

USUAL_DAYS = 7  # that say which hosts report
HOSTS_WARN, HOSTS_FAIL = 0.95, 0.7  # share of expected hosts that reported
UNPARSED_WARN, UNPARSED_FAIL = 0.02, 0.25  # share of lines that nobody could read
CLOCKS_WARN, CLOCKS_FAIL = 0.0, 0.2  # share of hosts whose clock is wrong by more than a minute
VOLUME_WARN, VOLUME_FAIL = 2.0, 8.0  # times more or fewer logins than usual
SAME_WEEKDAYS = 2  # are needed to compare with; otherwise with the least and the most of all days


@dataclass(frozen=True)
class Finding:
    """One check: `level` is ok, warn or fail; `text` one plain sentence."""

    name: str
    level: str
    text: str


def examine(client: Client, night: date, volumes: Sequence[tuple[date, int]]) -> list[dict[str, Any]]:
    """All checks of the day `night`; `volumes`: logins of each day of the training window and of the night."""
    start = midnight(night)
    bounds = {"night": start, "until": start + timedelta(days=1), "since": start - timedelta(days=USUAL_DAYS)}
    hosts = next(iter(client.query(sql("queries/check_hosts.sql"), parameters=bounds).named_results()))
    lines = next(iter(client.query(sql("queries/check_lines.sql"), parameters=bounds).named_results()))
    return [
        asdict(finding)
        for finding in (
            hosts_reporting(hosts["expected"], hosts["reported"], hosts["missing"]),
            unparsed_share(lines["lines"], lines["unparsed"]),
            clock_skew(lines["clocks"], lines["wrong"], lines["ahead"]),
            volume(night, volumes),
        )
    ]


def hosts_reporting(expected: int, reported: int, missing: Sequence[str]) -> Finding:
    """Whether the hosts that usually report did; `missing` names some that did not."""
    if not expected:
        return Finding("hosts", "ok", "No host is known well enough to be missed.")
    share = reported / expected
    level = _low(share, HOSTS_WARN, HOSTS_FAIL)
    text = f"{share:.1%} of the expected hosts reported ({reported:,} of {expected:,})"
    named = f"; missing: {', '.join(missing)}{' …' if expected - reported > len(missing) else ''}" if missing else ""
    return Finding("hosts", level, f"{text}{named}.")


def unparsed_share(lines: int, unparsed: int) -> Finding:
    """Whether the lines could be read."""
    if not lines:
        return Finding("unparsed", "ok", "No lines of this day are kept.")
    share = unparsed / lines
    return Finding(
        "unparsed", _high(share, UNPARSED_WARN, UNPARSED_FAIL), f"{share:.2%} of {lines:,} lines could not be read."
    )


def clock_skew(clocks: int, wrong: int, ahead: int) -> Finding:
    """Whether the hosts' clocks are right: as their collectors say, and as lines from the future say."""
    if ahead:
        text = f"{ahead:,} hosts wrote lines that are more than five minutes ahead of their arrival."
        return Finding("clocks", "fail" if clocks and ahead / clocks > CLOCKS_FAIL else "warn", text)
    if not clocks:
        return Finding("clocks", "ok", "No collector has told the time.")
    level = _high(wrong / clocks, CLOCKS_WARN, CLOCKS_FAIL)
    return Finding("clocks", level, f"{wrong:,} of {clocks:,} hosts have a clock that is wrong by more than a minute.")


def volume(night: date, volumes: Sequence[tuple[date, int]]) -> Finding:
    """Whether there are about as many logins as on this day of the week."""
    tonight = dict(volumes).get(night, 0)
    before = [(day, logins) for day, logins in volumes if day < night]
    same = [logins for day, logins in before if day.weekday() == night.weekday()]
    if len(same) >= SAME_WEEKDAYS:
        least = most = median(same)
        usual = f"{most:,.0f} are usual on this day of the week"
    elif before:
        least, most = min(logins for _, logins in before), max(logins for _, logins in before)
        usual = f"{least:,} to {most:,} were seen on the days before"
    else:
        return Finding("volume", "ok", f"{tonight:,} logins; there are no days to compare with.")
    times = max(tonight / max(most, 1), least / max(tonight, 1))
    return Finding("volume", _high(times, VOLUME_WARN, VOLUME_FAIL), f"{tonight:,} logins; {usual}.")


def _low(value: float, warn: float, fail: float) -> str:
    return "fail" if value < fail else "warn" if value < warn else "ok"


def _high(value: float, warn: float, fail: float) -> str:
    return "fail" if value > fail else "warn" if value > warn else "ok"
