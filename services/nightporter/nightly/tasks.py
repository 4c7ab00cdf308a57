"""The tasks: a night, and the one just past. They call the same function as `nightporter night`; twice does no harm."""

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

from celery import shared_task

log = logging.getLogger(__name__)


@shared_task(name="nightporter.night", acks_late=True)  # type: ignore[untyped-decorator]
def night(day: str, budget: int | None = None, seed: int = 0) -> dict[str, Any]:
    """Runs the night of `day` (YYYY-MM-DD); returns its date, run and number of flags."""
    from nightporter.nightly.night import run_night
    from nightporter.store.client import connect

    def told(text: str) -> None:
        log.info("night %s: %s", day, text)

    with connect() as client:
        summary = run_night(client, date.fromisoformat(day), budget, seed, told)
    return {"night": day, "model_run": summary.model_run, "flags": summary.flags}


@shared_task(name="nightporter.last_night", acks_late=True)  # type: ignore[untyped-decorator]
def last_night() -> dict[str, Any]:
    """Runs the night of yesterday (UTC): what the schedule calls once a day."""
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    found: dict[str, Any] = night(yesterday.isoformat())
    return found
