"""Brings the schema up to date: numbered files once each, then the views made of SQL files whenever these change,
then retention.

A file of store/schema that has been applied anywhere never changes again; a change is a new file.
"""

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from nightporter.errors import MigrationError
from nightporter.settings import Settings, load
from nightporter.store.parse import parse_select
from nightporter.store.query import sql

FILE_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")
LOCK_PATIENCE = 120
"""Seconds after which the lock of a process that migrates counts as left behind."""

VIEW_HEAD = " AS\n"

LOCK_AGE = """
SELECT dateDiff('second', max(metadata_modification_time), now())
FROM system.tables WHERE database = currentDatabase() AND name = 'schema_lock'
"""

RETENTION: dict[str, tuple[str, Callable[[Settings], str]]] = {
    "entries": (
        "toDateTime(received)",
        lambda s: f"toIntervalDay({s.raw_retention_days})" if s.raw_retention_days else "",
    ),
    "links": ("seen", lambda s: f"toIntervalDay({s.raw_retention_days})" if s.raw_retention_days else ""),
    "login_events": (
        "toDateTime(merged_at)",
        lambda s: f"toIntervalMonth({s.event_retention_months})" if s.event_retention_months else "",
    ),
    "scores": ("night", lambda s: f"toIntervalMonth({s.event_retention_months})" if s.event_retention_months else ""),
    "user_days": (
        "day",
        lambda s: f"toIntervalMonth({s.event_retention_months})" if s.event_retention_months else "",
    ),
}
"""Table → the time its rows age from, and how long they are kept ("" for ever). Other tables keep their rows."""


@dataclass(frozen=True)
class Step:
    """One thing to apply: a numbered file, or a repeatable view."""

    name: str
    text: str

    @property
    def checksum(self) -> str:
        """Of the text, whatever the line ends."""
        return hashlib.sha256(self.text.replace("\r\n", "\n").encode()).hexdigest()[:32]

    @property
    def statements(self) -> list[str]:
        """The statements; each ends with a semicolon at the end of a line."""
        return [part.strip() for part in re.split(r";[ \t]*(?:\n|$)", self.text) if _code(part)]


def _code(part: str) -> str:
    return "\n".join(line for line in part.splitlines() if not line.lstrip().startswith("--")).strip()


def numbered() -> list[Step]:
    """The files of store/schema in their order."""
    folder = files("nightporter.store").joinpath("schema")
    names = sorted(entry.name for entry in folder.iterdir() if FILE_NAME.match(entry.name))
    numbers = [name[:4] for name in names]
    twice = next((number for number in numbers if numbers.count(number) > 1), None)
    if twice:
        raise MigrationError(
            f"Two files of store/schema have the number {twice}; give one of them the next free number."
        )
    return [Step(name, sql(f"schema/{name}")) for name in names]


def repeatable() -> list[Step]:
    """The views that are made again when their SQL changes."""
    return [Step("parse_lines", f"CREATE MATERIALIZED VIEW parse_lines TO entries{VIEW_HEAD}{parse_select('lines')}")]


def applied(client: Client) -> dict[str, str]:
    """Name → checksum of what has been applied to this database."""
    if not client.command("EXISTS TABLE schema_migrations"):
        return {}
    rows = client.query("SELECT name, argMax(checksum, applied_at) FROM schema_migrations GROUP BY name").result_rows
    return {str(name): str(checksum) for name, checksum in rows}


def pending(client: Client) -> list[Step]:
    """What `migrate` would apply; MigrationError when an applied file was edited or the database is too new."""
    done = applied(client)
    known = {step.name for step in numbered()}
    newer = sorted(name for name in done if FILE_NAME.match(name) and name not in known)
    if newer:
        raise MigrationError(
            f"The database has the migration {newer[0]}, which this program does not know; "
            "install the newer Nightporter."
        )
    for step in numbered():
        if step.name in done and done[step.name] != step.checksum:
            raise MigrationError(
                f"The migration {step.name} was edited after it was applied; "
                "restore it and put the change into a new file."
            )
    return [step for step in numbered() + repeatable() if done.get(step.name) != step.checksum]


def require_current(client: Client) -> None:
    """Raise MigrationError unless everything has been applied."""
    missing = pending(client)
    if missing:
        raise MigrationError(f"The database lacks the migration {missing[0].name}; run `nightporter migrate`.")


def migrate(client: Client, settings: Settings | None = None, dry_run: bool = False) -> list[str]:
    """Apply what is missing, set the retention; return what was (or, on a dry run, would be) applied."""
    settings = settings or load()
    steps = pending(client)
    expiring = _retention_changes(client, settings) if not steps else []
    if dry_run or not (steps or expiring):
        return [step.name for step in steps] + [f"retention of {table}" for table, _ in expiring]
    with _lock(client):
        steps = pending(client)
        for step in steps:
            _apply(client, step)
        expiring = _retention_changes(client, settings)
        for _, statement in expiring:
            client.command(statement)
    return [step.name for step in steps] + [f"retention of {table}" for table, _ in expiring]


def _apply(client: Client, step: Step) -> None:
    client.command(sql("schema/migrations_table.sql").strip().rstrip(";"))
    statements = step.statements
    if not FILE_NAME.match(step.name) and client.command(f"EXISTS TABLE {step.name}"):
        # not dropped and made again: lines that arrive in between would be lost
        statements = [f"ALTER TABLE {step.name} MODIFY QUERY\n{step.text.partition(VIEW_HEAD)[2]}"]
    for statement in statements:
        try:
            client.command(statement)
        except DatabaseError as error:
            cause = str(error).split("DB::Exception: ")[-1].splitlines()[0][:300]
            raise MigrationError(f"The migration {step.name} failed ({cause}); correct it and run it again.") from error
    client.command(
        "INSERT INTO schema_migrations (name, checksum) VALUES ({name:String}, {checksum:String})",
        parameters={"name": step.name, "checksum": step.checksum},
    )


def _retention_changes(client: Client, settings: Settings) -> list[tuple[str, str]]:
    """Tables whose retention differs from the settings, each with the statement that corrects it."""
    changes = []
    for table, (since, kept_for) in RETENTION.items():
        engine = str(
            client.command(
                "SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = {t:String}",
                parameters={"t": table},
            )
        )
        wanted = f"{since} + {kept_for(settings)}" if kept_for(settings) else ""
        found = re.search(r" TTL (.*?)(?: SETTINGS |$)", engine)
        if (found[1] if found else "") != wanted:
            # old rows go with the next merges; rewriting all parts at once would stall the night
            change = f"MODIFY TTL {wanted} SETTINGS materialize_ttl_after_modify = 0" if wanted else "REMOVE TTL"
            changes.append((table, f"ALTER TABLE {table} {change}"))
    return changes


@contextmanager
def _lock(client: Client) -> Iterator[None]:
    """One migration of a database at a time: a lock table that lives as long as the work."""
    while True:
        try:
            client.command("CREATE TABLE schema_lock (owner String) ENGINE = Null")
            break
        except DatabaseError as error:
            if "57" not in re.findall(r"\b[Cc]ode:? (\d+)", str(error)):
                raise
            if int(str(client.command(LOCK_AGE))) > LOCK_PATIENCE:
                client.command("DROP TABLE IF EXISTS schema_lock SYNC")
            time.sleep(0.2)
    try:
        yield
    finally:
        client.command("DROP TABLE IF EXISTS schema_lock SYNC")


def snapshot(client: Client) -> str:
    """Every object of the database as ClickHouse prints it, without retention and the database's name.

    The SELECT of a repeatable view is left out: its source is not a migration, and has tests of its own.
    """
    rows = client.query(
        "SELECT name, create_table_query FROM system.tables "
        "WHERE database = currentDatabase() AND NOT startsWith(name, '.') ORDER BY name"
    ).result_rows
    database = re.escape(str(client.database))
    statements = [re.sub(rf"`?\b{database}`?\.", "", str(statement)) for _, statement in rows]
    statements = [
        re.sub(r" TTL (toDateTime\((received|merged_at)\)|seen|night|day) \+ \w+\(\d+\)", "", statement)
        for statement in statements
    ]
    for step in repeatable():
        view = re.compile(rf"^(CREATE MATERIALIZED VIEW {step.name} .*?) AS (WITH|SELECT) .*$", re.DOTALL)
        statements = [view.sub(r"\1 AS …", statement) for statement in statements]
    return ";\n\n".join(statements) + ";\n"
