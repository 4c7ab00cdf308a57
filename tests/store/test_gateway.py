"""The embedded store's process: shared by all commands, gone when nobody needs it, harmless to kill."""

import concurrent.futures
import http.client
import os
import signal
import socket
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client
from nightporter.errors import StoreError
from nightporter.settings import Settings, load
from nightporter.store import embedded
from nightporter.store.client import open_client

PATIENCE = 60
"""Seconds after which something that must happen counts as not happening."""


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """A fresh home whose gateway lingers for a second only."""
    fresh = load({"NIGHTPORTER_HOME": str(tmp_path / "home"), "NIGHTPORTER_STORE_LINGER_SECONDS": "1"})
    yield fresh
    embedded.close_store(fresh)
    running = embedded.state(fresh)
    if running and alive(running["pid"]):
        os.kill(running["pid"], signal.SIGKILL)


def alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether the condition comes true within PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def program(settings: Settings, body: str) -> subprocess.Popen[str]:
    """Another process that runs `body` with a `client`."""
    source = "from nightporter.settings import load\nfrom nightporter.store.client import open_client\n"
    source += "client = open_client(load())\n" + textwrap.dedent(body)
    environment = {**os.environ, "NIGHTPORTER_HOME": str(settings.home), "NIGHTPORTER_STORE_LINGER_SECONDS": "1"}
    return subprocess.Popen([sys.executable, "-c", source], env=environment, stdout=subprocess.PIPE, text=True)


def the_gateway(settings: Settings) -> int:
    """Its process id."""
    running = embedded.state(settings)
    assert running is not None
    return running["pid"]


def test_processes_that_start_at_once_share_one_gateway(settings: Settings) -> None:
    state = settings.home / "run" / "store.json"

    def one(_: int) -> str:
        with program(settings, f"print(client.command('SELECT 1'), open('{state}').read())") as process:
            assert process.stdout is not None
            return process.stdout.read()

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(one, range(4)))
    assert len(set(answers)) == 1 and answers[0].startswith("1 ")


def test_the_gateway_leaves_when_the_last_client_is_killed(settings: Settings) -> None:
    with program(settings, "print('open', flush=True)\nimport time; time.sleep(600)") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        pid = the_gateway(settings)
        time.sleep(3)  # longer than it lingers: the lease keeps it
        assert alive(pid)
        process.kill()
    assert eventually(lambda: not alive(pid))
    assert embedded.state(settings) is None


def test_a_killed_gateway_is_replaced_and_what_was_acknowledged_is_there(settings: Settings) -> None:
    client = open_client(settings)
    client.command("CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n")
    client.command("INSERT INTO t SELECT number FROM numbers(1000)")
    killed = the_gateway(settings)
    os.kill(killed, signal.SIGKILL)
    # its threads end one by one, and the last one closes the lease
    _, lease = embedded._leases[os.getpid(), str(settings.home)]
    assert eventually(lambda: not embedded._alive(lease))
    client.close()
    again = open_client(settings)
    assert again.command("SELECT count() FROM t") == 1000
    assert the_gateway(settings) != killed
    again.close()


def test_a_terminated_gateway_finishes_what_runs(settings: Settings) -> None:
    client = open_client(settings)
    statement = "SELECT sum(sleepEachRow(0.5)) + 1 FROM numbers(6) SETTINGS max_block_size = 1"
    with program(settings, f"print(client.command('{statement}'))") as slow:
        assert eventually(lambda: runs(client, "SELECT sum(sleep%"))
        os.kill(the_gateway(settings), signal.SIGTERM)
        assert slow.stdout is not None
        assert slow.stdout.read() == "1\n"
    assert eventually(lambda: embedded.state(settings) is None)
    client.close()


def runs(client: Client, pattern: str) -> bool:
    """Whether a statement like `pattern` is running."""
    query = "SELECT count() FROM system.processes WHERE query LIKE {pattern:String}"
    return client.command(query, parameters={"pattern": pattern}) == 1


def test_a_client_that_goes_away_stops_its_statement(settings: Settings) -> None:
    client = open_client(settings)
    address = embedded.open_store(settings)
    connection = http.client.HTTPConnection("127.0.0.1", address.port)
    endless = "SELECT sum(sleepEachRow(0.1)) FROM numbers(1000000) SETTINGS max_block_size = 1"
    connection.request("POST", "/", endless, {"X-ClickHouse-Key": address.password})
    assert eventually(lambda: runs(client, "SELECT sum(sleep%"))
    connection.close()
    assert eventually(lambda: not runs(client, "SELECT sum(sleep%"))
    client.close()


def test_an_insert_that_is_cut_off_half_way_stores_nothing(settings: Settings) -> None:
    client = open_client(settings)
    client.command("CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n")
    address = embedded.open_store(settings)
    body = b"INSERT INTO nightporter.t FORMAT TSV\n" + b"1\n" * 1000
    promised = len(body) + 50
    head = f"POST / HTTP/1.1\r\nX-ClickHouse-Key: {address.password}\r\nContent-Length: {promised}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", address.port)) as connection:
        connection.sendall(head.encode() + body)
        assert eventually(lambda: runs(client, "INSERT INTO nightporter.t%"))
    assert eventually(lambda: not runs(client, "INSERT INTO nightporter.t%"))
    assert client.command("SELECT count() FROM t") == 0
    client.close()


def test_a_state_file_that_points_to_nobody_or_a_stranger_is_recognised(settings: Settings) -> None:
    (settings.home / "run").mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        stranger.close()
        (settings.home / "run" / "store.json").write_text(f'{{"pid": 1, "port": {port}}}')
        assert open_client(settings).command("SELECT 1") == 1
    assert the_gateway(settings) != 1


def test_nobody_gets_in_without_the_password(settings: Settings) -> None:
    address = embedded.open_store(settings)
    for headers in ({}, {"X-ClickHouse-Key": "guess"}, {"Authorization": "Basic bmlnaHRwb3J0ZXI6"}):
        for path in ("/?query=SELECT+1", "/lease"):
            connection = http.client.HTTPConnection("127.0.0.1", address.port)
            connection.request("GET", path, headers=headers)
            assert connection.getresponse().status == 403
            connection.close()
    secret = settings.home / "secrets" / "store-password"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.home.stat().st_mode) == 0o700


def test_a_home_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be opened") as refused:
        open_client(load({"NIGHTPORTER_HOME": str(tmp_path / "file" / "home")}))
    assert "\n" not in str(refused.value)


def test_a_large_insert_is_never_in_memory_whole(settings: Settings) -> None:
    client = open_client(settings)
    client.command("CREATE TABLE t (s String) ENGINE = Null")
    pid = the_gateway(settings)
    line = b"x" * 99 + b"\n"

    def body() -> Iterator[bytes]:
        for _ in range(400):
            yield line * 10_000

    client.raw_insert("t", ["s"], body(), fmt="TSV")
    peak = next(row for row in Path(f"/proc/{pid}/status").read_text().splitlines() if row.startswith("VmHWM"))
    assert int(peak.split()[1]) < 900_000, "kB: 400 MB went through one request"
    client.close()
