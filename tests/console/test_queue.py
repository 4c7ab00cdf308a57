"""The queue as a reviewer meets it: each state of the page, opening a flag, giving a verdict."""

import logging
from datetime import UTC, date, datetime, timedelta

import night_to_review as case
import pytest
from clickhouse_connect.driver.client import Client
from console_visit import Visitor, words
from streamlit.testing.v1 import AppTest

# the queries run on both engines in test_reading.py; the page is the same on either
pytestmark = pytest.mark.parametrize("store", ["embedded"], indirect=True)

YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
INERT = {"text", "code", "dataframe"}
"""Elements that show text as it is."""


def select(app: AppTest, row: int) -> None:
    """Click a row of the queue."""
    key = next(key for key in app.session_state.to_dict() if str(key).startswith("queue-"))
    app.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    app.run()


@pytest.fixture
def night(client: Client) -> date:
    case.write_night(client, YESTERDAY)
    return YESTERDAY


@pytest.mark.usefixtures("client")
def test_an_empty_store_says_what_to_load(visit: Visitor) -> None:
    text = words(visit())
    assert "There are no logins yet." in text
    assert "nightporter ingest /var/log/auth.log" in text


def test_logins_without_a_night_say_how_to_score_one(visit: Visitor, client: Client) -> None:
    case.write_logins(client, YESTERDAY)
    text = words(visit())
    assert "32 logins are waiting" in text
    assert f"nightporter night --date {YESTERDAY}" in text


def test_a_night_without_flags_is_no_error(visit: Visitor, client: Client) -> None:
    case.write_night(client, YESTERDAY, flags=0)
    app = visit()
    assert "Nothing stood out" in words(app)
    assert not app.warning


def test_the_first_flag_nobody_reviewed_is_open_with_its_evidence(visit: Visitor, client: Client) -> None:
    case.write_logins(client, YESTERDAY)
    case.write_night(client, YESTERDAY)
    app = visit()
    queue, logins, usual = (frame.value for frame in app.dataframe)
    assert list(queue["rank"]) == [1, 2, 3]
    assert list(queue["rarity"]) == ["1 in 120 000", "1 in 62 000", "1 in 41 000"]
    assert list(queue["status"]) == ["open"] * 3
    assert app.text[0].value == case.FANNED_OUT
    assert list(logins["Server"]) == ["db0", "db1", "db2", "db3"]
    assert app.code[0].value.splitlines()[0].endswith("SHA256:adakey")
    assert app.code[0].value.count("db3 sshd[5003]") == 4, "the strangest login's four lines, and no other's"
    assert {("server", "web1", 12), ("source", "10.1.2.7", 12)} <= set(
        zip(usual["kind"], usual["value"], usual["days"], strict=True)
    )
    assert "T1021.004 moving on by SSH" in words(app)
    assert app.query_params["flag"] == "flag1"
    assert app.query_params["night"] == YESTERDAY.isoformat()


def test_a_link_to_a_flag_opens_it_and_its_night(visit: Visitor, client: Client, night: date) -> None:
    case.write_night(client, YESTERDAY + timedelta(days=1), run="run-2", flags=0)
    app = visit(flag="flag3")
    assert app.selectbox[0].value == night
    assert app.text[0].value == case.ADMINISTERED


@pytest.mark.usefixtures("night")
def test_selecting_a_row_and_going_on_open_that_flag(visit: Visitor) -> None:
    app = visit()
    select(app, 2)
    assert app.text[0].value == case.ADMINISTERED
    app.button(key="step-Previous").click().run()
    assert app.query_params["flag"] == "flag2"


@pytest.mark.usefixtures("night")
def test_names_chosen_by_attackers_are_shown_as_they_are_and_only_where_nothing_interprets_them(visit: Visitor) -> None:
    app = visit(flag="flag2")
    assert app.text[0].value == case.REFUSED.replace("\u202e", "\\u202e")
    # a link carries the name in its address, percent-encoded by the browser; what it shows are our own words
    shown = [
        (element.type, str(getattr(element, "proto", element))) for element in app.main if element.type != "page_link"
    ]
    assert {link.proto.label for link in app.main if link.type == "page_link"} <= {
        "This person", "This server", "All from this source",
    }  # fmt: skip
    found = {kind for kind, content in shown if "beacon.invalid" in content}
    assert {"text", "dataframe"} <= found, "the name is on the page"
    assert found <= INERT
    assert not any("\u202e" in content for _, content in shown)


def test_an_old_night_is_marked_as_stale(visit: Visitor, client: Client) -> None:
    case.write_night(client, YESTERDAY - timedelta(days=3), flags=0)
    assert "Scores are from 4 nights ago" in visit().warning[0].value


@pytest.mark.usefixtures("client")
def test_a_store_that_is_away_is_one_sentence_with_an_id(
    visit: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NIGHTPORTER_CLICKHOUSE_URL", "http://127.0.0.1:9")
    with caplog.at_level(logging.ERROR, "nightporter.console.panel"):
        app = visit()
    text = words(app)
    assert "No complete answer came from http://127.0.0.1:9" in text
    mark = text.split("Error id ")[1][:8]
    assert [record.fields["error_id"] for record in caplog.records if hasattr(record, "fields")] == [mark]
    assert "Traceback" not in text


@pytest.mark.usefixtures("night")
def test_a_flag_that_cannot_be_read_is_a_sentence_without_its_content(visit: Visitor, client: Client) -> None:
    client.command(
        "INSERT INTO flags SELECT * REPLACE ('{\"secret' AS reasons, toUInt64(2) AS version) FROM flags FINAL "
        "WHERE flag_id = 'flag2'"
    )
    text = words(visit())
    assert "Error id" in text
    assert "secret" not in text
