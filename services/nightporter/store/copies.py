"""A copy of the embedded store, taken while it is in use, and its way back into an empty home."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from clickhouse_connect.driver.binding import quote_identifier
from clickhouse_connect.driver.client import Client

from nightporter.errors import StoreError
from nightporter.settings import Settings
from nightporter.store.client import connect, open_client, translated

STORE, MODELS, MARK = "store", "models", "nightporter-backup.txt"


def back_up(settings: Settings, folder: Path) -> None:
    """Copy the store and the models to `folder`, which must not exist or be empty. Raises StoreError.

    Lines that are being loaded meanwhile may be missing from the copy; loading them again later adds just these.
    """
    _embedded_only(settings, "BACKUP DATABASE")
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreError(f"{folder} is not empty; name a new folder for the backup.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with connect(settings) as client:
            _run(client, "BACKUP DATABASE {} TO File(%(path)s)", settings, folder)
        if (settings.home / MODELS).is_dir():
            shutil.copytree(settings.home / MODELS, folder / MODELS)
        (folder / MARK).write_text(f"Nightporter, store and models, {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n")
    except OSError as error:
        raise StoreError(
            f"The backup in {folder} cannot be written ({error.strerror}); remove it and try another place."
        ) from error


def restore(settings: Settings, folder: Path) -> None:
    """Fill an empty home from a backup. Raises StoreError, also when the home holds a store already."""
    _embedded_only(settings, "RESTORE DATABASE")
    folder = folder.absolute()
    if not (folder / MARK).is_file():
        raise StoreError(
            f"{folder} is no finished Nightporter backup; name the folder that `nightporter backup` wrote."
        )
    for taken in (settings.home / STORE, settings.home / MODELS):
        if taken.is_dir() and any(taken.iterdir()):
            raise StoreError(
                f"{settings.home} holds data already; set NIGHTPORTER_HOME to a new folder to restore into."
            )
    try:
        if (folder / MODELS).is_dir():
            shutil.copytree(folder / MODELS, settings.home / MODELS, dirs_exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The models cannot be written to {settings.home} ({error.strerror}); restore to another home."
        ) from error
    client = open_client(settings)
    with translated(settings):
        _run(client, "RESTORE DATABASE {} FROM File(%(path)s)", settings, folder)
        # Restored parts are numbered anew, so the old position in the queue means nothing: all of it is merged again.
        client.command("TRUNCATE TABLE merge_runs")
    client.close()


def _run(client: Client, statement: str, settings: Settings, folder: Path) -> None:
    """These statements take no server-side parameters; the driver quotes the values."""
    text = statement.format(quote_identifier(settings.clickhouse_database))
    client.command(text, parameters={"path": str(folder / STORE)})


def _embedded_only(settings: Settings, statement: str) -> None:
    if settings.clickhouse_url:
        raise StoreError(f"This is for the embedded store; {settings.clickhouse_url} has its own {statement}.")
