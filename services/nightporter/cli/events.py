"""`events`: the merged logins, as JSON lines, CSV or a table. The store formats the rows; they pass through."""

import sys
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """How rows are printed."""

    jsonl = "jsonl"
    csv = "csv"
    table = "table"


def moment(text: str) -> datetime:
    """A date (its first moment) or a date and time; UTC unless it says otherwise. Raises typer.BadParameter."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no date or time; give one like 2026-03-02 or 2026-03-02T15:44:52."
        ) from None
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)


def events(
    since: Annotated[
        datetime | None,
        typer.Option(parser=moment, metavar="TIME", help="Logins that start at this time or later (UTC)."),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(parser=moment, metavar="TIME", help="Logins that start before this time (UTC).")
    ] = None,
    user: Annotated[list[str] | None, typer.Option(help="Logins of this user; may be given several times.")] = None,
    host: Annotated[list[str] | None, typer.Option(help="Logins on this host; may be given several times.")] = None,
    format: Annotated[
        Format, typer.Option(help="jsonl: one JSON object a line; csv: with a header line; table: for reading.")
    ] = Format.jsonl,
) -> None:
    """Print merged logins, ordered by start, host and event_id; what was ingested last is merged first."""
    from nightporter.cli.tables import print_events
    from nightporter.store.client import connect
    from nightporter.store.events import Selection, stream
    from nightporter.store.merge import merge

    selection = Selection(since, until, tuple(user or ()), tuple(host or ()))
    with connect() as client:
        merge(client)
        if format is Format.table:
            print_events(client, selection)
        else:
            for chunk in stream(client, selection, format.value):
                sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
