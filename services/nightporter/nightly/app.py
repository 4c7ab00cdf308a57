"""The Celery app: which broker carries the tasks, and when the schedule sends them.

What is done and what is to be done next stands in the store (ledger.py); the broker carries reminders. One that is
lost is sent again by `catch_up`, one that comes twice finds its work done. A worker whose Redis dies may die of it
(kombu acknowledges over the connection that is gone), so whoever starts workers starts them again. Nothing here opens
the store, so workers may fork.
"""

from typing import Any
from urllib.parse import quote, urlsplit

from celery import Celery
from celery.schedules import crontab
from kombu.entity import Exchange, Queue
from sqlalchemy.pool import NullPool

from nightporter.errors import SettingsError
from nightporter.nightly.ledger import GPU, LONGEST, NIGHT
from nightporter.settings import Settings

CATCH_UP_EVERY = 300.0  # seconds
LATE_EVERY = 3600.0


def make_app(settings: Settings) -> Celery:
    """An app for the broker of the settings; by default a file in the home folder, which needs no server."""
    app = Celery("nightporter", include=["nightporter.nightly.tasks"])
    url, options = broker(settings)
    app.conf.update(
        broker_url=url,
        broker_transport_options=options,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # a broker may be away for long
        # a worker serves both, unless told otherwise with --queues
        task_queues=[Queue(name, Exchange(name), routing_key=name) for name in (NIGHT, GPU)],
        task_default_queue=NIGHT,
        task_default_exchange=NIGHT,
        task_default_routing_key=NIGHT,
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        task_ignore_result=True,  # results are in the store
        task_serializer="json",
        accept_content=["json"],
        timezone=settings.night_timezone,
        worker_hijack_root_logger=False,
        beat_schedule=schedule(settings),
    )
    return app


def broker(settings: Settings) -> tuple[str, dict[str, Any]]:
    """The broker's URL, with its password, and the options of its transport."""
    if not settings.broker_url:
        run = settings.home / "run"
        run.mkdir(mode=0o700, parents=True, exist_ok=True)
        # no connection may outlive a fork
        return f"sqla+sqlite:///{run / 'broker.sqlite'}", {"poolclass": NullPool}
    url = urlsplit(settings.broker_url)
    if url.scheme not in ("redis", "rediss") or not url.hostname:
        raise SettingsError(
            "NIGHTPORTER_BROKER_URL must look like redis://host:6379/0 or rediss://host:6380/0; "
            "leave it empty where there is no Redis or Valkey."
        )
    if settings.broker_password_file is not None:
        account, place = quote(url.username or "", safe=""), url.netloc.rpartition("@")[2]
        url = url._replace(netloc=f"{account}:{quote(_secret(settings), safe='')}@{place}")
    # a message that nobody has acknowledged by then is given out again: longer than any task may run
    return url.geturl(), {"visibility_timeout": 2 * LONGEST}


def schedule(settings: Settings) -> dict[str, dict[str, Any]]:
    """What beat sends: the night at its time, and reminders of what was left undone or came late."""
    hour, minute = settings.night_time.split(":")
    soon, later = {"expires": CATCH_UP_EVERY}, {"expires": LATE_EVERY}
    at = crontab(hour=hour, minute=minute)
    return {
        "tonight": {"task": "nightporter.catch_up", "schedule": at, "options": soon},
        "what is undone": {"task": "nightporter.catch_up", "schedule": CATCH_UP_EVERY, "options": soon},
        "what came late": {"task": "nightporter.late", "schedule": LATE_EVERY, "options": later},
    }


def _secret(settings: Settings) -> str:
    assert settings.broker_password_file is not None
    try:
        return settings.broker_password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The password file {settings.broker_password_file} cannot be read ({error}); "
            "correct NIGHTPORTER_BROKER_PASSWORD_FILE."
        ) from error
