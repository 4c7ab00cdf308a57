"""The Celery app: which broker carries the nights' tasks. Nothing here opens the store, so workers may fork."""

from pathlib import Path

from celery import Celery

from nightporter.settings import Settings


def make_app(settings: Settings, broker: str = "") -> Celery:
    """An app for `broker` (a URL such as redis://…); by default a spool in the home folder, which needs no server."""
    app = Celery("nightporter", include=["nightporter.nightly.tasks"])
    app.conf.update(
        broker_url=broker or "filesystem://localhost",
        task_acks_late=True,  # a task that dies with its worker is run again; a night may be
        worker_prefetch_multiplier=1,
        task_ignore_result=True,  # results are in the store
        task_serializer="json",
        accept_content=["json"],
        timezone="UTC",
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
    )
    if not broker:
        spool = settings.home / "spool"
        app.conf.broker_transport_options = _spool(spool)
    return app


def _spool(folder: Path) -> dict[str, object]:
    """Options of kombu's filesystem transport: messages are files, written and taken in one folder."""
    waiting, done = folder / "waiting", folder / "done"
    for path in (waiting, done, folder / "control"):
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        "data_folder_in": str(waiting),
        "data_folder_out": str(waiting),
        "processed_folder": str(done),
        "control_folder": str(folder / "control"),
        "store_processed": False,
    }
