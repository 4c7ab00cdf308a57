"""The whole appliance as `nightporter up` starts it, on a store with one small night, and browsers to look at it."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import night_to_review as case
import pytest
from browser_journey import PATIENCE, Appliance, Browser, up
from console_visit import PASSWORD, sign_in
from nightporter.console.accounts import Accounts
from nightporter.settings import load
from nightporter.store.client import connect
from playwright.sync_api import BrowserContext, Page, Playwright, expect, sync_playwright

NIGHT = datetime.now(UTC).date() - timedelta(days=1)
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


@pytest.fixture(scope="module")
def appliance(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    """One for all journeys of a file, with its SETTINGS; what its browsers asked for is checked when all are done."""
    home = tmp_path_factory.mktemp("appliance")
    environment = {
        "NIGHTPORTER_HOME": str(home), "NIGHTPORTER_CLICKHOUSE_URL": "", "NIGHTPORTER_CONSOLE_PORT": "0",
        "NIGHTPORTER_RAW_RETENTION_DAYS": "0", "NIGHTPORTER_EVENT_RETENTION_MONTHS": "0",
        "NIGHTPORTER_PSEUDONYMS": "false", "NIGHTPORTER_RECEIVER_PORT": "0",
    } | getattr(request.module, "SETTINGS", {})  # fmt: skip
    settings = load(environment)
    with connect(settings) as client:
        case.write_logins(client, NIGHT, days=2)  # too few for a model: the worker must not replace these flags
        case.write_night(client, NIGHT, flags=0, run="quiet")
        case.write_night(client, NIGHT)
        case.write_more_flags(client, 9)
    with up(environment, settings, NIGHT) as running:
        yield running


@pytest.fixture(scope="module")  # while it is open, no other test can run an event loop
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture
def browser(appliance: Appliance, playwright: Playwright, tmp_path: Path) -> Iterator[Browser]:
    """Open a fresh browser: `browser()` for nobody, `browser("ada", "analyst")` for somebody who has signed in."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here: ./tests/run installs it as root on Debian")
    contexts: list[BrowserContext] = []
    expect.set_options(timeout=PATIENCE)

    def open_browser(name: str = "", role: str = "", **options: object) -> Page:
        given: dict[str, object] = {
            "viewport": {"width": 1280, "height": 900},
            "timezone_id": "Europe/Berlin",
        } | options
        context = playwright.chromium.launch_persistent_context(
            tmp_path / f"browser{len(contexts)}",
            executable_path=chromium,
            headless=True,
            args=QUIET,
            **given,  # type: ignore[arg-type]
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.on("request", lambda request: appliance.asked.append(request.url))
        page = context.pages[0]
        page.on("console", lambda said: _complaint(appliance, said.text))
        if name:
            sign_in(Accounts(appliance.settings.home), name, role)
            enter(page, appliance.address, name, PASSWORD)
        return page

    yield open_browser
    for context in contexts:
        context.close()


def _complaint(appliance: Appliance, text: str) -> None:
    if "Content Security" in text:
        appliance.complaints.append(text)


def enter(page: Page, address: str, name: str, password: str) -> None:
    """Sign in."""
    page.goto(f"{address}/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
