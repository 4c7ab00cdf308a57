"""A copy of the store and the models, taken while they are in use, and its way back into an empty store.

A ClickHouse server writes and reads the copy itself: the folder must be at the same path there and here, and below the
server's `backups.allowed_path`.
"""

import contextlib
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from clickhouse_connect.driver.binding import quote_identifier
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from nightporter.errors import StoreError, StoreFull
from nightporter.settings import Settings
from nightporter.store.client import connect, error_code, open_client, translated

STORE, MODELS, MARK = "store", "models", "nightporter-backup.txt"
QUEUE_AGAIN = """
CREATE TABLE {database}.touched_before AS {database}.touched;
INSERT INTO {database}.touched_before SELECT * FROM {database}.touched;
TRUNCATE TABLE {database}.touched;
INSERT INTO {database}.touched SELECT * FROM {database}.touched_before SETTINGS insert_deduplicate = 0;
DROP TABLE {database}.touched_before;
TRUNCATE TABLE {database}.merge_runs;
TRUNCATE TABLE {database}.merge_scope;
TRUNCATE TABLE IF EXISTS {database}.merge_cuts;
TRUNCATE TABLE IF EXISTS {database}.merge_links
"""
"""A restored table counts its inserts from one again while its rows keep their numbers: what comes later would stand
before what was merged already, for ever. So the queue, three days of it at most, is written anew and merged again."""
FULL_DISK = {"243", "598"}  # NOT_ENOUGH_SPACE, BACKUP_ALREADY_EXISTS
TABLES = "SELECT count() FROM system.tables WHERE database = {database:String}"


def back_up(settings: Settings, folder: Path) -> None:
    """Copy the store and the models to `folder`, which must not exist or be empty. Raises StoreError.

    On a server, the account needs BACKUP on the database and no right to read it.

    Lines that are being loaded meanwhile may be missing from the copy; loading them again later adds just these.
    """
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreError(f"{folder} is not empty; name a new folder for the backup.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if settings.clickhouse_url:
            folder.chmod(0o2770)  # the server is another user of the same group
        with connect(settings) as client, _full(folder):
            _run(client, "BACKUP DATABASE {} TO File(%(path)s)", settings, folder)
        if (settings.home / MODELS).is_dir():
            shutil.copytree(settings.home / MODELS, folder / MODELS, symlinks=True)
        (folder / MARK).write_text(f"Nightporter, store and models, {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n")
    except OSError as error:
        raise StoreError(
            f"The backup in {folder} cannot be written ({_cause(error)}); remove it and try another place."
        ) from error


def restore(settings: Settings, folder: Path) -> None:
    """Fill an empty store and home from a backup. Raises StoreError, also when there is a store already.

    The schema is the backup's: a newer program migrates it afterwards.
    """
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
            shutil.copytree(folder / MODELS, settings.home / MODELS, symlinks=True, dirs_exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The models cannot be written to {settings.home} ({_cause(error)}); restore to another home."
        ) from error
    with translated(settings):
        client = open_client(settings, "default" if settings.clickhouse_url else None)
        if settings.clickhouse_url and client.command(TABLES, parameters={"database": settings.clickhouse_database}):
            where = f"The database {settings.clickhouse_database} on {settings.clickhouse_url}"
            raise StoreError(f"{where} has tables already; restore into a new one, or drop it first.")
        _run(client, "RESTORE DATABASE {} FROM File(%(path)s)", settings, folder)
        for statement in QUEUE_AGAIN.format(database=quote_identifier(settings.clickhouse_database)).split(";"):
            client.command(statement)
    client.close()


@contextlib.contextmanager
def _full(folder: Path) -> Iterator[None]:
    """Tell a full disk of the copy from one of the store."""
    try:
        yield
    except ClickHouseError as error:
        # where nothing fits any more, the copy's own lock stays empty, and ClickHouse takes it for another's
        if error_code(error) in FULL_DISK or "No space left" in str(error):
            raise StoreFull(
                f"The disk of {folder} is full; free some space or name another place, and run the backup again."
            ) from error
        raise


def _cause(error: OSError) -> str:
    """`shutil.copytree` goes on after a failure and reports all of them at its end: the first stands for them."""
    return str(error.args[0][0][2]) if isinstance(error, shutil.Error) else str(error.strerror)


def _run(client: Client, statement: str, settings: Settings, folder: Path) -> None:
    """These statements take no server-side parameters; the driver quotes the values."""
    text = statement.format(quote_identifier(settings.clickhouse_database))
    # one file, because it belongs to the server's user and somebody else may have to remove it
    place = folder / (f"{STORE}.tar" if settings.clickhouse_url else STORE)
    client.command(text, parameters={"path": str(place)})
