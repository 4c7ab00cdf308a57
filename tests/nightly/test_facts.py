"""Facts of an actor's night say what they are named for."""

import numpy as np
from clickhouse_connect.driver.client import Client
from login_rows import FIRST, HOSTS, LAST, PEOPLE, Row, at, ordinary, store
from nightporter.features.stream import Logins, read_logins
from nightporter.nightly.actors import ActorNights, History
from nightporter.nightly.facts import PLACE, REFUSED, STEPS

DESK, HOTEL = "10.1.3.20", "203.0.113.9"  # of user3


def read(client: Client, rows: list[Row]) -> tuple[Logins, ActorNights]:
    store(client, rows)
    logins = read_logins(client, FIRST, LAST, thin=100, whole_from=FIRST)
    return logins, History(logins).actor_nights(np.arange(len(logins)))[0]


def of(logins: Logins, nights: ActorNights, fact: str, source: str, day: int) -> int:
    """The fact of the night of an actor who came from `source`."""
    place, number = logins.values["source"].index(source), int(np.asarray(logins.day)[0]) + day
    found = nights.values[(nights.place == place) & (nights.day == number), PLACE[fact]]
    assert len(found) == 1
    return int(STEPS[found[0]])


def login(hour: float, source: str, host: str = HOSTS[3], day: int = 5) -> Row:
    return Row(at(day, hour), host, "user3", source, key_fingerprint="SHA256:user3")


def without_day(day: int) -> list[Row]:
    """The ordinary farm, in which user3 stays away on one day."""
    return [row for row in ordinary() if not (row.user == "user3" and at(day, 0) <= row.start < at(day + 1, 0))]


def test_a_day_of_work_from_a_new_place_is_not_two_places(client: Client) -> None:
    rows = [*without_day(5), login(9, HOTEL), login(10, HOTEL), login(11, HOTEL)]
    assert of(*read(client, rows), "elsewhere", HOTEL, 5) == 0


def test_a_new_place_while_the_desk_is_in_use_is_two_places(client: Client) -> None:
    rows = [*without_day(5), login(9, HOTEL), login(10, HOTEL), login(9.5, DESK)]
    assert of(*read(client, rows), "elsewhere", HOTEL, 5) == 1


def team(number: int) -> list[Row]:
    """People of one team, each on the same two hosts, all days."""
    hosts = [f"team{number}-{host}" for host in range(2)]
    return [
        Row(at(day, 9 + person / 10), host, f"person{number}-{person}", f"10.3.{number}.{person}")
        for day in range(8)
        for person in range(5)
        for host in hosts
    ]


def test_a_first_visit_is_no_habit_of_the_week_and_one_on_a_second_day_is(client: Client) -> None:
    everybody = [row for number in range(12) for row in team(number)]
    strays = [
        Row(at(day, 15), f"team{day}-0", "person1-1", "10.3.1.1") for day in (5, 6)
    ]  # to hosts of two other teams, which nobody of the own one uses
    logins, nights = read(client, [*everybody, *strays])
    assert [of(logins, nights, fact, "10.3.1.1", 5) for fact in ("far_hosts", "far_hosts_week")] == [1, 0]
    assert [of(logins, nights, fact, "10.3.1.1", 6) for fact in ("far_hosts", "far_hosts_week")] == [1, 1]


def test_a_refused_source_is_not_young_because_nobody_has_the_names_it_tries(client: Client) -> None:
    wrong = {"outcome": "failure", "method": "password", "failures": 1}
    rows = [
        *ordinary(),
        Row(at(5, 3), HOSTS[0], "admin", "198.51.7.7", invalid_user=True, **wrong),
        Row(at(5, 4), HOSTS[0], PEOPLE[5], "198.51.8.8", **wrong),
    ]
    _, nights = read(client, rows)
    assert (nights.kind == REFUSED).sum() > 2
    assert not nights.young[nights.kind == REFUSED].any()
