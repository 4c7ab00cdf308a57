"""Many logins of a made-up site, written into `login_events` by one statement a day: no log lines, no merge."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from clickhouse_connect.driver.client import Client

FIRST = date(2026, 9, 1)
DAYS = 31  # thirty to learn from, and the night

LOGINS = Path(__file__).with_name("made_day.sql").read_text(encoding="utf-8")


def make(client: Client, logins: int) -> Iterator[date]:
    """Puts about `logins` logins of DAYS days into the store; yields each day when it is done."""
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        midnight = datetime.combine(day, datetime.min.time(), UTC)
        client.command(LOGINS, parameters={"day": midnight, "count": logins // DAYS})
        yield day
