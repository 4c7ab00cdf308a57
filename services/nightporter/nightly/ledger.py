"""The ledger of a night: which steps are done, with what result, kept in the store; and the lock of a night.

Tasks, processes and machines come and go; what counts as done is what the ledger says. The lock is a file lock: the
kernel releases it with the process that held it, so a dead holder blocks nobody.
"""

import fcntl
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from clickhouse_connect.driver.client import Client

from nightporter.errors import NightBusy
from nightporter.store.query import sql

STEPS = ("close", "check", "features", "train", "gate", "promote", "score", "flag", "notify")
NIGHT, GPU = "night", "gpu"
QUEUES = dict.fromkeys(STEPS, NIGHT) | {"train": GPU}
HOUR = 3600
LIMITS = {
    "close": 2 * HOUR, "check": HOUR, "features": 4 * HOUR, "train": 6 * HOUR, "gate": 2 * HOUR, "promote": HOUR // 6,
    "score": 2 * HOUR, "flag": 2 * HOUR, "notify": HOUR // 6,
}  # seconds; a step that takes longer is stopped and tried again  # fmt: skip
LONGEST = max(LIMITS.values())
OVER = ("done", "skipped")  # the next step may begin
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
COLUMNS = ("step", "state", "started", "finished", "share", "text", "result", "attempt", "version")
TELL_EVERY = 2.0  # seconds between two notes of a running step's progress


@dataclass(frozen=True)
class Step:
    """One row of the table `night_steps`; times in UTC."""

    name: str
    state: str = "waiting"
    started: datetime = NEVER
    finished: datetime = NEVER
    share: float = 0.0
    text: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    attempt: int = 0
    version: int = 0


class Ledger:
    """The steps of one night, as last read or written by this process."""

    def __init__(self, client: Client, night: date) -> None:
        self.client, self.night = client, night
        self.steps: dict[str, Step] = {}
        self._told = 0.0
        self.read()

    def read(self) -> None:
        """Read anew what other processes may have written."""
        rows = self.client.query(sql("queries/night_steps.sql"), parameters={"night": self.night}).named_results()
        self.steps = {name: Step(name) for name in STEPS}
        for row in rows:
            times = {name: row[name].replace(tzinfo=UTC) for name in ("started", "finished")}
            known = {name: row[name] for name in ("state", "share", "text", "attempt", "version")}
            self.steps[row["step"]] = Step(row["step"], result=json.loads(row["result"] or "{}"), **times, **known)

    def next(self) -> str | None:
        """The first step that is not over; None when all are."""
        return next((name for name in STEPS if self.steps[name].state not in OVER), None)

    def result(self, name: str) -> dict[str, Any]:
        """What a step that is over found out."""
        return self.steps[name].result

    def begin(self, name: str, text: str = "") -> None:
        """Note that a step has begun."""
        step = self.steps[name]
        new = replace(step, state="running", started=_now(), finished=NEVER, share=0.0, text=text)
        self._write(replace(new, attempt=step.attempt + 1))

    def tell(self, name: str, text: str, share: float | None = None) -> None:
        """Note how far a running step is; of notes in quick succession most are left out."""
        if time.monotonic() - self._told >= TELL_EVERY:
            step = self.steps[name]
            self._write(replace(step, state="running", text=text, share=step.share if share is None else share))

    def end(self, name: str, state: str, text: str, result: dict[str, Any]) -> None:
        """Note that a step is done or skipped."""
        self._write(replace(self.steps[name], state=state, finished=_now(), share=1.0, text=text, result=result))

    def fail(self, name: str, text: str, *, final: bool) -> None:
        """Note that a step has failed; `final`: the same data would let it fail again."""
        step = self.steps[name]
        self._write(replace(step, state="failed", finished=_now(), text=text, result=step.result | {"final": final}))

    def reopen(self, *names: str, text: str = "", **asked: Any) -> None:
        """Note that steps are to be done again; `asked` is what the first of them has to know.

        Who has been told what is not forgotten, so that nobody is told twice.
        """
        kept = {name: {key: self.result(name)[key] for key in ("told",) if key in self.result(name)} for name in names}
        steps = [Step(name, text=text, result=kept[name], version=self.steps[name].version) for name in names]
        self._write(replace(steps[0], result=asked), *steps[1:])

    def _write(self, *steps: Step) -> None:
        # a clock that was set back must not bury what is new
        new = [replace(step, version=max(time.time_ns(), step.version + 1)) for step in steps]
        rows = [[self.night, *_values(step)] for step in new]
        self.client.insert("night_steps", rows, column_names=["night", *COLUMNS])
        self.steps |= {step.name: step for step in new}
        self._told = time.monotonic()


@contextmanager
def locked(home: Path, night: date, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock of a night; several may share it. NightBusy at once where another process is at that night."""
    folder = home / "nights"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / f"{night}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError as error:
            raise NightBusy(
                f"Another process is working on the night of {night}; `nightporter status` shows how far it is."
            ) from error
        yield


def _values(step: Step) -> list[Any]:
    """As in COLUMNS."""
    told = [step.name, step.state, step.started, step.finished, step.share, step.text]
    return [*told, json.dumps(step.result, default=str), min(step.attempt, 255), step.version]


def _now() -> datetime:
    return datetime.now(UTC)
