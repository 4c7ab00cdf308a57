"""What the parse makes of lines that a test gives it, received on 10 March 2026 at noon; oslo has its own zone."""

import json
import struct
import uuid
from typing import Any

from clickhouse_connect.driver.client import Client
from nightporter.store.rowbinary import string

LINES = """
(
    SELECT arrayJoin(splitByChar('\\n', block)) AS line, toDateTime64('2026-03-10 12:00:00', 3, 'UTC') AS received,
        toUInt16(0) AS year, 'UTC' AS zone, map('oslo', 'Europe/Oslo') AS zones, '' AS source
    FROM parse_requests
)
"""
"""The relation to parse."""

SETTINGS = {"max_threads": 1, "output_format_json_quote_64bit_integers": 0}


def ask(client: Client, lines: list[str], query: str) -> list[dict[str, Any]]:
    """The rows that a query on LINES gives for these lines, in order."""
    block = struct.pack("<QQ", *divmod(uuid.uuid4().int, 1 << 64)) + string("\n".join(lines))
    client.raw_insert("parse_requests", ("id", "block"), block, fmt="RowBinary")
    answer = client.raw_query(query, fmt="JSONEachRow", settings=SETTINGS)
    client.command("TRUNCATE TABLE parse_requests")
    return [json.loads(row) for row in answer.splitlines()]
