"""What a flag rests on: its logins in their sequence, the log lines of one of them, what is usual for the person, and
what was said of cases like it."""

from typing import Any

import streamlit as st

from nightporter.console import charts, links, plain, pseudonyms, reading, words
from nightporter.console.panel import table_height
from nightporter.console.plain import visible
from nightporter.console.questions import cases
from nightporter.console.reading import Flag, Login
from nightporter.console.visit import Visit

MOST_ROWS = 8

MOST_LISTED = 200
"""Logins that a flag names at most (nightly/night.py); a program may have thousands in one night."""

LANES = 12
"""Servers and sources that fit into the time line."""


def show_logins(visit: Visit, flag: Flag) -> None:
    """The logins of `flag` in order of time, and the log lines of the selected one, at first the strangest."""
    logins = visit.kept("logins", _of(flag), lambda: reading.logins(visit.client, flag))
    strangest_of = "The strangest " if len(flag.event_ids) >= MOST_LISTED else ""
    about_server = not (flag.user or flag.source_ip)
    of_when = "about that time on this server" if about_server else "of this night"
    st.subheader(f"{strangest_of}{words.count(len(logins), 'login')} {of_when}", anchor=False)
    if not flag.event_ids:
        st.caption("Nobody was let in about that time.")
        return
    if not logins:
        st.caption("The logins of this flag are no longer stored: events are kept for the months set in the settings.")
        return
    _sequence(visit, flag, logins)
    strangest = next((n for name in flag.event_ids for n, login in enumerate(logins) if login.event_id == name), 0)
    state = st.dataframe(
        table(visit, logins),
        key=f"logins-{flag.flag_id}",
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [strangest]}},
        hide_index=True,
        height=table_height(len(logins), MOST_ROWS),
        column_config=columns(visit),
        alt="Logins of this flag; the log lines of the selected one are shown beneath",
    )
    rows = state.selection.rows
    show_lines(visit, logins[rows[0] if rows and rows[0] < len(logins) else strangest])


def _of(flag: Flag) -> str:
    """A night that is scored again has other flags of the same names."""
    return f"{flag.flag_id} {flag.model_run} {len(flag.event_ids)}"


def _sequence(visit: Visit, flag: Flag, logins: list[Login]) -> None:
    around = visit.kept("around", _of(flag), lambda: reading.around(visit.client, flag, logins))
    if len(around) < 2:
        return
    mine = {login.event_id for login in logins}
    spans = charts.sequence_rows(around, mine, visit.zone, LANES)
    st.altair_chart(
        charts.sequence(spans, charts.ink(), visit.zone.key),
        key=f"sequence-{flag.flag_id}",
        alt="Logins of this actor around the flag, a lane per server and source; those of the flag are marked",
    )
    who = "this user" if flag.user else "this source"
    st.caption(f"Everything {who} did from 12 hours before to 12 hours after; hover for UTC.")


def show_lines(visit: Visit, login: Login) -> None:
    """The log lines of one login."""
    written = visit.kept("lines", login.event_id, lambda: reading.lines(visit.client, login))
    zone = "" if visit.zone.key == "UTC" else f" ({words.clock(login.start)} UTC)"
    st.caption(f"Log lines of the login of {visit.clock(login.start)}{zone}, each as the server wrote it")
    if pseudonyms.hides(login.user):
        st.caption("Names of people are replaced by their pseudonyms.")
    if written:
        plain.lines(written)
    else:
        st.caption("The lines are no longer stored: raw log lines are kept for a shorter time than events.")


def columns(visit: Visit) -> dict[str, Any]:
    """How a table of logins is shown."""
    offset = (
        "These times are UTC." if visit.zone.key == "UTC" else "In the zone of your browser; log lines show their own."
    )
    return {
        "start": st.column_config.TextColumn(visit.heading("Start"), help=offset),
        "command": st.column_config.TextColumn("Command", width="large"),
    }


def table(visit: Visit, logins: list[Login]) -> dict[str, list[Any]]:
    """The logins as rows of the grid; every text made visible, columns that are empty throughout left out."""
    found: dict[str, list[Any]] = {
        "start": [visit.clock(login.start) for login in logins],
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
    return {name: values for name, values in found.items() if name in ("User", "Outcome") or any(values)}


def show_usual(visit: Visit, flag: Flag) -> None:
    """What the user of `flag`, else its source, did in the weeks before."""
    who = "user" if flag.user else "source"
    st.subheader(f"What is usual for this {who if flag.source_ip else 'user'}", anchor=False)
    if not (flag.user or flag.source_ip):
        st.caption("This flag is about the server, not about a user.")
        return
    rows = visit.kept("usual", _of(flag), lambda: reading.usual(visit.client, flag.user, flag.night, flag.source_ip))
    what = "Successful logins of this user" if flag.user else "Logins from this source"
    when = f"in the {reading.USUAL_DAYS} days before"
    if not rows:
        st.caption(f"There were none: {what.lower()} {when}.")
        return
    st.caption(f"{what} {when} this night, the commonest values first")
    st.dataframe(
        habits_table(visit, rows),
        hide_index=True,
        height=table_height(len(rows), 10),
        column_config=habit_columns(visit),
        alt=f"What this {who} usually does",
    )


def show_nearest(visit: Visit, flag: Flag) -> None:
    """Usual logins of the user that are most like the strangest one."""
    if not flag.nearest:
        return
    st.subheader("The usual logins most like it", anchor=False)
    for number, near in enumerate(flag.nearest):
        where = f"{near.host} by {' '.join(filter(None, (near.service, near.method)))}"
        source = f" from {near.source_ip}" if near.source_ip else ""
        other = f"another {', another '.join(near.differs)}" if near.differs else "no other difference than the time"
        with st.container(gap=None):
            plain.text(f"{visit.clock(near.start)}  {where}{source}")
            plain.text(other, f"muted-near-{number}")


def habits_table(visit: Visit, rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Values with the days they were seen on."""
    return {
        "kind": [row["kind"] for row in rows],
        "value": [visible(row["value"]) for row in rows],
        "days": [row["days"] for row in rows],
        "first": [visit.clock(row["first_seen"]) for row in rows],
        "last": [visit.clock(row["last_seen"]) for row in rows],
    }


def habit_columns(visit: Visit) -> dict[str, Any]:
    """How they are shown."""
    return {
        "kind": "What",
        "value": st.column_config.TextColumn("Value", width="large"),
        "days": st.column_config.NumberColumn("On days", width=80),
        "first": visit.heading("First"),
        "last": visit.heading("Last"),
    }


def show_similar(visit: Visit, flag: Flag) -> None:
    """What was said of cases like this one."""
    found = cases.similar(visit.client, flag)
    if not found:
        return
    st.subheader("Similar cases and their verdicts", anchor=False)
    for row in found:
        with st.container(gap=None):
            plain.text(f"{row['night']}  {row['verdict']}: {words.shortened(row['sentence'], 140)}")
            if row["reason"]:
                plain.text(f"{row['who']}: {row['reason']}", f"muted-{row['flag_id']}")
            links.to("queue", "Open", flag=row["flag_id"], night=row["night"].isoformat())
