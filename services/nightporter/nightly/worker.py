"""What `celery --app nightporter.nightly.worker worker --beat` starts. A worker that comes up looks what is undone."""

import ctypes
import signal
import sys
from typing import Any

from celery.signals import beat_embedded_init, worker_ready

from nightporter.nightly.app import make_app
from nightporter.settings import load

app = make_app(load())


@worker_ready.connect  # type: ignore[untyped-decorator]
def _catch_up(sender: Any, **_: Any) -> None:
    sender.app.send_task("nightporter.catch_up")


@beat_embedded_init.connect  # type: ignore[untyped-decorator]
def _end_with_the_worker(**_: Any) -> None:
    """The schedule runs in a process of its own; it must not outlive a worker that was killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
