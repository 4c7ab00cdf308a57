"""Reading lines without storing them: what the parse makes of them, by the SQL that fills `entries`."""

import struct
import uuid
from collections.abc import Iterator, Mapping

from clickhouse_connect.driver.client import Client

from nightporter.store.events import passed_on
from nightporter.store.parse import parse_select
from nightporter.store.query import sql
from nightporter.store.rowbinary import string

REQUESTED = """
(
    SELECT arrayJoin(splitByChar('\\n', block)) AS line, now64(3, 'UTC') AS received, toUInt16(0) AS year,
        {zone:String} AS zone, mapFromArrays({hosts:Array(String)}, {zones:Array(String)}) AS zones, '' AS source
    FROM parse_requests
    WHERE id = {id:UUID} AND line != ''
)
"""


def read_lines(client: Client, block: bytes, zone: str, zones: Mapping[str, str]) -> Iterator[bytes]:
    """Yield chunks of JSON lines, one per line of `block`, in order.

    `zone`, and `zones` for single hosts, are for headers that name none.
    """
    request = uuid.uuid4()
    high, low = divmod(request.int, 1 << 64)
    client.raw_insert("parse_requests", ("id", "block"), struct.pack("<QQ", high, low) + string(block), fmt="RowBinary")
    query = f"WITH parsed AS\n(\n{parse_select(REQUESTED)}\n)\n{sql('queries/parse_answer.sql')}"
    parameters = {"id": str(request), "zone": zone, "hosts": list(zones), "zones": list(zones.values())}
    yield from passed_on(client, query, parameters)
    client.command("ALTER TABLE parse_requests DELETE WHERE id = {id:UUID}", {"id": str(request)})
