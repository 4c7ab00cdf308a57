"""Who is signed in and what they may do; their password; signing out."""

import streamlit as st

from nightporter.console import plain
from nightporter.console.gate import NEW_PASSWORD, SIGN_OUT
from nightporter.console.visit import Visit

MEANING = {
    "look": "see flags, people, servers, searches, models and health",
    "decide": "give verdicts, suppress what is known, ask for a person behind a pseudonym",
    "export": "take rows away as CSV",
    "approve": "agree to another person's request to see who is behind a pseudonym",
    "configure": "change settings and bring back an earlier model",
    "audit": "see what everybody did",
}


def show(visit: Visit) -> None:
    """The page."""
    person = visit.person
    plain.text(f"{person.name}, {person.role}", "sentence")
    rights = [text for right, text in MEANING.items() if person.may(right)]
    st.markdown("You may\n" + "\n".join(f"- {text}" for text in rights))
    st.caption(f"Times are shown in the zone of your browser, {visit.zone.key}; what you do is recorded.")
    if visit.settings.console_proxies:
        st.caption("You are signed in by the proxy in front of this console; sign out there.")
        return
    with st.container(horizontal=True):
        st.html(f'<a class="own-button" href="{NEW_PASSWORD}" target="_self">Change the password</a>')
        st.html(f'<a class="own-button" href="{SIGN_OUT}" target="_self">Sign out</a>')
