"""Tables for people. Log text is hostile: control characters are spelled out, and nothing is read as rich's markup."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from clickhouse_connect.driver.client import Client
from rich.console import Console
from rich.table import Table
from rich.text import Text

from nightporter.cli.app import say, visible
from nightporter.store.events import Selection, stream

LONGEST_TABLE = 1000  # rows; a table has to be held in memory to be drawn
WIDE = 10_000  # columns of a file or pipe, which has no edge

# fmt: off
EVENT_COLUMNS = (
    "start", "host", "service", "pid", "user", "target_user", "source_ip", "method", "outcome", "failures", "command",
    "event_id",
)
# fmt: on


def print_events(client: Client, selection: Selection) -> None:
    """Draw the first logins of a selection, and say if there are more."""
    lines = b"".join(stream(client, selection, "jsonl", LONGEST_TABLE + 1)).splitlines()
    print_table(EVENT_COLUMNS, map(json.loads, lines[:LONGEST_TABLE]))
    if len(lines) > LONGEST_TABLE:
        narrow = "narrow with --since, --until, --user or --host, or use --format jsonl"
        say(f"Only the first {LONGEST_TABLE:,} logins are shown; {narrow}.")


def print_table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], title: str | None = None) -> None:
    """Draw `rows`; what a row lacks stays empty. Fits a terminal, and is as wide as its content elsewhere."""
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(Text(cell(row.get(name))) for name in columns))
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDE)
    console.print(table)


def cell(value: Any) -> str:
    """A value as text without control characters; null is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.4g}"
    return visible(str(value))
