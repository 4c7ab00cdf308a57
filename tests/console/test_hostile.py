"""Every field that comes from a log or a person holds script, markup and a formula: shown, and inert, on every page."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from clickhouse_connect.driver.client import Client
from console_visit import Visitor, words
from nightporter.console.questions import search
from nightporter.console.views.search import to_csv
from nightporter.errors import ReviewError
from nightporter.store import audit, models, reveals, review
from nightporter.store.suppressions import suppress
from streamlit.testing.v1 import AppTest

pytestmark = pytest.mark.parametrize("store", ["embedded"], indirect=True)

NOW = datetime.now(UTC).replace(microsecond=0)
NIGHT = NOW.date() - timedelta(days=1)
AT = datetime(NIGHT.year, NIGHT.month, NIGHT.day, 3, 4, tzinfo=UTC)


def evil(field: str) -> str:
    """What HTML, markdown, a spreadsheet, LaTeX, a link, a terminal or the direction of writing would obey."""
    return (
        f"=HYPERLINK(\"http://beacon.invalid/{field}\")<img src=x onerror=alert('{field}')>![x](http://beacon.invalid/y)"
        f"<script>alert(1)</script>[a](javascript:alert(1)) :material/lock: $x^2$ \x1b[31m\u202e`{field}`"
    )


INERT = {"text", "code", "dataframe", "vega_lite_chart", "text_input", "download_button"}
"""Elements that show text as it is, or do not show it; what a chart draws is text in an SVG."""

EVENT = {
    "event_id": "e1", "host": evil("host"), "service": evil("service"), "pid": 7, "start": AT, "end": AT,
    "user": evil("user"), "target_user": evil("target"), "source_ip": evil("source"), "source_port": 1,
    "method": evil("method"), "key_fingerprint": evil("key"), "outcome": "success", "command": evil("command"),
    "tty": evil("tty"), "entries": 1, "version": 1,
}  # fmt: skip


def insert(client: Client, table: str, **row: object) -> None:
    client.insert(table, [list(row.values())], column_names=list(row))


@pytest.fixture
def hostile(client: Client) -> Client:
    insert(client, "login_events", **EVENT)
    line = {"host": evil("host"), "time": AT, "received": AT, "header": "03:04 "}
    insert(client, "entries", **line, program=evil("program"), kind="unparsed", message=evil("unread"))
    insert(client, "entries", **line, service=evil("service"), pid=7, kind="accepted", message=evil("line"))
    reasons = [
        {"field": "since_source", "value": evil("value"), "usual": evil("usual"), "surprise": 3.0, "text": evil("why")}
    ]
    summary = {
        "gate": {"promoted": False, "scored_by": evil("run"), "checks": [{"passed": False, "text": evil("check")}]},
        "canaries": {"kinds": {evil("kind"): {"planted": 2, "found": 1}}, "baselines": {evil("PCA"): 0.1}},
        "checks": [{"level": "warn", "text": evil("finding")}], "drift": {"nll": 1.0, "oov": {evil("oov"): 0.1}},
    }  # fmt: skip
    run = {"model_run": evil("run"), "night": NIGHT, "started": AT, "finished": AT, "logins": 1, "flags": 2}
    insert(client, "model_runs", **run, seed=0, summary=json.dumps(summary))
    for rank, id in enumerate(("flag1", "flag2"), 1):
        insert(
            client, "flags", night=NIGHT, flag_id=id, rank=rank, score=0.001, user=evil("user"),
            source_ip=evil("source"), host=evil("host"), sentence=evil("sentence"), reasons=json.dumps(reasons),
            benign_twin=evil("twin"), techniques=[evil("technique")], model_run=evil("run"), version=1,
            events=json.dumps([{"event_id": "e1", "host": evil("host")}]),
        )  # fmt: skip
    review.give_verdict(client, "flag2", "benign", evil("note"), evil("who"), "confirmed")
    scope = {"user": evil("user"), "host": evil("host"), "service": evil("service")}
    suppress(client, evil("owner"), evil("reason"), NOW.date() + timedelta(days=9), ("since_source",), **scope)
    reveals.ask(client, evil("who"), evil("user"), evil("reason"))
    audit.record(client, evil("who"), "opened", evil("about"), evil("detail"), evil("address"))
    insert(
        client,
        "night_steps",
        night=NIGHT,
        step=evil("step"),
        state="failed",
        started=AT,
        finished=AT,
        text=evil("step"),
    )
    models.publish(client, [models.Model(evil("run"), NIGHT, "kept", True, True)])
    models.choose(client, evil("who"), evil("run"), evil("reason"))
    row = {"name": "review_budget", "value": "9", "who": evil("who"), "reason": evil("reason")}
    insert(client, "settings_changes", **row)
    return client


PAGES: dict[str, tuple[dict[str, str], set[str]]] = {
    "": ({"flag": "flag1"}, {"user", "source", "host", "sentence", "value", "usual", "why", "twin", "technique",
                             "note", "who", "service", "target", "method", "command", "line"}),
    "briefing": ({}, {"sentence"}),
    "search": ({"user": evil("user")}, {"user", "source", "host", "service", "target", "method", "command"}),
    "person": ({"user": evil("user")}, {"user", "host", "source", "key"}),
    "server": ({"host": evil("host")}, {"user", "host", "source", "service"}),
    "model": ({}, {"run", "check", "kind", "PCA", "finding", "who", "reason"}),
    "health": ({}, {"program", "host", "unread", "step"}),
    "audit": ({}, {"who", "about", "detail", "address"}),
    "settings": ({}, {"who", "reason", "owner", "user"}),
}  # fmt: skip
"""Page → its address, and the fields that have to be seen on it."""


@pytest.mark.parametrize("path", PAGES)
def test_everything_is_shown_and_nothing_is_obeyed(
    visit: Visitor, hostile: Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    assert hostile
    if path == "settings":
        monkeypatch.setenv("NIGHTPORTER_PSEUDONYMS", "true")
    url, fields = PAGES[path]
    app = visit(path, role="admin", who="ada", **url)
    assert "Error id" not in words(app)
    shown = [(element.type, str(getattr(element, "proto", element))) for element in elements(app)]
    assert {kind for kind, content in shown if "beacon.invalid" in content} <= INERT
    # what somebody has typed or followed stands in its field as it is
    assert not [kind for kind, text in shown if kind != "text_input" and ("\u202e" in text or "\x1b" in text)]
    said = words(app) + "\n".join(frame.value.to_csv() for frame in app.dataframe) + str(shown)
    unseen = {field for field in fields if f"beacon.invalid/{field}" not in said}
    assert not unseen, "the page does not show it at all: nothing is proven"


def elements(app: AppTest) -> list[object]:
    """Everything on the page but links, which hold names in their addresses, percent-encoded."""
    links = [link for link in app.main if link.type == "page_link"]
    assert not [link for link in links if "beacon.invalid" in link.proto.label]
    return [element for element in app.main if element.type != "page_link"]


def test_no_cell_of_an_export_starts_a_formula(hostile: Client) -> None:
    wanted = search.Wanted(AT - timedelta(days=1), AT + timedelta(days=1))
    (row,) = list(csv.reader(io.StringIO(to_csv(search.logins(hostile, wanted)))))[1:]
    assert sum("beacon.invalid" in cell for cell in row) == 7
    assert not [cell for cell in row if cell[:1] in "=+-@\t\r" and cell]


HUGE = "x" * 100_000


@pytest.mark.parametrize(
    ("path", "url"),
    [("", {"flag": HUGE}), ("", {"night": HUGE, "status": HUGE, "user": HUGE, "host": HUGE}),
     ("search", {"login": HUGE}),
     ("search", {"user": HUGE, "host": HUGE, "source": HUGE, "service": HUGE, "outcome": HUGE, "since": HUGE}),
     ("person", {"user": HUGE}), ("server", {"host": HUGE}), ("audit", {"what": HUGE})],
)  # fmt: skip
def test_an_enormous_address_gets_a_plain_and_short_answer(
    visit: Visitor, hostile: Client, path: str, url: dict[str, str]
) -> None:
    app = visit(path, role="admin", **url)
    assert "Error id" not in words(app) and "Traceback" not in words(app)
    assert len(words(app)) < 20_000
    longest = hostile.command("SELECT max(length(about) + length(detail)) FROM audit WHERE who = 'some-admin'")
    assert int(str(longest)) < 2000


def test_enormous_texts_are_refused_or_cut_wherever_they_are_kept(visit: Visitor, hostile: Client) -> None:
    day = NOW.date() + timedelta(days=9)
    refused = (
        lambda: review.give_verdict(hostile, "flag1", "benign", HUGE, "ada"),
        lambda: review.close_all(hostile, ["flag1"], "benign", HUGE, "ada", "confirmed"),
        lambda: suppress(hostile, "ada", HUGE, day, ("hour",), user="x"),
        lambda: reveals.ask(hostile, "ada", "x", HUGE),
    )
    for act in refused:
        with pytest.raises(ReviewError, match="at most 2000 characters"):
            act()
    insert(hostile, "login_events", **EVENT | {"event_id": "e2", "user": HUGE, "command": HUGE, "pid": 8})
    app = visit("search", role="admin", source=evil("source"))
    assert max(len(cell) for cell in app.dataframe[0].value["User"]) < 500
    assert len(quote(evil("user"))) < 1000
