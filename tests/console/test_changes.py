"""Settings changed in the console: by admins, with a reason, on record, used by the next night, and taken back."""

from datetime import UTC, date, datetime

import pytest
from clickhouse_connect.driver.client import Client
from console_visit import Visitor, words
from nightporter.errors import ReviewError, SettingsError
from nightporter.nightly.catchup import due_since
from nightporter.nightly.notify import channels
from nightporter.nightly.work import Work
from nightporter.settings import CHANGEABLE, Settings, load
from nightporter.store import changes
from streamlit.testing.v1 import AppTest

NIGHT = date(2026, 3, 10)


def test_the_newest_change_counts_above_the_environment_until_it_is_taken_back(
    client: Client, store: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTPORTER_REVIEW_BUDGET", "30")
    changes.change(client, "ada", {"review_budget": "40", "night_time": "05:00"}, "fewer people this week")
    changes.change(client, "eve", {"review_budget": "20"}, "one person ill")
    work = Work(client, load(), NIGHT)
    assert work.settings.review_budget == 20, "a night uses it"
    assert due_since(work.settings, NIGHT) == datetime(2026, 3, 11, 5, 0, tzinfo=UTC)
    assert (changes.changes(client)["review_budget"].who, store.night_time) == ("eve", "02:15")
    changes.take_back(client, "ada", "review_budget")
    assert changes.in_force(client, load()).review_budget == 30
    assert client.command("SELECT count() FROM settings_changes") == 4, "rows are only added"


def test_a_channel_that_is_paused_tells_nobody(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTPORTER_NOTIFY_EMAIL", "soc@np.example")
    monkeypatch.setenv("NIGHTPORTER_NOTIFY_SYSLOG_URL", "udp://127.0.0.1:9")
    changes.change(client, "ada", {"notify_paused": "e-mail"}, "mail server moves")
    assert list(channels(changes.in_force(client, load()))) == ["syslog"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("review_budget", "many"), ("review_budget", "9" * 600), ("night_time", "25:00"), ("home", "/tmp"),
     ("notify_paused", "pigeon"), ("console_proxies", "0.0.0.0/0"), ("notify_webhook_url", "https://evil.invalid")],
)  # fmt: skip
def test_what_cannot_be_or_may_not_be_changed_here_is_refused(client: Client, name: str, value: str) -> None:
    with pytest.raises(ReviewError):
        changes.change(client, "ada", {"review_budget": "10", name: value}, "because")
    with pytest.raises(ReviewError, match="Say why"):
        changes.change(client, "ada", {"review_budget": "10"}, " ")
    assert changes.changes(client) == {}, "all or none"


def test_nothing_that_is_secret_or_says_where_data_goes_can_be_changed_here() -> None:
    words = ("file", "url", "email", "sender", "address", "port", "proxies", "hosts", "names", "home", "pseudonyms")
    assert not [name for name in CHANGEABLE if any(word in name for word in words)]


def test_a_row_that_cannot_be_read_stops_the_night_with_a_next_step(client: Client, store: Settings) -> None:
    client.insert("settings_changes", [["review_budget", "lots", "x"]], column_names=["name", "value", "who"])
    with pytest.raises(SettingsError, match="change it again on the console's page Settings"):
        changes.in_force(client, store)


@pytest.mark.parametrize("store", ["embedded"], indirect=True)
def test_an_admin_changes_the_budget_and_takes_it_back(visit: Visitor, client: Client, store: Settings) -> None:
    app = visit("settings", role="admin", who="ada")
    next(box for box in app.number_input if box.label == "Flags a night").set_value(20)
    next(box for box in app.number_input if box.label == "Sat").set_value(5)
    press(app, "Change")
    assert "Say why" in words(app) and not changes.changes(client)
    next(box for box in app.number_input if box.label == "Flags a night").set_value(20)
    next(box for box in app.number_input if box.label == "Sat").set_value(5)
    next(box for box in app.text_input if box.label == "Because").set_value("holidays")
    press(app, "Change")
    now = changes.in_force(client, store)
    assert (now.review_budget, now.weekday_budgets) == (20, {"sat": 5}), "and nothing else"
    assert "review_budget is 20 (this machine says 50) by ada" in words(app)
    press(app, "back-review_budget")
    assert changes.in_force(client, store).review_budget == 50
    done = client.query("SELECT who, action, about, detail FROM audit WHERE action LIKE 'setting %' ORDER BY at, about")
    assert sorted(done.result_rows) == [
        ("ada", "setting changed", "review_budget", "50 → 20: holidays"),
        ("ada", "setting changed", "weekday_budgets", "empty → sat=5: holidays"),
        ("ada", "setting taken back", "review_budget", ""),
    ]


@pytest.mark.parametrize("store", ["embedded"], indirect=True)
def test_nobody_else_finds_a_way_to_change_them(visit: Visitor, client: Client) -> None:
    changes.change(client, "ada", {"review_budget": "20"}, "holidays")
    app = visit("settings", role="analyst")
    assert "review_budget is 20" in words(app)
    assert not app.number_input and not [button for button in app.button if "ack" in button.label]


def press(app: AppTest, name: str) -> None:
    """Press the button of this label or key."""
    next(button for button in app.button if name in (button.label, button.key)).click().run()
    assert not app.exception
