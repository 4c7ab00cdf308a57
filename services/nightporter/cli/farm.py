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
    attacks: Annotated[bool, typer.Option(help="Hide attacks in it; without, all that happens is harmless.")] = True,
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
        with_attacks=attacks,
    )
    say(f"Wrote {out}.")
    typer.echo(
        f"{summary.lines:,} lines of {summary.hosts} hosts, {summary.first} to {summary.last}: "
        f"{summary.events:,} logins, {summary.attacks} attacks with {summary.attack_events:,} logins"
    )


def evaluate(
    out: Annotated[
        list[Path], typer.Argument(metavar="OUT…", help="Folders that `simulate` wrote.", exists=True, file_okay=False)
    ],
    budget: Annotated[
        int | None, typer.Option(help="Flags a night; by default the setting review_budget.", min=1)
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the networks.", min=0)] = 0,
    feedback: Annotated[
        bool,
        typer.Option(help="Also with a simulated reviewer, who says the truth of each flag by the next night."),
    ] = False,
    stable: Annotated[
        bool,
        typer.Option("--stability", help="Also how much the flags of the last two nights depend on the seed."),
    ] = False,
) -> None:
    """Run the nights of simulated farms; print the share of attacks found, next to baselines, as means over farms."""
    import json
    from dataclasses import replace

    from nightporter.cli.tables import print_table
    from nightporter.ingest.load import ingest
    from nightporter.nightly.evaluate import FIRST, mean_recall
    from nightporter.nightly.evaluate import evaluate as run
    from nightporter.nightly.stability import SEEDS, stability
    from nightporter.settings import load
    from nightporter.store.client import connect

    found, steady = [], []
    for folder in out:
        farm = folder / "farm.json"
        if not farm.is_file():
            stop(f"{folder} holds no simulated farm; make one with `nightporter simulate {folder}`.")
        zones = json.loads(farm.read_text())["zones"]
        # a store of its own beside the farm: simulated logins have no business among real ones
        settings = replace(load(), home=folder.absolute() / "store", clickhouse_url="", host_timezones=zones)
        with connect(settings) as client:
            say(f"loading the logs of {folder}")
            ingest(client, [str(folder / "logs")], settings=settings)
            slots = budget or settings.review_budget
            found.append(run(client, folder, slots, seed, say, feedback))
            if stable:
                steady.append({"farm": str(folder)} | stability(client, slots, progress=say).shares())
    methods = list(found[0].flags)
    attacked = [each for each in found if each.kinds]
    rows = []
    for kind in [*sorted({kind for each in attacked for kind in each.kinds.values()}), None]:
        shares = {
            name: f"{mean_recall(attacked, name, found[0].budget, kind):.0%} "
            f"({mean_recall(attacked, name, FIRST, kind):.0%})"
            for name in methods
        }
        count = sum(kind in (None, its) for each in attacked for its in each.kinds.values())
        rows.append({"attack": kind or "all", "attacks": count, **shares})
    title = f"Attacks found within {found[0].budget} flags a night (and within {FIRST}), mean of {len(attacked)} farms"
    if attacked:
        print_table(("attack", "attacks", *methods), rows, title)
    farms = [
        {
            "farm": str(folder), "nights": len(each.nights), "attacks": len(each.kinds),
            "flags a night": f"{sum(each.flags[methods[0]]) / len(each.nights):.1f}",
            "strangest harmless": f"1 in {1 / each.strangest_clean:,.0f}",
            **{name: f"{each.recall(name, FIRST):.0%}" if each.kinds else "" for name in methods},
        }
        for folder, each in zip(out, found, strict=True)
    ]  # fmt: skip
    columns = ("farm", "nights", "attacks", "flags a night", "strangest harmless", *methods)
    print_table(columns, farms, f"Each farm; attacks found within {FIRST} flags")
    if steady:
        title = f"Flags that two of {SEEDS} seeds, or the models of two nights, agree on: mean (least)"
        print_table(tuple(steady[0]), steady, title)
