"""Which nights are due, which are resumed, and when late logins open a night again."""

import dataclasses
from datetime import UTC, date, datetime, timedelta

import pytest
from clickhouse_connect.driver.client import Client
from login_rows import DAYS, FIRST, HOSTS, LAST, Row, at, ordinary, store
from nightporter.errors import NightBusy, NightError
from nightporter.nightly.catchup import due_nights, due_since, late_logins, reopen_late, undone
from nightporter.nightly.ledger import STEPS, Ledger, Step, locked
from nightporter.nightly.night import finish, run_night
from nightporter.nightly.work import Work
from nightporter.settings import Settings, load
from nightporter.store.review import give_verdict


@pytest.mark.parametrize(
    ("zone", "time", "night", "due"),
    [
        ("UTC", "02:15", date(2026, 3, 10), datetime(2026, 3, 11, 2, 15)),
        ("UTC", "00:00", date(2026, 3, 10), datetime(2026, 3, 11, 0, 0)),
        ("Europe/Berlin", "02:15", date(2026, 3, 10), datetime(2026, 3, 11, 1, 15)),
        ("Europe/Berlin", "00:30", date(2026, 3, 10), datetime(2026, 3, 11, 23, 30)),
        ("America/New_York", "02:15", date(2026, 1, 10), datetime(2026, 1, 11, 7, 15)),
        ("Asia/Tokyo", "02:15", date(2026, 1, 10), datetime(2026, 1, 11, 17, 15)),
        # the clock jumps from 02:00 to 03:00 and 02:15 does not exist: an hour later by the sun, never a day
        ("Europe/Berlin", "02:15", date(2026, 3, 28), datetime(2026, 3, 29, 1, 15)),
    ],
)
def test_a_night_is_due_at_the_set_local_time_after_its_day(
    zone: str, time: str, night: date, due: datetime, tmp_path: object
) -> None:
    settings = load(
        {"NIGHTPORTER_HOME": str(tmp_path), "NIGHTPORTER_NIGHT_TIME": time} | {"NIGHTPORTER_NIGHT_TIMEZONE": zone}
    )
    moment = due.replace(tzinfo=UTC)
    assert due_since(settings, night) == moment
    assert due_nights(settings, moment)[-1] == night
    assert due_nights(settings, moment - timedelta(minutes=1))[-1] == night - timedelta(days=1)
    assert len(due_nights(settings, moment)) == 7


def now_after(night: date) -> datetime:
    return datetime(night.year, night.month, night.day, 12, tzinfo=UTC) + timedelta(days=1)


def test_missed_nights_come_oldest_first_and_a_dead_one_goes_on(client: Client) -> None:
    settings, now = load(), now_after(LAST)
    assert undone(client, settings, now) is None
    store(client, ordinary())
    oldest = LAST - timedelta(days=6)
    assert undone(client, settings, now) == LAST  # no night was ever run, so none was missed
    with locked(settings.home, LAST):
        assert undone(client, settings, now) is None  # somebody is at it
    with pytest.raises(NightError, match="a model needs 3"):
        run_night(client, oldest)
    # for want of older logins it is tried again tomorrow, and the next one comes
    assert undone(client, settings, now) == oldest + timedelta(days=1)
    for night in (FIRST + timedelta(days=back) for back in range(2, DAYS)):
        ledger = Ledger(client, night)
        for name in STEPS:
            ledger.end(name, "done", "", {})
    assert undone(client, settings, now) is None
    dead = Ledger(client, LAST)
    dead.reopen("train", "gate")
    dead.begin("train")
    assert undone(client, settings, now) == LAST
    # long after, older nights are left alone, but not one that was begun
    assert undone(client, settings, now + timedelta(days=30)) == LAST


def test_failures_wait_longer_each_time() -> None:
    from nightporter.nightly.catchup import ready

    now = datetime.now(UTC)
    failed = Step("train", "failed", now - timedelta(minutes=5), now - timedelta(minutes=5), attempt=1)
    assert ready(failed, True, now)
    assert not ready(dataclasses.replace(failed, attempt=5), True, now)
    assert ready(dataclasses.replace(failed, attempt=5), True, now + timedelta(hours=1))
    assert ready(dataclasses.replace(failed, attempt=200), True, now + timedelta(hours=6))
    assert not ready(dataclasses.replace(failed, result={"final": True}), True, now + timedelta(hours=6))
    killed = dataclasses.replace(failed, state="running", attempt=2)
    assert ready(killed, True, now)
    assert not ready(dataclasses.replace(killed, attempt=4), True, now)


def test_a_night_that_is_being_run_is_refused(client: Client, store: Settings) -> None:
    with locked(store.home, LAST):
        with pytest.raises(NightBusy, match="Another process is working on the night of 2026-03-10"):
            run_night(client, LAST)


@pytest.mark.parametrize("store", ["embedded"], indirect=True)
def test_late_logins_open_the_night_again_and_verdicts_stay(client: Client) -> None:
    store(client, ordinary())
    first = run_night(client, LAST, budget=5, seed=1)
    settings, now = load(), now_after(LAST)
    assert reopen_late(client, settings, now) == []
    (flag,) = client.query("SELECT flag_id FROM flags FINAL WHERE rank = 1").result_rows[0]
    give_verdict(client, flag, "benign", "known", "ada")
    intruder = [Row(at(DAYS - 1, 3 + n / 9), h, "user3", "203.0.113.9") for n, h in enumerate(HOSTS)]
    store(client, intruder)
    assert late_logins(client, Ledger(client, LAST)) == len(HOSTS)
    assert reopen_late(client, settings, now) == [LAST]
    assert Ledger(client, LAST).next() == "close"
    finish(Work(client, settings, LAST))
    again = Ledger(client, LAST).result("flag")
    assert again["logins"] == first.logins + len(HOSTS)
    assert again["model_run"] == first.model_run  # the model it had
    sources = client.query("SELECT source_ip FROM flags FINAL").result_rows
    assert ("203.0.113.9",) in sources
    assert client.command("SELECT count() FROM verdicts") == 1
    assert client.query("SELECT countDistinct(night), count() FROM scores FINAL").result_rows == [(1, again["logins"])]
    assert reopen_late(client, settings, now) == []
