"""What the tests of parse and merge do with log lines."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from clickhouse_connect.driver.client import Client
from nightporter.store.merge import merge
from nightporter.store.query import sql

RECEIVED = datetime(2026, 11, 22, 12, tzinfo=UTC)


def load_lines(client: Client, lines: Sequence[bytes], zones: dict[str, str] | None = None) -> None:
    """Hand raw lines to the store's door as ingest does: one block."""
    block = b"\n".join(lines)
    columns = ["received", "year", "zone", "zones", "block"]
    client.insert("blocks", [[RECEIVED, 0, "UTC", zones or {}, block]], column_names=columns)


def merged_events(client: Client) -> list[dict[str, Any]]:
    """Merge what waits; all events as queries/events.sql gives them, in its order."""
    merge(client)
    text = client.raw_query(
        sql("queries/events.sql"),
        parameters={"since": datetime(1970, 1, 1), "until": datetime(2200, 1, 1), "users": [], "hosts": []},
        fmt="JSONEachRow",
    )
    return [json.loads(line) for line in text.splitlines()]
