"""Settings that admins change here: a form of those that change in daily work, and who changed what, and why."""

from datetime import time
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import streamlit as st

from nightporter.console import plain
from nightporter.console.visit import Visit
from nightporter.errors import ReviewError
from nightporter.settings import DAYS, Settings, read_value
from nightporter.store import changes

SAID = "said about settings"


def show(visit: Visit, now: Settings) -> None:
    """What was changed here; for admins the form. `now`: the settings in force."""
    said = st.session_state.pop(SAID, "")
    if said:
        with st.container(border=True, key="settings-said"):
            plain.text(said)
    _changed(visit)
    if visit.person.may("configure"):
        with st.expander("Change how the nights run", key="change-settings"):
            _form(visit, now)


def _changed(visit: Visit) -> None:
    for change in changes.changes(visit.client).values():
        with st.container(horizontal=True, vertical_alignment="center", key=f"changed-{change.name}"):
            here = changes.as_text(change.name, visit.settings) or "empty"
            who = f"{change.who}, {visit.clock(change.at)}: {change.reason}"
            plain.text(f"{change.name} is {change.value or 'empty'} (this machine says {here}) by {who}")
            if visit.person.may("configure"):
                st.button("Take back", key=f"back-{change.name}", on_click=_take_back, args=(visit, change.name))


def _take_back(visit: Visit, name: str) -> None:
    visit.record("setting taken back", name)
    changes.take_back(visit.client, visit.person.name, name)


def _form(visit: Visit, now: Settings) -> None:
    with st.form("settings", border=False):
        wanted = _budget(now) | _schedule(now) | _channels(now)
        reason = st.text_input("Because", max_chars=500, placeholder="what for, who agreed")
        st.caption("It counts from the next night on, above what is set on this machine, and is recorded.")
        if st.form_submit_button("Change"):
            _change(visit, now, wanted, reason)


def _budget(now: Settings) -> dict[str, str]:
    flags, refused, ordinary = st.columns(3)
    budget = flags.number_input("Flags a night", 1, 2000, now.review_budget, help="What the reviewers have time for")
    share = refused.number_input(
        "Share of refused sources", 0.0, 1.0, now.refused_share, 0.05, help="For guessing and spraying"
    )
    false = ordinary.number_input(
        "End where ordinary exceeds", 0.0, 1.0, now.false_discoveries, 0.05, help="1: the budget alone decides"
    )
    st.caption("Other budgets on single days; empty means the same as on others")
    boxes = zip(DAYS, st.columns(len(DAYS)), strict=True)
    days = {day: box.number_input(day.capitalize(), 0, 2000, now.weekday_budgets.get(day)) for day, box in boxes}
    return {
        "review_budget": str(budget),
        "refused_share": str(round(share, 4)),
        "false_discoveries": str(round(false, 4)),
        "weekday_budgets": ",".join(f"{day}={count}" for day, count in days.items() if count is not None),
    }


def _schedule(now: Settings) -> dict[str, str]:
    at, zone = st.columns(2)
    begins = at.time_input("The night begins at", time.fromisoformat(now.night_time), step=300)
    zones = sorted(available_timezones() | {now.night_timezone})
    place = zone.selectbox("Time zone", zones, index=zones.index(now.night_timezone))
    return {"night_time": f"{begins:%H:%M}", "night_timezone": place}


def _channels(now: Settings) -> dict[str, str]:
    places = {
        "webhook": urlsplit(now.notify_webhook_url).hostname or "",
        "e-mail": ", ".join(now.notify_email),
        "syslog": urlsplit(now.notify_syslog_url).hostname or "",
    }
    set_up = [name for name, place in places.items() if place]
    if not set_up:
        st.caption("Nobody is told of the nights: no channel is set up on this machine (docs/notify.md).")
        return {}
    st.caption("Who is told of each night")
    on = {}
    for name in set_up:
        with st.container(gap=None):
            on[name] = st.checkbox(name, name not in now.notify_paused)
            plain.text(f"to {places[name]}", f"muted-{name}")  # a label would make a link of it
    return {"notify_paused": ",".join(name for name, told in on.items() if not told)}


def _change(visit: Visit, now: Settings, wanted: dict[str, str], reason: str) -> None:
    """Write what differs from what is in force."""
    new = {name: value for name, value in wanted.items() if read_value(name, value) != getattr(now, name)}
    before = {name: changes.as_text(name, now) for name in new}
    try:
        changes.change(visit.client, visit.person.name, new, reason)
    except ReviewError as error:
        st.session_state[SAID] = str(error)
    else:
        for name, value in new.items():
            visit.record("setting changed", name, f"{before[name] or 'empty'} → {value or 'empty'}: {reason}")
        st.session_state[SAID] = "" if new else "Nothing is different from before."
    st.rerun()
