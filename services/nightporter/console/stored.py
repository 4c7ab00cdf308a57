"""The console's way to the store: one client that all visitors share, opened again when the store went away."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from nightporter.errors import NightporterError, StoreError, StoreUnavailable
from nightporter.settings import Settings
from nightporter.store import audit
from nightporter.store.client import error_code, ready_client, translated

LONGEST_ANSWER = 20
"""Seconds that a question may take; nobody waits longer for a page."""

TRUST = 5.0  # seconds for which a client that has answered is taken to be alive
TOO_SLOW = {"159", "160"}

log = logging.getLogger(__name__)


@dataclass
class _Shared:
    client: Client
    answered: float


_clients: dict[tuple[str, str, str], _Shared] = {}
_lock = threading.Lock()


@contextmanager
def client(settings: Settings) -> Iterator[Client]:
    """Give the client; errors of the store leave the block as one sentence each (StoreError and its kinds)."""
    where = (str(settings.home), settings.clickhouse_url, settings.clickhouse_database)
    try:
        with translated(settings):
            try:
                shared = _alive(where, settings)
                yield shared.client
                shared.answered = time.monotonic()
            except ClickHouseError as error:
                if error_code(error) in TOO_SLOW:
                    text = f"The answer took longer than {LONGEST_ANSWER} seconds; narrow the time or the filters."
                    raise StoreError(text) from error
                raise
    except StoreUnavailable:
        _forget(where)
        raise


def _alive(where: tuple[str, str, str], settings: Settings) -> _Shared:
    shared = _clients.get(where)
    if shared and (time.monotonic() - shared.answered < TRUST or shared.client.ping()):
        return shared
    with _lock:
        if _clients.get(where) is shared:
            _forget(where)
            opened = ready_client(settings)
            opened.set_client_setting("max_execution_time", LONGEST_ANSWER)
            _clients[where] = _Shared(opened, time.monotonic())
        return _clients[where]


def _forget(where: tuple[str, str, str]) -> None:
    gone = _clients.pop(where, None)
    if gone:
        with suppress(ClickHouseError):
            gone.client.close()


def forget_all() -> None:
    """Close every client; the next question opens one anew."""
    for where in list(_clients):
        _forget(where)


def note(settings: Settings, who: str, action: str, address: str = "") -> None:
    """Record signing in and out, which must go on while the store is away: then the log has it."""
    try:
        with client(settings) as opened:
            audit.record(opened, who, action, address=address)
    except NightporterError as error:
        fields = {"who": who, "action": action, "address": address, "cause": str(error)}
        log.warning("not in the audit: the store is away", extra={"fields": fields})
