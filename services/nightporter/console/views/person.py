"""One person: what is normal for them. ?user= names them, by name or by pseudonym."""

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from nightporter.console import address, charts, links, plain, pseudonyms, words
from nightporter.console.panel import SENTENCE_ROW, empty, panel, table_height
from nightporter.console.plain import visible
from nightporter.console.questions import people
from nightporter.console.views import evidence
from nightporter.console.views.reveal import ask_to_reveal
from nightporter.console.visit import Visit

TITLES = {
    "server": "Servers",
    "source": "Where from",
    "key": "Keys",
    "program": "Programs and methods",
    "becomes": "Becomes",
    "command": "Commands",
}


def show(visit: Visit) -> None:
    """The page."""
    user = pseudonyms.real(address.text(st.container(), "person", "user", "User", placeholder="exact name"))
    if not user:
        empty(
            "Nobody is chosen.", "Type a user name, or follow a link from a flag. Search finds names by a part of them."
        )
        return
    visit.opened("opened", "person", user)
    today = datetime.now(UTC)
    known = people.person(visit.client, user, today.date())
    plain.text(user, "sentence")
    ask_to_reveal(visit, user)
    if known is None:
        empty(
            f"No server knew this name in the last {people.DAYS} days.",
            "Check the spelling; names that no server knows are found by Search only.",
        )
    else:
        _facts(visit, known, user)
        with panel(height=220):
            _week(visit, user, today)
        with panel(height=300):
            _habits(visit, user, today)
    with panel():
        show_cases(people.cases(visit.client, today.date(), user=user))


def _facts(visit: Visit, known: dict[str, Any], user: str) -> None:
    boxes = st.columns(5)
    values = (
        ("Days with logins", "days"),
        ("Servers", "servers"),
        ("Sources", "sources"),
        ("Keys", "keys"),
        ("Days with refusals", "refused_days"),
    )
    for box, (label, name) in zip(boxes, values, strict=True):
        box.metric(label, known[name])
    first, last = visit.clock(known["first_seen"]), visit.clock(known["last_seen"])
    st.caption(f"Of the last {people.DAYS} days. First login {first}, last {last} ({visit.zone.key}).")
    links.to("search", "All logins of this person", user=user)


def _week(visit: Visit, user: str, today: datetime) -> None:
    rows = charts.week_rows(people.hours(visit.client, user, today.date()), visit.zone, today)
    if rows:
        st.subheader("Usual hours", anchor=False)
        st.altair_chart(
            charts.week_map(rows, charts.ink(), visit.zone.key),
            key="week",
            alt="Days with a login for each hour of the week; the darker, the more",
        )


def _habits(visit: Visit, user: str, today: datetime) -> None:
    found = people.habits(visit.client, user, today.date())
    kinds = [kind for kind in TITLES if found.get(kind)]
    for kind, tab in zip(kinds, st.tabs([f"{TITLES[kind]} ({len(found[kind])})" for kind in kinds]), strict=True):
        table = evidence.habits_table(visit, found[kind])
        del table["kind"]
        tab.dataframe(
            table,
            hide_index=True,
            height=table_height(len(found[kind]), 12),
            column_config=evidence.habit_columns(visit),
            alt=f"{TITLES[kind]} of this person, the commonest first",
        )


def show_cases(found: list[dict[str, Any]]) -> None:
    """Flags with a link to the one that is selected; of a person or a server."""
    still_open = sum(not row["verdict"] for row in found)
    st.subheader(f"Flags: {len(found)}, {still_open} open" if found else "Flags: none", anchor=False)
    if not found:
        st.caption("Nothing of it was flagged in the last 400 days.")
        return
    state = st.dataframe(
        {
            "night": [row["night"] for row in found],
            "what": [words.shortened(visible(row["sentence"]), 300) for row in found],
            "user": [visible(row["user"]) for row in found],
            "review": [row["verdict"] or "open" for row in found],
        },
        key="cases",
        on_select="rerun",
        selection_mode="single-row",
        hide_index=True,
        row_height=SENTENCE_ROW,
        height=table_height(len(found), 5, SENTENCE_ROW),
        column_config={
            "night": st.column_config.DateColumn("Night", width=100),
            "what": st.column_config.TextColumn("What happened", width=680),
            "user": st.column_config.TextColumn("User", width=110),
            "review": st.column_config.TextColumn("Review", width=90),
        },
        alt="Flags, newest first; select one to open it",
    )
    if state.selection.rows:
        row = found[state.selection.rows[0]]
        links.to("queue", "Open this flag", flag=row["flag_id"], night=row["night"].isoformat())
