"""What a flag rests on: its logins, the log lines of one of them, and what is usual for the person."""

from typing import Any

import streamlit as st
from clickhouse_connect.driver.client import Client

from nightporter.console import plain, reading, words
from nightporter.console.plain import visible
from nightporter.console.reading import Flag, Login

ROW, MOST_ROWS = 36, 8

MOST_LISTED = 200
"""Logins that a flag names at most (nightly/night.py); a program may have thousands in one night."""


def show_logins(client: Client, flag: Flag) -> None:
    """The logins of `flag` in order of time, and the log lines of the selected one, at first the strangest."""
    logins = reading.logins(client, flag)
    strangest_of = "The strangest " if len(flag.event_ids) >= MOST_LISTED else ""
    st.subheader(f"{strangest_of}{words.count(len(logins), 'login')} of this night", anchor=False)
    if not logins:
        st.caption("The logins of this flag are no longer stored: events are kept for the months set in the settings.")
        return
    strangest = next((n for name in flag.event_ids for n, login in enumerate(logins) if login.event_id == name), 0)
    state = st.dataframe(
        table(logins),
        key=f"logins-{flag.flag_id}",
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [strangest]}},
        hide_index=True,
        height=ROW * (min(len(logins), MOST_ROWS) + 1) + 2,
        column_config={"start": "Start (UTC)", "command": st.column_config.TextColumn("Command", width="large")},
        alt="Logins of this flag; the log lines of the selected one are shown beneath",
    )
    rows = state.selection.rows
    login = logins[rows[0] if rows and rows[0] < len(logins) else strangest]
    written = reading.lines(client, login)
    st.caption(f"Log lines of the login of {words.clock(login.start)} UTC, as the server wrote them")
    if written:
        plain.lines(written)
    else:
        st.caption("The lines are no longer stored: raw log lines are kept for a shorter time than events.")


def table(logins: list[Login]) -> dict[str, list[Any]]:
    """The logins as rows of the grid; every text made visible, columns that are empty throughout left out."""
    columns: dict[str, list[Any]] = {
        "start": [words.clock(login.start) for login in logins],
        "Server": [visible(login.host) for login in logins],
        "Program": [visible(login.service) for login in logins],
        "User": [visible(login.user) for login in logins],
        "Becomes": [visible(login.target_user) for login in logins],
        "From": [visible(login.source_ip) for login in logins],
        "Method": [visible(login.method) for login in logins],
        "Outcome": [visible(login.outcome) for login in logins],
        "Failures": [login.failures for login in logins],
        "command": [visible(login.command) for login in logins],
    }
    return {name: values for name, values in columns.items() if name in ("User", "Outcome") or any(values)}


def show_usual(client: Client, flag: Flag) -> None:
    """What the user of `flag` did in the weeks before."""
    st.subheader("What is usual for this user", anchor=False)
    if not flag.user:
        st.caption("No user name was given.")
        return
    rows = reading.usual(client, flag.user, flag.night)
    if not rows:
        st.caption(f"No successful login of this user in the {reading.USUAL_DAYS} days before.")
        return
    st.caption(f"Successful logins in the {reading.USUAL_DAYS} days before this night, the commonest values first")
    st.dataframe(
        {
            "kind": [row["kind"] for row in rows],
            "value": [visible(row["value"]) for row in rows],
            "logins": [row["logins"] for row in rows],
            "days": [row["days"] for row in rows],
            "first": [words.clock(row["first"]) for row in rows],
            "last": [words.clock(row["last"]) for row in rows],
        },
        hide_index=True,
        height=ROW * (min(len(rows), 10) + 1) + 2,
        column_config={
            "kind": "What",
            "value": st.column_config.TextColumn("Value", width="large"),
            "logins": "Logins",
            "days": "On days",
            "first": "First (UTC)",
            "last": "Last (UTC)",
        },
        alt="What this user usually does",
    )
