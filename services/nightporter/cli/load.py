"""`ingest` and `parse`: lines into the store, and what the store would read from a line."""

import sys
from contextlib import ExitStack
from typing import Annotated

import typer

from nightporter.cli.app import FAILURE, say, stop


def known_zone(name: str | None) -> str | None:
    """`name` if it is a time zone of the tz database. Raises typer.BadParameter."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name).key if name else None
    except (KeyError, ValueError, OSError):
        raise typer.BadParameter(f"{name!r} is no time zone; give one like UTC or Europe/Berlin.") from None


def ingest(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Log files, folders, .gz, .xz, .zst; - for standard input.")
    ],
    year: Annotated[int | None, typer.Option(help="Year of lines that name none.", min=1970, max=2105)] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Zone of lines that name none, like Europe/Berlin.", callback=known_zone)
    ] = None,
) -> None:
    """Load log files and merge their logins. Running it again changes nothing: every entry counts once."""
    from nightporter.ingest.load import ingest as load
    from nightporter.ingest.progress import Bar
    from nightporter.store.client import connect

    with ExitStack() as stack:
        client = stack.enter_context(connect())
        bar = stack.enter_context(Bar()) if sys.stderr.isatty() else None
        summary = load(client, paths, year, timezone, progress=bar)
    counts = {
        "read": summary.read,
        "stored": summary.stored,
        "already known": summary.already_known,
        "unparsed": summary.unparsed,
    }
    typer.echo(", ".join(f"{name} {count:,}" for name, count in counts.items()) + " entries")
    for sentence in summary.notes + summary.problems:
        say(sentence)
    if summary.problems:
        raise typer.Exit(FAILURE)


def parse(
    source: Annotated[
        str, typer.Argument(metavar="[-]", help="Only -, standard input, which is also the default.")
    ] = "-",
) -> None:
    """Show what would be read from log lines on standard input: one JSON object a line. Nothing is stored."""
    if source != "-":
        raise typer.BadParameter("give the lines on standard input: nightporter parse - < FILE")
    from nightporter.ingest import decompress, lines
    from nightporter.settings import load as load_settings
    from nightporter.store.client import connect
    from nightporter.store.reading import read_lines

    settings = load_settings()
    left_out: list[int] = []
    try:
        with connect(settings) as client:
            for block in lines.pieces(decompress.read(sys.stdin.buffer), left_out.append):
                for chunk in read_lines(client, block, settings.timezone, settings.host_timezones):
                    sys.stdout.buffer.write(chunk)
                sys.stdout.buffer.flush()
    except lines.NotText:
        stop("Standard input is not a text log; give log lines.")
    except decompress.BrokenArchive as broken:
        stop(f"Standard input was read only in part: {broken}.")
    if left_out:
        say(f"{sum(left_out):,} bytes of binary data were left out.")
