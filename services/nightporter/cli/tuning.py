"""`tune`: a better recipe for training on this site's own logins."""

from datetime import datetime
from typing import Annotated

import typer

from nightporter.cli.app import say


def tune(
    date: Annotated[
        datetime,
        typer.Option(
            "--date", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="A night; recipes learn from the days before."
        ),
    ],
    trials: Annotated[int, typer.Option(help="Recipes to try, with those of an earlier, interrupted run.", min=1)] = 20,
) -> None:
    """Try recipes for training; keep one if it has a lower error and finds no fewer planted attacks."""
    from nightporter.nightly.tune import tune as run
    from nightporter.settings import load
    from nightporter.store.client import connect

    settings = load()
    with connect(settings) as client:
        found = run(client, settings, date.date(), trials, say)
    if found.kept:
        typer.echo(f"None of {found.trials} recipes is better in both error and planted attacks; the one so far stays.")
        return
    typer.echo(
        f"Of {found.trials} recipes one is kept for the next cold start: error {found.error[1]:.3f} nats a login "
        f"instead of {found.error[0]:.3f}, planted attacks {found.recall[1]:.0%} instead of {found.recall[0]:.0%}."
    )
