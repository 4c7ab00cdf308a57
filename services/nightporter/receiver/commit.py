"""Group commit: what many hosts deliver within a second becomes one insert, and each learns when it is stored.

A thousand hosts that each insert their own batches would keep a core of the store busy; gathered, it is a fortieth.
"""

import asyncio
import contextlib
import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from nightporter.receiver.delivery import COLUMNS, Delivery
from nightporter.receiver.heartbeat import HEARTBEAT_COLUMNS, Heartbeat
from nightporter.store.client import error_code

WINDOW = 1.0  # seconds that are gathered into one insert
FULL = 8 << 20  # bytes of lines in an insert, about; the store needs many times as much to parse them
EARLY = 2 << 20  # bytes gathered at which the second is not waited for: a host is catching up
MOST_WAITING = 96 << 20  # bytes that may wait for the store; beyond, hosts are asked to come back
PATIENCE = 30.0  # seconds a host waits for the answer before it is asked to come back
LONGEST_PARKED = 64 << 10

# What ClickHouse says when it cannot read a row, rather than cannot work: such a row would stop its host for ever.
UNREADABLE = {"6", "26", "27", "38", "41", "53", "69", "70", "72", "117", "131", "321", "395", "407", "427", "469"}

log = logging.getLogger(__name__)


class Busy(Exception):
    """Not stored, or not known to be: the host is to send it again later."""


@dataclass(slots=True)
class _Group:
    deliveries: list[Delivery] = field(default_factory=list)
    heartbeats: list[Heartbeat] = field(default_factory=list)
    size: int = 0
    stored: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class GroupCommit:
    """Gathers deliveries and heartbeats; `store` is called in a thread with all of a group, one group at a time."""

    def __init__(
        self, store: Callable[[Sequence[Delivery], Sequence[Heartbeat]], None], window: float = WINDOW
    ) -> None:
        self._store = store
        self._window = window
        self._gathering: _Group | None = None
        self._full = asyncio.Event()
        self._waiting = 0  # bytes gathered or being stored
        self.well = True  # the last group was stored

    async def add(self, item: Delivery | Heartbeat) -> None:
        """Return once `item` is stored. Raises Busy."""
        size = len(item.block) if isinstance(item, Delivery) else 500
        if self._waiting + size > MOST_WAITING:
            raise Busy
        if self._gathering is None:
            self._gathering = _Group()
        group = self._gathering
        if isinstance(item, Delivery):
            group.deliveries.append(item)
        else:
            group.heartbeats.append(item)
        group.size += size
        self._waiting += size
        if group.size >= EARLY:
            self._full.set()
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.shield(group.stored)
        except TimeoutError:
            raise Busy from None

    async def run(self) -> None:
        """Store group after group until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._window):
                    await self._full.wait()
            self._full.clear()
            group, self._gathering = self._gathering, None
            if group is None:
                continue
            try:
                await asyncio.to_thread(self._store, group.deliveries, group.heartbeats)
                self.well = True
                group.stored.set_result(None)
            except Exception as error:  # noqa: BLE001  whatever it was, nobody may be told that it was stored
                self.well = False
                log.warning("not stored: %s", str(error).splitlines()[0][:300] if str(error) else type(error).__name__)
                group.stored.set_exception(Busy())
                group.stored.exception()  # it is nobody's fault when no host waits any more
            finally:
                self._waiting -= group.size


def insert(client: Client, deliveries: Sequence[Delivery], heartbeats: Sequence[Heartbeat]) -> None:
    """Store a group. A line that the store cannot read is parked, so that it does not hold up its host.

    Raises ClickHouseError when the store did not confirm; sending the same again is safe.
    """
    received = datetime.now(UTC)
    start = size = 0
    for end, delivery in enumerate(deliveries, 1):
        size += len(delivery.block)
        if size >= FULL or end == len(deliveries):
            _insert(client, deliveries[start:end], received)
            start, size = end, 0
    if heartbeats:
        body = b"".join(heartbeat.row(received) for heartbeat in heartbeats)
        client.raw_insert("heartbeats", HEARTBEAT_COLUMNS, body, fmt="RowBinary")


def _insert(client: Client, deliveries: Sequence[Delivery], received: datetime) -> None:
    token = hashlib.blake2b(b"".join(sorted(one.token for one in deliveries)), digest_size=16).hexdigest()
    body = b"".join(one.row(received) for one in deliveries)
    for attempt in (1, 2):  # a lost answer is worth one more try at once: by its token the store knows what it has
        try:
            client.raw_insert("deliveries", COLUMNS, body, {"insert_deduplication_token": token}, "RowBinary")
            return
        except ClickHouseError as error:
            code = error_code(error)
            if code in UNREADABLE:
                break
            if code or attempt == 2:
                raise
            time.sleep(0.2)
    if len(deliveries) > 1:
        middle = len(deliveries) // 2
        _insert(client, deliveries[:middle], received)
        _insert(client, deliveries[middle:], received)
    elif halves := deliveries[0].halves():
        for half in halves:
            _insert(client, [half], received)
    else:
        park(client, deliveries[0].host, "the store cannot read it", deliveries[0].block.rstrip(b"\n"))


def park(client: Client, host: str, reason: str, line: bytes) -> None:
    """Keep what was not taken, with the reason."""
    text = line[:LONGEST_PARKED].decode("utf-8", "backslashreplace")
    client.insert("parked", [[datetime.now(UTC), host, reason, text]], ["received", "host", "reason", "line"])
    log.warning("parked: %s", reason, extra={"fields": {"host": host}})
