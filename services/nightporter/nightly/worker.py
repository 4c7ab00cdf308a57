"""What `celery --app nightporter.nightly.worker worker --beat` starts. A worker that comes up looks what is undone."""

from typing import Any

from celery.signals import worker_ready

from nightporter.nightly.app import make_app
from nightporter.settings import load

app = make_app(load())


@worker_ready.connect  # type: ignore[untyped-decorator]
def _catch_up(sender: Any, **_: Any) -> None:
    sender.app.send_task("nightporter.catch_up")
