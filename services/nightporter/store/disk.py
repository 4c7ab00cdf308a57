"""How much room the store has left, as it says itself: its disk may be another machine's."""

from dataclasses import dataclass

from clickhouse_connect.driver.client import Client

from nightporter.store.query import sql

LITTLE = 2e9
"""Bytes: with less it is nearly full; or with less than a twentieth, where the whole disk is small."""


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of one disk."""

    free: int
    total: int

    @property
    def little(self) -> bool:
        """Whether somebody should do something now."""
        return self.free < min(LITTLE, self.total / 20)

    def __str__(self) -> str:
        unit, name = (1e9, "GB") if self.total >= 1e10 else (1e6, "MB")
        return f"{self.free / unit:,.1f} of {self.total / unit:,.1f} {name} free"


def room(client: Client) -> Room:
    """Of the store's fullest disk."""
    free, total = client.query(sql("queries/store_disk.sql")).result_rows[0]
    return Room(int(free), int(total))
