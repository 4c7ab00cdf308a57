"""Every question of the console to the store, on both engines."""

from datetime import UTC, datetime, timedelta

import login_rows
import night_to_review as case
from clickhouse_connect.driver.client import Client
from nightporter.console import reading
from nightporter.console.questions import cases, search, servers
from nightporter.store.merge import merge
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


WRITTEN = (
    'Connection from 10.1.2.7 port 40100 on 10.1.2.1 port 22 rdomain ""',
    "Accepted key ED25519 SHA256:adakey found at /home/ada/.ssh/authorized_keys:1",
    "Postponed publickey for ada from 10.1.2.7 port 40100 ssh2 [preauth]",
    "Accepted publickey for ada from 10.1.2.7 port 40100 ssh2: ED25519 SHA256:adakey",
    "pam_unix(sshd:session): session opened for user ada(uid=1000) by (uid=0)",
    "User child is on pid 8101",
    "Received disconnect from 10.1.2.7 port 40100:11: disconnected by user",
    "Disconnected from user ada 10.1.2.7 port 40100",
    "pam_unix(sshd:session): session closed for user ada",
)
"""A login of one second, in the order in which sshd writes it."""


def test_lines_of_one_time_come_in_the_order_in_which_they_are_written(client: Client) -> None:
    at = f"{NIGHT:%b} {NIGHT.day:2d} 05:06:07"
    rows = [[f"{at} web1 sshd[8100]: {said}", datetime.now(UTC), NIGHT.year, "UTC", {}, ""] for said in sorted(WRITTEN)]
    client.insert("lines", rows, column_names=["line", "received", "year", "zone", "zones", "source"])
    merge(client)
    start = datetime(NIGHT.year, NIGHT.month, NIGHT.day, tzinfo=UTC)
    (login,) = search.logins(client, search.Wanted(start, start + timedelta(days=1), user="ada"))
    assert login.entries == len(WRITTEN)
    assert tuple(line.split(": ", 1)[1] for line in reading.lines(client, login)) == WRITTEN


def _copy(client: Client, flag_id: str, of: str, **changed: str) -> None:
    """Another flag, like `of` but for what is `changed` (SQL)."""
    replaced = ", ".join(f"{value} AS {name}" for name, value in changed.items())
    client.command(
        f"INSERT INTO flags SELECT * REPLACE ('{flag_id}' AS flag_id, {replaced}) "
        f"FROM (SELECT * FROM flags FINAL WHERE flag_id = '{of}')"
    )


SEVERAL = """'[{"event_id": "a", "user": "ada"}, {"event_id": "b", "user": "eve"}]'"""


def test_open_flags_of_an_actor_are_all_of_the_person_that_night_and_of_the_source_that_tried_several(
    client: Client,
) -> None:
    case.write_logins(client, NIGHT)
    case.write_night(client, NIGHT)
    _copy(client, "elsewhere", "flag1", source_ip="'10.8.8.8'", host="'db9'", rank="4")
    _copy(client, "locally", "flag1", source_ip="''", rank="5")
    _copy(client, "earlier", "flag1", night="night - 1")
    _copy(client, "earlier elsewhere", "flag1", night="night - 1", source_ip="'10.8.8.8'")
    _copy(client, "tried", "flag1", source_ip="'10.9.9.9'", events=SEVERAL, rank="6")
    _copy(client, "tried later", "flag3", source_ip="'10.9.9.9'", night="night + 1")
    flags = {flag.flag_id: flag for flag in reading.flags(client, NIGHT)}

    def others(flag_id: str) -> list[str]:
        return [row["flag_id"] for row in reading.same_actor(client, flags[flag_id])]

    assert others("flag1") == ["elsewhere", "locally", "earlier"], "ada was one of several names that were tried"
    assert others("flag3") == []
    tried = flags["tried"]
    assert (tried.user, tried.names) == ("", ("ada", "eve")), "the actor is the source"
    assert others("tried") == ["tried later"]
    give_verdict(client, "elsewhere", "benign", "asked ada", "eve")
    assert others("flag1") == ["locally", "earlier"]


def test_what_is_usual_for_a_source_is_who_came_from_it_and_where_to(client: Client) -> None:
    case.write_logins(client, NIGHT)
    found = reading.usual(client, "", NIGHT + timedelta(days=1), "198.51.100.9")
    assert [(row["kind"], row["value"], row["days"]) for row in found] == [
        ("refused as", case.HOSTILE, 1), ("refused on", "web1", 1),
    ]  # fmt: skip
    found = reading.usual(client, "", NIGHT, "10.1.2.7")
    assert [(row["kind"], row["value"], row["days"]) for row in found] == [
        ("let in as", "ada", 12), ("let in on", "web1", 12),
    ]  # fmt: skip


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


def test_usual_hours_of_a_server_are_those_of_people(client: Client) -> None:
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    polls = [login_rows.Row(monday + timedelta(hours=hour), "web1", "nagios", "10.1.0.9") for hour in range(24)]
    people = [login_rows.Row(monday + timedelta(days=day, hours=9, minutes=5), "web1", "ada") for day in (0, 1, 7)]
    jobs = [login_rows.Row(monday + timedelta(hours=3), "web1", "root", service="cron")]
    login_rows.store(client, [*polls, *people, *jobs])
    found = servers.hours(client, "web1", monday.date() + timedelta(days=8))
    assert [(row["weekday"], row["hour"], row["days"]) for row in found] == [(1, 9, 2), (2, 9, 1)]
