"""The tasks: one step of a night, what is undone, what came late. Each may come twice, or never, without harm."""

import logging
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from celery import shared_task

from nightporter.errors import NightBusy, NightError
from nightporter.nightly.ledger import LIMITS, OVER, QUEUES, STEPS, locked
from nightporter.settings import load

if TYPE_CHECKING:
    from nightporter.nightly.work import Work

log = logging.getLogger(__name__)

RETRY_AFTER = 30  # seconds; doubled each time
RETRIES = 3  # within minutes; after that `catch_up` tries again within hours


@shared_task(  # type: ignore[untyped-decorator]
    name="nightporter.step",
    autoretry_for=(Exception,),
    dont_autoretry_for=(NightError,),
    retry_backoff=RETRY_AFTER,
    max_retries=RETRIES,
)
def step(night: str, name: str, part: int | None = None) -> None:
    """Does one step of a night, or one part of its scoring, and sends the next; nothing where that is done already."""
    from nightporter.nightly.night import noted, run_step
    from nightporter.nightly.scoring import end_score, score_part
    from nightporter.nightly.work import Work
    from nightporter.store.client import connect

    day, settings = date.fromisoformat(night), load()
    with connect(settings) as client:
        try:
            with locked(settings.home, day, shared=part is not None):
                work = Work(client, settings, day, lambda text: log.info("%s %s: %s", night, name, text))
                if work.ledger.next() != name:
                    return
                if part is None:
                    run_step(work, name)
                    if work.ledger.steps[name].state not in OVER:
                        return  # nobody could be told; the schedule tries again
                else:
                    with noted(work, name):
                        last = score_part(work, part)
                    if not last:
                        return
                    end_score(work)
        except NightBusy as busy:
            log.info("%s", busy)
            return
        except NightError as error:
            log.error("night %s, %s: %s", night, name, error)
            return
        go_on(work)


@shared_task(name="nightporter.night")  # type: ignore[untyped-decorator]
def night(day: str, budget: int | None = None, seed: int = 0) -> None:
    """Runs the night of `day` (YYYY-MM-DD) from its first step on."""
    from nightporter.nightly.steps import restart
    from nightporter.nightly.work import Work
    from nightporter.store.client import connect

    settings = load()
    with connect(settings) as client, locked(settings.home, date.fromisoformat(day)):
        restart(Work(client, settings, date.fromisoformat(day)), budget, seed)
    send(day, STEPS[0])


@shared_task(name="nightporter.catch_up")  # type: ignore[untyped-decorator]
def catch_up() -> None:
    """Does what admins asked of the models, and goes on with the oldest night that is due, if nobody is at it."""
    from nightporter.nightly.catchup import undone
    from nightporter.nightly.choices import carry_out
    from nightporter.nightly.steps import heal
    from nightporter.nightly.work import Work
    from nightporter.store import changes
    from nightporter.store.client import connect

    with connect() as client:
        settings = changes.in_force(client, load())
        carry_out(client, settings.home / "models")
        day = undone(client, settings, datetime.now(UTC))
        if day is None:
            return
        try:
            with locked(settings.home, day):
                work = Work(client, settings, day)
                heal(work)
        except NightBusy:
            return
        go_on(work)


@shared_task(name="nightporter.late")  # type: ignore[untyped-decorator]
def late() -> None:
    """Opens nights again whose logins came after they were scored."""
    from nightporter.nightly.catchup import reopen_late
    from nightporter.store.client import connect

    settings = load()
    with connect(settings) as client:
        if reopen_late(client, settings, datetime.now(UTC)):
            catch_up.delay()


def go_on(work: "Work") -> None:
    """Sends the next step of a night; after the last one looks for another night."""
    from nightporter.nightly.scoring import begin_score

    work.ledger.read()
    name, night = work.ledger.next(), work.night.isoformat()
    if name is None:
        catch_up.delay()
    elif name == "score" and work.parts() > 1:
        for part in begin_score(work):
            send(night, name, part)
    else:
        send(night, name)


def send(night: str, name: str, part: int | None = None) -> None:
    """Sends one step to its queue."""
    limit = LIMITS[name]
    step.apply_async([night, name, part], queue=QUEUES[name], soft_time_limit=limit, time_limit=limit + 60)
