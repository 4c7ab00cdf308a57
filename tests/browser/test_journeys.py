"""Journeys through the console of a running `up`, each in a real Chromium. What they ask for is checked by conftest."""

import re

import night_to_review as case
from browser_journey import Appliance, Browser, shot
from console_visit import PASSWORD
from nightporter.store.client import connect
from playwright.sync_api import Locator, Page, expect


def sentence(page: Page) -> Locator:
    """The sentence of the open flag."""
    return page.locator(".st-key-sentence")


def asked(appliance: Appliance, question: str) -> list[tuple[object, ...]]:
    with connect(appliance.settings) as client:
        return list(client.query(question).result_rows)


def test_the_first_sign_in_with_what_up_told(appliance: Appliance, browser: Browser) -> None:
    page = browser()
    page.goto(f"{appliance.address}/health")
    assert "/sign-in" in page.url, "nothing is shown before"
    password = re.search(r"password (\S+)", appliance.told)
    assert password, "up tells how to sign in"
    shot(page, "sign-in", whole=False)
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(password[1])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Choose your password")).to_be_visible()
    page.goto(f"{appliance.address}/audit")
    assert "/new-password" in page.url, "the one-time password opens nothing else"
    page.get_by_label("The password you were given").fill(password[1])
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password again").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("heading", name="What was strange last night")).to_be_visible()
    expect(sentence(page)).to_have_text(case.FANNED_OUT)
