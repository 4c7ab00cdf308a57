"""Logins are grouped to actors' nights, and the budget is kept."""

from datetime import date

import numpy as np
import pytest
from clickhouse_connect.driver.client import Client
from login_rows import FIRST, HOSTS, LAST, Row, at, store
from nightporter.errors import SettingsError
from nightporter.features.fields import FIELDS
from nightporter.features.stream import Logins, read_logins
from nightporter.nightly.actors import ActorNights, History
from nightporter.nightly.cases import Cases, distinct_sums, group, habits
from nightporter.nightly.deed import likewise
from nightporter.nightly.facts import FACTS, PLACE, REFUSED
from nightporter.nightly.flags import Rules, Tail, budget_of, choose, flag_id, rate
from nightporter.settings import load


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
    nights, actor = History(logins).actor_nights(np.arange(len(logins)))
    refused = nights.kind == REFUSED
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
    history = History(logins)
    cases = group(history, np.arange(3), surprises, habits(history, np.arange(0)))
    assert (len(cases), cases.lead.tolist()) == (1, [1])


def _cases(scores: list[float], refused: list[bool]) -> Cases:
    count, zeros = np.arange(len(scores)), np.zeros((len(scores), len(FACTS)), np.float32)
    kind = np.where(refused, REFUSED, 1)
    nights = ActorNights(count, kind, count, count, np.array(refused), zeros.astype(np.uint8))
    return Cases(np.array(scores, np.float32), count, np.array(refused), count, nights, zeros, zeros)


ORDINARY = Tail(np.arange(1.0, 101.0), 10_000, 1)
TAILS = {False: ORDINARY, True: ORDINARY}


def _chosen(cases: Cases, rules: Rules) -> list[int]:
    order = np.array([str(number).zfill(3) for number in range(len(cases))], "S3")
    picks = choose(cases, rate(cases, TAILS, rules), TAILS, rules, order)
    rarities = [pick.rarity for pick in picks]
    assert rarities == sorted(rarities)  # a flag of a lower rank is never called rarer
    assert all(0 < rarity <= 1 for rarity in rarities)
    return [pick.case for pick in picks]


def test_no_more_flags_than_the_budget_and_none_for_the_ordinary() -> None:
    cases = _cases([500.0 + number for number in range(30)] + [20.0] * 30, [False] * 60)
    assert len(_chosen(cases, Rules(10))) == 10
    assert len(_chosen(cases, Rules(50))) == 30


def test_a_night_as_all_others_has_few_flags_unless_the_budget_is_to_be_filled() -> None:
    cases = _cases(list(np.arange(1.0, 101.0)), [False] * 100)
    assert len(_chosen(cases, Rules(50, 0.25, 0.5))) <= 5
    assert len(_chosen(cases, Rules(50, 0.0, 1.0))) == 50


def test_flags_come_strangest_first() -> None:
    assert _chosen(_cases([200.0, 900.0, 400.0], [False] * 3), Rules(5)) == [1, 2, 0]


def test_nothing_is_called_rarer_than_its_calibration_can_know() -> None:
    assert ORDINARY.rarity(ORDINARY.expected(np.array([1e12])))[0] >= 1 / (10 * ORDINARY.logins) * 0.99


def test_of_ordinary_cases_a_quarter_are_refused_sources_and_the_strange_come_first_in_whichever_queue() -> None:
    scores = list(np.arange(1.0, 101.0)) * 2
    chosen = _chosen(_cases(scores, [False] * 100 + [True] * 100), Rules(40, 0.25, 1.0))
    assert 8 <= sum(case >= 100 for case in chosen) <= 12
    assert _chosen(_cases([9000.0, 8000.0, 7000.0, 50.0], [True] * 3 + [False]), Rules(3)) == [0, 1, 2]


def test_what_only_repeats_a_stranger_case_of_the_same_user_joins_it() -> None:
    cases = _cases([900.0, 800.0, 700.0, 600.0, 500.0, 400.0], [False] * 5 + [True])
    cases.nights.user[:] = [7, 7, 7, 8, 9, 7]  # of a refused source the name is nobody's
    cases.weight[:, PLACE["elsewhere"]] = [1, 5, 1, 5, 5, 5]
    cases.weight[:, PLACE["new_source"]] = [9, 4, 9, 0, 0, 0]
    order = np.array([b"0"] * 6)
    picks = choose(cases, rate(cases, TAILS, Rules(4)), TAILS, Rules(4), order)
    assert [(pick.case, pick.joined) for pick in picks] == [(0, (1,)), (2, ()), (3, ()), (4, ())]
    assert likewise([(1, "from 10.1.2.7"), (3, "on db1")]) == (
        "Part of the same day: 1 login from 10.1.2.7, 3 logins on db1."
    )
    assert likewise([]) == ""


def test_a_weekday_may_have_a_budget_of_its_own() -> None:
    weekend = load({"NIGHTPORTER_WEEKDAY_BUDGETS": "sat=20, sun=0"}).weekday_budgets
    assert [budget_of(date(2026, 3, day), 50, weekend) for day in (6, 7, 8)] == [50, 20, 0]
    with pytest.raises(SettingsError, match="is no day"):
        load({"NIGHTPORTER_WEEKDAY_BUDGETS": "saturday=20"})


def test_a_flag_keeps_its_name_and_no_two_actors_share_one() -> None:
    names = {
        flag_id(night, kind, user, place)
        for night in (FIRST, LAST)
        for kind in (0, 1)
        for user, place in (("a", "bc"), ("ab", "c"))
    }
    assert len(names) == 8
    assert flag_id(FIRST, 1, "ada", "10.0.0.1") == flag_id(FIRST, 1, "ada", "10.0.0.1")
