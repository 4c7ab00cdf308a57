"""`simulate` and `evaluate`: a farm with known attacks, and how many of them the nights find."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from nightporter.cli.app import say


def simulate(
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="The folder to write: logs/<host>.log, events.jsonl, attacks.jsonl.")
    ],
    hosts: Annotated[int, typer.Option(help="Servers.", min=1)] = 40,
    users: Annotated[int, typer.Option(help="People.", min=1)] = 100,
    days: Annotated[int, typer.Option(help="Days of logs.", min=1)] = 14,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    start: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The first day; by default the last one is 2026-10-31."),
    ] = None,
    dirt: Annotated[bool, typer.Option(help="Add duplicates, shuffled lines and garbage to the logs.")] = False,
    pid_space: Annotated[int, typer.Option(help="Make process ids scarce; 0 is as usual, 700 is hostile.", min=0)] = 0,
    local_zones: Annotated[
        bool, typer.Option(help="Let some hosts log local time; farm.json names their zones.")
    ] = False,
) -> None:
    """Write the logs of a simulated farm, with what truly happened beside them."""
    from nightporter.simulate.write import simulate as write

    def told(done: int, of: int) -> None:
        sys.stderr.write(f"\rday {done} of {of}" + ("\n" if done == of else ""))
        sys.stderr.flush()

    summary = write(
        out,
        hosts,
        users,
        days,
        seed,
        start=start.date() if start else None,
        progress=told if sys.stderr.isatty() else None,
        dirt=dirt,
        pid_space=pid_space,
        local_zones=local_zones,
    )
    say(f"Wrote {out}.")
    typer.echo(
        f"{summary.lines:,} lines of {summary.hosts} hosts, {summary.first} to {summary.last}: "
        f"{summary.events:,} logins, {summary.attacks} attacks with {summary.attack_events:,} logins"
    )


def evaluate(
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="A folder that `simulate` wrote.", exists=True, file_okay=False)
    ],
    budget: Annotated[
        int | None, typer.Option(help="Flags a night; by default the setting review_budget.", min=1)
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the networks.", min=0)] = 0,
) -> None:
    """Run the nights of a simulated farm; print the share of attacks found at the budget, next to baselines."""
    raise NotImplementedError
