"""The client's side of the embedded store: find the process that owns it, or start it, and hold a lease on it.

The first process that needs the store starts store/gateway.py as a detached child; all later ones share it.
"""

import errno
import fcntl
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass

from nightporter.errors import StoreError, StoreFull, StoreUnavailable
from nightporter.settings import Settings
from nightporter.store.private import write_private

START_TIMEOUT = 120
"""Seconds that the gateway may take to open the store; a large one has to load its parts."""

ALLOCATOR = "dirty_decay_ms:1000,muzzy_decay_ms:0,background_thread:true"
"""How the engine's allocator (jemalloc) gives memory back: after a second; else a load takes 100 MB more."""


@dataclass(frozen=True)
class Address:
    """Where the gateway listens, and what it wants to hear."""

    port: int
    password: str


_leases: dict[tuple[int, str], tuple[Address, socket.socket]] = {}
_leases_lock = threading.Lock()


def open_store(settings: Settings) -> Address:
    """Return the address of a gateway that stays at least as long as this process; starts one when there is none."""
    key = (os.getpid(), str(settings.home))
    with _leases_lock:
        if key in _leases and _alive(_leases[key][1]):
            return _leases[key][0]
        if key in _leases:
            _leases.pop(key)[1].close()
        try:
            password = _prepare(settings)
            held = _lease(settings, password) or _start(settings, password)
        except PermissionError as error:
            text = f"The folder {settings.home} is not yours to write; set NIGHTPORTER_HOME to a folder that is."
            raise StoreError(text) from error
        except OSError as error:
            if error.errno == errno.ENOSPC:
                text = f"The disk that holds {settings.home} is full; free some space and try again."
                raise StoreFull(text) from error
            reason = error.strerror or error
            text = f"The store in {settings.home} cannot be opened ({reason}); check that the folder can be written."
            raise StoreError(text) from error
        _leases[key] = held
        return held[0]


def close_store(settings: Settings) -> None:
    """Return this process's lease; the gateway leaves when it was the last."""
    with _leases_lock:
        held = _leases.pop((os.getpid(), str(settings.home)), None)
    if held:
        held[1].close()


def state(settings: Settings) -> dict[str, int] | None:
    """Process id and port of the running gateway, or None; does not start one."""
    try:
        found = json.loads((settings.home / "run" / "store.json").read_text())
        return {"pid": int(found["pid"]), "port": int(found["port"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _prepare(settings: Settings) -> str:
    """Make the folders and the password, each readable by the owner only."""
    for name in ("", "run", "secrets", "store"):
        (settings.home / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    path = settings.home / "secrets" / "store-password"
    with (settings.home / "run" / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists() or not path.read_text().strip():
            write_private(path, secrets.token_urlsafe(24))
    return path.read_text().strip()


def _lease(settings: Settings, password: str) -> tuple[Address, socket.socket] | None:
    """Ask the gateway that the state file names for a lease; None when it is gone, leaving or a stranger."""
    found = state(settings)
    if found is None:
        return None
    try:
        connection = socket.create_connection(("127.0.0.1", found["port"]), timeout=10)
    except OSError:
        return None
    try:
        connection.sendall(f"GET /lease HTTP/1.1\r\nX-ClickHouse-Key: {password}\r\n\r\n".encode())
        answer = b""
        while not answer.endswith(b"held\n") and len(answer) < 4096 and (piece := connection.recv(256)):
            answer += piece
        if answer.endswith(b"held\n"):
            connection.settimeout(None)
            return Address(found["port"], password), connection
    except OSError:
        pass
    connection.close()
    return None


def _alive(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def _start(settings: Settings, password: str) -> tuple[Address, socket.socket]:
    """Start a gateway, unless another process did so while we waited for our turn."""
    with (settings.home / "run" / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        held = _lease(settings, password)
        if held:
            return held
        listen, tell = os.pipe()
        try:
            with (settings.home / "run" / "store.log").open("a") as output:
                process = subprocess.Popen(
                    [sys.executable, "-m", "nightporter.store.gateway", str(tell)],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    pass_fds=[tell],
                    start_new_session=True,
                    cwd=settings.home,
                    env={"JE_MALLOC_CONF": ALLOCATOR, **os.environ, "NIGHTPORTER_HOME": str(settings.home)},
                )
            os.close(tell)
            told = _told(listen)
        finally:
            os.close(listen)
        if told != "ready":
            process.wait(timeout=START_TIMEOUT)
            if "is full" in told:
                raise StoreFull(told)
            raise StoreUnavailable(
                told or f"The embedded store did not start; {settings.home / 'run/store.log'} says why."
            )
        # reaps the child should it exit while we live; otherwise init does
        threading.Thread(target=process.wait, daemon=True).start()
        held = _lease(settings, password)
        if held is None:
            log = settings.home / "run" / "store.log"
            raise StoreUnavailable(f"The embedded store stopped right after it started; see {log}.")
        return held


def _told(listen: int) -> str:
    """What the new gateway reports: `ready`, a sentence, or nothing when it died without a word."""
    text = b""
    with open(listen, "rb", closefd=False) as pipe:
        text = pipe.read()
    return text.decode(errors="replace")
