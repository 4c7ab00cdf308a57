"""One whole night: close the day, learn from the days before, score the day, flag."""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from clickhouse_connect.driver.client import Client

from nightporter.errors import NightError
from nightporter.features.stream import Logins, day_number, read_logins
from nightporter.model import registry
from nightporter.model.detector import Detector, fit_with_probe
from nightporter.model.train import silent
from nightporter.nightly.cases import Cases, Rows, group
from nightporter.nightly.explain import Night, explain
from nightporter.nightly.flags import Pick, Tail, choose, flag_id, tail
from nightporter.settings import load
from nightporter.store.merge import merge
from nightporter.store.query import sql

Progress = Callable[[str], None]

FEWEST_DAYS = 3  # of logins before a night; with fewer, everything is new
THIN = 4  # logins kept per key and day to learn from
MOST_EVENTS = 200  # listed with a flag


@dataclass
class NightSummary:
    """What a night did."""

    night: date
    model_run: str
    logins: int
    training_days: int
    training_logins: int
    cases: int
    flags: int
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Split:
    """Rows of `Logins`: what the probe learns from, what calibrates it, and the night."""

    early: Rows
    late: Rows  # thinned, to learn from
    late_days: list[Rows]  # whole, one entry a day
    night: Rows


def split_days(days: list[date]) -> tuple[date, date]:
    """First day to learn from, and first held-out day, of the days with logins before a night.

    The first days only fill the history, since everything is new on them; the last ones are held out.
    """
    warm_up, held_out = min(3, len(days) // 4), max(1, min(7, len(days) // 4))
    return days[warm_up], days[len(days) - held_out]


def split_rows(logins: Logins, learn_from: date, held_out_from: date, night: date) -> Split:
    """Rows of the days [learn_from, held_out_from), [held_out_from, night) and of the night."""
    day, thin = logins.day.astype(np.int64), logins.nth <= THIN
    first, middle, last = day_number(learn_from), day_number(held_out_from), day_number(night)
    late = (day >= middle) & (day < last)
    return Split(
        early=np.flatnonzero((day >= first) & (day < middle) & thin),
        late=np.flatnonzero(late & thin),
        late_days=[np.flatnonzero(day == number) for number in np.unique(day[late]).tolist()],
        night=np.flatnonzero(day == last),
    )


def days_before(client: Client, night: date, window: int) -> list[date]:
    """Days with logins in the window before a night; NightError where the night is empty or has too few before it."""
    bounds = {"since": _midnight(night - timedelta(days=window)), "until": _midnight(night + timedelta(days=1))}
    days: list[date] = [row[0] for row in client.query(sql("queries/night_days.sql"), parameters=bounds).result_rows]
    if night not in days:
        raise NightError(
            f"There are no logins on {night}; load logs of that day with `nightporter ingest`, or name another date."
        )
    if len(days) - 1 < FEWEST_DAYS:
        raise NightError(
            f"There are logins on {len(days) - 1} of the {window} days before {night}, a model needs {FEWEST_DAYS}; "
            "load older logs or name a later date."
        )
    return days[:-1]


def run_night(
    client: Client, night: date, budget: int | None = None, seed: int = 0, progress: Progress = silent
) -> NightSummary:
    """Runs one night in this process; running it again replaces its flags and keeps verdicts.

    `budget`: most flags (setting review_budget); `seed`: of the networks. NightError where there is too little.
    """
    settings, started, clock = load(), datetime.now(UTC), _Clock()
    progress("merging new entries")
    merge(client)
    days = days_before(client, night, settings.training_window_days)
    learn_from, held_out_from = split_days(days)
    clock.lap("merge")
    progress(f"reading {days[0]} to {night}")
    logins = read_logins(client, days[0], night + timedelta(days=1), thin=THIN, whole_from=held_out_from)
    split = split_rows(logins, learn_from, held_out_from, night)
    clock.lap("features")
    detector, probe = fit_with_probe(logins, split.early, split.late, seed=seed, progress=progress)
    clock.lap("training")
    progress(f"scoring {len(split.night)} logins")
    surprises = detector.surprises(logins, split.night)
    scored = Night(night, days[0], logins, split.night, surprises, group(logins, split.night, surprises))
    tails = calibrate(logins, split, probe)
    clock.lap("scoring")
    picks = choose(
        scored.cases,
        tails,
        settings.review_budget if budget is None else budget,
        tie_order_of(logins, split.night, scored.cases),
    )
    run = run_name(night, seed, logins)
    progress(f"explaining {len(picks)} flags")
    flags = [describe(client, scored, pick, rank, run) for rank, pick in enumerate(picks, 1)]
    clock.lap("explaining")
    registry.store(
        settings.home / "models", run, detector, {"night": night.isoformat(), "seed": seed, "logins": len(logins)}
    )
    replace_flags(client, night, flags)
    clock.lap("storing")
    summary = NightSummary(
        night,
        run,
        len(split.night),
        len(days),
        len(split.early) + len(split.late),
        len(scored.cases),
        len(flags),
        clock.laps,
    )
    client.insert(
        "model_runs",
        [
            [
                run,
                night,
                started,
                datetime.now(UTC),
                seed,
                summary.logins,
                summary.flags,
                _summary_json(summary, detector, probe),
            ]
        ],
        column_names=["model_run", "night", "started", "finished", "seed", "logins", "flags", "summary"],
    )
    return summary


def calibrate(logins: Logins, split: Split, probe: Detector) -> dict[bool, Tail]:
    """What scores mean, per queue (False: actors, True: refused sources), from days that the probe has not seen."""
    nights: list[Cases] = [group(logins, rows, probe.surprises(logins, rows)) for rows in split.late_days]
    count = sum(len(rows) for rows in split.late_days)
    return {refused: tail(nights, count, refused) for refused in (False, True)}


def tie_order_of(logins: Logins, rows: Rows, cases: Cases) -> list[bytes]:
    """A stable order of cases of equal score: the event id of their strangest login."""
    return [bytes(name) for name in logins.event_id[rows[cases.lead]].tolist()]


def describe(client: Client, scored: Night, pick: Pick, rank: int, run: str) -> dict[str, Any]:
    """One row of the table `flags`."""
    logins, cases = scored.logins, scored.cases
    lead = int(scored.rows[cases.lead[pick.case]])
    explanation = explain(client, scored, pick.case, pick.rarity)
    user, source, host = (logins.value(name, lead) for name in ("user", "source", "host"))
    kind = 2 if cases.refused[pick.case] else 1 if source else 0
    mine = np.flatnonzero(cases.actor == pick.case)
    mine = mine[np.lexsort((mine, -scored.surprises[mine].sum(1)))][:MOST_EVENTS]
    events = [_event(logins, int(scored.rows[row]), float(scored.surprises[row].sum())) for row in mine]
    return {
        "night": scored.date, "rank": rank,
        "flag_id": flag_id(scored.date, kind, "" if kind == 2 else user, source or host),
        "score": pick.rarity, "user": user, "source_ip": source, "host": host, "sentence": explanation.sentence,
        "reasons": json.dumps(explanation.reasons, ensure_ascii=False), "benign_twin": explanation.benign_twin,
        "techniques": explanation.techniques, "events": json.dumps(events, ensure_ascii=False), "model_run": run,
    }  # fmt: skip


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
    ]
    version = time.time_ns()
    kept = {flag["flag_id"] for flag in flags}
    old = client.query(
        "SELECT flag_id FROM flags FINAL WHERE night = {night:Date}", parameters={"night": night}
    ).result_rows
    rows = [[flag[name] for name in names] + [version, 0] for flag in flags]
    rows += [
        [night, gone, 0, 0.0, "", "", "", "", "[]", "", [], "[]", "", version, 1] for (gone,) in old if gone not in kept
    ]
    if rows:
        client.insert("flags", rows, column_names=[*names, "version", "is_deleted"])


def run_name(night: date, seed: int, logins: Logins) -> str:
    """Names a run after what went into it: the same logins and seed give the same name."""
    digest = hashlib.sha256(logins.event_id.tobytes() + str(seed).encode()).hexdigest()[:8]
    return f"{night.isoformat()}-{digest}"


def _summary_json(summary: NightSummary, detector: Detector, probe: Detector) -> str:
    content = asdict(summary) | {"curve": asdict(detector.curve), "probe_curve": asdict(probe.curve)}
    return json.dumps(content, default=str)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


class _Clock:
    """Seconds of each step."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, step: str) -> None:
        now = time.monotonic()
        self.laps[step] = round(now - self._last, 2)
        self._last = now
