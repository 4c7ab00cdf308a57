"""The processes that `up` starts and stops: each a command in the foreground with a log file of its own."""

import ctypes
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nightporter.errors import NightporterError

PATIENCE = 20.0  # seconds between asking a child to stop and stopping it
SHORT_LIFE = 10.0  # seconds; what dies sooner would die again
TELL_ME_WHEN_MY_PARENT_DIES = 1  # PR_SET_PDEATHSIG of Linux's prctl


class ChildFailed(NightporterError):
    """A part of the appliance did not start, or stopped by itself."""


@dataclass(frozen=True, slots=True)
class Child:
    """One running part of the appliance."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    command: Sequence[str]
    started: float  # time.monotonic()

    def check(self) -> None:
        """Raises ChildFailed when it is no longer running."""
        if self.process.poll() is not None:
            raise ChildFailed(
                f"The {self.name} stopped by itself (exit code {self.process.returncode}); {self.log} says why."
            )

    def revived(self) -> "Child":
        """Itself, or its successor where it died. Raises ChildFailed where it died right after its start."""
        if self.process.poll() is None:
            return self
        if time.monotonic() - self.started < SHORT_LIFE:
            self.check()
        return start(self.name, self.command, self.log.parent)


def start(name: str, command: Sequence[str], folder: Path) -> Child:
    """Start `command`; its output goes to <folder>/<name>.log."""
    log = folder / f"{name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for `up`, which then stops its children in order
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
    return Child(name, process, log, command, time.monotonic())


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(TELL_ME_WHEN_MY_PARENT_DIES, signal.SIGTERM)


def stop_all(children: Sequence[Child]) -> None:
    """Ask all to stop, the last started first; those that do not are stopped."""
    for child in reversed(children):
        child.process.terminate()
    deadline = time.monotonic() + PATIENCE
    for child in reversed(children):
        try:
            child.process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()


def free_port(wanted: int, address: str = "127.0.0.1", setting: str = "NIGHTPORTER_CONSOLE_PORT") -> int:
    """`wanted` if nobody listens there, any free port for 0. Raises ChildFailed, which names the `setting`."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, wanted))
        except OSError:
            raise ChildFailed(f"Port {wanted} is in use; set {setting} to another one, or to 0 for any.") from None
        return int(probe.getsockname()[1])


def wait_until_healthy(child: Child, address: str, seconds: float) -> None:
    """Return when `address` answers. Raises ChildFailed when it does not within `seconds`, or the child is gone."""
    deadline = time.monotonic() + seconds
    while True:
        child.check()
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise ChildFailed(
                    f"The {child.name} does not answer after {seconds:.0f} s; {child.log} says why."
                ) from None
        time.sleep(0.2)
