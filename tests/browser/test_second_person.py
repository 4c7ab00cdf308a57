"""Journeys in a real Chromium for which one person is not enough, or a phone is: reveal, model, settings, the queue."""

from contextlib import suppress
from http.client import HTTPConnection
from urllib.parse import urlsplit

import night_to_review as case
import pytest
from browser_journey import Appliance, Browser, idle
from clickhouse_connect.driver.client import Client
from nightporter.console.pseudonyms import key_of, pseudonym
from nightporter.model import registry
from nightporter.nightly.app import make_app
from nightporter.store.client import connect
from playwright.sync_api import Page, Playwright, expect
from small_model import small_model

SETTINGS = {"NIGHTPORTER_PSEUDONYMS": "true", "NIGHTPORTER_NOTIFY_EMAIL": "soc@np.example"}

WIDER = """() => [...document.querySelectorAll('.stMain *')]
    .filter(element => !element.closest('[data-testid=stDataFrame], [data-testid=stTooltipContent]'))
    .filter(element => element.getBoundingClientRect().width > 0)
    .filter(element => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(element => element.outerHTML.slice(0, 120))"""
"""What is cut off at the right edge of the page; a table's own columns may be scrolled."""


def asked(appliance: Appliance, question: str) -> list[tuple[object, ...]]:
    with connect(appliance.settings) as client:
        return list(client.query(question).result_rows)


def sentence(page: Page) -> str:
    idle(page)
    return page.locator(".st-key-sentence").inner_text()


def test_a_person_is_revealed_by_a_second_one_and_hidden_again(appliance: Appliance, browser: Browser) -> None:
    hidden = pseudonym(key_of(appliance.settings.home), "ada")
    grace, admin = browser("grace", "analyst"), browser("heidi", "admin")
    grace.goto(f"{appliance.address}/?flag=flag1")
    expect(grace.locator(".st-key-sentence")).to_have_text(case.FANNED_OUT.replace("ada", hidden))
    assert "ada" not in grace.locator(".stMain").inner_text().replace("SHA256:adakey", "")
    grace.get_by_role("link", name="This person").click()
    grace.get_by_text("See who this is").click()
    grace.get_by_label("Why do you need to know?").fill("incident 7, was it her?")
    grace.get_by_role("button", name="Ask").click()
    expect(grace.get_by_text("You have asked.")).to_be_visible()
    assert f"user={hidden}" in grace.url, "the address does not tell either"
    admin.goto(f"{appliance.address}/settings")
    expect(admin.get_by_text("incident 7, was it her?")).to_be_visible()
    admin.get_by_role("button", name="Agree").click()
    expect(admin.get_by_text("agreed by heidi")).to_be_visible()
    grace.goto(f"{appliance.address}/?flag=flag1")
    expect(grace.locator(".st-key-sentence")).to_have_text(case.FANNED_OUT)
    admin.goto(f"{appliance.address}/?flag=flag1")
    expect(admin.locator(".st-key-sentence")).to_contain_text(hidden)  # it holds for whoever asked
    admin.goto(f"{appliance.address}/settings")
    admin.get_by_role("button", name="End it now").click()
    expect(admin.get_by_text("Nobody has asked to see the person behind a pseudonym.")).to_be_visible()
    grace.goto(f"{appliance.address}/?flag=flag1")
    expect(grace.locator(".st-key-sentence")).to_contain_text(hidden)
    done = asked(appliance, "SELECT who, action, about FROM audit WHERE action LIKE 'reveal %' ORDER BY at")
    assert done == [
        ("grace", "reveal asked", hidden), ("heidi", "reveal granted", hidden), ("heidi", "reveal ended", hidden),
    ]  # fmt: skip


@pytest.mark.parametrize("store", ["embedded"], indirect=True)
def test_an_admin_goes_back_to_an_earlier_model(appliance: Appliance, browser: Browser, client: Client) -> None:
    folder, model = appliance.settings.home / "models", small_model(client)
    for night in ("2026-03-01", "2026-03-02"):
        registry.store(folder, f"{night}-good", model, {"night": night})
    worker = make_app(appliance.settings)
    worker.send_task("nightporter.catch_up")
    page = browser("ivan", "admin")
    for _ in range(20):
        page.goto(f"{appliance.address}/model")
        idle(page)
        if page.get_by_text("Use another model").is_visible():
            break
        page.wait_for_timeout(1000)
    page.get_by_text("Use another model").click()
    page.get_by_label("Because").fill("it flags every backup")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Use the model of Sunday 1 March 2026 (2026-03-01-good) instead of")).to_be_visible()
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_text("waits for the worker of the nights")).to_be_visible()
    worker.send_task("nightporter.catch_up")
    for _ in range(20):
        page.wait_for_timeout(1000)
        page.goto(f"{appliance.address}/model")
        idle(page)
        if page.get_by_text("(2026-03-01-good): done").is_visible():
            break
    expect(page.get_by_text("ivan asked for the model of Sunday 1 March 2026 (2026-03-01-good): done")).to_be_visible()
    assert registry.current(folder) == "2026-03-01-good"
    done = asked(appliance, "SELECT who, about, detail FROM audit WHERE action = 'model chosen'")
    assert done == [("ivan", "2026-03-01-good", "it flags every backup")]


def test_an_admin_changes_the_budget_and_takes_it_back(appliance: Appliance, browser: Browser) -> None:
    page = browser("judy", "admin")
    page.goto(f"{appliance.address}/settings")
    page.get_by_text("Change how the nights run").click()
    page.get_by_role("spinbutton", name="Flags a night").fill("20")
    page.get_by_label("Because").fill("holidays")
    page.get_by_text("e-mail", exact=True).click()
    idle(page)
    page.get_by_role("button", name="Change", exact=True).click()
    expect(page.get_by_text("review_budget is 20 (this machine says 50) by judy")).to_be_visible()
    expect(page.get_by_text("notify_paused is e-mail (this machine says empty) by judy")).to_be_visible()
    back = page.locator(".st-key-changed-review_budget").get_by_role("button", name="Take back")
    back.click()
    expect(back).to_have_count(0)
    done = asked(appliance, "SELECT action, about, detail FROM audit WHERE who = 'judy' AND action LIKE 'setting%'")
    assert sorted(done) == [
        ("setting changed", "notify_paused", "empty → e-mail: holidays"),
        ("setting changed", "review_budget", "50 → 20: holidays"),
        ("setting taken back", "review_budget", ""),
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_queue_fits_a_phone(appliance: Appliance, browser: Browser, playwright: Playwright, scheme: str) -> None:
    phone = playwright.devices["Pixel 7"] | {"color_scheme": scheme}
    page = browser(
        "mallory", "analyst", **{name: value for name, value in phone.items() if name != "default_browser_type"}
    )
    page.goto(f"{appliance.address}/?flag=flag3")
    expect(page.locator(".st-key-sentence")).to_contain_text("visudo")
    idle(page)
    page.wait_for_timeout(1000)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert page.evaluate(WIDER) == []
    page.get_by_role("button", name="Benign").scroll_into_view_if_needed()
    page.get_by_role("button", name="Benign").tap()
    expect(page.get_by_role("button", name="The person or the owner confirmed it")).to_be_visible()


PATHS = (
    "/static/../../../../../../etc/passwd", "/static/..%2f..%2f..%2f..%2f..%2fetc/passwd", "/media/../accounts.sqlite",
    "/media/%2e%2e%2faccounts.sqlite", "/..%5c..%5caccounts.sqlite", "//etc/passwd", "/app/static/../../secrets/x",
    "/_stcore/../accounts.sqlite", "/component/x/../../../../etc/passwd", "/static/%00/etc/passwd",
)  # fmt: skip


def test_no_path_leads_out_of_the_console(appliance: Appliance, browser: Browser) -> None:
    page = browser("niaj", "admin")
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    where = urlsplit(appliance.address)
    for path in (*PATHS, "/person?user=" + "x" * 200_000):
        connection = HTTPConnection(where.hostname or "", where.port, timeout=10)
        connection.request("GET", path, headers={"Cookie": cookies})  # as it is: a browser would tidy it up
        answer, body = connection.getresponse(), b""
        with suppress(ConnectionResetError):  # a request line of that length is refused before it is read
            body = answer.read()
        answer.close()  # it holds the socket if it was broken off
        connection.close()
        # what is not there is Streamlit's own page, which then says so
        assert answer.status in (400, 403, 404, 414, 431) or body.startswith(b"<!doctype html>"), path
        assert b"root:" not in body and b"SQLite format" not in body, path
