"""Whether who came from a server of ours had a session there, as far as was known then."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client
from login_rows import DAYS, FIRST, HOSTS, LAST, Row, at, ordinary, store
from nightporter.features.stream import Logins, read_logins
from nightporter.store.query import sql
from test_stream import by_event, whole_and_sliced
from test_window import WINDOW, anew
from test_window import read as read_kept

ADDRESS = {host: f"10.20.{number}.10" for number, host in enumerate(HOSTS)}
DOOR, INNER = HOSTS[0], HOSTS[7]


def claim(client: Client, host: str, first: datetime) -> None:
    """The host was heard to have its address, each day from then on."""
    day = (first.date() - FIRST).days
    moments = [first, *(at(later, 0) for later in range(day + 1, DAYS))]
    rows = [[ADDRESS[host], host, moment.date(), moment] for moment in moments]
    client.insert("host_addresses", rows, column_names=("address", "host", "day", "first"))


def come(day: int, hour: float, host: str, user: str, source: str, **other: str) -> Row:
    return Row(at(day, hour), host, user, source, key_fingerprint=f"SHA256:{user}", **other)  # type: ignore[arg-type]


def hops() -> list[Row]:
    """On some days people go on from the door; on the last one somebody comes from it who is not there."""
    rows = []
    for day in range(1, DAYS):
        for user in ("ada", "bob"):
            rows += [come(day, 9, DOOR, user, "10.1.50.1"), come(day, 9.5, INNER, user, ADDRESS[DOOR])]
        rows += [come(day, 11, HOSTS[3], "ada", "10.1.50.1")]
    rows += [come(DAYS - 1, 10, INNER, "eve", ADDRESS[DOOR]), come(DAYS - 1, 10.5, INNER, "bob", ADDRESS[HOSTS[3]])]
    return rows


def owners(logins: Logins, user: str) -> list[str]:
    """Whose the source was, of each login of a user by the network."""
    rows = [row for row in range(len(logins)) if logins.value("user", row) == user]
    return [logins.value("source_owner", row) for row in rows if logins.value("source", row)]


def read(client: Client, rows: list[Row]) -> Logins:
    store(client, rows)
    return read_logins(client, FIRST, LAST + timedelta(days=1), thin=1000, whole_from=FIRST)


def test_who_has_a_session_on_the_server_has_a_way_in(client: Client) -> None:
    claim(client, DOOR, at(0, 0))
    rows = [
        come(1, 9, DOOR, "ada", "10.1.50.1"), come(1, 9.5, INNER, "ada", ADDRESS[DOOR]),
        come(2, 9.2, INNER, "ada", ADDRESS[DOOR]),  # the session may have stayed open all night, but not for long
        come(1, 10, INNER, "eve", ADDRESS[DOOR]), come(1, 10.2, INNER, "eve", ADDRESS[DOOR]),
    ]  # fmt: skip
    logins = read(client, rows)
    assert owners(logins, "ada") == ["nobody", "nobody", "own, no session"]
    assert owners(logins, "eve") == ["server, no session", "own, no session"]


@pytest.mark.parametrize("store", ["embedded"], indirect=True)
def test_a_job_or_a_change_of_account_on_the_server_is_a_way_in(client: Client) -> None:
    claim(client, DOOR, at(0, 0))
    rows = [
        Row(at(1, 2), DOOR, "deploy", "", "cron", method=""), come(1, 2.1, INNER, "deploy", ADDRESS[DOOR]),
        Row(at(1, 3), DOOR, "ada", "", "su", method="", target_user="git"), come(1, 3.1, INNER, "git", ADDRESS[DOOR]),
        Row(at(1, 4), DOOR, "ada", "", "su", method="", target_user="web", outcome="failure"),
        come(1, 4.1, INNER, "web", ADDRESS[DOOR]),
    ]  # fmt: skip
    logins = read(client, rows)
    said = [owners(logins, user) for user in ("deploy", "git", "web")]
    assert said == [["nobody"], ["another"], ["server, no session"]]


@pytest.mark.parametrize("store", ["embedded"], indirect=True)
def test_an_address_is_a_servers_only_from_when_it_was_known(client: Client) -> None:
    claim(client, DOOR, at(2, 12))
    logins = read(
        client, [come(day, hour, INNER, f"eve{day}-{hour}", ADDRESS[DOOR]) for day in (1, 2, 3) for hour in (11, 13)]
    )
    said = [owners(logins, f"eve{day}-{hour}")[0] for day in (1, 2, 3) for hour in (11, 13)]
    assert said == ["nobody", "another", "another", "server, no session", "server, no session", "server, no session"]


def test_slices_change_nothing_of_it(client: Client) -> None:
    for host in HOSTS:
        claim(client, host, at(1, 0))
    switched = [Row(at(day, 8), DOOR, "ada", "", "su", method="", target_user="git") for day in (1, 4)]
    later = [
        come(day, hour, INNER, "git", ADDRESS[DOOR]) for day, hour in ((1, 20), (2, 6), (2, 9), (5, 7.9), (5, 8.1))
    ]
    store(client, [*ordinary(), *hops(), *switched, *later])
    whole, sliced, _ = whole_and_sliced(client, 150)
    assert by_event(sliced) == by_event(whole)
    assert {"own of many, no session", "server, no session"} <= set(whole.values["source_owner"])


@pytest.mark.parametrize("store", ["embedded"], indirect=True)
def test_days_are_read_again_when_an_address_turns_out_to_be_a_servers(client: Client, tmp_path: Path) -> None:
    store(client, [*ordinary(), *hops()])
    for host in HOSTS[1:]:
        claim(client, host, at(0, 0))
    first = read_kept(client, tmp_path / "kept", WINDOW)
    claim(client, DOOR, at(3, 0))
    second = read_kept(client, tmp_path / "kept", WINDOW)
    assert second != first
    assert second == anew(client, tmp_path / "anew", WINDOW)


@pytest.mark.parametrize("store", ["embedded"], indirect=True)
def test_one_login_is_told_the_same_among_logins_like_it(client: Client) -> None:
    import re

    claim(client, DOOR, at(0, 0))
    switched = Row(at(DAYS - 1, 9), DOOR, "ada", "", "su", method="", target_user="git")
    asked = [come(DAYS - 1, 9.5, INNER, "git", ADDRESS[DOOR]), come(DAYS - 1, 9.6, INNER, "eve", ADDRESS[DOOR])]
    store(client, [*ordinary(), *hops(), switched, *asked])
    like = "(" + re.sub(r"(?m)^--.*\n", "", sql("queries/logins_like.sql")) + ")"
    bounds = {"since": FIRST, "until": LAST + timedelta(days=1), "thin": 10_000, "whole_from": FIRST}
    whole = by_event(read_logins(client, **bounds))  # type: ignore[arg-type]
    for row in asked:
        name = row.event_id.encode()
        part = by_event(read_logins(client, **bounds, events=like, values={"event_id": row.event_id}))  # type: ignore[arg-type]
        assert part[name] == whole[name]
