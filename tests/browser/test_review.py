"""A reviewer's journey in a real browser: open the queue, open a flag, say what it is; nothing leaves the machine."""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import night_to_review as case
import pytest
from clickhouse_connect.driver.client import Client
from nightporter.console import serve
from playwright.sync_api import Page, expect, sync_playwright

pytestmark = pytest.mark.parametrize("store", ["embedded"], indirect=True)

NIGHT = datetime.now(UTC).date() - timedelta(days=1)
PATIENCE = 30_000  # milliseconds, on a busy machine
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


@pytest.fixture
def console(client: Client) -> Iterator[str]:
    """The address of a console on a store with one small night."""
    case.write_logins(client, NIGHT)
    case.write_night(client, NIGHT)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(serve.command(port), env=dict(os.environ))
    try:
        deadline = time.monotonic() + PATIENCE / 1000
        while not _healthy(port):
            assert process.poll() is None and time.monotonic() < deadline, "the console did not start"
            time.sleep(0.2)
        yield serve.address(port)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) is not None


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(serve.health(port), timeout=1) as answer:
            return bool(answer.read() == b"ok")
    except OSError:
        return False


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """A page of a fresh Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here: ./tests/run installs it as root on Debian")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            tmp_path, executable_path=chromium, headless=True, args=QUIET, viewport={"width": 1280, "height": 900}
        )
        browser.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        yield browser.pages[0]
        browser.close()


def test_from_the_queue_to_a_verdict(page: Page, console: str, client: Client) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if "Content Security" in message.text else None)

    page.goto(console)
    sentence = page.get_by_test_id("stText").first
    expect(sentence).to_have_text(case.FANNED_OUT)
    expect(page.get_by_text("Reviewed 0 of 3 flags")).to_be_visible()

    grid = page.get_by_test_id("stDataFrame").first
    grid.click(position={"x": 300, "y": 38 + 68 + 34})  # the second row, anywhere
    expect(sentence).to_contain_text("198.51.100.9 was refused 3 logins as ![x](http://beacon.invalid/b.png)<img")
    expect(page.locator("img[src*=beacon], img[onerror]")).to_have_count(0)
    expect(page.locator("[data-test-script-state=notRunning]")).to_have_count(1)
    assert "flag=flag2" in page.url

    page.get_by_role("textbox", name="Reason (required)").fill("a scanner of ours, asked the network team")
    page.get_by_role("button", name="Benign").click()
    expect(page.get_by_text("Reviewed: benign.")).to_be_visible()
    expect(page.get_by_text("Reviewed 1 of 3 flags")).to_be_visible()
    given = client.query("SELECT flag_id, verdict, reason FROM verdicts").result_rows
    assert given == [("flag2", "benign", "a scanner of ours, asked the network team")]

    page.reload()  # the address is a link to what is open
    expect(page.get_by_text("Reviewed: benign.")).to_be_visible()
    page.get_by_role("button", name="Next open").click()
    expect(sentence).to_have_text(case.ADMINISTERED)

    here = urlsplit(console).netloc
    assert {urlsplit(url).netloc for url in asked if urlsplit(url).scheme in ("http", "https", "ws", "wss")} == {here}
    assert complaints == []
