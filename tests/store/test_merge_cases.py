"""Merging: each folder of tests/sql holds log lines (lines.log, explained in its first line) and their events."""

import json
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from nightporter.store.merge import WORKING_TABLES
from store_logs import load_lines, merged_events

CASES = sorted((Path(__file__).parent.parent / "sql").iterdir())


def lines_of(case: Path) -> list[bytes]:
    return [line for line in (case / "lines.log").read_bytes().splitlines() if not line.startswith(b"#")]


def expected_of(case: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (case / "expect.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_lines_of_a_case_become_its_events(client: Client, case: Path) -> None:
    load_lines(client, lines_of(case))
    events = merged_events(client)
    assert [{key: value for key, value in event.items() if key != "event_id"} for event in events] == expected_of(case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_delivered_backwards_in_two_parts_that_overlap_gives_the_same_events(client: Client, case: Path) -> None:
    load_lines(client, lines_of(case))
    events = merged_events(client)
    for table in ("entries", "touched", "links", "login_events", *WORKING_TABLES, "merge_runs"):
        client.command(f"TRUNCATE TABLE {table} SYNC")
    lines = lines_of(case)[::-1]
    middle = len(lines) // 2
    load_lines(client, lines[:middle])
    merged_events(client)
    load_lines(client, lines[middle - 1 :])
    assert merged_events(client) == events
