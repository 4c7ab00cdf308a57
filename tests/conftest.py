"""What tests share: an empty, migrated store on both engines, and skips that CI does not accept."""

import dataclasses
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from clickhouse_connect.driver.client import Client
from nightporter.settings import Settings, load
from nightporter.store import embedded
from nightporter.store.client import open_client
from nightporter.store.migrate import migrate

ROOT = Path(__file__).parent.parent
LIBCHDB = ROOT / ".cache" / "clickhouse" / "package" / "libchdb.so"
NO_EXPIRY = {"NIGHTPORTER_RAW_RETENTION_DAYS": "0", "NIGHTPORTER_EVENT_RETENTION_MONTHS": "0"}
"""Test logs have old dates; with the usual retention they would be gone at once."""


NOT_HERE = "cannot be had on this machine: "


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is required (CI), a skip is a failure, but for what no installation would help."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("NIGHTPORTER_REQUIRE_ALL") == "1":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        if NOT_HERE not in str(reason):
            report.outcome = "failed"
            report.longrepr = f"NIGHTPORTER_REQUIRE_ALL=1 does not accept this: {reason}"
    return report


@pytest.fixture(scope="session")
def not_here() -> Callable[[str], NoReturn]:
    """Skip what this machine cannot do, whatever is installed on it: it was tried, and this came of it."""

    def skip(reason: str) -> NoReturn:
        pytest.skip(NOT_HERE + reason)

    return skip


@pytest.fixture(scope="session")
def embedded_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """One embedded store for all tests."""
    environment = {
        "NIGHTPORTER_HOME": str(tmp_path_factory.mktemp("home")),
        "NIGHTPORTER_CLICKHOUSE_URL": "",
        **NO_EXPIRY,
    }
    yield environment
    settings = load(environment)
    running = embedded.state(settings)
    embedded.close_store(settings)
    if running:
        os.kill(running["pid"], signal.SIGTERM)


@pytest.fixture(scope="session")
def server_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """One ClickHouse server for all tests."""
    if not LIBCHDB.exists():
        pytest.skip("no ClickHouse server here: ./tests/run fetches it with npm, on x86-64 Linux")
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "password").write_text("not a secret\n")
    script = Path(__file__).with_name("clickhouse_server.py")
    command = [sys.executable, script, LIBCHDB, folder / "data", str(port)]
    process = subprocess.Popen(command, env={**os.environ, "TZ": "UTC"})
    try:
        while not _answers(port):
            assert process.poll() is None, "the ClickHouse server did not start"
            time.sleep(0.1)
        yield {
            "NIGHTPORTER_HOME": str(folder),
            "NIGHTPORTER_CLICKHOUSE_URL": f"http://127.0.0.1:{port}",
            "NIGHTPORTER_CLICKHOUSE_PASSWORD_FILE": str(folder / "password"),
            **NO_EXPIRY,
        }
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


_migrated: set[str] = set()


@pytest.fixture(params=["embedded", "server"])
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a store whose database is migrated; also set in the environment, for code that reads them there."""
    environment: dict[str, str] = request.getfixturevalue(f"{request.param}_environment")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = load()
    if request.param not in _migrated:
        if request.param == "server":
            creator = open_client(dataclasses.replace(settings), database="default")
            creator.command("CREATE DATABASE IF NOT EXISTS nightporter")
            creator.close()
        first = open_client(settings)
        migrate(first, settings)
        first.close()
        _migrated.add(request.param)
    return settings


@pytest.fixture
def client(store: Settings) -> Iterator[Client]:
    """A client on an empty, migrated database; the test runs once on each engine."""
    opened = open_client(store)
    rows = opened.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' "
        "AND total_rows > 0 AND name != 'schema_migrations'"
    ).result_rows
    for (name,) in rows:
        opened.command(f"TRUNCATE TABLE {name} SYNC")
    yield opened
    opened.close()
