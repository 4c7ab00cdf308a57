"""Every field the model scores can be put into words, and text from logs is never taken for a template."""

from typing import Any

import pytest
from nightporter.features.fields import FIELDS, GROUP_WEIGHTS
from nightporter.nightly.deed import deed, outcome
from nightporter.nightly.explain import round_number
from nightporter.nightly.facts import FACTS
from nightporter.nightly.harmless import TWINS, harmless
from nightporter.nightly.seen import VALUES, value_of
from nightporter.nightly.words import CLAUSES, clause, listed, times

SCORED = [field for field in FIELDS if GROUP_WEIGHTS[field.group]]
DAYS = ("on_host", "from_source", "from_network", "by_service", "by_method", "by_key", "to_target")
ANYONE = ("anyone_from_source", "anyone_from_network", "network_on_host")
COUNTS = ("at_hour", "hosts", "key_from_source", "failures_source", "failures_user", "quiet_minutes", *DAYS, *ANYONE)
NAMES = (
    "host",
    "source",
    "network",
    "service",
    "method",
    "key",
    "command",
    "target",
    "outcome",
    "clock",
    "age",
    "span",
)
USUAL = ("hosts", "sources", "methods", "services", "targets", "hours")


def facts(**changed: Any) -> dict[str, Any]:
    """What is known of a login of ada, who is here on 20 days and does everything for the first time."""
    said = {name: f"some {name}" for name in NAMES} | {f"usual_{name}": f"the usual {name}" for name in USUAL}
    more = {"steps": "no accepted login", "terminal": "terminal", "owners": "bob", "key_owners": "bob", "far": 2}
    more |= {"far_names": "x, y", "far_week": 3, "other_sources": "10.0.0.9", "known": 2, "known_names": "ada, bob"}
    more |= {"that_command": "that command", "apart": ", 5 minutes apart", "new_sources": "10.0.0.9"}
    more |= {"hosts_user": 9, "hosts_a_day": 2, "sources_user": 3, "sources_a_day": 1, "hosts_source": 4}
    state = more | {"refused": False, "invalid": False, "succeeded": True, "silent_days": 2, "by_day": True}
    new = {"new_hosts": 3, "new_host_names": "x, y, z", "hosts_seen": "x, y, z", "silence": "2 days without a login"}
    who = {"user": "ada", "logins": 214, "logins_said": "214 logins", "active_days": 20, "active": "20 days"}
    many = {"users": ["ada"], "name_count": 1, "users_source": 3, "count": 1, "host_count": 1, "host_names": "x"}
    case = many | {"days": "30 days", "commands": [], "let_in": [], "seconds": 90, "usual_quiet": 2.0}
    session = {
        "session_source": "",
        "session_is_new": 0,
        "failed_user": "9 failed attempts",
        "failed_source": "9 failed",
    }
    there = {"server": "", "times_there": 0, "since_there": "2 days", "others_there": "bob", "there_said": "no login"}
    gaps = {f"since_{count}": 0 for count in (*DAYS, *ANYONE)}
    return said | state | new | dict.fromkeys(COUNTS, 0) | gaps | who | case | session | there | changed


@pytest.mark.parametrize("name", [field.name for field in SCORED])
def test_each_field_has_a_clause_that_quotes_what_it_is_about(name: str) -> None:
    text = clause(name, facts(failures_source=3, failures_user=3, by_service=9, from_network=9, from_source=0))
    text = text or clause(name, facts())
    assert text
    assert "{" not in text
    assert value_of(name) in VALUES


@pytest.mark.parametrize("name", sorted({fact.tells for fact in FACTS}))
def test_each_fact_has_a_clause(name: str) -> None:
    text = clause(name, facts(failures_source=3, failures_user=3, by_service=9, from_network=9)) or clause(
        name, facts()
    )
    text = text or clause(name, facts(server="web07"))
    assert text
    assert "{" not in text
    assert value_of(name) in VALUES


def test_no_clause_is_about_a_field_that_does_not_exist() -> None:
    told = {fact.tells for fact in FACTS}
    assert set(CLAUSES) == {field.name for field in SCORED} | told


@pytest.mark.parametrize("name", ["since_source", "since_key", "since_host", "since_method", "rarity_hour"])
def test_what_the_user_does_on_many_of_their_days_is_no_reason(name: str) -> None:
    # six logins on each of three days are a habit of somebody who was here on four
    few_days = facts(active_days=4, new_hosts=0, at_hour=3, **dict.fromkeys(DAYS, 3))
    assert clause(name, few_days) == ""
    assert "on 2 of 20 days before" in clause(name, facts(new_hosts=0, at_hour=2, **dict.fromkeys(DAYS, 2)))


def test_what_was_not_done_for_days_is_told_with_their_number_unless_nothing_was() -> None:
    again = facts(from_source=9, since_from_source=6)
    assert clause("since_source", again) == "ada came from that address for the first time in 6 days"
    assert clause("since_source", again | {"silent_days": 6}) == ""


def test_an_address_among_the_usual_ones_is_none_that_hardly_anybody_comes_from() -> None:
    assert "hardly anybody" in clause("since_source_any", facts(anyone_from_source=1))
    assert "(1 login in 30 days)" in clause("since_source_any", facts(anyone_from_source=1))
    assert clause("since_source_any", facts(anyone_from_source=8, from_source=3)) == ""


def test_a_server_of_ours_is_told_by_its_name_instead_of_whose_address_it_is() -> None:
    hop = facts(server="web07", source="10.20.7.10")
    said = "10.20.7.10 is web07, one of your own servers, where ada "
    assert clause("way_in", hop) == said + "had no session in 30 days (bob had a session there)"
    assert clause("way_in", hop | {"others_there": ""}) == said + "had no session in 30 days"
    earlier = hop | {"times_there": 3, "others_there": ""}
    assert clause("way_in", earlier) == said + "had last logged in 2 days before"
    assert clause("source_owner", hop) == clause("way_in", facts()) == ""
    assert "web07" in harmless(["elsewhere", "way_in"], hop)
    assert harmless(["way_in"], facts()).startswith("A program on that server")


def test_of_a_new_account_not_everything_is_told_to_be_new() -> None:
    new = facts(logins=0, active_days=0, new_hosts=0)
    assert clause("since_user", new) == "the account had no successful login in 30 days"
    assert {clause(name, new) for name in ("since_key", "since_service", "since_host", "since_source")} == {""}


def test_who_never_used_sudo_is_not_told_to_use_it_at_a_terminal_for_the_first_time() -> None:
    assert "never used" in clause("since_service", facts(service="sudo"))
    assert clause("since_terminal", facts(service="sudo")) == clause("since_target", facts(service="sudo")) == ""
    assert "at a terminal" in clause("since_terminal", facts(by_service=5))


def test_of_a_source_that_tried_many_names_nothing_is_told_of_one_of_them() -> None:
    many = {"refused": True, "users": ["ada", "bob"], "name_count": 2, "succeeded": False, "failures_source": 5}
    assert clause("outcome", facts(**many)) == ""
    assert clause("hosts_user_1d", facts(**many)) == "4 servers were tried"
    assert clause("users_source_1d", facts(**many)) == "2 names were tried"


def test_a_refused_source_is_told_with_one_number_of_attempts_and_whether_one_succeeded() -> None:
    source = facts(refused=True, source="10.9.9.9", users=["ada", "bob"], count=4, failures_source=7, host="web01")
    assert (
        deed(source) == "10.9.9.9 was refused 4 logins (7 attempts) under 2 names (ada, bob) on web01 at some span UTC"
    )
    assert outcome(source) == "No attempt succeeded."
    assert outcome(source | {"let_in": ["bob"]}) == "It got in as bob that day."
    assert "(4 attempts)" not in deed(source | {"failures_source": 4})


def test_a_local_program_is_told_with_the_session_it_ran_in() -> None:
    sudo = facts(service="sudo", source="this machine", command="ls", target="root", session_source="10.1.1.1")
    assert deed(sudo).endswith("on some host at some span UTC, in a session from 10.1.1.1")
    assert deed(sudo | {"session_is_new": 1}).endswith("in a session from 10.1.1.1, an address new for ada")
    assert "session" not in deed(sudo | {"session_source": ""})


def test_a_host_that_falls_silent_after_its_logging_was_stopped_is_told() -> None:
    stopped = facts(service="sudo", commands=["systemctl stop rsyslog"], quiet_minutes=97, host="db07")
    assert outcome(stopped) == "After it db07 reported no login for 97 minutes."
    assert outcome(stopped | {"usual_quiet": 30.0}) == ""
    assert outcome(stopped | {"commands": ["ls"]}) == ""


def test_the_usual_key_at_a_new_address_is_told() -> None:
    assert "from some source with the usual key at" in deed(facts(by_key=15))
    assert "usual key" not in deed(facts(by_key=15, from_source=3))
    assert "usual key" not in deed(facts(by_key=1))


def test_the_harmless_reading_fits_what_was_seen() -> None:
    by_password = harmless(["since_method"], facts(method="password"))
    assert "compare the key" not in by_password and "by password" in by_password
    burst = harmless(["quiet_names"], facts(refused=True, name_count=25, seconds=84))
    assert burst.startswith("A scanner")
    assert "patch night" not in harmless(["hosts_user_1d"], facts(by_day=True))
    assert "patch night" in harmless(["hosts_user_1d"], facts(by_day=False))
    assert "scanner" not in harmless(["outcome", "failures"], facts(source="this machine"))


def test_each_harmless_reading_is_about_fields_that_exist_and_is_a_sentence() -> None:
    known = set(CLAUSES)
    for about, _ in TWINS:
        assert about <= known
        assert harmless(sorted(about), facts()).endswith(".")


def test_braces_in_names_stay_as_they_are() -> None:
    assert "{days}{0}" in clause("since_source", facts(user="{days}{0}"))
    assert "{days}" in deed(facts(user="{days}{0}"))
    assert "{days}" in harmless(["hour"], facts(user="{days}{0}"))


@pytest.mark.parametrize(("number", "text"), [(1.2, "1"), (99, "99"), (12345, "12 000"), (299_999.0, "300 000")])
def test_numbers_have_two_digits_that_matter(number: float, text: str) -> None:
    assert round_number(number) == text


def test_long_lists_are_cut() -> None:
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"


def test_one_login_is_one_login() -> None:
    assert (times(1, "login"), times(2, "login")) == ("1 login", "2 logins")
