"""Settings: what is in force, what is suppressed, who asked for a name, the accounts."""

from dataclasses import fields

import streamlit as st

from nightporter.console import plain
from nightporter.console.accounts import Accounts
from nightporter.console.panel import panel, table_height
from nightporter.console.views import change, suppress
from nightporter.console.views.reveal import show_requests
from nightporter.console.visit import Visit
from nightporter.settings import CHANGEABLE, Settings
from nightporter.store import changes

SHOWN = (
    "review_budget",
    "weekday_budgets",
    "refused_share",
    "false_discoveries",
    "night_time",
    "night_timezone",
    "notify_paused",
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
    visit.opened("opened", "the settings")
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
    now = changes.in_force(visit.client, visit.settings)
    rows = [row for row in fields(Settings) if row.name in SHOWN]
    rows.sort(key=lambda row: SHOWN.index(row.name))
    st.dataframe(
        {
            "setting": [row.name for row in rows],
            "value": [_text(getattr(now, row.name)) for row in rows],
            "meaning": [row.metadata["text"] for row in rows],
        },
        hide_index=True,
        height=table_height(len(rows)),
        column_config={
            "setting": "Setting",
            "value": "Value",
            "meaning": st.column_config.TextColumn("Meaning", width=700),
        },
        alt="Settings in force",
    )
    plain.text(
        f"Admins change {', '.join(name for name in SHOWN if name in CHANGEABLE)} beneath; the others stand in "
        f"{visit.settings.home / 'settings.toml'} or in the environment.",
        "muted-how",
    )
    change.show(visit, now)


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items()) or "none"
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
