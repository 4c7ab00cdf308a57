"""Every field the model scores can be put into words, and text from logs is never taken for a template."""

from typing import Any

import pytest
from nightporter.features.fields import FIELDS, GROUP_WEIGHTS
from nightporter.nightly.explain import round_number
from nightporter.nightly.facts import FACTS
from nightporter.nightly.words import CLAUSES, VALUES, clause, listed, value_of

SCORED = [field for field in FIELDS if GROUP_WEIGHTS[field.group]]
COUNTS = (
    *("on_host", "at_hour", "by_service", "by_method", "by_key", "to_target", "hosts", "sources", "sources_user"),
    *("from_source", "from_network", "anyone_from_source", "anyone_from_network", "network_on_host", "key_from_source"),
    *(
        "failures_source",
        "failures_user",
        "failures_host",
        "users_source",
        "hosts_source",
        "hosts_user",
        "sources_user",
    ),
)
NAMES = ("host", "source", "network", "service", "method", "key", "command", "target", "outcome", "clock", "age")
USUAL = ("hosts", "sources", "methods", "services", "targets", "hours")


def facts(**changed: Any) -> dict[str, Any]:
    said = {name: f"some {name}" for name in NAMES} | {f"usual_{name}": f"the usual {name}" for name in USUAL}
    more = {"steps": "no accepted login", "terminal": "terminal", "owners": "bob", "key_owners": "bob", "far": 2}
    more |= {"far_names": "x, y", "far_week": 3, "other_sources": "10.0.0.9", "known": 2, "known_names": "ada, bob"}
    state = more | {"refused": False, "invalid": False, "succeeded": True, "silent_days": 40}
    new = {"new_hosts": 3, "new_host_names": "x, y, z"}
    who = {"user": "ada", "logins": 214, "days": "30 days"}
    return said | state | new | dict.fromkeys(COUNTS, 0) | who | changed


@pytest.mark.parametrize("name", [field.name for field in SCORED])
def test_each_field_has_a_clause_that_quotes_what_it_is_about(name: str) -> None:
    text = clause(name, facts(failures_source=3))
    assert text
    assert "{" not in text
    about = next(field.about[-1] for field in SCORED if field.name == name)
    assert about in VALUES


@pytest.mark.parametrize("name", sorted({fact.tells for fact in FACTS}))
def test_each_fact_has_a_clause(name: str) -> None:
    text = clause(name, facts(failures_source=3))
    assert text
    assert "{" not in text
    assert value_of(name) == "burst" or value_of(name) in VALUES


def test_no_clause_is_about_a_field_that_does_not_exist() -> None:
    told = {fact.tells for fact in FACTS}
    assert set(CLAUSES) == {field.name for field in SCORED} | told


def test_what_the_user_often_does_is_no_reason() -> None:
    often = dict.fromkeys(COUNTS, 150)
    assert clause("since_source", facts(**often)) == ""
    assert clause("since_key", facts(**often)) == ""
    assert "seldom" in clause("since_source", facts(from_source=3))


def test_braces_in_names_stay_as_they_are() -> None:
    assert "{days}{0}" in clause("since_source", facts(user="{days}{0}"))


@pytest.mark.parametrize(("number", "text"), [(1.2, "1"), (99, "99"), (12345, "12 000"), (299_999.0, "300 000")])
def test_numbers_have_two_digits_that_matter(number: float, text: str) -> None:
    assert round_number(number) == text


def test_long_lists_are_cut() -> None:
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
