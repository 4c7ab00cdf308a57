"""Logins are grouped to actors' nights, and the budget is kept."""

import numpy as np
from clickhouse_connect.driver.client import Client
from login_rows import FIRST, HOSTS, LAST, Row, at, store
from nightporter.features.fields import FIELDS
from nightporter.features.stream import Logins, read_logins
from nightporter.nightly.cases import Cases, actors, distinct_sums, group
from nightporter.nightly.flags import Tail, choose, flag_id, mixed


def read(client: Client, rows: list[Row]) -> Logins:
    store(client, rows)
    return read_logins(client, FIRST, LAST, thin=100, whole_from=FIRST)


def test_an_actor_is_user_and_source_or_user_and_host_or_a_refused_source(client: Client) -> None:
    rows = [
        Row(at(0, 1), HOSTS[0], "ada", "10.0.0.1"),
        Row(at(0, 2), HOSTS[1], "ada", "10.0.0.1"),
        Row(at(0, 3), HOSTS[1], "ada", "10.0.0.2"),
        Row(at(0, 4), HOSTS[1], "ada", "", "sudo", method=""),
        Row(at(0, 5), HOSTS[2], "ada", "", "sudo", method=""),
        Row(at(0, 6), HOSTS[2], "bob", "10.0.0.1", outcome="failure"),
        Row(at(0, 7), HOSTS[2], "eve", "10.0.0.1", outcome="failure"),
        Row(at(0, 8), HOSTS[2], "eve", "", "sudo", method="", outcome="failure"),
    ]
    logins = read(client, rows)
    actor, refused = actors(logins, np.arange(len(logins)))
    assert actor[0] == actor[1]
    assert len({int(actor[row]) for row in (0, 2, 3, 4, 5, 7)}) == 6
    assert actor[5] == actor[6]
    assert refused[actor].tolist() == [False] * 5 + [True, True, False]


def test_repeating_one_surprise_adds_nothing_and_another_adds_less() -> None:
    host = [field.name for field in FIELDS].index("since_host")
    surprises = np.zeros((4, len(FIELDS)), np.float32)
    surprises[:, host] = 12.0
    about = np.zeros((4, len(FIELDS)), np.int64)
    about[:, host] = [5, 5, 6, 7]
    actor = np.array([0, 0, 1, 1])
    assert distinct_sums(actor, surprises, about, 2).tolist() == [12.0, 18.0]


def test_the_lead_is_the_strangest_login_of_the_case(client: Client) -> None:
    logins = read(client, [Row(at(0, hour), HOSTS[hour], "ada", "10.0.0.1") for hour in range(3)])
    surprises = np.zeros((3, len(FIELDS)), np.float32)
    surprises[1] = 1.0
    cases = group(logins, np.arange(3), surprises)
    assert (len(cases), cases.lead.tolist()) == (1, [1])


def _cases(scores: list[float], refused: list[bool]) -> Cases:
    count = np.arange(len(scores))
    return Cases(np.array(scores, np.float32), count, np.array(refused), count)


ORDINARY = Tail(np.arange(1.0, 101.0), 10_000)
TAILS = {False: ORDINARY, True: ORDINARY}


def test_no_more_flags_than_the_budget_and_none_for_the_ordinary() -> None:
    cases = _cases([500.0 + number for number in range(30)] + [20.0] * 30, [False] * 60)
    order = [str(number).encode() for number in range(60)]
    assert len(choose(cases, TAILS, 10, order)) == 10
    assert len(choose(cases, TAILS, 50, order)) == 30


def test_flags_come_strangest_first_and_stranger_is_rarer() -> None:
    picks = choose(_cases([200.0, 900.0, 400.0], [False] * 3), TAILS, 5, [b"a", b"b", b"c"])
    assert [pick.case for pick in picks] == [1, 2, 0]
    rarities = [pick.rarity for pick in picks]
    assert rarities == sorted(rarities)
    assert all(0 < rarity <= 1 for rarity in rarities)


def test_nothing_is_called_rarer_than_its_calibration_can_know() -> None:
    assert ORDINARY.rarity(1e12) >= 1 / (10 * ORDINARY.logins) * 0.99


def test_refused_sources_get_a_quarter_and_what_one_queue_leaves_goes_to_the_other() -> None:
    others, refused = [("user", n) for n in range(40)], [("source", n) for n in range(40)]
    chosen = mixed(others, refused, 20)
    assert sum(kind == "source" for kind, _ in chosen) == 5
    assert len(mixed(others[:3], refused, 20)) == 20
    assert len(mixed(others, refused[:1], 20)) == 20
    assert mixed([], [], 20) == []


def test_a_flag_keeps_its_name_and_no_two_actors_share_one() -> None:
    names = {
        flag_id(night, kind, user, place)
        for night in (FIRST, LAST)
        for kind in (0, 1)
        for user, place in (("a", "bc"), ("ab", "c"))
    }
    assert len(names) == 8
    assert flag_id(FIRST, 1, "ada", "10.0.0.1") == flag_id(FIRST, 1, "ada", "10.0.0.1")
