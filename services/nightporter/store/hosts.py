"""The servers that are to report, and how they do."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from clickhouse_connect.driver.client import Client

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
