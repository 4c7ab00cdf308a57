"""kill -9 of the worker at each step, and of the broker between steps: the same flags, once."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from kombu.exceptions import OperationalError
from login_rows import LAST, ordinary, spraying, stolen_key, store
from nightporter.nightly import work
from nightporter.nightly.app import make_app
from nightporter.nightly.ledger import OVER, STEPS, Ledger
from nightporter.nightly.night import run_night
from nightporter.settings import load

PATIENCE, REMIND_EVERY = 300.0, 5.0  # seconds
FLAG = (
    "SELECT flag_id, rank, score, user, source_ip, host, sentence, reasons, techniques, events, model_run "
    "FROM flags FINAL WHERE night = {night:Date} ORDER BY rank"
)


def published(client: Client) -> dict[str, Any]:
    """What the night has published, as readers see it."""
    night = {"night": LAST}
    return {
        "flags": client.query(FLAG, parameters=night).result_rows,
        "scores": client.query("SELECT event_id, score FROM scores FINAL ORDER BY event_id").result_rows,
    }


@pytest.fixture
def redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator["Redis"]:
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server here: as root on Debian, ./tests/run installs it")
    server = Redis(tmp_path)
    monkeypatch.setenv("NIGHTPORTER_BROKER_URL", f"redis://127.0.0.1:{server.port}/0")
    monkeypatch.setenv("NIGHTPORTER_BROKER_PASSWORD_FILE", str(server.password))
    server.start()
    yield server
    server.process.kill()
    server.process.wait()


class Redis:
    """A Redis of the test's own, with its data on disk and a password."""

    process: subprocess.Popen[bytes]

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder, self.pid_file, self.password = folder, folder / "pid", folder / "password"
        self.password.write_text("p@ss/word\n")

    def start(self) -> None:
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder), "--appendonly", "yes"]
        secret = ["--requirepass", self.password.read_text().strip(), "--appendfsync", "always", "--save", ""]
        self.process = subprocess.Popen(["redis-server", *options, *secret], stdout=subprocess.DEVNULL)
        self.pid_file.write_text(str(self.process.pid))


@contextmanager
def worker(log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in a process group of its own, which is killed at the end."""
    options = ["--concurrency=2", "--loglevel=info", "--without-mingle", "--without-gossip", "--without-heartbeat"]
    command = [sys.executable, "-m", "celery", "--app=killed_worker", "worker", *options]
    path = os.pathsep.join([str(Path(__file__).parent), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": path, "KILL": "", "KILL_BROKER": "", "PART": "", **environment},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Supervised(ExitStack):
    """A worker that is started again when it has died, as `up` and compose do."""

    def __init__(self, log: Path, **environment: str) -> None:
        super().__init__()
        self.start = lambda: self.enter_context(worker(log, **environment))
        self.process = self.start()

    def while_it_runs(self, true: Callable[[], bool]) -> Callable[[], bool]:
        """`true`, with a worker that lives."""

        def watched() -> bool:
            if self.process.poll() is not None:
                self.process = self.start()
            return true()

        return watched


def until(true: Callable[[], bool], log: Path) -> None:
    """Wait; meanwhile send what the schedule sends, every few seconds instead of every few minutes."""
    begun = reminded = time.monotonic()
    while not true():
        assert time.monotonic() < begun + PATIENCE, log.read_text()[-6000:]
        if time.monotonic() > reminded + REMIND_EVERY:
            with suppress(OperationalError):
                make_app(load()).send_task("nightporter.catch_up", retry=False)
            reminded = time.monotonic()
        time.sleep(0.1)


def over(client: Client) -> bool:
    return Ledger(client, LAST).next() is None


def killed_at(client: Client, names: tuple[str, ...], log: Path, **environment: str) -> None:
    """Have the night run by workers that are killed, one at each of these steps, and by a last one to its end."""
    store(client, ordinary() + stolen_key() + spraying())
    run_night(client, LAST, budget=5, seed=1)
    wanted, runs = published(client), int(str(client.command("SELECT count() FROM model_runs")))
    assert len(wanted["flags"]) >= 2
    make_app(load()).send_task("nightporter.night", [LAST.isoformat()], {"budget": 5, "seed": 1})
    for name in names:
        with worker(log, KILL=name, **environment) as process:
            until(lambda process=process: process.poll() is not None, log)
        assert Ledger(client, LAST).steps[name].state == "running", name
        assert published(client)["flags"] == wanted["flags"], f"flags of the night before are gone after {name}"
    with worker(log, **environment):
        until(lambda: over(client), log)
    assert published(client) == wanted
    assert int(str(client.command("SELECT count() FROM model_runs"))) == runs + 1
    attempts = {name: step.attempt for name, step in Ledger(client, LAST).steps.items()}
    attempts.pop("score")  # its parts wait in the broker: they may outlive the worker, or be sent once more
    assert attempts == {name: 2 if name in names else 1 for name in STEPS if name != "score"}
    assert not (load().home / "nights" / LAST.isoformat()).exists()


@pytest.mark.parametrize("store", ["server"], indirect=True)
@pytest.mark.usefixtures("redis")
def test_a_worker_killed_at_each_step_leaves_the_same_flags_once(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "PART", 150)
    killed_at(client, STEPS, tmp_path / "worker.log", PART="150")


@pytest.mark.parametrize("store", ["embedded"], indirect=True)
def test_and_so_does_one_without_a_broker_of_its_own(client: Client, tmp_path: Path) -> None:
    killed_at(client, ("features", "train", "flag"), tmp_path / "worker.log")


@pytest.mark.parametrize("store", ["server"], indirect=True)
def test_a_broker_killed_between_steps_leaves_the_same_flags_once(client: Client, tmp_path: Path, redis: Redis) -> None:
    store(client, ordinary() + stolen_key() + spraying())
    run_night(client, LAST, budget=5, seed=1)
    wanted = published(client)
    log = tmp_path / "worker.log"
    make_app(load()).send_task("nightporter.night", [LAST.isoformat()], {"budget": 5, "seed": 1})
    names = ("close", "features", "train", "score", "flag")
    with Supervised(log, KILL=" ".join(names), KILL_BROKER=str(redis.pid_file)) as supervised:
        for name in names:
            until(supervised.while_it_runs(lambda: redis.process.poll() is not None), log)
            redis.start()
            until(supervised.while_it_runs(lambda name=name: Ledger(client, LAST).steps[name].state in OVER), log)
        until(supervised.while_it_runs(lambda: over(client)), log)
    assert published(client) == wanted
    assert [step.attempt for step in Ledger(client, LAST).steps.values()] == [1] * len(STEPS)
