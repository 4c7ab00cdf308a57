"""The process that owns the embedded store: `python -m nightporter.store.gateway`; store/embedded.py starts it.

It stays while any client process holds a lease (an open connection, so that a killed client returns it) or a
statement runs, and a few seconds longer. SIGTERM finishes what runs, then exits; a kill -9 loses nothing that was
acknowledged.
"""

import errno
import fcntl
import json
import logging
import os
import signal
import sys
import threading
import time
from http.server import ThreadingHTTPServer
from pathlib import Path

from nightporter import logs
from nightporter.settings import Settings, load
from nightporter.store.engine import Engine, EngineError
from nightporter.store.leases import Leases
from nightporter.store.private import write_private
from nightporter.store.protocol import Protocol

HIGHEST_MEMORY = 3000 << 20

log = logging.getLogger(__name__)


class Server(ThreadingHTTPServer):
    """A thread a connection."""

    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """Log what went wrong with one connection; the others go on."""
        if not isinstance(sys.exception(), ConnectionError):
            log.exception("a request failed")


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
            leases = Leases(engine, settings.store_linger_seconds)
            bound = type("BoundProtocol", (Protocol,), {"leases": leases, "password": password})
            server = Server(("127.0.0.1", 0), bound)
            signal.signal(signal.SIGTERM, leases.leave)
            write_private(state, json.dumps({"pid": os.getpid(), "port": server.server_port}))
        except (EngineError, OSError) as error:
            os.write(tell, _sentence(error, settings.home).encode())
            raise SystemExit(1) from error
        os.write(tell, b"ready")
        os.close(tell)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        log.info("the store is open", extra={"fields": {"port": server.server_port}})
        leases.wait()
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
