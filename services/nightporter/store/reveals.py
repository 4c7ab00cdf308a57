"""Seeing the person behind a pseudonym: asked for with a reason, granted by a second person, ending by itself."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from clickhouse_connect.driver.client import Client

from nightporter.errors import ReviewError
from nightporter.store.query import sql
from nightporter.store.reasons import reasoned

LASTS = timedelta(hours=8)
"""A granted reveal ends after a working day."""

WAITS = timedelta(days=7)
"""A request nobody answered lapses."""

SHORTEST_REASON = 10


@dataclass(frozen=True)
class Reveal:
    """One request and how it stands: asked, granted, refused or ended. `until`: when a granted one ends."""

    id: str
    asked: datetime
    who: str
    user: str
    reason: str
    state: str
    by: str
    until: datetime

    @property
    def in_force(self) -> bool:
        """Whether it lets `who` see the name now."""
        return self.state == "granted" and self.until > datetime.now(UTC)


def ask(client: Client, who: str, user: str, reason: str) -> None:
    """Append a request. Raises ReviewError."""
    why = "Say why you need to know who this is, so that a second person can agree."
    reason = reasoned(reason, why, SHORTEST_REASON)
    if any(one.who == who and one.user == user and (one.state == "asked" or one.in_force) for one in latest(client)):
        raise ReviewError("You have asked for this person already; the request waits for a second person.")
    _append(client, secrets.token_hex(8), "asked", who, user, reason)


def answer(client: Client, id: str, by: str, granted: bool) -> Reveal:
    """Grant or refuse a request of somebody else; return it as it was. Raises ReviewError."""
    found = next((one for one in latest(client) if one.id == id), None)
    if found is None or found.state != "asked":
        raise ReviewError("This request was answered already, or it has lapsed.")
    if found.who == by:
        raise ReviewError("A second person has to agree: nobody grants their own request.")
    until = datetime.now(UTC) + LASTS if granted else datetime(1970, 1, 1, tzinfo=UTC)
    _append(client, id, "granted" if granted else "refused", by, found.user, "", until)
    return found


def end(client: Client, id: str, by: str) -> None:
    """End a reveal before its time."""
    found = next((one for one in latest(client) if one.id == id and one.in_force), None)
    if found:
        _append(client, id, "ended", by, found.user, "")


def _append(
    client: Client, id: str, state: str, who: str, user: str, reason: str, until: datetime | None = None
) -> None:
    row = [id, state, who, user, reason, until or datetime(1970, 1, 1, tzinfo=UTC)]
    client.insert("reveals", [row], column_names=["id", "state", "who", "user", "reason", "until"])


def latest(client: Client) -> list[Reveal]:
    """Requests of the last week and how they stand, newest first."""
    since = datetime.now(UTC) - WAITS
    rows = client.query(sql("queries/reveals.sql"), parameters={"since": since}).named_results()
    times = ("asked", "until")
    return [Reveal(**row | {name: row[name].replace(tzinfo=UTC) for name in times}) for row in rows]


def in_force(client: Client, who: str) -> frozenset[str]:
    """The people whose names this visitor may see now."""
    return frozenset(one.user for one in latest(client) if one.who == who and one.in_force)
