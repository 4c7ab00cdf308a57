"""What everybody did, newest first; a page at a time, by key."""

from datetime import UTC, datetime

import streamlit as st

from nightporter.console import address
from nightporter.console.panel import empty
from nightporter.console.plain import visible
from nightporter.console.questions import rows
from nightporter.console.visit import Visit

PAGE = 100
AFTER_ALL = datetime(2262, 1, 1, tzinfo=UTC)
CURSOR = "audit-before"


def show(visit: Visit) -> None:
    """The page."""
    visit.opened("opened", "the audit")
    who, action = st.columns(2)
    name = address.text(who, "audit", "who", "Who", placeholder="everybody")
    actions = ["", *(row["action"] for row in rows(visit.client, "console_actions"))]
    kind = action.selectbox("What", actions, key="what", format_func=lambda value: value or "everything")
    if st.session_state.get("audit-filters") != (name, kind):
        st.session_state["audit-filters"], st.session_state[CURSOR] = (name, kind), AFTER_ALL
    before = st.session_state[CURSOR]
    found = rows(visit.client, "console_audit", who=name, action=kind or "", before=before, rows=PAGE)
    if not found:
        empty("Nothing is recorded that matches.", "Clear the filters, or go back to the newest.")
    else:
        st.dataframe(
            {
                "at": [visit.clock(row["at"]) for row in found],
                "who": [visible(row["who"]) for row in found],
                "action": [row["action"] for row in found],
                "about": [visible(row["about"]) for row in found],
                "detail": [visible(row["detail"], 2000) for row in found],
                "address": [visible(row["address"]) for row in found],
            },
            hide_index=True,
            height=min(len(found) + 1, 18) * 36,
            column_config={
                "at": st.column_config.TextColumn(visit.heading("When"), width=170),
                "who": st.column_config.TextColumn("Who", width=140),
                "action": "Did",
                "about": "To what",
                "detail": st.column_config.TextColumn("With what words", width="large"),
                "address": "From",
            },
            alt="Actions, newest first",
        )
    with st.container(horizontal=True):
        st.button("Newest", disabled=before == AFTER_ALL, on_click=_go, args=(AFTER_ALL,))
        last = found[-1]["at"].replace(tzinfo=UTC) if len(found) == PAGE else None
        st.button("Older", disabled=last is None, on_click=_go, args=(last,))


def _go(before: datetime) -> None:
    st.session_state[CURSOR] = before
