"""The verdict on a flag: two keys (which, why), an optional note, taking it back, and the same for all of one actor.

What others say meanwhile is never overwritten: a verdict is recorded only if the reviewer has seen the newest one.
"""

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from nightporter.console import plain, reading, words
from nightporter.console.plain import visible
from nightporter.console.reading import Flag
from nightporter.console.visit import Visit
from nightporter.errors import ReviewError
from nightporter.store import review

MEANING: dict[str, str] = {
    "malicious": "Somebody does what they must not: start the incident.",
    "benign": "It happened as described and is harmless.",
    "wrong": "It did not happen like this, or it is usual here: the logs or the model are mistaken.",
}
REFUSED = "verdict-refused"


def show(visit: Visit, flag: Flag, after: Callable[[], None]) -> None:
    """The verdict so far, its buttons, its history. `after` is called when one was given: it opens the next flag."""
    given = review.history(visit.client, flag.flag_id)
    st.subheader("Verdict", anchor=False)
    _status(visit, flag, given)
    refused = st.session_state.pop(REFUSED, "")
    if refused:
        with st.container(border=True, key="refused-verdict"):
            plain.text(refused)
    if visit.person.may("decide"):
        seen = given[0]["at"] if given else review.NEVER
        _buttons(visit, flag, seen, after)
        _same_actor(visit, flag)
    else:
        st.caption("You may read; an analyst or admin gives the verdict.")
    if given:
        _history(visit, given)


def _status(visit: Visit, flag: Flag, given: list[dict[str, object]]) -> None:
    if not flag.verdict:
        plain.text("Not reviewed yet.", "muted-status")
        return
    newest = given[0] if given else {"who": "", "code": "", "verdict": flag.verdict, "at": review.NEVER}
    why = review.CODES.get(flag.verdict, {}).get(str(newest["code"]), "")
    plain.text(f"Reviewed: {flag.verdict}{': ' + why if why else ''}, by {newest['who']}.", "muted-status")
    if visit.person.may("decide"):
        st.button(
            "Take back",
            key=f"undo-{flag.flag_id}",
            shortcut="u",
            on_click=_say,
            args=(visit, flag, review.NONE, "", newest["at"], lambda: None),
        )


def _buttons(visit: Visit, flag: Flag, seen: datetime, after: Callable[[], None]) -> None:
    choosing = f"choosing-{flag.flag_id}"
    chosen = st.session_state.get(choosing, "")
    if not chosen:
        for number, (column, (name, meaning)) in enumerate(zip(st.columns(3), MEANING.items(), strict=True), 1):
            column.button(
                name.capitalize(),
                help=meaning,
                width="stretch",
                key=f"{name}-{flag.flag_id}",
                shortcut=str(number),
                on_click=st.session_state.__setitem__,
                args=(choosing, name),
            )
    else:
        st.caption(f"**{chosen.capitalize()}**, because …")
        for number, (code, meaning) in enumerate(review.CODES[chosen].items(), 1):
            st.button(
                meaning,
                width="stretch",
                key=f"{code}-{flag.flag_id}",
                shortcut=str(number),
                on_click=_say,
                args=(visit, flag, chosen, code, seen, after),
            )
        st.button("Back", key=f"back-{flag.flag_id}", shortcut="0", on_click=_reconsider, args=(flag,))
    note = st.session_state.get(_note(flag), "")
    if note:
        plain.text(f"Note: {note}", "muted-note")
    if st.button("Edit the note" if note else "Add a note", key=f"add-note-{flag.flag_id}", shortcut="t"):
        _ask_note(flag)


def _note(flag: Flag) -> str:
    return f"note-{flag.flag_id}"


def _reconsider(flag: Flag) -> None:
    st.session_state.pop(f"choosing-{flag.flag_id}", None)


@st.dialog("Note on this flag")
def _ask_note(flag: Flag) -> None:
    with st.form("note", border=False):
        text = st.text_area(
            "For those who read it later",
            st.session_state.get(_note(flag), ""),
            max_chars=2000,
            placeholder="How do you know? Who confirmed it?",
        )
        if st.form_submit_button("Keep", shortcut="ctrl+enter"):
            st.session_state[_note(flag)] = text.strip()
            st.rerun()


def _say(visit: Visit, flag: Flag, verdict: str, code: str, seen: datetime, after: Callable[[], None]) -> None:
    """Give the verdict; what is refused is shown above the buttons at the next run."""
    note = str(st.session_state.get(_note(flag), ""))
    try:
        review.give_verdict(visit.client, flag.flag_id, verdict, note, visit.person.name, code, seen)
    except ReviewError as error:
        st.session_state[REFUSED] = str(error)
        _reconsider(flag)
        return
    action = "verdict taken back" if verdict == review.NONE else "verdict"
    visit.record(action, f"flag {flag.flag_id}", " ".join(filter(None, (verdict, code, note))))
    st.session_state.pop(_note(flag), None)
    _reconsider(flag)
    after()


def _same_actor(visit: Visit, flag: Flag) -> None:
    """Close other open flags of the same actor with the verdict of this one."""
    if not flag.verdict:
        return
    others = reading.same_actor(visit.client, flag)
    given = review.history(visit.client, flag.flag_id)[0]
    if not others or not given["code"]:
        return
    with st.expander(f"{words.count(len(others), 'other open flag')} of the same actor", key="same-actor"):
        for other in others[:10]:
            plain.text(f"{other['night']}  {words.shortened(other['sentence'], 160)}")
        st.button(
            f"Close all {len(others)} as {flag.verdict} for the same reason",
            key=f"bulk-{flag.flag_id}",
            on_click=_close_all,
            args=(visit, flag, [other["flag_id"] for other in others], given),
        )


def _close_all(visit: Visit, flag: Flag, others: list[str], given: dict[str, str]) -> None:
    reason = given["reason"] or f"the same as flag {flag.flag_id}"
    who = visit.person.name
    closed = review.close_all(visit.client, others, given["verdict"], reason, who, given["code"])
    visit.record(
        "verdict", f"{closed} flags of the same actor as {flag.flag_id}", f"{given['verdict']} {given['code']}"
    )


def _history(visit: Visit, given: list[dict[str, object]]) -> None:
    st.dataframe(
        {
            "at": [visit.clock(row["at"]) for row in given],  # type: ignore[arg-type]
            "who": [visible(str(row["who"])) for row in given],
            "verdict": [_said(row) for row in given],
            "reason": [visible(str(row["reason"]), 2000) for row in given],
            "rare": [words.rarity(1 / float(str(row["score"] or 1))) for row in given],
        },
        hide_index=True,
        column_config={
            "at": visit.heading("When"),
            "who": "Who",
            "verdict": "Verdict",
            "reason": "Note",
            "rare": st.column_config.TextColumn("How rare then", help="The flag's rarity when the verdict was given"),
        },
        alt="Verdicts on this flag, newest first",
    )


def _said(row: dict[str, object]) -> str:
    verdict = str(row["verdict"])
    why = review.CODES.get(verdict, {}).get(str(row["code"]), "")
    return "taken back" if verdict == review.NONE else f"{verdict}: {why}" if why else verdict
