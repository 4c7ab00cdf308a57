"""What journeys share: the running appliance, waiting until a page is quiet, and pictures of it."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from nightporter.settings import Settings
from playwright.sync_api import Page

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"

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


def idle(page: Page) -> None:
    """Wait until the page's script has run to its end."""
    page.locator("[data-test-script-state=notRunning]").wait_for()


def shot(page: Page, name: str, whole: bool = True) -> None:
    """Take the picture docs/pictures/console-<name>.png, if NIGHTPORTER_WRITE_PICTURES=1."""
    if os.environ.get("NIGHTPORTER_WRITE_PICTURES") != "1":
        return
    size = page.viewport_size or {"width": 1280, "height": 900}
    if whole:
        idle(page)
        page.wait_for_timeout(1500)
        height = page.evaluate("Math.max(...[...document.querySelectorAll('.stMain')].map(e => e.scrollHeight))")
        page.set_viewport_size({"width": size["width"], "height": min(int(height) + 40, 1600)})
        page.evaluate("document.querySelectorAll('.stMain').forEach(e => e.scrollTop = 0)")
        page.wait_for_timeout(800)
    page.screenshot(path=PICTURES / f"console-{name}.png")
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
