"""Verdicts as a reviewer gives them: two keys, a note, taking them back, two reviewers at once, all of one actor."""

from datetime import UTC, date, datetime, timedelta

import night_to_review as case
import pytest
from clickhouse_connect.driver.client import Client
from console_visit import Visitor, words
from nightporter.errors import ReviewError
from nightporter.store.review import CODES, NEVER, NONE, Overtaken, close_all, give_verdict, history

embedded = pytest.mark.parametrize("store", ["embedded"], indirect=True)
YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)


@pytest.fixture
def night(client: Client) -> date:
    case.write_night(client, YESTERDAY)
    return YESTERDAY


@embedded
@pytest.mark.usefixtures("night")
def test_two_keys_record_a_verdict_with_its_code_score_and_model_and_open_the_next_flag(
    visit: Visitor, client: Client
) -> None:
    app = visit(who="ada")
    app.button(key="benign-flag1").click().run()
    assert client.command("SELECT count() FROM verdicts") == 0, "the first key only chooses"
    app.button(key="confirmed-flag1").click().run()
    rows = client.query("SELECT flag_id, who, verdict, code, round(1 / score), model_run FROM verdicts").result_rows
    assert rows == [("flag1", "ada", "benign", "confirmed", 123456, "run-1")]
    assert app.query_params["flag"] == "flag2"
    assert list(app.dataframe[0].value["status"]) == ["benign", "open", "open"]
    done = client.query("SELECT who, action, about, detail FROM audit WHERE action = 'verdict'").result_rows
    assert done == [("ada", "verdict", "flag flag1", "benign confirmed")]


@embedded
@pytest.mark.usefixtures("night")
def test_the_choice_of_a_reason_can_be_left(visit: Visitor) -> None:
    app = visit()
    app.button(key="malicious-flag1").click().run()
    app.button(key="back-flag1").click().run()
    assert app.button(key="wrong-flag1").label == "Wrong"


@embedded
@pytest.mark.usefixtures("night")
def test_a_verdict_can_be_taken_back_and_both_rows_stay(visit: Visitor, client: Client) -> None:
    give_verdict(client, "flag1", "malicious", "she was asleep", "brian", "stolen")
    app = visit(flag="flag1")
    assert "Reviewed: malicious: A key, password or session is in foreign hands, by brian." in words(app)
    app.button(key="undo-flag1").click().run()
    assert [row["verdict"] for row in history(client, "flag1")] == [NONE, "malicious"]
    assert "Open again: some-analyst took the verdict back." in words(app)
    assert list(app.dataframe[0].value["status"]) == ["open"] * 3


@embedded
@pytest.mark.usefixtures("night")
def test_what_somebody_else_said_meanwhile_is_shown_and_not_overwritten(visit: Visitor, client: Client) -> None:
    app = visit(who="ada", flag="flag1")
    app.button(key="benign-flag1").click().run()
    give_verdict(client, "flag1", "malicious", "she was asleep", "brian", "stolen")
    app.button(key="confirmed-flag1").click().run()
    assert "brian said malicious meanwhile; yours was not recorded." in words(app)
    assert [row["who"] for row in history(client, "flag1")] == ["brian"]


@embedded
@pytest.mark.usefixtures("night")
def test_other_open_flags_of_the_same_actor_are_closed_together(visit: Visitor, client: Client) -> None:
    client.command(
        "INSERT INTO flags SELECT * REPLACE ('older' AS flag_id, night - 1 AS night) "
        "FROM (SELECT * FROM flags FINAL WHERE flag_id = 'flag1')"
    )
    give_verdict(client, "flag1", "benign", "on call", "brian", "confirmed")
    app = visit(flag="flag1", who="ada")
    app.button(key="bulk-flag1").click().run()
    newest = history(client, "older")[0]
    assert (newest["who"], newest["verdict"], newest["code"], newest["reason"]) == (
        "ada", "benign", "confirmed", "on call",
    )  # fmt: skip


@embedded
@pytest.mark.usefixtures("night")
def test_other_open_flags_of_the_same_actor_are_shown_before_a_verdict_and_take_it_if_asked(
    visit: Visitor, client: Client
) -> None:
    client.command(
        "INSERT INTO flags SELECT * REPLACE ('second' AS flag_id, '10.8.8.8' AS source_ip, 'db9' AS host, 4 AS rank) "
        "FROM (SELECT * FROM flags FINAL WHERE flag_id = 'flag1')"
    )
    app = visit(flag="flag1", who="ada")
    assert "1 other open flag of the same actor" in [expander.label for expander in app.expander]
    app.button(key="malicious-flag1").click().run()
    app.text_area(key="note-flag1").input("a copied key").run()
    app.checkbox(key="with-others-flag1").check().run()
    app.button(key="stolen-flag1").click().run()
    said = [(row["who"], row["verdict"], row["code"], row["reason"]) for row in history(client, "second")]
    assert said == [("ada", "malicious", "stolen", "a copied key")]
    assert app.query_params["flag"] == "flag2"


@embedded
@pytest.mark.usefixtures("night")
def test_a_note_waits_for_its_verdict_while_other_flags_are_looked_at(visit: Visitor, client: Client) -> None:
    app = visit(flag="flag1", who="ada")
    app.text_area(key="note-flag1").input("asked her on the phone").run()
    app.button(key="step-Next").click().run()
    assert app.text_area(key="note-flag2").value == ""
    app.button(key="step-Previous").click().run()
    assert app.text_area(key="note-flag1").value == "asked her on the phone"
    app.button(key="benign-flag1").click().run()
    app.button(key="confirmed-flag1").click().run()
    assert [row["reason"] for row in history(client, "flag1")] == ["asked her on the phone"]
    app.button(key="step-Previous").click().run()
    assert app.text_area(key="note-flag1").value == "", "it was taken"


@embedded
@pytest.mark.usefixtures("night")
@pytest.mark.parametrize("role", ["viewer", "auditor"])
def test_who_may_not_decide_sees_no_button_for_it(visit: Visitor, role: str) -> None:
    app = visit(role=role)
    assert "an analyst or admin gives the verdict" in words(app)
    assert not [button for button in app.button if "flag1" in str(button.key)]


def test_a_verdict_given_past_a_newer_one_is_refused(client: Client) -> None:
    case.write_night(client, YESTERDAY)
    give_verdict(client, "flag1", "benign", "", "ada", "confirmed", seen=NEVER)
    with pytest.raises(Overtaken, match="ada said benign meanwhile"):
        give_verdict(client, "flag1", "malicious", "no", "brian", "stolen", seen=NEVER)
    seen = history(client, "flag1")[0]["at"]
    give_verdict(client, "flag1", NONE, "", "brian", seen=seen)
    with pytest.raises(Overtaken, match="brian said that it is open again meanwhile"):
        give_verdict(client, "flag1", "wrong", "", "ada", "usual", seen=seen)


def test_a_code_belongs_to_its_verdict(client: Client) -> None:
    case.write_night(client, YESTERDAY)
    with pytest.raises(ReviewError, match="'usual' is no reason of benign"):
        give_verdict(client, "flag1", "benign", "", "ada", "usual")
    with pytest.raises(ReviewError, match="Choose a verdict"):
        close_all(client, ["flag1"], "benign", "", "ada", "")
    assert close_all(client, ["flag1", "flag2", "unknown"], "wrong", "", "ada", "double") == 2
    assert close_all(client, ["flag1", "flag3"], "wrong", "", "ada", "double") == 1
    assert all(codes for codes in CODES.values())
