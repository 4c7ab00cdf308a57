"""Merging a hostile farm: duplicates, shuffles, garbage, a pid space of 700; the simulator knows the true events."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from clickhouse_connect.driver.client import Client
from nightporter.simulate import simulate
from store_logs import load_lines, merged_events

TIMES = ("start", "end", "session_opened", "session_closed")


def key(event: dict[str, Any]) -> str:
    """All fields of an event but its id (and the simulator's label), in one string."""
    shown = {name: value for name, value in event.items() if name not in ("event_id", "attack")}
    for name in TIMES:
        shown[name] = shown[name] and shown[name].replace("T", " ").removesuffix("+00:00")
    return json.dumps(shown, sort_keys=True)


def test_a_hostile_farm_merges_exactly_and_loading_it_again_changes_nothing(client: Client, tmp_path: Path) -> None:
    simulate(tmp_path, hosts=8, users=20, days=4, seed=7, pid_space=700, dirt=True)
    logs = [path.read_bytes().split(b"\n") for path in sorted((tmp_path / "logs").iterdir())]
    lines = [line for log in logs for line in log if line]
    for start in range(0, len(lines), 40_000):
        load_lines(client, lines[start : start + 40_000])
    events = merged_events(client)
    truth = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    found, true = Counter(map(key, events)), Counter(map(key, truth))
    missed, extra = sum((true - found).values()), len(events) - len(truth)
    examples = [*list(true - found)[:2], *list(found - true)[:2]]
    assert missed <= 0.001 * len(truth), f"{missed} of {len(truth)} events differ: {examples}"
    assert extra <= 0.001 * len(truth)

    load_lines(client, lines[::-1])
    assert merged_events(client) == events
