"""Finding logins among hundreds of millions: always bounded in time, page by page by key."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from clickhouse_connect.driver.client import Client

from nightporter.console.questions import rows
from nightporter.console.reading import Login

PAGE = 100
MOST_EXPORTED = 50_000
AFTER_ALL = datetime(2262, 1, 1, tzinfo=UTC)

FIRST_SPAN, FIRST_SPAN_NAMED = timedelta(hours=1), timedelta(days=1)
WIDER = 8
"""The newest hour (of one person, server or source: day) is looked through first, then spans eight times as long each:
a page is mostly full at once, and at most four questions go through a year."""


@dataclass(frozen=True)
class Wanted:
    """The filters; "" means all. `since` <= start < `until`."""

    since: datetime
    until: datetime
    user: str = ""
    host: str = ""
    source: str = ""
    service: str = ""
    outcome: str = ""

    def parameters(self) -> dict[str, Any]:
        """For console_search.sql."""
        named = {name: getattr(self, name) for name in ("user", "host", "source", "service", "outcome")}
        return named | {"from": self.since, "to": self.until}


def logins(client: Client, wanted: Wanted, before: tuple[datetime, str] | None = None, most: int = PAGE) -> list[Login]:
    """A page of logins, newest first, older than the login `before` (its start and id)."""
    at, id = before or (AFTER_ALL, "")
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    until = min(wanted.until, at + timedelta(microseconds=1))
    span = FIRST_SPAN_NAMED if wanted.user or wanted.host or wanted.source else FIRST_SPAN
    found: list[Login] = []
    while until > wanted.since and len(found) < most:
        since = max(wanted.since, until - span)
        bounds = wanted.parameters() | {"from": since, "to": until}
        page = rows(client, "console_search", before=at, before_id=id, rows=most - len(found), **bounds)
        found += [Login(**row) for row in page]
        until, span = since, span * WIDER
    return found


def login(client: Client, event_id: str) -> Login | None:
    """One login by its id."""
    found = rows(client, "login_by_id", event_id=event_id)
    return Login(**found[0]) if found else None


def newest_day(client: Client) -> date | None:
    """The day of the newest login of somebody known; a search ends there unless told otherwise."""
    found = rows(client, "console_newest_day")[0]
    return found["newest"] if found["days"] else None


def names(client: Client, part: str) -> list[dict[str, Any]]:
    """People and servers whose name contains `part`: kind, name, last_seen."""
    return rows(client, "console_names", part=part)
