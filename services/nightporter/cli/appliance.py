"""`up`: the whole appliance on this machine, as one command that runs until it is stopped."""

import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO, TYPE_CHECKING, Annotated

import typer

from nightporter.cli.app import say, stop

if TYPE_CHECKING:
    from nightporter.cli.children import Child

MERGE_EVERY = 5.0  # seconds
CONSOLE_START = 90.0  # seconds it may take on a busy machine


def up(
    demo: Annotated[
        bool, typer.Option("--demo", help="Simulate a farm in NIGHTPORTER_HOME/demo, run its nights, show them.")
    ] = False,
) -> None:
    """Start store, receiver, nightly worker and console, and print the console's address; Ctrl-C stops everything."""
    from nightporter.settings import load

    if demo:
        os.environ["NIGHTPORTER_HOME"] = str(load().home / "demo")
    settings = load()
    run = settings.home / "run"
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _only_one(run), _stoppable():
        try:
            if demo:
                from nightporter.cli.demo import prepare

                prepare(settings)
            _serve(run, receives=not demo)
        except Stopped:
            say("Nightporter has stopped.")


class Stopped(BaseException):
    """SIGINT or SIGTERM: not an error, so nothing on the way may catch it as one."""


@contextmanager
def _stoppable() -> Iterator[None]:
    """Ctrl-C and SIGTERM raise Stopped once; while things are being stopped, further ones are ignored."""

    def stopped(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Stopped

    before = {number: signal.signal(number, stopped) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _only_one(run: Path) -> Iterator[IO[str]]:
    with (run / "up.json").open("a+") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            held.seek(0)
            stop(f"Nightporter is already up{_address_in(held.read())}; stop it first or set another NIGHTPORTER_HOME.")
        yield held
        held.truncate(0)


def _address_in(text: str) -> str:
    try:
        return f" at {json.loads(text)['address']}"
    except (ValueError, KeyError, TypeError):
        return ""


def worker_command(run: Path) -> list[str]:
    """The command line of the worker that runs each night in time; `run` holds what it remembers of the schedule."""
    options = ["--beat", "--schedule", str(run / "schedule"), "--concurrency", "1", "--loglevel", "info"]
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [sys.executable, "-m", "celery", "--app", "nightporter.nightly.worker", "worker", *options, *alone]


def _tell(run: Path, address: str, children: list["Child"]) -> None:
    """Write down what is running, for `status` and `doctor`."""
    told = {"pid": os.getpid(), "address": address, "children": {c.name: c.process.pid for c in children}}
    (run / "up.json").write_text(json.dumps(told))


def _serve(run: Path, receives: bool) -> None:
    """Start everything, say where the console is, merge what arrives, until stopped. Raises ChildFailed, StoreError."""
    from nightporter.cli.children import free_port, start, stop_all, wait_until_healthy
    from nightporter.console import serve
    from nightporter.console.accounts import Accounts
    from nightporter.errors import StoreUnavailable
    from nightporter.settings import load
    from nightporter.store.client import connect
    from nightporter.store.merge import merge

    settings = load()
    port = free_port(settings.console_port)
    children: list[Child] = []
    with connect(settings):
        try:
            children.append(start("worker", worker_command(run), run))
            if receives:
                name = "NIGHTPORTER_RECEIVER_PORT"
                os.environ[name] = str(free_port(settings.receiver_port, settings.receiver_address, name))
                children.append(start("receiver", [sys.executable, "-m", "nightporter.receiver.server"], run))
            children.append(start("console", serve.command(port), run))
            wait_until_healthy(children[-1], serve.health(port), CONSOLE_START)
            _tell(run, serve.address(port), children)
            typer.echo(f"Nightporter is up: {serve.address(port)}  (Ctrl-C stops it)")
            how = "" if settings.console_proxies else Accounts(settings.home).invitation()
            if how:
                typer.echo(how)
            while True:
                # a store that went away is opened anew, here or by the console, whoever comes first
                with suppress(StoreUnavailable), connect(settings) as client:
                    merge(client)
                for _ in range(round(MERGE_EVERY)):
                    time.sleep(1)
                    living = [child.revived() for child in children]
                    if living != children:
                        children[:] = living
                        _tell(run, serve.address(port), children)
        finally:
            stop_all(children)
