"""The one task: a night. It calls the same function as `nightporter night`; running it twice does no harm."""

import logging
from datetime import date
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
