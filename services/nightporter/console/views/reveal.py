"""Seeing who is behind a pseudonym: asking for it, agreeing to it, ending it."""

import streamlit as st

from nightporter.console import plain, pseudonyms
from nightporter.console.visit import Visit
from nightporter.errors import ReviewError
from nightporter.store import reveals

SAID = "said about a reveal"


def ask_to_reveal(visit: Visit, user: str) -> None:
    """On a person's page: the way to their name, while it is hidden."""
    _told()
    if pseudonyms.hides(user) and visit.person.may("decide"):
        with st.expander("See who this is", key="reveal"), st.form("ask", border=False):
            hours = int(reveals.LASTS.total_seconds() // 3600)
            reason = st.text_input("Why do you need to know?", max_chars=500, placeholder="incident, ticket, question")
            st.caption(
                f"Somebody else has to agree. It ends by itself after {hours} hours, and both of you are recorded."
            )
            if st.form_submit_button("Ask"):
                _ask(visit, user, reason)


def _ask(visit: Visit, user: str, reason: str) -> None:
    try:
        reveals.ask(visit.client, visit.person.name, user, reason)
    except ReviewError as error:
        st.session_state[SAID] = str(error)
    else:
        visit.record("reveal asked", pseudonyms.shown(user), reason)
        st.session_state[SAID] = "You have asked. An admin or auditor finds the request on the page Settings."
    st.rerun()


def _told() -> None:
    said = st.session_state.pop(SAID, "")
    if said:
        with st.container(border=True, key="reveal-said"):
            plain.text(said)


def show_requests(visit: Visit) -> None:
    """On the page Settings: what was asked, to agree to or to end."""
    _told()
    found = reveals.latest(visit.client)
    mine = [one for one in found if one.in_force or one.state == "asked"]
    if not mine:
        st.caption("Nobody has asked to see the person behind a pseudonym.")
    for one in mine:
        with st.container(border=True, key=f"reveal-{one.id}"):
            until = (
                f"agreed by {one.by}, ends {visit.clock(one.until)}" if one.in_force else "waits for a second person"
            )
            plain.text(f"{one.who} asked for {pseudonyms.shown(one.user)} at {visit.clock(one.asked)}: {until}")
            plain.text(one.reason, f"muted-{one.id}")
            with st.container(horizontal=True):
                if one.state == "asked" and visit.person.may("approve") and one.who != visit.person.name:
                    st.button("Agree", key=f"agree-{one.id}", on_click=_answer, args=(visit, one.id, True))
                    st.button("Refuse", key=f"refuse-{one.id}", on_click=_answer, args=(visit, one.id, False))
                elif one.in_force and (visit.person.may("approve") or one.who == visit.person.name):
                    st.button("End it now", key=f"end-{one.id}", on_click=_end, args=(visit, one.id, one.user))


def _answer(visit: Visit, id: str, granted: bool) -> None:
    try:
        found = reveals.answer(visit.client, id, visit.person.name, granted)
    except ReviewError as error:
        st.session_state[SAID] = str(error)
        return
    visit.record(
        "reveal granted" if granted else "reveal refused", pseudonyms.shown(found.user), f"asked by {found.who}"
    )


def _end(visit: Visit, id: str, user: str) -> None:
    reveals.end(visit.client, id, visit.person.name)
    visit.record("reveal ended", pseudonyms.shown(user))
