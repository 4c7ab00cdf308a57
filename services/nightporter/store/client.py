"""The one way to the store: `with connect() as client:`.

The client is clickhouse-connect's, over HTTP, whether the store is the embedded one or a ClickHouse server.
"""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from nightporter.errors import SettingsError, StoreError, StoreFull, StoreUnavailable
from nightporter.settings import Settings, load
from nightporter.store import embedded, migrate

CONNECT_TIMEOUT = 10
ANSWER_TIMEOUT = 3600
"""Seconds without a byte from the store; a night's largest statement takes minutes."""

QUERY_SETTINGS = {
    "async_insert": 0,  # an insert is acknowledged when it is stored, as one block per partition
    "max_partitions_per_insert_block": 0,  # a file may hold years; clocks may be wrong
    "allow_nonconst_timezone_arguments": 1,  # every host has its own zone
    "session_timezone": "UTC",
    # the steps of the parse, merged into one expression, would be evaluated again for every use: five times the work
    "query_plan_merge_expressions": 0,
}

FULL = {"241": "memory", "243": "disk", "307": "disk"}
NO_ACCESS = {"194", "497", "516"}


@contextlib.contextmanager
def connect(settings: Settings | None = None) -> Iterator[Client]:
    """Give a client on the database `nightporter`, its schema up to date.

    The embedded store is started if nobody did, and migrated if it is behind; a server must have been migrated with
    `nightporter migrate`. Errors of the store leave the block as StoreError or one of its kinds.
    """
    settings = settings or load()
    with translated(settings):
        with contextlib.closing(ready_client(settings)) as client:
            yield client


def ready_client(settings: Settings) -> Client:
    """The client of `connect`, for whoever keeps it open; raises the driver's errors and MigrationError."""
    client = open_client(settings)
    try:
        if settings.clickhouse_url:
            migrate.require_current(client)
        else:
            migrate.migrate(client, settings)
    except BaseException:
        client.close()
        raise
    return client


def open_client(settings: Settings, database: str | None = None, answer_timeout: int = ANSWER_TIMEOUT) -> Client:
    """Give a client without looking at the schema; creates the database on the embedded store."""
    database = database or settings.clickhouse_database
    if settings.clickhouse_url:
        url = urlsplit(settings.clickhouse_url)
        if url.scheme not in ("http", "https") or not url.hostname:
            text = f"NIGHTPORTER_CLICKHOUSE_URL is {settings.clickhouse_url!r}; it must look like http://host:8123 or https://host:8443."
            raise SettingsError(text)
        secure = url.scheme == "https"
        return _client(
            url.hostname,
            url.port or (8443 if secure else 8123),
            settings.clickhouse_user,
            _password(settings),
            database,
            secure,
            settings.clickhouse_ca_file,
            answer_timeout,
        )
    address = embedded.open_store(settings)
    with contextlib.closing(_client("127.0.0.1", address.port, "nightporter", address.password, "default")) as client:
        client.command("CREATE DATABASE IF NOT EXISTS {database:Identifier}", parameters={"database": database})
    return _client("127.0.0.1", address.port, "nightporter", address.password, database, answer_timeout=answer_timeout)


def create_database(settings: Settings) -> None:
    """Make the database on a server that does not have it yet; an account that may not do so is told."""
    with contextlib.closing(open_client(settings, "default")) as client:
        name = {"database": settings.clickhouse_database}
        if not client.command("EXISTS DATABASE {database:Identifier}", parameters=name):
            client.command("CREATE DATABASE {database:Identifier}", parameters=name)


def _client(
    host: str,
    port: int,
    user: str,
    password: str,
    database: str,
    secure: bool = False,
    ca_file: Path | None = None,
    answer_timeout: int = ANSWER_TIMEOUT,
) -> Client:
    return clickhouse_connect.get_client(
        host=host,
        port=port,
        username=user,
        password=password,
        database=database,
        secure=secure,
        ca_cert=str(ca_file) if ca_file else None,
        connect_timeout=CONNECT_TIMEOUT,
        send_receive_timeout=answer_timeout,
        autogenerate_session_id=False,  # statements of one client may overlap
        dedicated_pool=True,  # a client that is closed leaves no connection behind
        client_name="nightporter",
        compress="lz4",
        settings=QUERY_SETTINGS,
    )


def _password(settings: Settings) -> str:
    if settings.clickhouse_password_file is None:
        return ""
    try:
        return settings.clickhouse_password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        path = settings.clickhouse_password_file
        raise SettingsError(
            f"The password file {path} cannot be read ({error}); correct NIGHTPORTER_CLICKHOUSE_PASSWORD_FILE."
        ) from error


@contextlib.contextmanager
def translated(settings: Settings) -> Iterator[None]:
    """Turn errors of the driver and of ClickHouse into one sentence each."""
    try:
        yield
    except ClickHouseError as error:
        where = settings.clickhouse_url or f"the embedded store in {settings.home}"
        text = str(error)
        found = error_code(error)
        if "No space left" in text or FULL.get(found) == "disk":
            raise StoreFull(f"The disk of {where} is full; free some space and run the same command again.") from error
        if FULL.get(found) == "memory":
            advice = "set NIGHTPORTER_STORE_MEMORY_MB higher or load less at once"
            raise StoreFull(f"The memory limit of {where} is reached; {advice}.") from error
        if found in NO_ACCESS:
            raise StoreError(
                f"The account {settings.clickhouse_user!r} may not do this on {where}; check its password and grants."
            ) from error
        if found == "81":
            raise StoreError(
                f"There is no database {settings.clickhouse_database!r} on {where}; "
                "create it, then run `nightporter migrate`."
            ) from error
        if not found:
            advice = "check that it is running and run the same command again"
            raise StoreUnavailable(f"No complete answer came from {where}; {advice}.") from error
        raise StoreError(f"The store refused a statement: {_first_line(text)}") from error


def error_code(error: ClickHouseError) -> str:
    """ClickHouse's error code, "" when the error is the driver's own."""
    found = re.search(r"\b[Cc]ode:? (\d+)", str(error))
    return found[1] if found else ""


def _first_line(text: str) -> str:
    said = text[max(text.find("DB::Exception: "), 0) :].removeprefix("DB::Exception: ").strip() or text.strip()
    return said.partition("\n")[0][:300]
