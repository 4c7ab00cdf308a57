"""Canaries: attacks of all kinds, planted each night into a copy of the day, to see whether the models still see.

Every night has other victims, addresses and hours. The planted logins are rows of the table `canary_logins`; features
are computed over them and the real logins together, and only theirs are kept.
"""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from clickhouse_connect.driver.client import Client

from nightporter.features.history import has_state
from nightporter.features.stream import Logins, midnight, read_logins
from nightporter.nightly.canary_kinds import KINDS, Account, Stage
from nightporter.store.query import sql

INSTANCES = 3  # of each kind
DORMANT_DAYS = 10
COLUMNS = (
    "event_id", "host", "service", "pid", "start", "end", "user", "target_user", "source_ip", "source_port", "method",
    "key_fingerprint", "outcome", "invalid_user", "failures", "command", "entries", "version",
)  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """Planted attacks of a night: their logins, and for each login which attack it belongs to (index into `kinds`)."""

    logins: Logins
    attack: npt.NDArray[np.int64]
    kinds: tuple[str, ...]


def plant(client: Client, night: date, since: date, folder: Path | None) -> Planted | None:
    """Plants attacks into a copy of the night, whose history begins at `since`; their features go through `folder`.

    None where there is nobody yet whose account could be misused.
    """
    seed = int.from_bytes(hashlib.sha256(night.isoformat().encode()).digest()[:8], "big")
    cast = _cast(client, night, since, seed)
    people = [account for account in cast if not account.program and account.silent_days < DORMANT_DAYS]
    if not people:
        return None
    programs = [account for account in cast if account.program]
    dormant = [account for account in cast if account.silent_days >= DORMANT_DAYS]
    hosts = sorted({host for account in cast for host in account.hosts})
    addresses = _addresses(client, night)
    tag = f"canary{night:%y%j}"
    kinds: list[str] = []
    rows: list[dict[str, Any]] = []
    for kind in KINDS:
        for number in range(INSTANCES):
            stream = random.Random(f"{seed}/{kind.__name__}/{number}")
            stage = Stage(people, programs, dormant, hosts, stream, night, number % 2 == 1, addresses)
            kind(stage)
            if stage.rows:
                rows += [row | {"attack": len(kinds)} for row in stage.rows]
                kinds.append(kind.__name__)
    ids: dict[str, int] = {f"{tag}{number:05x}": row["attack"] for number, row in enumerate(rows)}
    remove = f"ALTER TABLE canary_logins DROP PARTITION '{tag}'"
    client.command(remove)  # of a night that was killed here
    client.insert("canary_logins", list(_table(rows, ids)), column_names=COLUMNS)
    try:
        source = (
            f"(SELECT * FROM login_events FINAL UNION ALL SELECT * FROM canary_logins WHERE event_id LIKE '{tag}%')"
        )
        until = night + timedelta(days=1)
        go_on = has_state(client, midnight(night))  # else the history is read again
        logins = read_logins(
            client, night if go_on else since, until, thin=0, whole_from=night, folder=folder, events=source, only=tag,
            go_on=go_on,
        )  # fmt: skip
    finally:
        client.command(remove)
    attack = np.array([ids[name.decode()] for name in np.asarray(logins.event_id).tolist()], np.int64)
    return Planted(logins, attack, tuple(kinds))


def _cast(client: Client, night: date, since: date, seed: int) -> list[Account]:
    parameters = {"since": midnight(since), "night": midnight(night), "seed": seed}
    rows = client.query(sql("queries/canary_cast.sql"), parameters=parameters).named_results()
    return [
        Account(
            row["user"], row["key"], row["source"], tuple(sorted(row["hosts"])), row["sudo"] > 0, row["hours"] >= 18,
            row["silent_days"],
        )
        for row in rows
    ]  # fmt: skip


def _addresses(client: Client, night: date) -> dict[str, str]:
    rows = client.query(sql("queries/canary_addresses.sql"), parameters={"night": night}).result_rows
    return {server: address for server, address in rows}  # noqa: C416


def _table(rows: list[dict[str, Any]], ids: dict[str, int]) -> Iterator[list[Any]]:
    usual: dict[str, Any] = {"service": "sshd", "target_user": "", "source_ip": "", "method": "", "key_fingerprint": ""}
    usual |= {"outcome": "success", "invalid_user": False, "failures": 0, "command": "", "entries": 3, "version": 1}
    for number, (event_id, row) in enumerate(zip(ids, rows, strict=True)):
        given = {"event_id": event_id, "pid": 1000 + number, "end": row["start"], "source_port": 0}
        if row.get("service") not in (None, "sshd"):
            given["method"] = ""
        whole = usual | row | given
        yield [whole[name] for name in COLUMNS]
