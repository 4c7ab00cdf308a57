"""Verdicts and suppressions change what counts: what was cleared sinks, what is like an attack rises, the new stays."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from clickhouse_connect.driver.client import Client
from login_rows import FIRST, HOSTS, LAST, Row, at, ordinary, store
from nightporter.errors import ReviewError
from nightporter.features.fields import FIELDS
from nightporter.features.stream import Logins, day_number, read_logins
from nightporter.nightly.actors import History
from nightporter.nightly.cases import Cases, group, habits
from nightporter.nightly.feedback import Verdict, actor_of, apply, signature, verdicts_before
from nightporter.store.review import give_verdict
from nightporter.store.suppressions import end, in_force, suppress

DAY = day_number(LAST) - day_number(FIRST)
AWAY = "198.18.4.7"


def away(user: str, day: int, source: str = AWAY) -> list[Row]:
    number = int(user.removeprefix("user"))
    return [Row(at(day, 9), HOSTS[number % len(HOSTS)], user, source, key_fingerprint=f"SHA256:{user}")]


class Night:
    """The last night's cases as facts alone make them; the networks' surprises are left out."""

    def __init__(self, client: Client, rows: list[Row]) -> None:
        store(client, ordinary() + rows)
        self.logins: Logins = read_logins(client, FIRST, LAST + timedelta(days=1), thin=4, whole_from=LAST)
        history, day = History(self.logins), self.logins.day
        self.rows = np.flatnonzero(day == day_number(LAST))
        learned = habits(history, np.flatnonzero(day < day_number(LAST)))
        self.cases: Cases = group(history, self.rows, np.zeros((len(self.rows), len(FIELDS)), np.float32), learned)

    def case(self, user: str, source: str = AWAY) -> int:
        return next(n for n in range(len(self.cases)) if self.actor(n)[1:] == (user, source))

    def actor(self, case: int) -> tuple[int, str, str]:
        return actor_of(self.cases, case, self.logins, self.rows)

    def said(self, verdict: str, case: int, actor: tuple[int, str, str] | None = None) -> Verdict:
        facts = {name: float(size) for name, size in zip(_names(), self.cases.weight[case], strict=True) if size > 0}
        return Verdict(verdict, "2026-03-01", actor or self.actor(case), facts)

    def after(self, *said: Verdict) -> Cases:
        return apply(self.cases, self.logins, self.rows, said, ()).cases


def _names() -> list[str]:
    from nightporter.nightly.facts import FACTS

    return [fact.name for fact in FACTS]


def test_a_benign_verdict_lowers_the_same_again_and_what_is_new_about_it_still_counts(client: Client) -> None:
    night = Night(client, away("user2", DAY) + away("user3", DAY))
    case, other = night.case("user2"), night.case("user3")
    after = night.after(night.said("benign", case))
    assert after.score[case] < 0.5 * night.cases.score[case]
    assert 0.5 * night.cases.score[other] < after.score[other] < night.cases.score[other]  # somebody else's, alike

    part = night.said("benign", case)
    known = dict.fromkeys(list(part.facts)[:1], part.facts[next(iter(part.facts))])
    assert night.after(replace(part, facts=known)).score[case] > 0.6 * night.cases.score[case]


def test_a_malicious_verdict_raises_what_looks_like_it_and_says_so(client: Client) -> None:
    night = Night(client, away("user2", DAY) + away("user3", DAY))
    case, other = night.case("user2"), night.case("user3")
    changed = apply(night.cases, night.logins, night.rows, [night.said("malicious", case)], ())
    assert changed.cases.score[other] > 1.2 * night.cases.score[other]
    assert "called malicious" in changed.texts[other][0]
    usual = next(n for n in range(len(night.cases)) if night.actor(n)[1] == "user5")
    assert changed.cases.score[usual] == night.cases.score[usual]


def test_verdicts_come_from_the_flags_of_the_nights_before(client: Client) -> None:
    night = Night(client, away("user2", DAY))
    case = night.case("user2")
    flag = {"night": LAST - timedelta(days=1), "flag_id": "f1", "rank": 1, "score": 0.1, "version": 1}
    flag["signature"] = signature(night.cases, case, night.logins, night.rows)
    client.insert("flags", [list(flag.values())], column_names=list(flag))
    assert verdicts_before(client, LAST) == []
    give_verdict(client, "f1", "benign", "on holiday", "ada")
    (found,) = verdicts_before(client, LAST)
    assert (found.verdict, found.actor) == ("benign", night.actor(case))
    assert night.after(found).score[case] < 0.5 * night.cases.score[case]
    give_verdict(client, "f1", "none", "", "ada")
    assert verdicts_before(client, LAST) == []


def test_a_suppression_leaves_out_its_reasons_and_no_others_until_it_ends(client: Client) -> None:
    night = Night(client, away("user2", DAY))
    case = night.case("user2")
    fields = ("since_network", "since_network_any", "since_source", "since_source_any", "since_key_source", "elsewhere")
    made = suppress(client, "ada", "a month abroad", LAST, fields, user="user2", source="198.18.0.0/16", today=LAST)
    changed = apply(night.cases, night.logins, night.rows, (), in_force(client, LAST))
    assert changed.suppressed == 1
    assert changed.cases.score[case] < 0.5 * night.cases.score[case]
    assert "as ada decided: a month abroad" in changed.texts[case][0]
    only = replace(made, fields=("since_key",))
    assert apply(night.cases, night.logins, night.rows, (), [only]).suppressed == 0
    assert in_force(client, LAST + timedelta(days=1)) == []
    end(client, made.id)
    assert in_force(client, LAST) == []


def test_a_suppression_needs_an_owner_a_reason_an_end_and_a_scope(client: Client) -> None:
    for owner, reason, until, fields, scope in (
        ("", "why", LAST, ("host",), {"user": "a"}),
        ("ada", " ", LAST, ("host",), {"user": "a"}),
        ("ada", "why", LAST + timedelta(days=900), ("host",), {"user": "a"}),
        ("ada", "why", LAST, (), {"user": "a"}),
        ("ada", "why", LAST, ("host",), {}),
        ("ada", "why", LAST, ("host",), {"source": "not an address"}),
    ):
        with pytest.raises(ReviewError):
            suppress(client, owner, reason, until, fields, today=LAST, **scope)
