"""What the store knows of the trained models: which are kept, which is current, and what admins asked for.

The models themselves are files beside whoever runs the nights (model/registry.py), perhaps on another machine than the
console. So the console asks here, and the nights do it (nightly/choices.py) and say here what they found.
"""

import secrets
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime

from clickhouse_connect.driver.client import Client

from nightporter.errors import ReviewError
from nightporter.store.query import sql
from nightporter.store.reasons import reasoned

CURRENT, KEPT, GONE = "current", "kept", "gone"
ASKED, DONE, REFUSED = "asked", "done", "refused"
SHORTEST_REASON = 10


@dataclass(frozen=True)
class Model:
    """One trained model. `passed`: it was the current one at some time; `fits`: made for this program's fields."""

    run: str
    night: date
    state: str
    passed: bool
    fits: bool


@dataclass(frozen=True)
class Choice:
    """A request to make a kept model the current one: by whom, why, and what became of it."""

    id: str
    asked: datetime
    who: str
    run: str
    reason: str
    state: str
    text: str


def models(client: Client) -> list[Model]:
    """The models that are kept, that of the newest night first."""
    rows = client.query(
        "SELECT run, night, state, passed, fits FROM models FINAL WHERE state != {gone:String} "
        "ORDER BY night DESC, run",
        parameters={"gone": GONE},
    ).result_rows
    return [Model(*row) for row in rows]


def publish(client: Client, found: Sequence[Model]) -> None:
    """Say which models are kept; writes only what is new."""
    known = {model.run: model for model in models(client)}
    gone = [
        Model(run, known[run].night, GONE, known[run].passed, known[run].fits)
        for run in known.keys() - {m.run for m in found}
    ]
    rows = [[*astuple(model), time.time_ns()] for model in [*found, *gone] if known.get(model.run) != model]
    if rows:
        client.insert("models", rows, column_names=["run", "night", "state", "passed", "fits", "version"])


def choose(client: Client, who: str, run: str, reason: str) -> None:
    """Ask for a kept model to become the current one. Raises ReviewError."""
    reason = reasoned(reason, "Say why, so that others can follow it later.", SHORTEST_REASON)
    wanted = next((model for model in models(client) if model.run == run), None)
    if wanted is None or not wanted.fits:
        raise ReviewError("This model is no longer kept, or was made for other fields; choose another one.")
    if wanted.state == CURRENT:
        raise ReviewError("This is the current model already.")
    if any(choice.state == ASKED for choice in choices(client)):
        raise ReviewError(
            "Another request waits for the nights' worker; wait for it, or look on the page Health why it does not run."
        )
    _append(client, secrets.token_hex(8), ASKED, who, run, reason)


def choices(client: Client) -> list[Choice]:
    """The last requests, newest first."""
    rows = client.query(sql("queries/model_choices.sql")).named_results()
    return [Choice(**row | {"asked": row["asked"].replace(tzinfo=UTC)}) for row in rows]


def answer(client: Client, choice: Choice, state: str, text: str) -> None:
    """Say what became of a request: DONE or REFUSED."""
    _append(client, choice.id, state, choice.who, choice.run, text)


def _append(client: Client, id: str, state: str, who: str, run: str, text: str) -> None:
    client.insert("model_choices", [[id, state, who, run, text]], column_names=["id", "state", "who", "run", "text"])
