"""`simulate` and `evaluate`: a farm with known attacks, and how many of them the nights find."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from nightporter.cli.app import say, stop


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
    import json
    from dataclasses import replace

    from nightporter.cli.tables import print_table
    from nightporter.ingest.load import ingest
    from nightporter.nightly.evaluate import FIRST
    from nightporter.nightly.evaluate import evaluate as run
    from nightporter.settings import load
    from nightporter.store.client import connect

    farm = out / "farm.json"
    if not farm.is_file():
        stop(f"{out} holds no simulated farm; make one with `nightporter simulate {out}`.")
    zones = json.loads(farm.read_text())["zones"]
    # a store of its own beside the farm: simulated logins have no business among real ones
    settings = replace(load(), home=out.absolute() / "store", clickhouse_url="", host_timezones=zones)
    with connect(settings) as client:
        say("loading the farm's logs")
        ingest(client, [str(out / "logs")], settings=settings)
        found = run(client, out, budget or settings.review_budget, seed, say)
    recalls = found.as_dict()["recall"]
    rows = []
    for kind in [*sorted(set(found.kinds.values())), "all"]:
        attacks = len(found.kinds) if kind == "all" else list(found.kinds.values()).count(kind)
        shares = {name: f"{of[kind]['budget']:.0%} ({of[kind]['first']:.0%})" for name, of in recalls.items()}
        rows.append({"attack": kind, "attacks": attacks, **shares})
    title = f"Attacks found within {found.budget} flags a night (and within {FIRST}), {len(found.nights)} nights"
    print_table(("attack", "attacks", *recalls), rows, title)
