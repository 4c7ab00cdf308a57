"""Reading merged logins out of the store as text, in a stream: memory stays flat however many there are."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clickhouse_connect.driver.client import Client
from urllib3.exceptions import HTTPError

from nightporter.errors import StoreError, StoreUnavailable
from nightporter.store.query import sql

CHUNK = 1 << 16  # bytes
EARLIEST, LATEST = "1970-01-01 00:00:00", "2262-01-01 00:00:00"
EVERY_ROW = 2**62

# How a server says, in the middle of the rows, that it cannot go on. No row begins like this.
FAILED_MIDWAY = re.compile(rb"^(?:__exception__|Code: \d+\. DB::Exception)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which logins: `since` <= start < `until` (UTC), and any of the users and hosts; empty or None selects all."""

    since: datetime | None = None
    until: datetime | None = None
    users: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()

    def parameters(self) -> dict[str, Any]:
        """For queries/events.sql."""
        return {
            "since": _text(self.since) if self.since else EARLIEST,
            "until": _text(self.until) if self.until else LATEST,
            "users": list(self.users),
            "hosts": list(self.hosts),
        }


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def stream(client: Client, selection: Selection, format: str, rows: int = EVERY_ROW) -> Iterator[bytes]:
    """Yield chunks of the selected logins as `jsonl` or `csv`, whole at the end. Raises StoreError."""
    query = f"WITH chosen AS\n(\n{sql('queries/events.sql')}\n)\n{sql(f'queries/events_{format}.sql')}"
    yield from passed_on(client, query, selection.parameters() | {"rows": rows})


def passed_on(client: Client, query: str, parameters: dict[str, Any]) -> Iterator[bytes]:
    """Yield what `query` prints, in chunks. Raises StoreError, also when the store fails after the first rows."""
    try:
        with client.raw_stream(query, parameters) as source:
            last_line = b""
            while chunk := source.read(CHUNK):
                failure = FAILED_MIDWAY.search(last_line + chunk)
                if failure:
                    said = (last_line + chunk)[failure.start() :][:200].decode(errors="replace").splitlines()[0]
                    raise StoreError(f"The store stopped in the middle of its answer ({said}); try again.")
                yield chunk
                last_line = chunk[chunk.rfind(b"\n") + 1 :]
    except (OSError, HTTPError) as error:
        raise StoreUnavailable(
            "The store went away in the middle of its answer; see `nightporter doctor`, then try again."
        ) from error
