"""The usual logins that are named beside a flag are the user's own, earlier ones, and say in what they differ."""

from datetime import timedelta

import numpy as np
from clickhouse_connect.driver.client import Client
from login_rows import DAYS, FIRST, HOSTS, LAST, Row, at, ordinary, store
from nightporter.features.stream import read_logins
from nightporter.nightly.nearest import COMPARED, nearest


def test_the_nearest_are_earlier_logins_of_the_same_user_and_say_what_is_other(client: Client) -> None:
    strange = Row(at(DAYS - 1, 3), HOSTS[3], "user3", "203.0.113.9", method="password")
    failed = Row(at(DAYS - 2, 3), HOSTS[3], "user3", "203.0.113.9", method="password", outcome="failure")
    store(client, [*ordinary(), strange, failed])
    logins = read_logins(client, FIRST, LAST + timedelta(days=1), thin=4, whole_from=LAST)
    (row,) = np.flatnonzero(logins.event_id == strange.event_id.encode()).tolist()
    found = nearest(logins, row)
    assert found[0]["host"] == HOSTS[3]
    assert found[0]["differs"] == ["address", "method", "key"]
    assert found[0]["source_ip"] == "10.1.3.20"
    assert found[0]["start"] < LAST.isoformat()
    assert [len(near["differs"]) for near in found] == sorted(len(near["differs"]) for near in found)
    assert {name for near in found for name in near["differs"]} <= set(COMPARED.values())
    nobody = np.flatnonzero(logins.categories["user"] == logins.values["user"].index("test"))
    assert nearest(logins, int(nobody[-1])) == []
