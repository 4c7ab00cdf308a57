"""What journeys share: the running appliance, and waiting until a page is quiet."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

from nightporter.settings import Settings
from nightporter.store import embedded
from playwright.sync_api import Page

Browser = Callable[..., Page]

PATIENCE = 60_000  # milliseconds, on a busy machine


@dataclass
class Appliance:
    """A running `up`: where it is, what it told, and its settings."""

    address: str
    told: str
    settings: Settings
    night: date
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@contextmanager
def up(environment: Mapping[str, str], settings: Settings, night: date, *options: str) -> Iterator[Appliance]:
    """A running `up`, and its store, which is left with it; what its browsers asked for is checked when all is done."""
    run = subprocess.Popen(
        [sys.executable, "-c", "from nightporter.cli import app; app()", "up", *options],
        env=os.environ | environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert run.stdout is not None
        told = ""
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", told)):
            line = run.stdout.readline()
            assert line, f"up ended without an address: {told}"
            told += line
        running = Appliance(found[0], run.stdout.readline(), settings, night)
        yield running
        asked = [urlsplit(url) for url in running.asked]
        others = {url.netloc for url in asked if url.scheme in ("http", "https", "ws", "wss")}
        assert others == {urlsplit(running.address).netloc}, "a browser asked another machine"
        assert running.complaints == []
    finally:
        run.send_signal(signal.SIGINT)
        run.wait(60)
        if run.stdout:
            run.stdout.close()
        embedded.close_store(settings)


def idle(page: Page) -> None:
    """Wait until the page's script has run to its end."""
    page.locator("[data-test-script-state=notRunning]").wait_for()
