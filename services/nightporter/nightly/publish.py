"""What a night publishes: its flags, the score of each login, and the record of its run."""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from clickhouse_connect.driver.client import Client

from nightporter.features.stream import Logins
from nightporter.nightly.carried import Actor, Open, same
from nightporter.nightly.cases import Cases, Rows
from nightporter.nightly.deed import likewise
from nightporter.nightly.explain import explain
from nightporter.nightly.feedback import actor_of, signature
from nightporter.nightly.flags import Floats, Pick, flag_id
from nightporter.nightly.nearest import nearest
from nightporter.nightly.quoted import Night

MOST_EVENTS = 200  # listed with a flag
SCORES_AT_ONCE = 1_000_000


def tie_order_of(logins: Logins, rows: Rows, cases: Cases) -> npt.NDArray[np.bytes_]:
    """A stable order [K] of cases of equal score: the event id of their strangest login."""
    return np.asarray(logins.event_id[rows[cases.lead]])


def describe(
    client: Client,
    scored: Night,
    pick: Pick,
    rank: int,
    run: str,
    unanswered: Mapping[Actor, Open],
    feedback: Sequence[str] = (),
) -> dict[str, Any]:
    """One row of the table `flags`.

    `unanswered`: flags of earlier nights, one of which this case may carry on; `feedback`: what verdicts and
    suppressions did to it.
    """
    logins, cases = scored.logins, scored.cases
    lead = int(scored.rows[cases.lead[pick.case]])
    explanation = explain(client, scored, pick.case, pick.rarity)
    reasons = explanation.reasons + [
        {"field": "feedback", "value": "verdicts and suppressions", "usual": "", "surprise": 0.0, "text": text}
        for text in feedback
    ]
    user, source, host = (logins.value(name, lead) for name in ("user", "source", "host"))
    refused = bool(cases.refused[pick.case])
    actor = actor_of(cases, pick.case, logins, scored.rows)
    before = unanswered.get(actor)
    carried = before.flag_id if before and same(before, explanation.reasons) else None
    each = [np.flatnonzero(cases.actor == case) for case in (pick.case, *pick.joined)]
    ordered = np.concatenate([some[np.lexsort((some, -scored.surprises[some].sum(1)))] for some in each])
    events = [
        _event(logins, int(scored.rows[row]), float(scored.surprises[row].sum())) for row in ordered[:MOST_EVENTS]
    ]
    others = [(len(some), _place(logins, int(scored.rows[cases.lead[case]]))) for some, case in
              zip(each[1:], pick.joined, strict=True)]  # fmt: skip
    sentence = f"{explanation.sentence} {likewise(others)}".rstrip()
    return {
        "night": scored.date, "rank": rank,
        "flag_id": carried or flag_id(scored.date, *actor),
        "score": pick.rarity, "user": user, "source_ip": source, "host": host, "sentence": sentence,
        "reasons": json.dumps(reasons, ensure_ascii=False), "benign_twin": explanation.benign_twin,
        "techniques": explanation.techniques, "events": json.dumps(events, ensure_ascii=False), "model_run": run,
        "nearest": json.dumps([] if refused else nearest(logins, lead), ensure_ascii=False),
        "signature": signature(cases, pick.case, logins, scored.rows),
    }  # fmt: skip


def _place(logins: Logins, row: int) -> str:
    source = logins.value("source", row)
    return f"from {source}" if source else f"on {logins.value('host', row)}"


def _event(logins: Logins, row: int, score: float) -> dict[str, Any]:
    start = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(logins.start_us[row]))
    return {
        "event_id": logins.event_id[row].decode(), "host": logins.value("host", row),
        "service": logins.value("service", row), "user": logins.value("user", row),
        "pid": int(logins.pid[row]) or None, "start": start.isoformat(timespec="microseconds"),
        "score": round(score, 2),
    }  # fmt: skip


def replace_flags(client: Client, night: date, flags: list[dict[str, Any]]) -> None:
    """Puts `flags` in the place of the night's flags, in one insert: readers see the old list or the new one."""
    names = [
        "night",
        "flag_id",
        "rank",
        "score",
        "user",
        "source_ip",
        "host",
        "sentence",
        "reasons",
        "benign_twin",
        "techniques",
        "events",
        "model_run",
        "nearest",
        "signature",
    ]
    version = time.time_ns()
    kept = {flag["flag_id"] for flag in flags}
    old = client.query(
        "SELECT flag_id FROM flags FINAL WHERE night = {night:Date}", parameters={"night": night}
    ).result_rows
    rows = [[flag[name] for name in names] + [version, 0] for flag in flags]
    rows += [
        [night, gone, 0, 0.0, "", "", "", "", "[]", "", [], "[]", "", "[]", "", version, 1]
        for (gone,) in old
        if gone not in kept
    ]
    if rows:
        client.insert("flags", rows, column_names=[*names, "version", "is_deleted"])


def replace_scores(client: Client, night: date, logins: Logins, scored: Night, rarity: Floats, run: str) -> None:
    """Puts the scores of a night's logins in the place of those it had; `rarity` [K] of the cases."""
    version = time.time_ns()
    ids, totals = logins.event_id[scored.rows], scored.surprises.sum(1)
    shares = rarity[scored.cases.actor]
    for first in range(0, len(ids), SCORES_AT_ONCE):
        part = slice(first, first + SCORES_AT_ONCE)
        count = len(ids[part])
        table = pa.table({
            "night": pa.array([night] * 1, pa.date32()).take(pa.array(np.zeros(count, np.int32))),
            "event_id": pa.array(ids[part].astype("U16")),
            "model_run": pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), [run]).dictionary_decode(),
            "score": pa.array(totals[part], pa.float32()),
            "rarity": pa.array(shares[part], pa.float32()),
            "version": pa.array(np.full(count, version, np.uint64)),
        })  # fmt: skip
        client.insert_arrow("scores", table)
    gone = "ALTER TABLE scores DELETE WHERE night = {night:Date} AND version < {version:UInt64}"
    client.command(gone, parameters={"night": night, "version": version})


def record_run(
    client: Client,
    run: str,
    night: date,
    started: datetime,
    seed: int,
    logins: int,
    flags: int,
    summary: dict[str, Any],
) -> None:
    """One row of `model_runs`; nothing where the run that began at `started` is recorded already."""
    known = "SELECT count() FROM model_runs WHERE night = {night:Date} AND started = {started:DateTime64(6, 'UTC')}"
    if int(str(client.command(known, parameters={"night": night, "started": f"{started:%Y-%m-%d %H:%M:%S.%f}"}))):
        return
    client.insert(
        "model_runs",
        [[run, night, started, datetime.now(UTC), seed, logins, flags, json.dumps(summary, default=str)]],
        column_names=["model_run", "night", "started", "finished", "seed", "logins", "flags", "summary"],
    )
