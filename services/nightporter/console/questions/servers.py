"""What the store knows of one server."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from clickhouse_connect.driver.client import Client

from nightporter.console.questions import rows

DAYS = 30


def _since(today: date) -> datetime:
    return datetime.combine(today - timedelta(days=DAYS), time(), UTC)


def users(client: Client, host: str, today: date) -> list[dict[str, Any]]:
    """user, let_in, logins, days, sources, programs, first_seen, last_seen."""
    return rows(client, "console_server_users", host=host, **{"from": _since(today)})


def sources(client: Client, host: str, today: date) -> list[dict[str, Any]]:
    """source_ip, let_in, refused, users, days, first_seen, last_seen."""
    return rows(client, "console_server_sources", host=host, **{"from": _since(today)})


def hours(client: Client, host: str, today: date) -> list[dict[str, Any]]:
    """weekday (1 = Monday), hour (UTC), days with a login in it."""
    return rows(client, "console_server_hours", host=host, **{"from": _since(today)})


def lines(client: Client, host: str, today: date) -> list[dict[str, Any]]:
    """day, line_count, unparsed_count, last_line: what it delivered."""
    return rows(client, "console_server_lines", host=host, **{"from": today - timedelta(days=DAYS)})
