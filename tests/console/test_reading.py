"""Every question of the console to the store, on both engines."""

from datetime import UTC, datetime, timedelta

import night_to_review as case
from clickhouse_connect.driver.client import Client
from nightporter.console import reading
from nightporter.console.questions import cases, search
from nightporter.store.review import give_verdict, history

NIGHT = datetime.now(UTC).date() - timedelta(days=1)


def test_a_night_can_be_read_with_its_evidence(client: Client) -> None:
    assert reading.coverage(client) == (0, None)
    assert reading.nights(client) == []
    assert reading.night_of(client, "flag1") is None
    case.write_logins(client, NIGHT)
    case.write_night(client, NIGHT)
    assert reading.coverage(client) == (32, NIGHT)
    assert reading.nights(client) == [reading.Night(NIGHT, 3, 0)]
    assert reading.night_of(client, "flag3") == NIGHT
    flag, refused, _ = reading.flags(client, NIGHT)
    assert [reason.field for reason in flag.reasons] == ["since_source", "hour"]
    assert flag.nights == (NIGHT,)
    assert [near.differs for near in flag.nearest] == [("server", "address")]
    logins = reading.logins(client, flag)
    assert [(login.host, login.outcome, login.entries) for login in logins] == [
        (f"db{n}", "success", 4) for n in range(4)
    ]
    assert [line.split(": ", 1)[1][:9] for line in reading.lines(client, logins[0])] == [
        "Accepted ", "pam_unix(", "Disconnec", "pam_unix(",
    ]  # fmt: skip
    assert [login.failures for login in reading.logins(client, refused)] == [1, 1, 1]
    kinds = [(row["kind"], row["value"]) for row in reading.usual(client, "ada", NIGHT)]
    assert kinds[:3] == [("server", "web1"), ("source", "10.1.2.7"), ("key", "SHA256:adakey")]


def test_verdicts_are_kept_and_the_newest_counts(client: Client) -> None:
    case.write_night(client, NIGHT)
    flag = reading.flags(client, NIGHT)[0]
    give_verdict(client, flag.flag_id, "benign", "asked ada", "eve")
    give_verdict(client, flag.flag_id, "malicious", "ada was asleep", "eve", "stolen")
    assert [(row["verdict"], row["reason"]) for row in history(client, "flag1")] == [
        ("malicious", "ada was asleep"),
        ("benign", "asked ada"),
    ]
    assert reading.nights(client) == [reading.Night(NIGHT, 3, 1)]
    assert [flag.verdict for flag in reading.flags(client, NIGHT)] == ["malicious", "", ""]


def test_past_cases_of_the_same_kind_are_found_with_what_was_said(client: Client) -> None:
    case.write_night(client, NIGHT)
    first, _, third = reading.flags(client, NIGHT)
    assert cases.similar(client, first) == []
    give_verdict(client, "flag3", "benign", "on call", "eve", "confirmed")
    (found,) = cases.similar(client, first)
    assert (found["flag_id"], found["verdict"], found["code"], found["who"]) == ("flag3", "benign", "confirmed", "eve")
    assert cases.similar(client, third) == [], "a case does not resemble itself"


def test_a_search_goes_back_in_time_page_by_page_and_leaves_nothing_out(client: Client) -> None:
    case.write_logins(client, NIGHT, days=20)
    end = datetime(NIGHT.year, NIGHT.month, NIGHT.day, tzinfo=UTC) + timedelta(days=1)
    for named, count in (({}, 48), ({"user": "ada"}, 24)):
        wanted = search.Wanted(end - timedelta(days=300), end, **named)
        pages, before = [], None
        while page := search.logins(client, wanted, before, most=7):
            pages += page
            before = (page[-1].start, page[-1].event_id)
        assert len(pages) == len({login.event_id for login in pages}) == count
        assert pages == sorted(pages, key=lambda login: (login.start, login.event_id), reverse=True)
        assert pages == search.logins(client, wanted, most=1000)
