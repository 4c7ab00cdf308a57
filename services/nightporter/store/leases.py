"""Who uses the embedded store at the moment, and when nobody does any more."""

import contextlib
import select
import socket
import threading
import time
from collections.abc import Iterator

from nightporter.store.engine import Engine, EngineError

LONGEST_FAREWELL = 60
"""Seconds that running statements get to finish after SIGTERM before they are stopped."""


class Leases:
    """The engine, who uses it, and when to leave."""

    def __init__(self, engine: Engine, linger: int) -> None:
        self.engine = engine
        self._linger = linger
        self._lock = threading.Lock()
        self._leases = 0
        self._running: dict[str, tuple[str, socket.socket]] = {}
        self._idle_since = time.monotonic()
        self._leaving = threading.Event()

    def take(self) -> bool:
        """Note a new client process; False when the gateway is about to exit."""
        with self._lock:
            if self._leaving.is_set():
                return False
            self._leases += 1
            return True

    def give_back(self) -> None:
        """Note that a client process is gone."""
        with self._lock:
            self._leases -= 1
            self._idle_since = time.monotonic()

    @contextlib.contextmanager
    def running(self, query_id: str, mark: str, connection: socket.socket) -> Iterator[None]:
        """Hold a query id while its statement runs; a second statement of that id is refused: a mutex."""
        with self._lock:
            if query_id in self._running:
                name = "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING"
                raise EngineError(f"Code: 216. DB::Exception: Query with id = {query_id} is already running. ({name})")
            self._running[query_id] = (mark, connection)
        try:
            yield
        finally:
            with self._lock:
                del self._running[query_id]
                self._idle_since = time.monotonic()

    def leave(self, *_: object) -> None:
        """Ask the gateway to exit."""
        self._leaving.set()

    def wait(self) -> None:
        """Return when it is time to exit; meanwhile stop the statements of clients that went away."""
        while not self._leaving.wait(1):
            with self._lock:
                running = list(self._running.values())
                idle = not self._leases and not running and time.monotonic() - self._idle_since >= self._linger
                if idle:
                    self._leaving.set()
            for mark, connection in running:
                if _closed(connection):
                    self.engine.stop(mark)
        patience = time.monotonic() + LONGEST_FAREWELL
        while self._running and time.monotonic() < patience:
            time.sleep(0.05)
        for mark, _ in list(self._running.values()):
            self.engine.stop(mark)


def _closed(connection: socket.socket) -> bool:
    """Whether the client closed its side: readable, but nothing to read."""
    try:
        readable, _, _ = select.select([connection], [], [], 0)
        return bool(readable) and not connection.recv(1, socket.MSG_PEEK)
    except (OSError, ValueError):
        return True
