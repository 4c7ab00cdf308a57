"""A day's features are computed once; whatever changes later, the window is what reading all of it anew would give."""

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from login_rows import DAYS, FIRST, HOSTS, Row, at, ordinary, spraying, stolen_key, store
from nightporter.features import window
from nightporter.features.fields import CATEGORIES, NUMBERS
from nightporter.features.stream import Logins
from nightporter.features.window import read_window

WINDOW = [FIRST + timedelta(days=number) for number in range(DAYS)]


@pytest.fixture
def days_read(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """Every day whose features are computed from now on."""
    read: list[date] = []
    original = window.read_logins

    def noting(client: Client, since: date, *rest: Any, **named: Any) -> Logins:
        read.append(since)
        return original(client, since, *rest, **named)

    monkeypatch.setattr(window, "read_logins", noting)
    return read


def read(client: Client, place: Path, days: list[date]) -> dict[bytes, tuple[object, ...]]:
    logins = read_window(
        client, days, thin=4, whole_from=days[-2], home=place / "features", folder=place / "logins", slice_size=100
    )
    assert (logins.start_us[1:] >= logins.start_us[:-1]).all()
    return {
        bytes(logins.event_id[row]): (
            int(logins.sampled[row]),
            logins.value("source", row),
            *(logins.value(name, row) for name in CATEGORIES),
            *(int(logins.numbers[name][row]) for name in NUMBERS),
        )
        for row in range(len(logins))
    }


def anew(client: Client, place: Path, days: list[date]) -> dict[bytes, tuple[object, ...]]:
    client.command("TRUNCATE TABLE feature_state")
    shutil.rmtree(place, ignore_errors=True)
    return read(client, place, days)


def test_a_night_reads_one_new_day(client: Client, tmp_path: Path, days_read: list[date]) -> None:
    store(client, [row for row in ordinary() + stolen_key() + spraying() if row.start.date() != WINDOW[4]])
    seen = [day for day in WINDOW if day != WINDOW[4]]  # nobody came on that day
    read(client, tmp_path / "kept", seen[:-1])
    del days_read[:]
    last = read(client, tmp_path / "kept", seen)
    assert days_read == [WINDOW[-1]]
    assert len(last) > 200
    assert last == anew(client, tmp_path / "anew", seen)


def test_what_comes_late_is_read_from_its_day_on(client: Client, tmp_path: Path, days_read: list[date]) -> None:
    store(client, ordinary())
    first = read(client, tmp_path / "kept", WINDOW)
    late = Row(at(6, 3), HOSTS[5], "user3", "203.0.113.9", key_fingerprint="SHA256:user3")
    store(client, [late])
    del days_read[:]
    second = read(client, tmp_path / "kept", WINDOW)
    assert days_read == WINDOW[6:]
    assert {name: row for name, row in first.items() if second.get(name) != row}  # it matters to what followed
    assert second == anew(client, tmp_path / "anew", WINDOW)


def test_what_was_broken_off_goes_on_with_the_day_it_was_at(
    client: Client, tmp_path: Path, days_read: list[date]
) -> None:
    def enough(share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    store(client, ordinary())
    place = {"home": tmp_path / "kept" / "features", "folder": tmp_path / "kept" / "logins"}
    with pytest.raises(KeyboardInterrupt):
        read_window(client, WINDOW, thin=4, whole_from=WINDOW[-2], progress=enough, **place)
    begun = days_read[-1]
    del days_read[:]
    assert read(client, tmp_path / "kept", WINDOW) == anew(client, tmp_path / "anew", WINDOW)
    assert days_read[0] == begun > WINDOW[2]


def test_a_day_that_was_thinned_is_read_again_when_it_is_wanted_whole(client: Client, tmp_path: Path) -> None:
    store(client, ordinary())
    read(client, tmp_path / "kept", WINDOW)
    earlier = read(client, tmp_path / "kept", WINDOW[:-3])
    assert earlier == anew(client, tmp_path / "anew", WINDOW[:-3])
