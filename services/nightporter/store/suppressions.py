"""Suppressions: what is not to count for a while, with an owner, a reason and an end. Nothing is removed, only ended.

Read by the night and by the console, which writes them.
"""

import secrets
import time
from dataclasses import dataclass
from datetime import date, timedelta
from ipaddress import ip_network

from clickhouse_connect.driver.client import Client

from nightporter.errors import ReviewError
from nightporter.store.reasons import reasoned

LONGEST_DAYS = 366
COLUMNS = ("id", "owner", "reason", "until", "user", "source", "host", "service", "fields", "state")


@dataclass(frozen=True)
class Suppression:
    """One suppression; '' in user, source, host or service means all. `fields`: reasons that do not count."""

    id: str
    owner: str
    reason: str
    until: date
    user: str
    source: str
    host: str
    service: str
    fields: tuple[str, ...]
    state: str = "active"


def suppress(
    client: Client, owner: str, reason: str, until: date, fields: tuple[str, ...], *,
    user: str = "", source: str = "", host: str = "", service: str = "", today: date | None = None,
) -> Suppression:  # fmt: skip
    """Add a suppression and return it; ReviewError without owner, reason, an end within a year, fields, a scope."""
    today = today or date.today()
    needed = "A suppression needs an owner and a reason; say who answers for it, and why."
    owner, reason = reasoned(owner, needed), reasoned(reason, needed)
    if not today <= until <= today + timedelta(days=LONGEST_DAYS):
        raise ReviewError(
            f"A suppression ends within a year; give a day from {today} to {today + timedelta(LONGEST_DAYS)}."
        )
    if not fields or not (user or source or host):
        raise ReviewError("A suppression names the reasons that do not count, and a user, source or host; name them.")
    try:
        ip_network(source or "0.0.0.0", strict=False)
    except ValueError as error:
        raise ReviewError(f"{source!r} is no address or network; give one such as 10.1.2.0/24.") from error
    made = Suppression(secrets.token_hex(8), owner, reason, until, user, source, host, service, tuple(fields))
    _write(client, made)
    return made


def end(client: Client, suppression: str) -> None:
    """End a suppression now; ReviewError where there is none of that id."""
    found = [each for each in _all(client) if each.id == suppression]
    if not found:
        raise ReviewError(f"There is no suppression {suppression}; reload the page, it may have been ended.")
    _write(client, found[0], "ended")


def in_force(client: Client, night: date) -> list[Suppression]:
    """The suppressions that count on a night, the oldest first."""
    return [each for each in _all(client) if each.state == "active" and each.until >= night]


def _all(client: Client) -> list[Suppression]:
    rows = client.query(f"SELECT {', '.join(COLUMNS)} FROM suppressions FINAL ORDER BY created_at, id").result_rows
    return [
        Suppression(name, owner, reason, until, user, source, host, service, tuple(fields), state)
        for name, owner, reason, until, user, source, host, service, fields, state in rows
    ]


def _write(client: Client, each: Suppression, state: str = "active") -> None:
    row = [each.id, each.owner, each.reason, each.until, each.user, each.source, each.host, each.service]
    client.insert(
        "suppressions", [[*row, list(each.fields), state, time.time_ns()]], column_names=[*COLUMNS, "version"]
    )
