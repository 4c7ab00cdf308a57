"""The process that owns the embedded store: `python -m nightporter.store.gateway`; store/embedded.py starts it.

It stays while any client process holds a lease (an open connection, so that a killed client returns it) or a
statement runs, and a few seconds longer. SIGTERM finishes what runs, then exits; a kill -9 loses nothing that was
acknowledged.
"""

import contextlib
import errno
import fcntl
import json
import logging
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

from nightporter import logs
from nightporter.settings import Settings, load
from nightporter.store.engine import Engine, EngineError
from nightporter.store.private import write_private
from nightporter.store.protocol import Protocol

HIGHEST_MEMORY = 3000 << 20
LONGEST_FAREWELL = 60
"""Seconds that running statements get to finish after SIGTERM before they are stopped."""

log = logging.getLogger(__name__)


class Server(ThreadingHTTPServer):
    """A thread a connection."""

    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """Log what went wrong with one connection; the others go on."""
        if not isinstance(sys.exception(), ConnectionError):
            log.exception("a request failed")


class Gateway:
    """The engine, who uses it, and when to leave."""

    def __init__(self, engine: Engine, password: str, linger: int) -> None:
        self.engine = engine
        self.password = password
        self._linger = linger
        self._lock = threading.Lock()
        self._leases = 0
        self._running: dict[str, tuple[str, socket.socket]] = {}
        self._idle_since = time.monotonic()
        self._leaving = threading.Event()

    def lease_taken(self) -> bool:
        """Note a new client process; False when the gateway is about to exit."""
        with self._lock:
            if self._leaving.is_set():
                return False
            self._leases += 1
            return True

    def lease_returned(self) -> None:
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


def memory_limit(settings: Settings) -> int:
    """Bytes that the engine may use."""
    if settings.store_memory_mb:
        return settings.store_memory_mb << 20
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(machine * 2 // 5, HIGHEST_MEMORY)


def serve(settings: Settings, password: str, tell: int) -> None:
    """Own the store until nobody needs it; writes `ready` or one sentence of error to the file descriptor `tell`."""
    run = settings.home / "run"
    state = run / "store.json"
    with (run / "store.lock").open("w") as owner:
        try:
            fcntl.flock(owner, fcntl.LOCK_EX)  # a gateway that is just leaving gives the folder back in a moment
            engine = Engine(settings.home / "store", memory_limit(settings))
            gateway = Gateway(engine, password, settings.store_linger_seconds)
            server = Server(("127.0.0.1", 0), type("BoundProtocol", (Protocol,), {"gateway": gateway}))
            signal.signal(signal.SIGTERM, gateway.leave)
            write_private(state, json.dumps({"pid": os.getpid(), "port": server.server_port}))
        except (EngineError, OSError) as error:
            os.write(tell, _sentence(error, settings.home).encode())
            raise SystemExit(1) from error
        os.write(tell, b"ready")
        os.close(tell)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        log.info("the store is open", extra={"fields": {"port": server.server_port}})
        gateway.wait()
        state.unlink(missing_ok=True)
        server.server_close()
        engine.close()


def _sentence(error: Exception, home: Path) -> str:
    if (isinstance(error, OSError) and error.errno == errno.ENOSPC) or "No space left" in str(error):
        return f"The disk that holds {home} is full; free some space and try again."
    if isinstance(error, PermissionError) or "Permission denied" in str(error):
        return f"The folder {home} is not yours to write; set NIGHTPORTER_HOME to a folder that is."
    cause = str(error).partition("DB::Exception: ")[2] or str(error)
    first = cause.splitlines()[0][:200]
    return f"The embedded store in {home / 'store'} cannot be opened ({first}); see {home / 'run/store.log'}."


def main() -> None:
    """Start as a detached child; the only argument is the descriptor to report on."""
    settings = load()
    logs.configure()
    os.environ["TZ"] = "UTC"
    time.tzset()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(settings, (settings.home / "secrets" / "store-password").read_text().strip(), int(sys.argv[1]))


if __name__ == "__main__":
    main()
