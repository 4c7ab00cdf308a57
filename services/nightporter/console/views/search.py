"""Search logins: by person, server, source and time, page by page; names by a part of them; one login by its id.

The URL holds the filters: ?user=&host=&source=&service=&outcome=&since=&until=, or ?login= for one login."""

import csv
import io
from datetime import UTC, datetime, time, timedelta
from typing import Any

import streamlit as st
from clickhouse_connect.driver.client import Client

from nightporter.console import address, links, plain, pseudonyms, words
from nightporter.console.panel import empty, panel, table_height
from nightporter.console.plain import csv_cell, visible
from nightporter.console.questions import search
from nightporter.console.questions.search import PAGE, Wanted
from nightporter.console.reading import Login
from nightporter.console.views import evidence
from nightporter.console.visit import Visit

MOST_DAYS, WITHOUT_NAME = 366, 7
"""Days that a search may span; and without a person, server or source to look for."""

PAGE_NAME = "search"
OUTCOMES = ("", "success", "failure", "no_auth")
TRAIL = "search-trail"
"""Session: the keys of the pages one has come through."""


def show(visit: Visit) -> None:
    """The page."""
    if "login" in st.query_params:
        _one(visit, st.query_params["login"])
        return
    wanted = _filters(visit.client)
    if wanted is None:
        return
    trail: list[tuple[datetime, str] | None] = _trail(wanted)
    visit.opened("searched", "logins", " ".join(f"{k}={v}" for k, v in wanted.parameters().items() if v))
    found = visit.kept("search", repr((wanted, trail[-1])), lambda: search.logins(visit.client, wanted, trail[-1]))
    if not found and len(trail) == 1:
        empty("No login matches.", "Take a longer time, or clear a filter. User and source have to match exactly.")
        if wanted.user or wanted.host:
            with panel():
                _names(visit, wanted.user or wanted.host)
        return
    state = st.dataframe(
        evidence.table(visit, found),
        key=f"found-{len(trail)}",
        on_select="rerun",
        selection_mode="single-row",
        hide_index=True,
        height=table_height(len(found), 14),
        column_config=evidence.columns(visit),
        alt="Logins that match, newest first; select one to see its log lines",
    )
    _paging(visit, wanted, trail, found)
    if state.selection.rows and state.selection.rows[0] < len(found):
        with panel():
            _detail(visit, found[state.selection.rows[0]])


def _filters(client: Client) -> Wanted | None:
    today = search.newest_day(client) or datetime.now(UTC).date()
    first, second = st.columns([3, 3, 3, 2, 2]), st.columns([3, 3, 8], vertical_alignment="bottom")
    user = address.text(first[0], PAGE_NAME, "user", "User")
    host = address.text(first[1], PAGE_NAME, "host", "Server")
    source = address.text(first[2], PAGE_NAME, "source", "Source address")
    service = address.text(first[3], PAGE_NAME, "service", "Program", placeholder="sshd, sudo …")
    key = address.begin(PAGE_NAME, "outcome", lambda told: told if told in OUTCOMES else "")
    outcome = first[4].selectbox("Outcome", OUTCOMES, key=key, format_func=lambda one: one or "any") or ""
    address.end(key, "outcome", outcome)
    since = address.day(second[0], PAGE_NAME, "since", "From (UTC)", today - timedelta(days=WITHOUT_NAME - 1))
    until = address.day(second[1], PAGE_NAME, "until", "To (UTC)", today)
    if since is None or until is None or since > until:
        empty("The search ends before it begins.", "Choose a first day that is not after the last.")
        return None
    days, named = (until - since).days + 1, bool(user or host or source)
    if days > (MOST_DAYS if named else WITHOUT_NAME):
        empty(
            f"A search spans {WITHOUT_NAME} days at most, or {MOST_DAYS} for one user, server or source.",
            "Choose a shorter time, or say whom or what to look for.",
        )
        return None
    start, end = (datetime.combine(day, time(), UTC) for day in (since, until + timedelta(days=1)))
    return Wanted(start, end, pseudonyms.real(user), host, source, service, outcome)


def _trail(wanted: Wanted) -> list[tuple[datetime, str] | None]:
    """The pages up to the present one; other filters begin anew."""
    kept = st.session_state.get(TRAIL)
    if kept is None or kept[0] != wanted:
        st.session_state[TRAIL] = (wanted, [None])
    trail: list[tuple[datetime, str] | None] = st.session_state[TRAIL][1]
    return trail


def _paging(visit: Visit, wanted: Wanted, trail: list[tuple[datetime, str] | None], found: list[Login]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        newer = st.button("Newer", disabled=len(trail) == 1, shortcut="k")
        older = st.button("Older", disabled=len(found) < PAGE, shortcut="j")
        st.caption(f"Page {len(trail)}: {words.count(len(found), 'login')}, newest first")
        if visit.person.may("export") and st.button("Prepare CSV"):
            _export(visit, wanted)
    if newer:
        trail.pop()
    elif older:
        trail.append((found[-1].start, found[-1].event_id))
    if newer or older:
        st.rerun()


def _export(visit: Visit, wanted: Wanted) -> None:
    """Offer the first matching logins as a file, with names as the visitor sees them."""
    asked = " ".join(f"{name}={value}" for name, value in wanted.parameters().items() if value)
    visit.record("exported", f"at most {search.MOST_EXPORTED} logins", asked)
    found = search.logins(visit.client, wanted, most=search.MOST_EXPORTED)
    st.download_button(
        f"Download {words.count(len(found), 'login')}", to_csv(found), "logins.csv", "text/csv", on_click="ignore"
    )


def to_csv(found: list[Login]) -> str:
    """The logins as CSV (RFC 4180), times in UTC, with no cell that a spreadsheet would take for a formula."""
    columns = (
        "start",
        "end",
        "host",
        "service",
        "pid",
        "user",
        "target_user",
        "source_ip",
        "source_port",
        "method",
        "outcome",
        "failures",
        "command",
        "entries",
        "event_id",
    )
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for login in found:
        writer.writerow([_cell(getattr(login, name)) for name in columns])
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}Z"
    return csv_cell(value) if isinstance(value, str) else value


def _names(visit: Visit, part: str) -> None:
    """Names that contain what was typed; while people have pseudonyms, of servers only."""
    found = search.names(visit.client, part)
    if visit.settings.pseudonyms:
        found = [row for row in found if row["kind"] == "server"]
    if found:
        st.subheader("Names that contain it", anchor=False)
    for row in found:
        with st.container(horizontal=True, vertical_alignment="center"):
            plain.text(f"{row['kind']} {visible(row['name'])}, last seen {visit.clock(row['last_seen'])}")
            links.to(row["kind"], "Open", **{"user" if row["kind"] == "person" else "host": row["name"]})


def _one(visit: Visit, event_id: str) -> None:
    login = search.login(visit.client, event_id[:200])
    if login is None:
        empty("There is no login of this id.", "It may be older than logins are kept, or the link was cut.")
        return
    visit.opened("opened", "login", event_id)
    st.dataframe(
        evidence.table(visit, [login]), hide_index=True, column_config=evidence.columns(visit), alt="The login"
    )
    _detail(visit, login)


def _detail(visit: Visit, login: Login) -> None:
    with st.container(horizontal=True):
        links.to("person", "This person", user=login.user)
        links.to("server", "This server", host=login.host)
        links.to("search", "Link to this login", login=login.event_id)
    evidence.show_lines(visit, login)
