"""One server: who comes here, from where, and whether it reports. ?host= names it."""

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from nightporter.console import address, charts, links, plain
from nightporter.console.panel import empty, panel, table_height
from nightporter.console.plain import visible
from nightporter.console.questions import people, servers
from nightporter.console.views.person import show_cases
from nightporter.console.visit import Visit


def show(visit: Visit) -> None:
    """The page."""
    host = address.text(st.container(), "server", "host", "Server", placeholder="exact name")
    if not host:
        empty(
            "No server is chosen.", "Type a server's name, or follow a link from a flag. Search finds names by a part."
        )
        return
    visit.opened("opened", "server", host)
    today = datetime.now(UTC)
    users = servers.users(visit.client, host, today.date())
    delivered = servers.lines(visit.client, host, today.date())
    plain.text(host, "sentence")
    if not users and not delivered:
        empty(f"Nothing came from a server of this name in the last {servers.DAYS} days.", "Check the spelling.")
        return
    _facts(visit, users, delivered, host)
    with panel(height=220):
        _week(visit, host, today)
    came, sources, lines = st.tabs([f"People ({len(users)})", "Where from", "Lines delivered"])
    with came, panel(height=200):
        _people(visit, users)
    with sources, panel(height=200):
        _sources(visit, servers.sources(visit.client, host, today.date()))
    with lines:
        _lines(delivered)
    with panel():
        show_cases(people.cases(visit.client, today.date(), host=host))


def _facts(visit: Visit, users: list[dict[str, Any]], delivered: list[dict[str, Any]], host: str) -> None:
    let_in = [row for row in users if row["let_in"]]
    boxes = st.columns(4)
    boxes[0].metric("People let in", len(let_in))
    boxes[1].metric("Successful logins", f"{sum(row['logins'] for row in let_in):,}".replace(",", " "))
    boxes[2].metric("Names refused", len(users) - len(let_in))
    boxes[3].metric("Days with log lines", f"{len(delivered)} of {servers.DAYS}")
    last = f" Newest log line {visit.clock(delivered[-1]['last_line'])} ({visit.zone.key})." if delivered else ""
    st.caption(f"Of the last {servers.DAYS} days.{last}")
    links.to("search", "All logins on this server", host=host)


def _week(visit: Visit, host: str, today: datetime) -> None:
    rows = charts.week_rows(servers.hours(visit.client, host, today.date()), visit.zone, today)
    if rows:
        st.subheader("Usual hours", anchor=False)
        st.caption("Without cron, and without accounts that come around the clock.")
        chart = charts.week_map(rows, charts.ink(), visit.zone.key)
        st.altair_chart(chart, key="week", alt="Days with a login for each hour of the week; the darker, the more")


def _people(visit: Visit, users: list[dict[str, Any]]) -> None:
    st.dataframe(
        {
            "user": [visible(row["user"]) for row in users],
            "outcome": ["let in" if row["let_in"] else "refused" for row in users],
            "logins": [row["logins"] for row in users],
            "days": [row["days"] for row in users],
            "sources": [row["sources"] for row in users],
            "programs": [visible(row["programs"]) for row in users],
            "first": [visit.clock(row["first_seen"]) for row in users],
            "last": [visit.clock(row["last_seen"]) for row in users],
        },
        hide_index=True,
        height=table_height(len(users), 12),
        column_config={
            "user": "User",
            "outcome": "Outcome",
            "logins": "Logins",
            "days": "On days",
            "sources": "Sources",
            "programs": "Programs",
            "first": visit.heading("First"),
            "last": visit.heading("Last"),
        },
        alt="Who comes to this server",
    )


def _sources(visit: Visit, found: list[dict[str, Any]]) -> None:
    if not found:
        st.caption("Nobody came over the network.")
        return
    st.dataframe(
        {
            "source": [visible(row["source_ip"]) for row in found],
            "let_in": [row["let_in"] for row in found],
            "refused": [row["refused"] for row in found],
            "users": [row["users"] for row in found],
            "days": [row["days"] for row in found],
            "first": [visit.clock(row["first_seen"]) for row in found],
            "last": [visit.clock(row["last_seen"]) for row in found],
        },
        hide_index=True,
        height=table_height(len(found), 12),
        column_config={
            "source": "From",
            "let_in": "Let in",
            "refused": "Refused",
            "users": "Users",
            "days": "On days",
            "first": visit.heading("First"),
            "last": visit.heading("Last"),
        },
        alt="From where this server is entered",
    )


def _lines(delivered: list[dict[str, Any]]) -> None:
    if not delivered:
        st.caption("No log lines of this server are known from these days.")
        return
    unread = sum(row["unparsed_count"] for row in delivered)
    total = sum(row["line_count"] for row in delivered)
    rows = [{"day": f"{row['day']:%d %b}", "value": row["line_count"]} for row in delivered]
    st.altair_chart(charts.bars(rows, charts.ink(), "lines a day"), key="lines", alt="Lines delivered on each day")
    st.caption(f"{unread / total:.2%} of {total:,} lines could not be read.".replace(",", " "))
