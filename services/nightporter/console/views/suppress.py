"""Suppressions: what is known and is not to count for a while. Made from a flag, ended on the page Settings."""

from datetime import UTC, datetime, timedelta

import streamlit as st

from nightporter.console import charts, plain, words
from nightporter.console.reading import Flag
from nightporter.console.visit import Visit
from nightporter.errors import ReviewError
from nightporter.store import suppressions

DAYS = {"a week": 7, "a month": 30, "three months": 90, "a year": 365}
SAID = "said about a suppression"


def from_flag(visit: Visit, flag: Flag) -> None:
    """Let chosen reasons of this flag's actor count no longer for a while; its other reasons still do."""
    fields = [reason.field for reason in charts.strongest(flag.reasons) if reason.surprise > 0]
    if not visit.person.may("decide") or not fields or not (flag.user or flag.source_ip or flag.host):
        return
    _told()
    with st.expander("Known, and to count less for a while", key=f"suppress-{flag.flag_id}"):
        with st.form(f"suppression-{flag.flag_id}", border=False):
            chosen = st.multiselect("Reasons that shall not count for this actor", fields, format_func=words.respect)
            days = st.selectbox("For", list(DAYS))
            why = st.text_input("Because", max_chars=500, placeholder="ticket, project, who agreed")
            if st.form_submit_button("Suppress"):
                _make(visit, flag, tuple(chosen), DAYS[days], why)


def _make(visit: Visit, flag: Flag, fields: tuple[str, ...], days: int, why: str) -> None:
    today = datetime.now(UTC).date()
    scope = {"user": flag.user, "source": flag.source_ip, "host": "" if flag.source_ip else flag.host}
    try:
        made = suppressions.suppress(
            visit.client, visit.person.name, why, today + timedelta(days=days), fields, today=today, **scope
        )
    except ReviewError as error:
        st.session_state[SAID] = str(error)
    else:
        visit.record(
            "suppressed", f"{made.id} from flag {flag.flag_id}", f"{', '.join(fields)} until {made.until}: {why}"
        )
        st.session_state[SAID] = f"From the next night on this does not count until {made.until}; see Settings."
    st.rerun()


def _told() -> None:
    said = st.session_state.pop(SAID, "")
    if said:
        with st.container(border=True, key="suppression-said"):
            plain.text(said)


def show_all(visit: Visit) -> None:
    """On the page Settings: those in force, with a way to end them."""
    _told()
    found = suppressions.in_force(visit.client, datetime.now(UTC).date())
    if not found:
        st.caption("None. One is made beneath the verdict on a flag.")
    for one in found:
        with st.container(border=True, key=f"suppression-{one.id}"):
            whom = " ".join(filter(None, (one.user, one.source, one.host, one.service)))
            plain.text(f"{whom}: {', '.join(words.respect(field) for field in one.fields)}, until {one.until}")
            plain.text(f"{one.owner}: {one.reason}", f"muted-{one.id}")
            if visit.person.may("decide"):
                st.button("End it now", key=f"end-{one.id}", on_click=_end, args=(visit, one.id))


def _end(visit: Visit, id: str) -> None:
    try:
        suppressions.end(visit.client, id)
    except ReviewError as error:
        st.session_state[SAID] = str(error)
    else:
        visit.record("suppression ended", id)
