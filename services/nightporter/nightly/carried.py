"""Cases that nobody has answered yet and that are there again.

They keep the name of their flag, so one verdict answers all their nights; each night still shows them in their place.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from clickhouse_connect.driver.client import Client

from nightporter.nightly.seen import value_of
from nightporter.store.query import sql

DAYS = 7  # a flag that was not seen for longer is not carried on
NEW = 0.3  # of the surprise of a case, the share from which it is flagged anew: it is not what was there before

Actor = tuple[int, str, str]  # as feedback.actor_of says it


@dataclass(frozen=True)
class Open:
    """A flag without a verdict, and how much surprised about what: by seen.value_of of its reasons."""

    flag_id: str
    surprises: Mapping[str, float]


def open_flags(client: Client, night: date) -> dict[Actor, Open]:
    """The newest unanswered flag of each actor before `night`."""
    found = {}
    parameters = {"night": night, "from": night - timedelta(days=DAYS)}
    for row in client.query(sql("queries/open_flags.sql"), parameters=parameters).named_results():
        kind, user, place = json.loads(row["signature"])["actor"]
        found[kind, user, place] = Open(row["flag_id"], _surprises(json.loads(row["reasons"])))
    return found


def same(flag: Open, reasons: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a case with these reasons shows little that was not there when `flag` was raised."""
    tonight = _surprises(reasons)
    new = sum(max(size - flag.surprises.get(topic, 0.0), 0.0) for topic, size in tonight.items())
    return new <= NEW * sum(tonight.values())


def _surprises(reasons: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    sizes: dict[str, float] = {}
    for reason in reasons:
        topic = value_of(str(reason["field"]))
        sizes[topic] = sizes.get(topic, 0.0) + float(reason["surprise"])
    return sizes
