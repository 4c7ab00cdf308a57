"""Why one login is as strange as it is, also when its case is no flag: the kept model looks at it again."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from clickhouse_connect.driver.client import Client

from nightporter.errors import ModelError
from nightporter.features.stream import day_number, read_logins
from nightporter.model import registry
from nightporter.nightly.actors import History
from nightporter.nightly.cases import group, habits
from nightporter.nightly.days import THIN
from nightporter.nightly.explain import Explanation, explain
from nightporter.nightly.ledger import Ledger
from nightporter.nightly.quoted import Night
from nightporter.settings import Settings
from nightporter.store.query import sql


@dataclass(frozen=True)
class Score:
    """How strange a login was: `score` in its model's nats, `rarity` of the case it is in."""

    night: date
    model_run: str
    score: float
    rarity: float


def score_of(client: Client, event_id: str, start: datetime) -> Score | None:
    """The score of a login that began at `start`; None where its night has not been scored."""
    parameters = {"event_id": event_id, "night": start.date()}
    rows = client.query(sql("queries/score_of.sql"), parameters=parameters).result_rows
    return Score(*rows[0]) if rows else None


def why(client: Client, settings: Settings, event_id: str, score: Score) -> Explanation:
    """The explanation of the case that a scored login is in.

    What the model says of a login is exactly what it said that night; how unusual the whole night of the actor was is
    counted among logins like this one. ModelError where the model is no longer kept.
    """
    detector = registry.fetch(settings.home / "models", score.model_run)
    days = Ledger(client, score.night).result("check").get("days", [])
    since = date.fromisoformat(days[0]) if days else score.night - timedelta(days=settings.training_window_days)
    like = "(" + re.sub(r"(?m)^--.*\n", "", sql("queries/logins_like.sql")) + ")"
    until = score.night + timedelta(days=1)
    logins = read_logins(
        client, since, until, thin=THIN, whole_from=score.night, events=like, values={"event_id": event_id}
    )
    day = logins.day.astype(np.int64)
    before, rows = np.flatnonzero(day < day_number(score.night)), np.flatnonzero(day == day_number(score.night))
    found = np.flatnonzero(logins.event_id[rows] == event_id.encode())
    if not len(found):
        raise ModelError(f"The login {event_id} has changed since it was scored; run its night again.")
    history = History(logins)
    surprises = detector.surprises(logins, rows)
    cases = group(history, rows, surprises, habits(history, before))
    night = Night(score.night, since, logins, rows, surprises, cases, history)
    return explain(client, night, int(cases.actor[found[0]]), score.rarity)
