"""The runs of the nights and what was measured of their models. Older records lack what newer ones have."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from clickhouse_connect.driver.client import Client

from nightporter.console.questions import rows

MOST = 60


@dataclass(frozen=True)
class Run:
    """One night's run; `summary` is its record (see docs/data-flow.md), {} where it cannot be read."""

    model_run: str
    night: date
    started: datetime
    finished: datetime
    logins: int
    flags: int
    summary: dict[str, Any]

    def part(self, name: str) -> dict[str, Any]:
        """A part of the record; {} where this run has none."""
        found = self.summary.get(name)
        return found if isinstance(found, dict) else {}


def runs(client: Client, most: int = MOST) -> list[Run]:
    """The newest run of each night, newest night first."""
    return [Run(**row | {"summary": _record(row["summary"])}) for row in rows(client, "console_runs", most=most)]


def _record(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
