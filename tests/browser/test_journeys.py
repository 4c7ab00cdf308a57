"""Journeys through the console of a running `up`, each in a real Chromium. What they ask for is checked by conftest."""

import os
import re
import signal
from pathlib import Path

import night_to_review as case
from browser_journey import PATIENCE, Appliance, Browser, idle
from console_visit import PASSWORD
from nightporter.store import embedded
from nightporter.store.client import connect
from nightporter.store.review import CODES
from playwright.sync_api import Locator, Page, TimeoutError, expect
from pypdf import PdfReader


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


def press(page: Page, key: str, then: Locator) -> None:
    """Press a key until it has its effect, as people do: a page that is being drawn may miss one."""
    for _ in range(4):
        page.keyboard.press(key)
        try:
            then.wait_for(timeout=PATIENCE / 4)
            return
        except TimeoutError:
            idle(page)
    expect(then).to_be_visible()


def test_ten_flags_by_keyboard(appliance: Appliance, browser: Browser) -> None:
    page = browser("grace", "analyst")
    expect(sentence(page)).to_be_visible()
    for number in range(10):
        expect(page.get_by_role("button", name="Benign")).to_be_visible()
        idle(page)
        press(page, "2", page.get_by_role("button", name="The person or the owner confirmed it"))
        press(page, "1", page.get_by_text(f"Reviewed {number + 1} of 12 flags"))
    idle(page)
    press(page, "k", page.get_by_text("Reviewed: benign: The person or the owner confirmed it, by grace."))
    idle(page)
    press(page, "u", page.get_by_text("Reviewed 9 of 12 flags"))
    given = asked(
        appliance, "SELECT verdict, count() FROM verdicts WHERE who = 'grace' GROUP BY verdict ORDER BY verdict"
    )
    assert given == [("benign", 10), ("none", 1)]


def test_a_flag_is_decided_without_scrolling_and_a_note_is_no_shortcut(appliance: Appliance, browser: Browser) -> None:
    page = browser("nina", "analyst")
    expect(sentence(page)).to_be_visible()
    page.goto(f"{appliance.address}/?flag=more5")
    expect(page.get_by_role("heading", name="Flag 9")).to_be_visible()
    idle(page)
    table = page.locator(".st-key-queue-table .dvn-scroller")
    page.wait_for_function("element => element.scrollTop > 0", arg=table.element_handle())  # to the ninth row
    for seen in (sentence(page), page.get_by_role("heading", name="Why it stands out"),
                 page.get_by_role("button", name="Malicious"), page.get_by_role("button", name="Wrong")):  # fmt: skip
        expect(seen).to_be_in_viewport(ratio=1)
    press(page, "2", page.get_by_role("button", name="Back"))
    for meaning in CODES["benign"].values():
        expect(page.get_by_role("button", name=meaning)).to_be_in_viewport(ratio=1)
    note = page.locator(".st-key-note textarea")
    page.keyboard.press("t")
    expect(note).to_be_focused()
    page.keyboard.type("asked joana 12")  # a, s, k, j, n, 1 and 2 would all do something
    expect(note).to_have_value("asked joana 12")
    page.keyboard.press("Escape")
    idle(page)
    press(page, "j", page.get_by_role("heading", name="Flag 10"))
    expect(note).to_have_value("")
    idle(page)
    press(page, "k", page.get_by_role("heading", name="Flag 9"))
    expect(note).to_have_value("asked joana 12")
    assert asked(appliance, "SELECT count() FROM verdicts WHERE who = 'nina'") == [(0,)]


def test_a_verdict_by_two_people_at_once(appliance: Appliance, browser: Browser) -> None:
    link = f"{appliance.address}/?flag=flag3"
    ada, brian = browser("ada", "analyst"), browser("brian", "analyst")
    for page in (ada, brian):
        page.goto(link)
        expect(sentence(page)).to_have_text(case.ADMINISTERED)
        idle(page)
    if not ada.get_by_text("Not reviewed yet.").is_visible():
        ada.get_by_role("button", name="Take back").click()
        again = "Open again: ada took the verdict back."
        expect(ada.get_by_text(again)).to_be_visible()
        expect(brian.get_by_text(again)).to_be_visible()  # brian sees it without doing anything
        idle(brian)
    ada.get_by_role("button", name="Malicious").click()
    brian.get_by_role("button", name="Benign").click()
    ada.get_by_role("button", name="A key, password or session").click()
    expect(ada.get_by_role("button", name="A key, password or session")).to_have_count(0)
    brian.goto(link)
    expect(
        brian.get_by_text("Reviewed: malicious: A key, password or session is in foreign hands, by ada.")
    ).to_be_visible()
    rows = asked(appliance, "SELECT who, verdict FROM verdicts WHERE flag_id = 'flag3' AND verdict = 'malicious'")
    assert rows == [("ada", "malicious")]


def test_a_hostile_name_is_shown_and_does_nothing(appliance: Appliance, browser: Browser) -> None:
    page = browser("eve", "viewer")
    for path in ("/?flag=flag2", "/search?source=198.51.100.9", "/server?host=web1"):
        page.goto(appliance.address + path)
        idle(page)
        page.wait_for_timeout(500)
        expect(page.locator("img[src*=beacon], img[onerror]")).to_have_count(0)
        elsewhere = "[...document.links].map(link => link.hostname).filter(host => host !== location.hostname)"
        assert page.evaluate(elsewhere) == []  # a name may stand in a link to its own page
    page.goto(f"{appliance.address}/?flag=flag2")
    expect(sentence(page)).to_contain_text("198.51.100.9 was refused 3 logins as ![x](http://beacon.invalid/b.png)<img")


def test_a_deep_link_survives_signing_in(appliance: Appliance, browser: Browser) -> None:
    browser("judy", "viewer")
    page = browser()
    page.goto(f"{appliance.address}/person?user=brian")
    page.get_by_label("Name").fill("judy")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".st-key-sentence")).to_have_text("brian")
    expect(page.get_by_text("Usual hours")).to_be_visible()
    assert page.url.endswith("/person?user=brian")
    page.goto(f"{appliance.address}/server?host=web1")
    expect(page.get_by_text("People let in")).to_be_visible()
    page.goto(f"{appliance.address}/search?user=ada")
    expect(page.get_by_text("Page 1: ")).to_be_visible()
    page.goto(f"{appliance.address}/health")
    expect(page.get_by_text("Lines of each day")).to_be_visible()
    page.goto(f"{appliance.address}/model")
    expect(page.get_by_text("What it cannot see")).to_be_visible()


def test_the_briefing_as_pdf(appliance: Appliance, browser: Browser, tmp_path: Path) -> None:
    page = browser("mallory", "viewer", color_scheme="dark")
    page.goto(f"{appliance.address}/briefing")
    expect(page.get_by_text("How this works")).to_be_visible()
    idle(page)
    with page.expect_download() as coming:
        page.get_by_role("button", name="PDF").click()
    coming.value.save_as(tmp_path / "briefing.pdf")
    text = " ".join(part.extract_text() for part in PdfReader(tmp_path / "briefing.pdf").pages)
    text = " ".join(text.split())
    assert "What we do not see" in text and "How this works" in text
    assert re.search(r"\d+ of 12 ?reviewed|reviewed by a person", text)
    done = asked(appliance, "SELECT who, about, detail FROM audit WHERE action = 'exported'")
    assert done == [("mallory", f"briefing until {appliance.night}", "PDF")]


def test_the_store_goes_away_and_comes_back(appliance: Appliance, browser: Browser) -> None:
    page = browser("oscar", "analyst")
    expect(sentence(page)).to_be_visible()
    running = embedded.state(appliance.settings)
    assert running
    os.kill(running["pid"], signal.SIGKILL)
    page.goto(f"{appliance.address}/model")
    expect(page.get_by_role("heading", name="Can last night's scores be trusted?")).to_be_visible()
    back = page.get_by_text("What it cannot see")
    expect(back.or_(page.get_by_text("Something is wrong")).first).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)
    for _ in range(5):
        page.goto(f"{appliance.address}/model")
        expect(back.or_(page.get_by_text("Something is wrong")).first).to_be_visible()
        if back.is_visible():
            break
    expect(back).to_be_visible()
