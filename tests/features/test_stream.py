"""Features are causal, compact, and the same whatever comes later."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from clickhouse_connect.driver.client import Client
from login_rows import DAYS, FIRST, HOSTS, LAST, Row, at, ordinary, spraying, stolen_key, store
from nightporter.errors import ModelError
from nightporter.features.encode import encode, learn_vocabularies, sizes
from nightporter.features.fields import BY_NAME, CATEGORIES, FIELDS, NUMBERS
from nightporter.features.history import RUN_TABLES
from nightporter.features.stream import Logins, holds_logins, open_logins, read_logins


def read(client: Client, thin: int = 1000) -> Logins:
    return read_logins(client, FIRST, LAST + timedelta(days=1), thin=thin, whole_from=LAST)


def whole_and_sliced(client: Client, slice_size: int) -> tuple[Logins, Logins, list[float]]:
    told: list[float] = []
    whole = read(client, thin=4)
    sliced = read_logins(
        client, FIRST, LAST + timedelta(days=1), thin=4, whole_from=LAST, slice_size=slice_size,
        progress=told.append,
    )  # fmt: skip
    return whole, sliced, told


def by_event(logins: Logins) -> dict[bytes, tuple[object, ...]]:
    return {
        bytes(logins.event_id[row]): (
            *(logins.value(name, row) for name in CATEGORIES),
            *(int(logins.numbers[name][row]) for name in NUMBERS),
        )
        for row in range(len(logins))
    }


def test_features_of_a_login_do_not_change_when_later_logins_arrive(client: Client) -> None:
    rows = ordinary()
    middle = at(DAYS // 2, 12)
    store(client, [row for row in rows if row.start < middle])
    before = by_event(read(client))
    store(client, [row for row in rows + stolen_key() + spraying() if row.start >= middle])
    after = by_event(read(client))
    assert len(before) > 500
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("slice_size", [1000, 150])
def test_slices_change_no_feature(client: Client, slice_size: int) -> None:
    store(client, ordinary() + stolen_key() + spraying())
    whole, sliced, told = whole_and_sliced(client, slice_size)
    assert len(told) >= len(whole) // slice_size
    assert told == [number / len(told) for number in range(len(told))]
    assert by_event(sliced) == by_event(whole)
    for column in ("event_id", "start_us", "pid", "day", "sampled"):
        assert np.array_equal(getattr(sliced, column), getattr(whole, column)), column
    assert [sliced.value("source", row) for row in range(len(sliced))] == [
        whole.value("source", row) for row in range(len(whole))
    ]


def test_reading_leaves_nothing_in_the_store_even_if_it_is_broken_off(client: Client) -> None:
    def enough(share: float) -> None:
        if share > 0.3:
            raise KeyboardInterrupt

    store(client, ordinary(days=3))
    with pytest.raises(KeyboardInterrupt):
        read_logins(client, FIRST, LAST, thin=4, whole_from=LAST, slice_size=100, progress=enough)
    for table in RUN_TABLES:
        assert client.command(f"SELECT count() FROM {table}") == 0


def test_a_first_login_is_never_seen_and_a_second_is(client: Client) -> None:
    first = Row(at(0, 9), HOSTS[0], "ada", "10.1.1.1", key_fingerprint="SHA256:ada")
    second = Row(at(0, 10), HOSTS[0], "ada", "10.1.1.1", key_fingerprint="SHA256:ada")
    elsewhere = Row(at(0, 11), HOSTS[1], "ada", "10.1.1.1", key_fingerprint="SHA256:ada")
    store(client, [first, second, elsewhere])
    logins = read(client)
    never = BY_NAME["since_host"].bins - 1
    assert [int(bin) for bin in logins.numbers["since_host"]] == [never, 1, never]
    assert [int(bin) for bin in logins.numbers["since_key"]] == [never, 1, 1]


def test_a_failure_makes_nothing_familiar(client: Client) -> None:
    refused = Row(at(0, 9), HOSTS[0], "ada", "10.1.1.1", outcome="failure", method="password", failures=3)
    then = Row(at(0, 9.1), HOSTS[0], "ada", "10.1.1.1", method="password")
    store(client, [refused, then])
    logins = read(client)
    assert int(logins.numbers["since_source"][1]) == BY_NAME["since_source"].bins - 1
    assert int(logins.numbers["failures_source_10m"][1]) > 0


@pytest.mark.parametrize(
    ("command", "family"),
    [
        ("/usr/bin/systemctl restart nginx", "systemctl restart nginx"),
        ("/usr/bin/apt-get dist-upgrade -y", "apt-get dist-upgrade"),
        ("/bin/sh -c echo BECOME-SUCCESS-abcdefgh ; /usr/bin/python3", "become by ansible"),
        ("/bin/sh -c /usr/bin/python3 /home/deploy/.ansible/tmp/ansible-tmp-1700-2/AnsiballZ_apt.py", "ansible module"),
        ("/opt/tools/job42 17", "jobN"),
        ("/bin/bash", "bash"),
    ],
)
def test_commands_of_one_kind_are_one_family(client: Client, command: str, family: str) -> None:
    store(client, [Row(at(0, 9), HOSTS[0], "ada", "", "sudo", method="", target_user="root", command=command)])
    assert read(client).value("command", 0) == family


def test_days_to_learn_from_are_thinned_and_the_night_is_whole(client: Client) -> None:
    rows = [Row(at(day, hour), HOSTS[0], "ada", "10.1.1.1") for day in (0, DAYS - 1) for hour in range(12)]
    store(client, rows)
    logins = read(client, thin=4)
    days = np.unique(logins.day, return_counts=True)[1]
    assert days.tolist() == [4, 12]


def test_a_prepared_login_is_small_and_unknown_values_have_code_zero(client: Client) -> None:
    store(client, ordinary(days=3))
    logins = read(client)
    vocabularies = learn_vocabularies(logins, np.arange(len(logins) // 2))
    codes = encode(logins, vocabularies)
    assert codes.bytes_per_login <= 62
    table = codes.rows(slice(None))
    assert (table >= 0).all()
    assert (table < np.array(sizes(vocabularies))).all()
    last = int(np.flatnonzero(logins.categories["network"] == logins.categories["network"].max())[0])
    assert table[last, [field.name for field in FIELDS].index("network")] == 0


def test_logins_that_were_read_can_be_opened_again_and_let_go_of(client: Client, tmp_path: Path) -> None:
    store(client, ordinary(days=3))
    folder = tmp_path / "logins"
    read = read_logins(client, FIRST, LAST, thin=4, whole_from=LAST, folder=folder)
    read.release()
    assert holds_logins(folder)
    assert by_event(open_logins(folder)) == by_event(read)
    (folder / "numbers.since_host").unlink()
    assert not holds_logins(folder)
    with pytest.raises(ModelError, match="run the night again"):
        open_logins(folder)


def test_no_logins_are_read_as_none(client: Client) -> None:
    assert len(read(client)) == 0
