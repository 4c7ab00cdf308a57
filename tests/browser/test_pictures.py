"""The manual's pictures: every page as the demo shows it, from `up --demo` on an empty machine to a phone in the dark.

NIGHTPORTER_WRITE_PICTURES=1 writes them into docs/pictures; a run of its own, `./tests/run -m heavy tests/browser`.
"""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from browser_journey import Appliance, Browser, idle, up
from nightporter.settings import load
from playwright.sync_api import Page, Playwright, expect

pytestmark = pytest.mark.heavy

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
TALLEST = 1600  # pixels of a page that are shown

PAGES = {
    "search": ("/search?user={user}", "Page 1: "),
    "person": ("/person?user={user}", "Usual hours"),
    "server": ("/server?host={host}", "People let in"),
    "health": ("/health", "Lines of each day"),
    "model": ("/model", "What it cannot see"),
    "settings": ("/settings", "Suppressions"),
}
"""Address and a word of the page that is there when it is complete."""


@pytest.fixture(scope="module")
def appliance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    """The demo, as `up --demo` makes and starts it."""
    home = tmp_path_factory.mktemp("demo")
    environment = {
        "NIGHTPORTER_HOME": str(home), "NIGHTPORTER_CLICKHOUSE_URL": "",
        "NIGHTPORTER_CONSOLE_PORT": "0", "NIGHTPORTER_RECEIVER_PORT": "0",
    }  # fmt: skip
    settings = load(environment | {"NIGHTPORTER_HOME": str(home / "demo")})
    with up(environment, settings, datetime.now(UTC).date() - timedelta(days=1), "--demo") as running:
        yield running


def shot(page: Page, name: str, whole: bool = True) -> None:
    """Take the picture docs/pictures/console-<name>.png: the whole page, or what fits the window."""
    page.wait_for_timeout(2000)
    if os.environ.get("NIGHTPORTER_WRITE_PICTURES") != "1":
        return
    size = page.viewport_size or {"width": 1280, "height": 900}
    if whole:
        idle(page)
        height = page.evaluate("Math.max(...[...document.querySelectorAll('.stMain')].map(e => e.scrollHeight))")
        page.set_viewport_size({"width": size["width"], "height": min(int(height) + 40, TALLEST)})
        page.evaluate("document.querySelectorAll('.stMain').forEach(e => e.scrollTop = 0)")
        page.wait_for_timeout(800)
    page.screenshot(path=PICTURES / f"console-{name}.png")
    page.set_viewport_size({"width": size["width"], "height": size["height"]})


def test_every_page_of_the_demo(appliance: Appliance, browser: Browser, playwright: Playwright) -> None:
    nobody = browser()
    nobody.goto(f"{appliance.address}/")
    expect(nobody.get_by_role("button", name="Sign in")).to_be_visible()
    shot(nobody, "sign-in", whole=False)

    page = browser("ada", "admin")
    sentence = page.locator(".st-key-sentence")
    expect(sentence).to_be_visible()
    shot(page, "queue")
    page.keyboard.press("j")
    page.wait_for_url(re.compile("flag="))
    shot(page, "flag")
    page.get_by_role("link", name="This person").click()
    expect(page.get_by_text("Usual hours")).to_be_visible()
    user = page.url.partition("user=")[2]
    page.go_back()
    expect(sentence).to_be_visible()
    page.get_by_role("link", name="This server").click()
    expect(page.get_by_text("People let in")).to_be_visible()
    host = page.url.partition("host=")[2]
    for name, (path, there) in PAGES.items():
        page.goto(appliance.address + path.format(user=user, host=host))
        expect(page.get_by_text(there).first).to_be_visible()
        shot(page, name)
    page.goto(f"{appliance.address}/model")
    page.get_by_text("Use another model").click()
    page.get_by_label("Because").fill("it flags every backup")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("instead of")).to_be_visible()
    shot(page, "model-choice")

    dark = browser("grace", "viewer", color_scheme="dark")
    dark.goto(f"{appliance.address}/briefing")
    expect(dark.get_by_text("How this works")).to_be_visible()
    shot(dark, "briefing-dark")
    phone = playwright.devices["Pixel 7"] | {"color_scheme": "dark"}
    phone.pop("default_browser_type")
    small = browser("brian", "analyst", **phone)
    expect(small.locator(".st-key-sentence")).to_be_visible()
    shot(small, "phone-dark", whole=False)
