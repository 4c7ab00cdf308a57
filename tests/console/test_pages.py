"""Every page in every state: nothing stored, something stored, the store away, names chosen by attackers, each role."""

from datetime import UTC, date, datetime, timedelta

import night_to_review as case
import pytest
from clickhouse_connect.driver.client import Client
from console_visit import Visitor, words
from nightporter.console.frame import PAGES
from nightporter.store.disk import Room
from streamlit.testing.v1 import AppTest

pytestmark = pytest.mark.parametrize("store", ["embedded"], indirect=True)

YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
EMPTY = {
    "": "There are no logins yet.",
    "briefing": "There is nothing to tell yet.",
    "search": "No login matches.",
    "person": "Nobody is chosen.",
    "server": "No server is chosen.",
    "model": "No model has been trained yet.",
    "health": "No server has sent anything in the last two weeks.",
    "settings": "review_budget",
    "account": "You may",
}
INERT = {"text", "code", "dataframe", "text_input", "download_button"}
"""Elements that show text as it is, or do not show it."""


@pytest.fixture
def filled(client: Client) -> date:
    case.write_logins(client, YESTERDAY)
    case.write_night(client, YESTERDAY)
    return YESTERDAY


def frames(app: AppTest) -> str:
    """What the tables of a page hold."""
    return "\n".join(element.value.to_string() for element in app.dataframe)


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("path", EMPTY)
def test_an_empty_page_says_why_and_what_to_do(visit: Visitor, path: str) -> None:
    app = visit(path)
    assert EMPTY[path] in words(app) + frames(app)
    assert "Error id" not in words(app)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("path", "url", "found"),
    [
        ("briefing", {}, "ada logged in 4 times to 4 servers from 203.0.113.7"),
        ("search", {"user": "ada"}, "db3"),
        ("search", {"source": "198.51.100.9"}, "failure"),
        ("person", {"user": "ada"}, "10.1.2.7"),
        ("server", {"host": "web1"}, "10.1.2.7"),
        ("model", {}, "8 logins scored, 3 flags"),
        ("health", {}, "Lines of each day"),
        ("settings", {}, "training_window_days"),
    ],
)
def test_a_page_shows_what_is_stored(visit: Visitor, path: str, url: dict[str, str], found: str) -> None:
    app = visit(path, **url)
    assert found in words(app) + frames(app)
    assert "Error id" not in words(app)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(("free", "warned"), [(1 << 30, True), (50 << 30, False)])
def test_a_disk_that_is_nearly_full_is_said(
    visit: Visitor, monkeypatch: pytest.MonkeyPatch, free: int, warned: bool
) -> None:
    monkeypatch.setattr("nightporter.console.views.health.room", lambda _: Room(free, 100 << 30))
    assert [alert.value.startswith("The disk of the store is nearly full") for alert in visit("health").warning] == (
        [True] if warned else []
    )


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("path", ["", "person", "server", "search", "briefing", "health"])
def test_names_of_attackers_are_inert_on_every_page(visit: Visitor, path: str) -> None:
    app = visit(path, user=case.HOSTILE, host=case.HOSTILE, **({"flag": "flag2"} if not path else {}))
    if not path:
        app.text_input(key="filter-queue-user").set_value("").run()
        app.text_input(key="filter-queue-host").set_value("").run()
    shown = [
        (element.type, str(getattr(element, "proto", element))) for element in app.main if element.type != "page_link"
    ]
    kinds = {kind for kind, content in shown if "beacon.invalid" in content}
    assert kinds <= INERT


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("path", [page.path for page in PAGES if page.path != "account"])
def test_a_store_that_is_away_is_a_sentence_on_every_page(
    visit: Visitor, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setenv("NIGHTPORTER_CLICKHOUSE_URL", "http://127.0.0.1:9")
    app = visit("" if path == "queue" else path, role="admin")
    assert "No complete answer came from http://127.0.0.1:9" in words(app)
    assert "Error id" in words(app) and "Traceback" not in words(app)


@pytest.mark.usefixtures("filled")
def test_who_may_not_see_the_audit_does_not_find_it(visit: Visitor) -> None:
    for role in ("viewer", "analyst"):
        assert "Who did what" not in words(visit("audit", role=role)), role
    for role in ("admin", "auditor"):
        assert "Who did what" in words(visit("audit", role=role)), role


@pytest.mark.usefixtures("filled")
def test_the_audit_has_what_somebody_looked_at_once(visit: Visitor, client: Client) -> None:
    app = visit("person", who="ada", user="brian")
    app.run()
    visit("search", who="ada", user="brian")
    done = client.query("SELECT who, action, about, address FROM audit ORDER BY at").result_rows
    assert done == [("ada", "opened", "person", "127.0.0.1"), ("ada", "searched", "logins", "127.0.0.1")]
    shown = visit("audit", role="auditor", who="eve").dataframe[0].value
    assert "user=brian" in shown["detail"].to_list()[1]


@pytest.mark.usefixtures("filled")
def test_nobody_is_shown_nothing(visit: Visitor) -> None:
    app = visit("person", user="ada")
    app.user = {"name": "root", "roles": "admin", "session": "guess"}
    app.run()
    assert "You are signed out." in words(app) and not app.dataframe and not app.title


@pytest.mark.usefixtures("filled")
def test_exports_are_offered_to_those_who_may(visit: Visitor, client: Client) -> None:
    app = visit("search", role="analyst", who="ada", user="ada")
    next(button for button in app.button if button.label == "Prepare CSV").click().run()
    assert client.command("SELECT count() FROM audit WHERE action = 'exported'") == 1
    app = visit("search", role="viewer", user="ada")
    assert "Prepare CSV" not in [button.label for button in app.button]
