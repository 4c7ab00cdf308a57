"""Who comes from a server of ours without a session there: the fact, what a flag says of it, the planted attack."""

import re
from datetime import timedelta

import numpy as np
import pytest
from clickhouse_connect.driver.client import Client
from login_rows import DAYS, FIRST, HOSTS, LAST, Row, at, ordinary, store
from nightporter.features.fields import FIELDS
from nightporter.features.stream import day_number, read_logins
from nightporter.nightly.actors import History
from nightporter.nightly.canaries import plant
from nightporter.nightly.cases import group, habits
from nightporter.nightly.explain import Explanation, explain
from nightporter.nightly.facts import PLACE
from nightporter.nightly.quoted import Night

SERVER, ADDRESS = HOSTS[2], "10.20.2.10"


def claimed(client: Client) -> None:
    """The server was heard to have its address on every day."""
    rows = [[ADDRESS, SERVER, at(day, 0).date(), at(day, 0)] for day in range(DAYS)]
    client.insert("host_addresses", rows, column_names=("address", "host", "day", "first"))


def hop(user: str, hour: float = 11.5, host: str = HOSTS[7], day: int = DAYS - 1) -> Row:
    return Row(at(day, hour), host, user, ADDRESS, key_fingerprint=f"SHA256:{user}")


def explained(client: Client, rows: list[Row], user: str) -> tuple[int, Explanation]:
    """The fact of the user's night from the server, and what is said of it."""
    store(client, rows)
    logins = read_logins(client, FIRST, LAST + timedelta(days=1), thin=100, whole_from=FIRST)
    day, history = np.asarray(logins.day), History(logins)
    tonight = np.flatnonzero(day == day_number(LAST))
    surprises = np.zeros((len(tonight), len(FIELDS)), np.float32)
    cases = group(history, tonight, surprises, habits(history, np.flatnonzero(day < day_number(LAST))))
    night = Night(LAST, FIRST, logins, tonight, surprises, cases, history)
    login = next(
        row
        for row in range(len(tonight))
        if logins.value("user", int(tonight[row])) == user and logins.value("source", int(tonight[row])) == ADDRESS
    )
    case = int(cases.actor[login])
    nights, actor = history.actor_nights(tonight)
    return int(nights.values[actor[login], PLACE["no_way_in"]]), explain(client, night, case, 1e-4)


@pytest.mark.parametrize("store", ["embedded"], indirect=True)
def test_the_sentence_names_the_server_and_who_was_there(client: Client) -> None:
    claimed(client)
    # user2 sits on the server all day; user4 has never been there
    fact, said = explained(
        client, [*ordinary(), hop("user4"), Row(at(DAYS - 1, 11), SERVER, "user2", "10.1.2.20")], "user4"
    )
    assert fact == 2
    assert f"{ADDRESS} is {SERVER}, one of your own servers, where user4 had no session" in said.sentence
    assert re.search(r"\(user2,? .*had a session there\)", said.sentence)
    reason = next(reason for reason in said.reasons if reason["field"] == "way_in")
    assert (reason["value"], reason["usual"]) == (f"from {SERVER}", "no login there")
    assert {"T1021.004", "T1563.001"} <= set(said.techniques)
    assert SERVER in said.benign_twin and HOSTS[7] in said.benign_twin


@pytest.mark.parametrize("store", ["embedded"], indirect=True)
def test_a_session_of_two_days_before_is_told_as_one(client: Client) -> None:
    claimed(client)
    rows = [
        *ordinary(),
        hop("user4"),
        Row(at(DAYS - 3, 9), SERVER, "user4", "10.1.4.20", key_fingerprint="SHA256:user4"),
    ]
    fact, said = explained(client, rows, "user4")
    assert fact == 2
    assert f"{SERVER}, one of your own servers, where user4 had last logged in 2 days before" in said.sentence


@pytest.mark.parametrize("store", ["embedded"], indirect=True)
def test_nothing_is_said_of_who_has_a_session_there(client: Client) -> None:
    claimed(client)
    there = Row(at(DAYS - 1, 11), SERVER, "user4", "10.1.4.20", key_fingerprint="SHA256:user4")
    fact, said = explained(client, [*ordinary(), there, hop("user4")], "user4")
    assert fact == 0
    assert "your own servers" not in said.sentence
    assert "T1563.001" not in said.techniques


@pytest.mark.parametrize("store", ["embedded"], indirect=True)
def test_where_addresses_are_known_such_an_attack_is_planted(client: Client) -> None:
    store(client, ordinary())
    without = plant(client, LAST, FIRST, None)
    claimed(client)
    planted = plant(client, LAST, FIRST, None)
    assert without is not None and "no_way_in" not in without.kinds
    assert planted is not None and planted.kinds.count("no_way_in") == 3
    kinds = np.array(planted.kinds)[planted.attack]
    rows = np.flatnonzero(kinds == "no_way_in")
    assert {planted.logins.value("source", int(row)) for row in rows} == {ADDRESS}
    said = [planted.logins.value("source_owner", int(row)) for row in rows]
    assert said.count("server, no session") >= 2  # of the third, another planted attack may have been on the server
