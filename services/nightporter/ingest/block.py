"""A block: many lines that travel to the store as one row of the table `blocks`, which splits and parses them."""

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from clickhouse_connect.driver.client import Client

from nightporter.store import rowbinary
from nightporter.store.migrate import repeatable

COLUMNS = ("received", "year", "zone", "zones", "block")


@dataclass(frozen=True, slots=True)
class Reading:
    """How the lines of one load are to be read, and when they came."""

    received: datetime  # UTC, milliseconds; also tells this load's entries from others'
    year: int  # of headers that name none; 0: the one that puts the line nearest before `received`
    zone: str  # of headers that name none
    zones: Mapping[str, str]  # host → zone, before `zone`
    parse: str  # the version of the patterns

    @classmethod
    def now(cls, year: int | None, zone: str, zones: Mapping[str, str]) -> "Reading":
        """Lines received at this moment."""
        now = datetime.now(UTC)
        return cls(
            now.replace(microsecond=now.microsecond // 1000 * 1000),
            year or 0,
            zone,
            dict(zones),
            repeatable()[0].checksum,
        )

    @property
    def milliseconds(self) -> int:
        """`received` since 1970."""
        return round(self.received.timestamp() * 1000)


def send(client: Client, reading: Reading, block: bytes) -> None:
    """Store the lines of `block`. Raises ClickHouseError when the store did not confirm; again is safe."""
    client.raw_insert(
        "blocks", COLUMNS, encoded(reading, block), {"insert_deduplication_token": token(reading, block)}, "RowBinary"
    )


def token(reading: Reading, block: bytes) -> str:
    """The same for the same lines read the same way, whatever file they came from and whenever.

    The version of the parse is part of it: after an update, loading a file again reads its lines with the new patterns.
    """
    how = repr((reading.year, reading.zone, sorted(reading.zones.items()), reading.parse)).encode()
    return hashlib.blake2b(block, digest_size=16, person=hashlib.blake2b(how, digest_size=16).digest()).hexdigest()


def encoded(reading: Reading, block: bytes) -> bytes:
    """One row of COLUMNS in ClickHouse's RowBinary format."""
    zones = rowbinary.length(len(reading.zones)) + b"".join(
        rowbinary.string(text) for pair in reading.zones.items() for text in pair
    )
    constants = struct.pack("<qH", reading.milliseconds, reading.year) + rowbinary.string(reading.zone) + zones
    return constants + rowbinary.length(len(block)) + block
