"""Pseudonyms: the same name always has the same one, everywhere; a second person agrees to a reveal, and it ends."""

from datetime import UTC, datetime, timedelta

import night_to_review as case
import pytest
from clickhouse_connect.driver.client import Client
from console_visit import Visitor, words
from nightporter.console import pseudonyms
from nightporter.console.plain import csv_cell, visible
from nightporter.console.pseudonyms import Mask, pseudonym
from nightporter.errors import ReviewError
from nightporter.settings import Settings
from nightporter.store import reveals

YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
KEY = b"k" * 32
ADA = pseudonym(KEY, "ada")


def test_a_name_is_hidden_wherever_it_is_a_word() -> None:
    mask = Mask(KEY, frozenset({"ada", "j.doe", "in"}))
    assert mask.text("ada logged in from /home/ada, asked ada: adamant") == (
        f"{ADA} logged {pseudonym(KEY, 'in')} from /home/{ADA}, asked {ADA}: adamant"
    )
    assert mask.text("for j.doe.") == f"for {pseudonym(KEY, 'j.doe')}."
    assert mask.name(ADA) == "ada" and mask.name("ada") == "ada" and mask.name("person-unknown") == "person-unknown"
    assert Mask(KEY, frozenset({"ada"}), frozenset({"ada"})).text("ada") == "ada"
    assert pseudonym(b"x" * 32, "ada") != ADA


@pytest.mark.parametrize("start", ["=", "+", "-", "@", " =", "\t="])
def test_no_formula_starts_in_an_export(start: str) -> None:
    assert csv_cell(f"{start}cmd|x") == "'" + visible(f"{start}cmd|x")
    assert csv_cell("ada") == "ada"


def test_a_reveal_needs_a_second_person_and_ends(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ReviewError, match="Say why"):
        reveals.ask(client, "ada", "brian", "why")
    reveals.ask(client, "ada", "brian", "incident 7, was it him?")
    with pytest.raises(ReviewError, match="asked for this person already"):
        reveals.ask(client, "ada", "brian", "incident 7, was it him?")
    (asked,) = reveals.latest(client)
    assert (asked.state, asked.who, asked.user) == ("asked", "ada", "brian")
    with pytest.raises(ReviewError, match="second person"):
        reveals.answer(client, asked.id, "ada", True)
    reveals.answer(client, asked.id, "eve", True)
    with pytest.raises(ReviewError, match="answered already"):
        reveals.answer(client, asked.id, "eve", False)
    assert reveals.in_force(client, "ada") == {"brian"} and reveals.in_force(client, "eve") == frozenset()
    reveals.end(client, asked.id, "ada")
    assert reveals.in_force(client, "ada") == frozenset()
    monkeypatch.setattr(reveals, "LASTS", timedelta(seconds=-1))
    reveals.ask(client, "ada", "brian", "incident 7, once more")
    reveals.answer(client, reveals.latest(client)[0].id, "eve", True)
    assert reveals.in_force(client, "ada") == frozenset(), "it ends by itself"


@pytest.mark.parametrize("store", ["embedded"], indirect=True)
def test_people_are_hidden_on_the_pages_until_somebody_agrees(
    visit: Visitor, client: Client, store: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTPORTER_PSEUDONYMS", "true")
    case.write_logins(client, YESTERDAY)
    case.write_night(client, YESTERDAY)
    pseudonyms.forget_people()
    app = visit(flag="flag1", who="grace")
    shown = pseudonym(pseudonyms.key_of(store.home), "ada")
    said = words(app) + app.dataframe[0].value.to_string()
    assert shown in said and "ada" not in said.replace("SHA256:adakey", "")
    person = visit("person", who="grace", user=shown)
    assert shown in words(person) and "10.1.2.7" in person.dataframe[0].value.to_string() + words(person) + str(
        [frame.value.to_string() for frame in person.dataframe]
    ), "search and links work with it"
    reveals.ask(client, "grace", "ada", "incident 7, was it her?")
    admin = visit("settings", role="admin", who="root-admin")
    next(button for button in admin.button if button.label == "Agree").click().run()
    assert case.FANNED_OUT in words(visit(flag="flag1", who="grace"))
    assert case.FANNED_OUT not in words(visit(flag="flag1", who="heidi")), "for whoever asked, and nobody else"
    done = client.query("SELECT who, about FROM audit WHERE action = 'reveal granted'").result_rows
    assert done == [("root-admin", shown)]
