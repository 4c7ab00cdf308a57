"""Health: servers that are silent, days that are incomplete, lines nobody could read, the store, the last night."""

from datetime import UTC, date, datetime
from typing import Any

import streamlit as st

from nightporter.console import charts, links, plain, words
from nightporter.console.panel import empty, panel, table_height
from nightporter.console.plain import visible
from nightporter.console.questions import health
from nightporter.console.visit import Visit
from nightporter.store.disk import room

STATES = {"done": "✓ done", "running": "… running", "failed": "✗ failed", "waiting": "waiting", "skipped": "skipped"}


def show(visit: Visit) -> None:
    """The page."""
    visit.opened("opened", "the page of health")
    today = datetime.now(UTC).date()
    days = health.days(visit.client, today)
    if not days and not health.expected(visit.client):
        empty(
            "No server has sent anything in the last two weeks.",
            "Load log files, or install collectors (docs/install.md).",
            "nightporter ingest /var/log/auth.log",
        )
        with panel(height=160):
            _last_night(visit)
        with panel():
            _store(visit)
        return
    with panel(height=160):
        _last_night(visit)
    left, right = st.columns(2, gap="large")
    with left, panel(height=200):
        _servers(visit)
    with right, panel(height=200):
        _days(days, today)
    with panel(height=160):
        _unread(visit, today)
    with panel():
        _store(visit)


def _last_night(visit: Visit) -> None:
    night = health.newest_begun(visit.client)
    st.subheader(f"The night of {words.night(night)}" if night else "The last night", anchor=False)
    if night is None:
        st.caption("No night has been run step by step yet.")
        return
    steps = health.steps(visit.client, night)
    under_way = next((row for row in steps if row["state"] == "running"), None)
    if under_way:
        st.progress(min(float(under_way["share"]), 1.0), text=f"{under_way['step']} is running")
    st.dataframe(
        {
            "step": [row["step"] for row in steps],
            "state": [STATES.get(row["state"], row["state"]) for row in steps],
            "seconds": [_seconds(row) for row in steps],
            "text": [visible(row["text"], 300) for row in steps],
        },
        hide_index=True,
        height=table_height(len(steps)),
        column_config={
            "step": st.column_config.TextColumn("Step", width=90),
            "state": st.column_config.TextColumn("State", width=90),
            "seconds": st.column_config.TextColumn("Seconds", width=80),
            "text": st.column_config.TextColumn("What it did", width=900),
        },
        alt="Steps of the night",
    )


def _seconds(row: dict[str, Any]) -> str:
    took = (row["finished"] - row["started"]).total_seconds()
    return f"{took:.1f}" if took >= 0 and row["state"] in ("done", "failed") else ""


def _servers(visit: Visit) -> None:
    st.subheader("Servers that do not report", anchor=False)
    troubled = health.collectors(visit.client)
    for number, row in enumerate(troubled[:20]):
        with st.container(gap=None):
            plain.text(row["sentence"])
            plain.text(row["next_step"], f"muted-host-{number}")
    if len(troubled) > 20:
        st.caption(f"… and {len(troubled) - 20} more; `nightporter hosts list` shows all.")
    silent = health.silent(visit.client)
    if silent:
        st.dataframe(
            {
                "host": [visible(row["host"]) for row in silent],
                "hours": [row["hours_silent"] for row in silent],
                "last": [visit.clock(row["last_line"]) for row in silent],
            },
            hide_index=True,
            height=table_height(len(silent), 6),
            column_config={"host": "Server", "hours": "Hours silent", "last": visit.heading("Last line")},
            alt="Servers that no longer write",
        )
        st.caption("Their newest line is more than a day older than that of the others.")
    if not silent and not troubled:
        st.caption("Every server that ever wrote has written within a day of the others.")
    signs = health.signs(visit.client)
    if signs:
        st.subheader("Signs of tampering with logs", anchor=False)
        for row in signs[:20]:
            plain.text(f"{row['host']}, within the hour from {visit.clock(row['at'])}: {row['text']}")
        more = f"… and {len(signs) - 20} more in `nightporter status`. " if len(signs) > 20 else ""
        st.caption(f"{more}Of the last day. What is rare here is also a flag of its night.")


def _days(days: list[dict[str, Any]], today: date) -> None:
    st.subheader("Lines of each day", anchor=False)
    if not days:
        st.caption("None.")
        return
    rows = [{"day": f"{row['day']:%d %b}", "value": row["line_count"]} for row in days]
    st.altair_chart(charts.bars(rows, charts.ink(), "lines"), key="days", alt="Log lines received for each day")
    whole = [row for row in days if row["day"] < today]
    if whole:
        usual = sorted(row["line_count"] for row in whole)[len(whole) // 2]
        few = [f"{row['day']:%d %b}" for row in whole if row["line_count"] < usual / 2]
        servers = max(row["servers"] for row in whole)
        gone = [f"{row['day']:%d %b} ({row['servers']})" for row in whole if row["servers"] < 0.95 * servers]
        st.caption(
            f"Days with less than half of the usual lines: {', '.join(few) or 'none'}. "
            f"Days on which fewer than 95 % of {servers} servers wrote: {', '.join(gone) or 'none'}."
        )


def _unread(visit: Visit, today: date) -> None:
    st.subheader("Lines that nobody could read", anchor=False)
    found = health.unread(visit.client, today)
    if not found:
        st.caption("Every line of the last two weeks was understood.")
        return
    state = st.dataframe(
        {
            "program": [visible(row["program"]) or "(no header)" for row in found],
            "unread": [row["unread"] for row in found],
            "share": [row["unread"] / row["line_count"] for row in found],
            "servers": [row["servers"] for row in found],
            "worst": [visible(row["worst"]) for row in found],
        },
        key="unread",
        on_select="rerun",
        selection_mode="single-row",
        hide_index=True,
        height=table_height(len(found), 6),
        column_config={
            "program": "Program",
            "unread": "Unread",
            "share": st.column_config.NumberColumn("Share", format="percent"),
            "servers": "Servers",
            "worst": "Most of them on",
        },
        alt="Programs with lines that nobody could read; select one for examples",
    )
    chosen = found[state.selection.rows[0] if state.selection.rows else 0]
    examples = health.unread_lines(visit.client, chosen["program"], chosen["worst"])
    st.caption("Examples of the selected program. They are kept; a rule for them makes them count from then on.")
    plain.lines(examples or ["(these lines are no longer stored)"])
    links.to("server", "Open the server", host=chosen["worst"])


def _store(visit: Visit) -> None:
    st.subheader("Store", anchor=False)
    sizes, waiting = health.store(visit.client)
    left = room(visit.client)
    boxes = st.columns(4)
    rows = {row["table"]: int(row["rows"]) for row in sizes}
    boxes[0].metric("Log lines", words.thousands(rows.get("entries", 0)))
    boxes[1].metric("Logins", words.thousands(rows.get("login_events", 0)))
    boxes[2].metric("Stored", words.size(sum(int(row["bytes"]) for row in sizes)))
    boxes[3].metric("Waiting to be merged", words.thousands(waiting))
    st.caption(f"{left} on the disk of the store.")
    if left.little:
        st.warning("The disk of the store is nearly full: free some space, or keep raw lines for fewer days.")
