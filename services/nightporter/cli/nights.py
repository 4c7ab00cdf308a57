"""`night`, `flags`, `explain` and `verdict`: what the nights found, why, and what reviewers say about it."""

import json
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import typer

from nightporter.cli.app import record, say

Day = Annotated[
    datetime, typer.Option("--date", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="The night, by its date (UTC).")
]
FLAG_COLUMNS = ("rank", "flag_id", "user", "source_ip", "host", "status", "sentence")


class Format(StrEnum):
    """How flags are printed."""

    jsonl = "jsonl"
    table = "table"


class Verdict(StrEnum):
    """What a reviewer can say."""

    malicious = "malicious"
    benign = "benign"
    wrong = "wrong"


def night(
    date: Day,
    budget: Annotated[int | None, typer.Option(help="Most flags; by default the setting review_budget.", min=1)] = None,
    seed: Annotated[
        int, typer.Option(help="Of the networks; the same seed on the same data gives the same flags.", min=0)
    ] = 0,
) -> None:
    """Run one night: learn from the days before, score the day, flag. Again replaces its flags, keeps verdicts."""
    from nightporter.nightly.night import run_night
    from nightporter.store.client import connect

    with connect() as client:
        done = run_night(client, date.date(), budget, seed, progress=say)
    typer.echo(
        f"{done.night}: learned from {done.training_logins:,} logins of {done.training_days} days, "
        f"scored {done.logins:,} logins in {done.cases:,} cases, {done.flags} flags (model run {done.model_run})"
    )


def flags(
    date: Day,
    format: Annotated[Format, typer.Option(help="jsonl: one JSON object a line; table: for reading.")] = Format.table,
) -> None:
    """List a night's flags by rank."""
    from nightporter.cli.tables import print_table
    from nightporter.store.client import connect
    from nightporter.store.query import sql

    with connect() as client:
        rows = client.query(sql("queries/console_flags.sql"), parameters={"night": date.date()}).named_results()
        found = [flag_record(date.date(), row) for row in rows]
    if format is Format.table:
        print_table(FLAG_COLUMNS, found)
    else:
        for record in found:
            typer.echo(json.dumps(record))
    if not found:
        say(f"No flags for {date:%Y-%m-%d}; `nightporter night --date {date:%Y-%m-%d}` runs that night.")


def flag_record(night: date, row: dict[str, object]) -> dict[str, object]:
    """A flag as the contract writes it (section 3)."""
    first = ("flag_id",)
    middle = ("rank", "score", "user", "source_ip", "host", "sentence")
    record = {name: row[name] for name in first} | {"night": night.isoformat()} | {name: row[name] for name in middle}
    record["reasons"] = json.loads(str(row["reasons"]))
    record["benign_twin"] = row["benign_twin"]
    record["techniques"] = list(row["techniques"])  # type: ignore[call-overload]
    record["events"] = json.loads(str(row["events"]))
    record["model_run"] = row["model_run"]
    record["status"] = row["verdict"] or "open"
    return record


def verdict(
    flag_id: Annotated[str, typer.Argument(metavar="FLAG_ID", help="The flag that was reviewed.")],
    verdict: Annotated[
        Verdict, typer.Argument(help="malicious; benign: harmless; wrong: should never have been flagged.")
    ],
    reason: Annotated[str, typer.Option(help="Why, for those who read it later.")],
) -> None:
    """Record what a review found. Nothing is overwritten: the newest verdict counts, all are kept."""
    from getpass import getuser

    from nightporter.store.client import connect
    from nightporter.store.review import give_verdict

    with connect() as client:
        give_verdict(client, flag_id, verdict.value, reason, getuser())
    record("verdict", f"flag {flag_id}", f"{verdict.value} {reason}")
    typer.echo(f"Recorded: {verdict.value}.")
