"""What journeys share: the running appliance and waiting until a page is quiet."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from nightporter.settings import Settings
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


def idle(page: Page) -> None:
    """Wait until the page's script has run to its end."""
    page.locator("[data-test-script-state=notRunning]").wait_for()
