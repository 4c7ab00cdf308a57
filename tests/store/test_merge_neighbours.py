"""Close neighbours (neighbours.py): their lines, late, twice and in any order, merge into the true events."""

import random
from collections import Counter

import pytest
from clickhouse_connect.driver.client import Client
from neighbours import farm
from nightporter.store.merge import WORKING_TABLES
from store_logs import load_lines, merged_events

FIELDS = ("service", "pid", "user", "outcome", "failures", "start", "end", "entries")


@pytest.mark.parametrize("seed", [1, 2])
def test_neighbours_merge_into_what_is_true_in_any_order_and_batches(client: Client, seed: int) -> None:
    host = farm(seed, logins=220)
    load_lines(client, host.lines)
    events = merged_events(client)
    shown = Counter(tuple(event[name] for name in FIELDS) for event in events)
    true = Counter(
        tuple(
            value.replace("T", " ").removesuffix("+00:00") if at in (5, 6) else value for at, value in enumerate(event)
        )
        for event in host.events
    )
    assert (shown - true, true - shown) == (Counter(), Counter())

    chance = random.Random(seed)
    delivered = host.lines + chance.sample(host.lines, len(host.lines) // 5)
    chance.shuffle(delivered)
    for table in ("entries", "touched", "links", "login_events", *WORKING_TABLES, "merge_runs"):
        client.command(f"TRUNCATE TABLE {table} SYNC")
    for part in range(5):
        load_lines(client, delivered[part::5])
        late = merged_events(client)
    assert late == events
