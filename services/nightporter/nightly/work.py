"""One night being worked on: what its steps share, in memory and on disk."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from clickhouse_connect.driver.client import Client

from nightporter.features.stream import Logins, open_logins
from nightporter.model import registry
from nightporter.model.detector import Detector
from nightporter.nightly.cases import Rows
from nightporter.nightly.days import Split, split_days, split_rows
from nightporter.nightly.ledger import Ledger
from nightporter.settings import Settings
from nightporter.store import changes

PART = 250_000  # logins that one scoring task takes


@dataclass(frozen=True)
class Done:
    """What a step has to say when it is over."""

    text: str
    result: dict[str, Any] = field(default_factory=dict)
    state: str = "done"


class Work:
    """One night being worked on: where things are, and what this process has in memory already."""

    def __init__(
        self, client: Client, settings: Settings, night: date, progress: Callable[[str], None] = lambda _: None
    ) -> None:
        self.client, self.night, self.progress = client, night, progress
        self.settings = changes.in_force(client, settings)
        self.ledger = Ledger(client, night)
        self.step = ""
        self._logins: Logins | None = None
        self._split: Split | None = None
        self._detectors: dict[str, Detector] = {}

    @property
    def folder(self) -> Path:
        """What is handed over from step to step."""
        return self.settings.home / "nights" / self.night.isoformat()

    @property
    def models(self) -> Path:
        """The models that are kept."""
        return self.settings.home / "models"

    def tell(self, text: str, share: float | None = None) -> None:
        """Say how far the running step is."""
        self.progress(text)
        self.ledger.tell(self.step, text, share)

    def keep(self, logins: Logins) -> None:
        """Hold the logins that this process has just read."""
        self._logins, self._split = logins, None

    def logins(self) -> Logins:
        """The logins of the night and of the days before it."""
        if self._logins is None:
            self._logins = open_logins(self.folder / "logins")
        return self._logins

    def split(self) -> Split:
        """Which of them are for what."""
        if self._split is None:
            learn_from, held_out_from = split_days([date.fromisoformat(day) for day in self.days()])
            self._split = split_rows(self.logins(), learn_from, held_out_from, self.night)
        return self._split

    def days(self) -> list[str]:
        """The days to learn from."""
        days: list[str] = self.ledger.result("check")["days"]
        return days

    def detector(self, run: str) -> Detector:
        """The model of a run."""
        if run not in self._detectors:
            self._detectors[run] = registry.fetch(self.models, run)
        return self._detectors[run]

    def holds(self, run: str, detector: Detector) -> None:
        """Keep a model that this process has just made."""
        self._detectors = {run: detector}

    def scored_by(self) -> str:
        """The run whose model scores this night."""
        run: str = self.ledger.result("gate")["scored_by"]
        return run

    def parts(self) -> int:
        """How many tasks score the night."""
        return max(1, math.ceil(len(self.split().night) / PART))

    def rows(self, number: int) -> Rows:
        """The logins of one part."""
        return self.split().night[number * PART : (number + 1) * PART]

    def unscored(self) -> list[int]:
        """The parts that nobody has scored yet."""
        return [number for number in range(self.parts()) if not self.part(number).exists()]

    def part(self, number: int) -> Path:
        """Where the surprises of one part are handed over."""
        return self.folder / f"surprises-{self.scored_by()}-{number}-of-{self.parts()}.npy"
