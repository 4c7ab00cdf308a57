"""Migrations: applied once, in order, by one process at a time, and never changed afterwards."""

import dataclasses
import os
import threading
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client
from nightporter.errors import MigrationError
from nightporter.settings import Settings
from nightporter.store import migrate as migrations
from nightporter.store.client import open_client
from nightporter.store.migrate import Step, migrate, numbered, pending, require_current, snapshot

SNAPSHOT = Path(__file__).with_name("schema_snapshot.sql")
A = Step("0001_a.sql", "-- a comment; with a semicolon\nCREATE TABLE probe_a (s String DEFAULT ';')\nENGINE = Null;\n")
B = Step(
    "0002_b.sql", "CREATE TABLE probe_b (n UInt8) ENGINE = Null;\n\nCREATE TABLE probe_c (n UInt8) ENGINE = Null;\n"
)


@pytest.fixture
def bare(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client on a database where only the files A and B are to be applied."""
    drop_probes(client)
    monkeypatch.setattr(migrations, "numbered", lambda: [A, B])
    monkeypatch.setattr(migrations, "repeatable", lambda: [])
    monkeypatch.setattr(migrations, "applied", own_applied)
    return client


def own_applied(client: Client) -> dict[str, str]:
    """What was applied, less the files of the real schema: both live in one database here."""
    real = {step.name for step in numbered()} | {"parse_lines"}
    rows = client.query("SELECT name, argMax(checksum, applied_at) FROM schema_migrations GROUP BY name").result_rows
    return {name: checksum for name, checksum in rows if name not in real}


def drop_probes(client: Client) -> None:
    """Forget A and B."""
    for name in ("probe_a", "probe_b", "probe_c"):
        client.command(f"DROP TABLE IF EXISTS {name} SYNC")
    client.command(
        "ALTER TABLE schema_migrations DELETE WHERE name IN ('0001_a.sql', '0002_b.sql')",
        settings={"mutations_sync": 2},
    )


def test_a_second_apply_changes_nothing(client: Client, store: Settings) -> None:
    before = snapshot(client)
    rows = client.command("SELECT count() FROM schema_migrations")
    assert migrate(client, store) == []
    assert pending(client) == []
    assert (snapshot(client), client.command("SELECT count() FROM schema_migrations")) == (before, rows)


def test_the_schema_is_the_one_on_record(client: Client) -> None:
    """After a new migration: NIGHTPORTER_WRITE_SNAPSHOT=1 ./tests/run tests/store, and review the difference."""
    if os.environ.get("NIGHTPORTER_WRITE_SNAPSHOT") == "1":
        SNAPSHOT.write_text(snapshot(client), encoding="utf-8")
    assert snapshot(client) == SNAPSHOT.read_text(encoding="utf-8")


def test_files_are_applied_in_order_and_recorded(bare: Client, store: Settings) -> None:
    try:
        with pytest.raises(MigrationError, match=r"lacks the migration 0001_a.sql; run `nightporter migrate`"):
            require_current(bare)
        assert migrate(bare, store, dry_run=True) == ["0001_a.sql", "0002_b.sql"]
        assert bare.command("EXISTS TABLE probe_a") == 0
        assert migrate(bare, store) == ["0001_a.sql", "0002_b.sql"]
        assert bare.command("EXISTS TABLE probe_c") == 1
        require_current(bare)
    finally:
        drop_probes(bare)


def test_an_edited_file_is_refused_by_name(bare: Client, store: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        migrate(bare, store)
        monkeypatch.setattr(migrations, "numbered", lambda: [A, Step(B.name, B.text + "-- more\n")])
        with pytest.raises(MigrationError, match=r"0002_b.sql was edited after it was applied"):
            migrate(bare, store)
        monkeypatch.setattr(migrations, "numbered", lambda: [A])
        with pytest.raises(MigrationError, match=r"0002_b.sql, which this program does not know"):
            migrate(bare, store)
    finally:
        drop_probes(bare)


def test_a_file_that_fails_is_named_and_can_be_repeated(
    bare: Client, store: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        broken = Step(B.name, "CREATE TABLE probe_b (n Nonsense) ENGINE = Null;\n")
        monkeypatch.setattr(migrations, "numbered", lambda: [A, broken])
        with pytest.raises(MigrationError, match=r"0002_b.sql failed \(.*Nonsense"):
            migrate(bare, store)
        assert bare.command("EXISTS TABLE schema_lock") == 0
        monkeypatch.setattr(migrations, "numbered", lambda: [A, B])
        assert migrate(bare, store) == ["0002_b.sql"]
    finally:
        drop_probes(bare)


def test_two_processes_do_not_apply_a_file_twice(bare: Client, store: Settings) -> None:
    results: list[list[str]] = []
    others = [open_client(store) for _ in range(3)]
    try:
        threads = [threading.Thread(target=lambda c=c: results.append(migrate(c, store))) for c in others]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(results) == [[], [], ["0001_a.sql", "0002_b.sql"]]
    finally:
        for other in others:
            other.close()
        drop_probes(bare)


def test_retention_follows_the_settings(client: Client, store: Settings) -> None:
    def rule(table: str) -> str:
        query = "SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = {table:String}"
        return str(client.command(query, parameters={"table": table}))

    kept = dataclasses.replace(store, raw_retention_days=90, event_retention_months=13)
    try:
        tables = ("entries", "links", "login_events", "scores", "user_days")
        assert migrate(client, kept) == [f"retention of {table}" for table in tables]
        assert "TTL toDateTime(received) + toIntervalDay(90)" in rule("entries")
        assert "TTL toDateTime(merged_at) + toIntervalMonth(13)" in rule("login_events")
        assert migrate(client, kept) == []
        shorter = dataclasses.replace(kept, raw_retention_days=7)
        assert migrate(client, shorter) == ["retention of entries", "retention of links"]
    finally:
        migrate(client, store)
    assert "TTL" not in rule("entries") and "TTL" not in rule("login_events")


def test_a_changed_view_is_replaced_without_dropping_it(
    client: Client, store: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Step("probe_view", "CREATE MATERIALIZED VIEW probe_view TO probe_b AS\nSELECT n FROM probe_c")
    second = Step(
        "probe_view", "CREATE MATERIALIZED VIEW probe_view TO probe_b AS\nSELECT toUInt8(n + 1) AS n FROM probe_c"
    )
    client.command("CREATE TABLE probe_b (n UInt8) ENGINE = MergeTree ORDER BY n")
    client.command("CREATE TABLE probe_c (n UInt8) ENGINE = Null")
    try:
        for step in (first, second):
            monkeypatch.setattr(migrations, "repeatable", lambda step=step: [step])
            assert migrate(client, store) == ["probe_view"]
            client.command("INSERT INTO probe_c VALUES (1)")
        assert client.query("SELECT n FROM probe_b ORDER BY n").result_rows == [(1,), (2,)]
    finally:
        client.command("DROP TABLE IF EXISTS probe_view SYNC")
        drop_probes(client)
        client.command("ALTER TABLE schema_migrations DELETE WHERE name = 'probe_view'", settings={"mutations_sync": 2})


def test_numbers_are_unique_and_statements_are_found() -> None:
    numbers = [step.name[:4] for step in numbered()]
    assert numbers == sorted(set(numbers))
    assert [len(step.statements) for step in (A, B)] == [1, 2]
    assert A.checksum == Step(A.name, A.text.replace("\n", "\r\n")).checksum
