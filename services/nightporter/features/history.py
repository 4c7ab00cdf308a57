"""Reads logins slice by slice of time, each with what it must know of the past: memory stays flat, features exact.

A login's features ask when something was last so, and for sums that fade. So of all earlier logins only those matter
that are the last of something: the last of their user, of their user on their host, … These are carried from slice to
slice (table `feature_state`), each with the sums that had grown up to it. Which slices are cut changes no feature.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from nightporter.features.fields import FIELDS
from nightporter.store.query import sql

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

SLICE = 250_000
"""Logins in a slice, about; the store peaks below 2 GB with them, its program included."""

EVER = datetime(1970, 1, 1, tzinfo=UTC)
RUN_TABLES = ("feature_logins", "feature_state", "feature_rows")
EVENTS = "login_events FINAL"  # what the SQL reads
LAST, LAST_GOOD, FIRST_GOOD = "last", "last good", "first good"
ROLES: tuple[tuple[str, str], ...] = (
    # the first four carry sums (queries/features_state.sql)
    ("user", LAST), ("source_ip", LAST), ("user, host", LAST), ("user, hour", LAST),
    ("user", LAST_GOOD), ("user", FIRST_GOOD), ("user, host", LAST_GOOD), ("user, source_ip", LAST),
    ("user, source_ip", LAST_GOOD), ("user, network", LAST_GOOD), ("user, key_fingerprint", LAST_GOOD),
    ("key_fingerprint, source_ip", LAST_GOOD), ("user, service", LAST_GOOD), ("user, service, method", LAST_GOOD),
    ("user, service, family", LAST_GOOD), ("user, service, target", LAST_GOOD), ("user, service, terminal", LAST_GOOD),
    ("user, steps", LAST_GOOD), ("service, family", LAST_GOOD), ("key_fingerprint", LAST_GOOD),
    ("source_ip", LAST_GOOD), ("network", LAST_GOOD), ("host, network", LAST_GOOD), ("source_ip, host", LAST),
    ("target, host", LAST_GOOD),
)  # fmt: skip
"""Of what a login can be the last, as windows of queries/features_slice.sql ask for it; a role's place is its bit."""


def schema() -> str:
    """A name [16 hex digits] of the fields and how they are computed; what is of different ones does not mix."""
    texts = [sql(f"queries/features_{name}.sql") for name in ("logins", "slice", "state")]
    return hashlib.sha256("".join([*texts, repr(ROLES), repr(FIELDS)]).encode()).hexdigest()[:16]


def silent(_: float) -> None:
    """Tells nobody."""


def conditions() -> str:
    """SQL: whether an earlier login is of use, since a key that it is the last of occurs in the slice."""
    masks: dict[str, int] = {}
    for bit, (key, _) in enumerate(ROLES):
        masks[key] = masks.get(key, 0) | 1 << bit
    return "\n            OR ".join(
        f"(bitAnd(roles, {mask}) != 0 AND ({key}) IN (SELECT {key} FROM slice))" for key, mask in masks.items()
    )


def last_of_each() -> str:
    """SQL: (event_id, role) of the last login of every key, among those of the slice and those that were it before."""
    return "\n        UNION ALL\n        ".join(
        f"SELECT {'argMin' if which == FIRST_GOOD else 'argMax'}(event_id, (start, event_id)) AS event_id, "
        f"toUInt32({1 << bit}) AS role FROM feature_rows "
        f"WHERE run = {{run:String}} AND (fresh OR bitTest(roles, {bit})){'' if which == LAST else ' AND good'} "
        f"GROUP BY {key}"
        for bit, (key, which) in enumerate(ROLES)
    )


def read_slices(
    client: "Client",
    select: str,
    parameters: dict[str, Any],
    events: str = EVENTS,
    slice_size: int = SLICE,
    keep_at: datetime | None = None,
    go_on: bool = False,
    progress: Callable[[float], None] = silent,
) -> Iterator[Any]:
    """What `select` (queries/features.sql) says of each login, as Arrow record batches in order of start.

    `events` stands in the place of `login_events FINAL`. The state of the moment `keep_at` is kept, for a later
    reading that begins there and is to `go_on` from it (`has_state`). `progress` is called with the share that is done,
    before each slice.
    """
    run = {"run": secrets.token_hex(8)}
    try:
        client.command(sql("queries/features_logins.sql").replace(EVENTS, events), parameters=parameters | run)
        if go_on:
            copy(client, kept(parameters["since"]), run["run"], EVER)
        asked = {**run, "slice": slice_size, "keep_at": keep_at or parameters["until"]}
        found = client.query(sql("queries/features_begins.sql"), parameters=asked).result_rows
        begins = [begin.replace(tzinfo=UTC) for (begin,) in found]
        ends = [*begins, parameters["until"]][1:]
        for number, (begin, end) in enumerate(zip(begins, ends, strict=True), 1):
            progress((number - 1) / len(begins))
            if keep_at and begin >= keep_at:
                keep(client, run["run"], keep_at, parameters["horizon"])
                keep_at = None
            this = parameters | run | {"begin": begin, "end": end, "slice": number}
            client.command(_with(sql("queries/features_slice.sql"), conditions()), parameters=this)
            with client.query_arrow_stream(select, parameters=this) as stream:
                yield from stream
            if number < len(begins) or keep_at:
                client.command(_with(sql("queries/features_state.sql"), last_of_each()), parameters=this)
                drop(client, "feature_rows", run["run"])
        if keep_at:
            keep(client, run["run"], keep_at, parameters["horizon"])
    finally:
        for table in RUN_TABLES:
            drop(client, table, run["run"])


def kept(moment: datetime) -> str:
    """The name under which the state of a moment is kept."""
    return f"at {moment:%Y-%m-%d %H:%M}"


def has_state(client: "Client", moment: datetime) -> bool:
    """Whether the state of a moment is kept; it is for eight days."""
    asked = {"run": kept(moment)}
    return bool(client.command("SELECT count() > 0 FROM feature_state WHERE run = {run:String}", parameters=asked))


def keep(client: "Client", name: str, moment: datetime, horizon: int) -> None:
    """What is known under a name is what was known at a moment, and is not older than `horizon` seconds."""
    drop(client, "feature_state", kept(moment))
    copy(client, name, kept(moment), moment - timedelta(seconds=horizon))


def copy(client: "Client", name: str, to: str, oldest: datetime) -> None:
    """What is known under one name is known under another, but for what began before `oldest`."""
    asked = {"from": name, "to": to, "oldest": oldest}
    client.command(sql("queries/features_copy.sql"), parameters=asked)


def drop(client: "Client", table: str, run: str) -> None:
    """Leave nothing of a run in a table."""
    client.command(f"ALTER TABLE {table} DROP PARTITION '{run}'")


def _with(text: str, part: str) -> str:
    """The text with a part in the place of its marker, which names this module."""
    before, found, rest = text.partition("/* the ")
    assert found
    return before + part + rest.partition("*/")[2]
