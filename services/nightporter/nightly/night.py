"""One whole night: close the day, learn from the days before, score the day, flag; step by step, each noted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from clickhouse_connect.driver.client import Client

from nightporter.errors import NightError, NightporterError
from nightporter.model.train import silent
from nightporter.nightly.ledger import OVER, locked
from nightporter.nightly.steps import STEP, heal, restart
from nightporter.nightly.work import Work
from nightporter.settings import load
from nightporter.store.merge import merge, merged_upto

Progress = Callable[[str], None]


@dataclass(frozen=True)
class NightSummary:
    """What a night did."""

    night: date
    model_run: str
    logins: int
    training_days: int
    training_logins: int
    cases: int
    flags: int


def run_night(
    client: Client, night: date, budget: int | None = None, seed: int = 0, progress: Progress = silent
) -> NightSummary:
    """Runs one night in this process; running it again replaces its flags and keeps verdicts.

    A run that was interrupted goes on where it was, if nothing new has arrived since. `budget`: most flags (setting
    review_budget); `seed`: of the networks. NightError where there is too little, NightBusy where another runs it.
    """
    settings = load()
    with locked(settings.home, night):
        work = Work(client, settings, night, progress)
        merge(client)
        if _interrupted(work, budget, seed):
            heal(work)
        else:
            restart(work, budget, seed)
        finish(work)
    ledger = work.ledger
    flagged, training = ledger.result("flag"), ledger.result("features")["training_logins"]
    counts = {name: flagged[name] for name in ("model_run", "logins", "cases", "flags")}
    return NightSummary(night, training_days=len(work.days()), training_logins=training, **counts)


def finish(work: Work) -> None:
    """Runs the steps that are left; the caller holds the night's lock. Telling of the night may be left undone."""
    while (name := work.ledger.next()) is not None:
        run_step(work, name)
        if work.ledger.steps[name].state not in OVER:
            work.progress(work.ledger.steps[name].text)
            return


def run_step(work: Work, name: str) -> None:
    """Runs one step and notes what became of it; the caller holds the night's lock."""
    work.step = name
    work.ledger.begin(name)
    with noted(work, name):
        done = STEP[name](work)
    work.ledger.end(name, done.state, done.text, done.result)


@contextmanager
def noted(work: Work, name: str) -> Iterator[None]:
    """Notes that a step has failed, and why, and passes the error on."""
    try:
        yield
    except Exception as error:
        why = str(error).partition("\n")[0]
        text = why if isinstance(error, NightporterError) else f"unexpected {type(error).__name__}: {why}"
        work.ledger.fail(name, text, final=isinstance(error, NightError))
        raise


def _interrupted(work: Work, budget: int | None, seed: int) -> bool:
    """Whether the last run of this night was to be the same one and did not reach its end."""
    asked = work.ledger.result("close")
    same = (asked.get("budget"), asked.get("seed")) == (budget, seed)
    return same and work.ledger.next() is not None and asked.get("upto") == merged_upto(work.client)
