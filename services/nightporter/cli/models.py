"""`models`: the trained models that are kept, which one is current, and how to go back."""

from typing import Annotated

import typer

from nightporter.cli.app import record, say

models = typer.Typer(help="List the trained models; make an older one the current one.", no_args_is_help=True)
COLUMNS = ("run", "night", "start", "networks", "found", "gate", "current")


@models.command("list")
def list_models() -> None:
    """List the models that are kept, the newest first."""
    from nightporter.cli.tables import print_table
    from nightporter.model import registry
    from nightporter.settings import load

    folder = load().home / "models"
    current, rows = registry.current(folder), []
    for run in registry.runs(folder):
        manifest = registry.about(folder, run)
        about, recall = manifest["about"], (manifest["about"].get("canaries") or {}).get("recall")
        gate = about.get("gate")
        rows.append(
            {
                "run": run, "night": about.get("night", ""), "start": about.get("start", ""),
                "networks": (manifest.get("detector") or {}).get("networks", ""),
                "found": "" if recall is None else f"{recall:.0%}",
                "gate": "" if gate is None else "passed" if gate["promoted"] else "kept out",
                "current": "yes" if run == current else "",
            }
        )  # fmt: skip
    print_table(COLUMNS, rows, "Models; found: share of planted attacks within the budget")
    if not rows:
        say("There are no models yet; `nightporter night` trains one.")


@models.command()
def promote(run: Annotated[str, typer.Argument(metavar="RUN", help="A run that `nightporter models` lists.")]) -> None:
    """Make a kept model the current one: the next night goes on from it and is compared with it."""
    from nightporter.model import registry
    from nightporter.settings import load

    folder = load().home / "models"
    registry.fetch(folder, run)  # whole, undamaged, and made for this program's fields
    registry.promote(folder, run)
    _told("model promoted", run)


@models.command()
def rollback() -> None:
    """Go back to the model before the current one."""
    from nightporter.model import registry
    from nightporter.settings import load

    folder = load().home / "models"
    _told("model rolled back", registry.rollback(folder))


def _told(action: str, run: str) -> None:
    """In the audit, in the store for the console, and to whoever asked."""
    from nightporter.nightly.choices import tell
    from nightporter.settings import load
    from nightporter.store.client import connect

    typer.echo(f"{run} is the current model.")
    record(action, run)
    with connect() as client:
        tell(client, load().home / "models")
