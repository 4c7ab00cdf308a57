"""`backup`, `restore` and `migrate`: keeping the store safe and up to date."""

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path, typer.Argument(metavar="DIR", file_okay=False)]


def backup(folder: Folder) -> None:
    """Copy the store and the models to the new folder DIR, also while `up` is running."""
    from nightporter.settings import load
    from nightporter.store.copies import back_up

    back_up(load(), folder)
    typer.echo(f"The store and the models are copied to {folder}.")


def restore(folder: Folder) -> None:
    """Fill an empty NIGHTPORTER_HOME, and an empty database on a server, from a backup."""
    from nightporter.settings import load
    from nightporter.store.copies import restore as bring_back

    settings = load()
    bring_back(settings, folder)
    typer.echo(f"{settings.clickhouse_url or settings.home} now holds what {folder} held.")


def migrate(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be applied.")] = False,
) -> None:
    """Bring the store's schema up to date, on a new server from nothing; the embedded store does so by itself."""
    from nightporter.settings import load
    from nightporter.store.client import create_database, open_client, translated
    from nightporter.store.migrate import migrate as apply

    settings = load()
    with translated(settings):
        create_database(settings)
        client = open_client(settings)
        steps = apply(client, settings, dry_run)
    for step in steps:
        typer.echo(f"{'to apply' if dry_run else 'applied'}: {step}")
    if not steps:
        typer.echo("The schema is up to date.")
