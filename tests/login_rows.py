"""A small farm of merged logins, written straight into `login_events`, for tests of features, model and night."""

import hashlib
import random
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta

from clickhouse_connect.driver.client import Client

FIRST = date(2026, 3, 2)
DAYS = 9
LAST = FIRST + timedelta(days=DAYS - 1)
HOSTS = [f"srv{number}" for number in range(8)]
PEOPLE = [f"user{number}" for number in range(14)]


@dataclass(frozen=True)
class Row:
    """One login; what is not said is as at an ordinary ssh login."""

    start: datetime
    host: str
    user: str
    source_ip: str = ""
    service: str = "sshd"
    outcome: str = "success"
    method: str = "publickey"
    key_fingerprint: str = ""
    failures: int = 0
    invalid_user: bool = False
    target_user: str = ""
    command: str = ""
    source_port: int = 0

    @property
    def event_id(self) -> str:
        """A name made of what the login is."""
        text = f"{self.start}{self.host}{self.user}{self.source_ip}{self.service}{self.command}{self.source_port}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def at(day: int, hour: float) -> datetime:
    """A time on a day of the farm."""
    return datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC) + timedelta(days=day, hours=hour)


def ordinary(days: int = DAYS, seed: int = 7) -> list[Row]:
    """People at their desks, a backup at night, cron every hour, scanners from outside."""
    rng = random.Random(seed)
    rows: list[Row] = []
    for day in range(days):
        for number, user in enumerate(PEOPLE):
            for _ in range(rng.randrange(3, 8)):
                host = HOSTS[(number + rng.choice((0, 0, 0, 1, 2))) % len(HOSTS)]
                start = at(day, 8 + 8 * rng.random())
                rows.append(Row(start, host, user, f"10.1.{number}.20", key_fingerprint=f"SHA256:{user}"))
                if number < 4 and rng.random() < 0.5:
                    command = rng.choice(("/usr/bin/apt update", "/usr/bin/systemctl restart nginx"))
                    later = start + timedelta(minutes=2)
                    rows.append(Row(later, host, user, "", "sudo", method="", target_user="root", command=command))
        for number, host in enumerate(HOSTS):
            rows.append(Row(at(day, 2 + number / 60), host, "backup", "10.2.0.5", key_fingerprint="SHA256:backup"))
            rows += [Row(at(day, hour + 0.1), host, "root", "", "cron", method="") for hour in range(24)]
        for _ in range(12):
            start, source = at(day, 24 * rng.random()), f"198.51.{rng.randrange(100)}.{rng.randrange(200)}"
            name = rng.choice(("admin", "test"))
            rows.append(
                Row(start, HOSTS[0], name, source, outcome="failure", method="password", failures=1, invalid_user=True)
            )
    return rows


def stolen_key(day: int = DAYS - 1) -> list[Row]:
    """The key of user3 from an address outside, at night, on servers that user3 never uses."""
    return [
        Row(at(day, 3 + n / 10), host, "user3", "203.0.113.9", key_fingerprint="SHA256:user3")
        for n, host in enumerate(HOSTS)
    ]


def spraying(day: int = DAYS - 1) -> list[Row]:
    """One address from inside tries one password on everybody."""
    return [
        Row(at(day, 5 + n / 100), HOSTS[1], user, "10.9.9.9", outcome="failure", method="password", failures=1)
        for n, user in enumerate(PEOPLE)
    ]


def store(client: Client, rows: list[Row]) -> None:
    """Puts the logins into the store."""
    fields = [*asdict(rows[0]), "event_id", "end", "pid", "entries", "version"]
    table = [
        [*asdict(row).values(), row.event_id, row.start, 1000 + number % 30000, 3, 1] for number, row in enumerate(rows)
    ]
    client.insert("login_events", table, column_names=fields)
