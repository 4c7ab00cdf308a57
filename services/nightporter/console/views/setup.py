"""Settings: what is in force, what is suppressed, who asked for a name, the accounts."""

from dataclasses import fields

import streamlit as st

from nightporter.console import plain
from nightporter.console.accounts import Accounts
from nightporter.console.panel import panel
from nightporter.console.views import suppress
from nightporter.console.views.reveal import show_requests
from nightporter.console.visit import Visit
from nightporter.settings import Settings

SHOWN = (
    "review_budget",
    "night_time",
    "night_timezone",
    "training_window_days",
    "raw_retention_days",
    "event_retention_months",
    "timezone",
    "pseudonyms",
    "console_address",
    "console_hosts",
    "console_proxies",
)


def show(visit: Visit) -> None:
    """The page."""
    with panel():
        _in_force(visit)
    with panel():
        st.subheader("Suppressions", anchor=False)
        suppress.show_all(visit)
    with panel():
        st.subheader("Persons behind pseudonyms", anchor=False)
        if visit.settings.pseudonyms:
            show_requests(visit)
        else:
            st.caption("People are shown by name: the setting `pseudonyms` is off.")
    if visit.person.may("configure") and not visit.settings.console_proxies:
        with panel():
            _accounts(visit)


def _in_force(visit: Visit) -> None:
    st.subheader("In force", anchor=False)
    rows = [row for row in fields(Settings) if row.name in SHOWN]
    rows.sort(key=lambda row: SHOWN.index(row.name))
    st.dataframe(
        {
            "setting": [row.name for row in rows],
            "value": [_text(getattr(visit.settings, row.name)) for row in rows],
            "meaning": [row.metadata["text"] for row in rows],
        },
        hide_index=True,
        column_config={
            "setting": "Setting",
            "value": "Value",
            "meaning": st.column_config.TextColumn("Meaning", width=700),
        },
        alt="Settings in force",
    )
    plain.text(
        f"Change them in {visit.settings.home / 'settings.toml'} or in the environment, then restart.", "muted-how"
    )


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or "none"
    return str(value) if value != "" else "none"


def _accounts(visit: Visit) -> None:
    st.subheader("Accounts", anchor=False)
    found = Accounts(visit.settings.home).all()
    st.dataframe(
        {
            "name": [account.name for account in found],
            "role": [account.role for account in found],
            "state": [account.state for account in found],
        },
        hide_index=True,
        column_config={"name": "Name", "role": "Role", "state": "State"},
        alt="Accounts of this machine",
    )
    st.caption("`nightporter account add NAME --role analyst` makes one; `reset` and `lock` open and close it.")
