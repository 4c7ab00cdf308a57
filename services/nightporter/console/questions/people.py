"""What the store knows of one person."""

from datetime import date, timedelta
from typing import Any

from clickhouse_connect.driver.client import Client

from nightporter.console.questions import rows

DAYS = 90
EACH = 100


def person(client: Client, user: str, today: date) -> dict[str, Any] | None:
    """days, first_seen, last_seen, servers, sources, keys, refused_days of the last 90 days; None for nobody known."""
    found = rows(client, "console_person", user=user, **{"from": today - timedelta(days=DAYS)})[0]
    return found if found["days"] else None


def habits(client: Client, user: str, today: date) -> dict[str, list[dict[str, Any]]]:
    """Kind → value, days, first_seen, last_seen; the commonest values first."""
    bounds = {"from": today - timedelta(days=DAYS), "to": today + timedelta(days=2)}
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows(client, "console_usual", user=user, each=EACH, **bounds):
        found.setdefault(row["kind"], []).append(row)
    return found


def hours(client: Client, user: str, today: date) -> list[dict[str, Any]]:
    """weekday (1 = Monday), hour (UTC), days with a login in it."""
    return rows(client, "console_hours", user=user, **{"from": today - timedelta(days=DAYS)})


def cases(client: Client, today: date, user: str = "", host: str = "", source: str = "") -> list[dict[str, Any]]:
    """Flags of a person, server or source in the last 400 days, newest first, with their newest verdict."""
    asked = {"user": user, "host": host, "source": source, "from": today - timedelta(days=400), "most": 200}
    return rows(client, "console_cases", **asked)
