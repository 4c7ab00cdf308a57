"""Whether anything is silently broken: servers, days, unread lines, the store, the last night."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from clickhouse_connect.driver.client import Client

from nightporter.console.questions import rows
from nightporter.store import hosts

DAYS = 14
SILENT_HOURS = 24
SIGN_HOURS = 24


def silent(client: Client) -> list[dict[str, Any]]:
    """host, last_line, hours_silent: servers that wrote before and no longer do."""
    return rows(client, "console_silent", hours=SILENT_HOURS)


def collectors(client: Client) -> list[dict[str, Any]]:
    """Servers with a collector that do not report as they should: host, state, sentence, next_step."""
    return [row for row in hosts.look(client) if row["state"] != "reports"]


def signs(client: Client) -> list[dict[str, Any]]:
    """host, at, kind, text: what looks like tampering with logs in the last day, newest first."""
    now = datetime.now(UTC)
    return hosts.findings(client, now - timedelta(hours=SIGN_HOURS), now + timedelta(hours=1))


def expected(client: Client) -> int:
    """How many servers are in the inventory."""
    return int(client.query("SELECT count() FROM hosts FINAL WHERE isNull(removed_at)").result_rows[0][0])


def days(client: Client, today: date) -> list[dict[str, Any]]:
    """day, line_count, unparsed_count, servers of the last two weeks."""
    return rows(client, "console_line_days", **{"from": today - timedelta(days=DAYS)})


def unread(client: Client, today: date) -> list[dict[str, Any]]:
    """program, unread, line_count, servers, worst: programs with lines nobody could read."""
    return rows(client, "console_unparsed", **{"from": today - timedelta(days=DAYS)})


def unread_lines(client: Client, program: str, host: str) -> list[str]:
    """A few of these lines."""
    return [str(row["line"]) for row in rows(client, "console_unparsed_lines", program=program, host=host)]


def store(client: Client) -> tuple[list[dict[str, Any]], int]:
    """table, rows, bytes of each table; and how many processes wait to be merged."""
    return rows(client, "store_sizes"), int(rows(client, "merge_pending", keys=0)[0]["waiting"])


def steps(client: Client, night: date) -> list[dict[str, Any]]:
    """step, state, started, finished, share, text of a night, in the order in which they began."""
    return sorted(rows(client, "night_steps", night=night), key=lambda row: row["started"])


def newest_begun(client: Client) -> date | None:
    """The newest night that was begun, whether or not it has come to its end."""
    begun, night = client.query("SELECT count(), max(night) FROM night_steps").result_rows[0]
    return night if begun else None
