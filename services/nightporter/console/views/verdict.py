"""The verdict on a flag: two keys (which, why), an optional note, taking it back, and the same for all of one actor.

What others say meanwhile is never overwritten: a verdict is recorded only if the reviewer has seen the newest one.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nightporter.console import links, plain, reading, words
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
MOST_OTHERS = 10


def show(visit: Visit, flag: Flag, after: Callable[[], None]) -> None:
    """The verdict so far, its buttons, its history. `after` is called when one was given: it opens the next flag."""
    given = review.history(visit.client, flag.flag_id)
    heading = st.container(horizontal=True, vertical_alignment="center", key="verdict-so-far")
    heading.subheader("Verdict", anchor=False, width="content")
    _status(visit, flag, given, heading)
    refused = st.session_state.pop(REFUSED, "")
    if refused:
        with st.container(border=True, key="refused-verdict"):
            plain.text(refused)
    others = reading.same_actor(visit.client, flag)
    if visit.person.may("decide"):
        seen = given[0]["at"] if given else review.NEVER
        _buttons(visit, flag, seen, after, [other["flag_id"] for other in others])
        _note_box(flag)
    else:
        st.caption("You may read; an analyst or admin gives the verdict.")
    if others:
        _same_actor(visit, flag, others, given)
    if given:
        _history(visit, given)


def _status(visit: Visit, flag: Flag, given: list[dict[str, Any]], heading: DeltaGenerator) -> None:
    """Beside the heading; what was said stands beneath it, where a sentence has room."""
    if not flag.verdict:
        again = f"Open again: {given[0]['who']} took the verdict back." if given else "Not reviewed yet."
        with heading:
            plain.text(again, "muted-status")
        return
    newest = given[0] if given else {"who": "", "code": "", "verdict": flag.verdict, "at": review.NEVER}
    why = review.CODES.get(flag.verdict, {}).get(str(newest["code"]), "")
    plain.text(f"Reviewed: {flag.verdict}{': ' + why if why else ''}, by {newest['who']}.", "muted-status")
    if visit.person.may("decide"):
        heading.button(
            "Take back",
            key=f"undo-{flag.flag_id}",
            shortcut="u",
            on_click=_say,
            args=(visit, flag, review.NONE, "", newest["at"], lambda: None, []),
        )


def _buttons(visit: Visit, flag: Flag, seen: datetime, after: Callable[[], None], others: list[str]) -> None:
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
        return
    with st.container(gap="xsmall", key="because"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{chosen.capitalize()}**, because …", width="content")
            st.button("Back", key=f"back-{flag.flag_id}", shortcut="0", on_click=_reconsider, args=(flag,))
        for number, (code, meaning) in enumerate(review.CODES[chosen].items(), 1):
            st.button(
                meaning,
                width="stretch",
                key=f"{code}-{flag.flag_id}",
                shortcut=str(number),
                on_click=_say,
                args=(visit, flag, chosen, code, seen, after, others),
            )
        if others:
            st.checkbox(f"… and {words.count(len(others), 'other open flag')} of the same actor", key=_all(flag))


def _note_box(flag: Flag) -> None:
    """Always there, so that a key can go to it at once (keys.js); what was written stays until a verdict takes it."""
    with st.container(key="note"):
        st.text_area(
            "Note, for those who read it later (T goes here, Esc leaves)",
            key=_note(flag),
            height=68,
            max_chars=2000,
            placeholder="How do you know? Who confirmed it?",
            persist_state="session",
        )


def _note(flag: Flag) -> str:
    return f"note-{flag.flag_id}"


def _all(flag: Flag) -> str:
    return f"with-others-{flag.flag_id}"


def _reconsider(flag: Flag) -> None:
    st.session_state.pop(f"choosing-{flag.flag_id}", None)


def _say(
    visit: Visit, flag: Flag, verdict: str, code: str, seen: datetime, after: Callable[[], None], others: list[str]
) -> None:
    """Give the verdict, to `others` of the same actor too if that was asked; what is refused is shown above the
    buttons at the next run."""
    note = str(st.session_state.get(_note(flag), "")).strip()
    try:
        review.give_verdict(visit.client, flag.flag_id, verdict, note, visit.person.name, code, seen)
    except ReviewError as error:
        st.session_state[REFUSED] = str(error)
        _reconsider(flag)
        return
    action = "verdict taken back" if verdict == review.NONE else "verdict"
    visit.record(action, f"flag {flag.flag_id}", " ".join(filter(None, (verdict, code, note))))
    if others and st.session_state.get(_all(flag)):
        _close_all(visit, flag, others, {"verdict": verdict, "code": code, "reason": note})
    st.session_state[_note(flag)] = ""
    _reconsider(flag)
    after()


def _same_actor(visit: Visit, flag: Flag, others: list[dict[str, Any]], given: list[dict[str, Any]]) -> None:
    """What else is open of this actor; once this flag has a verdict, all of it can be closed with the same."""
    with st.expander(f"{words.count(len(others), 'other open flag')} of the same actor", key="same-actor"):
        for other in others[:MOST_OTHERS]:
            with st.container(gap=None):
                plain.text(f"{other['night']}  #{other['rank']}  {words.shortened(other['sentence'], 160)}")
                links.to("queue", "Open", flag=other["flag_id"], night=other["night"].isoformat())
        if flag.verdict and given[0]["code"] and visit.person.may("decide"):
            st.button(
                f"Close all {len(others)} as {flag.verdict} for the same reason",
                key=f"bulk-{flag.flag_id}",
                on_click=_close_all,
                args=(visit, flag, [other["flag_id"] for other in others], given[0]),
            )


def _close_all(visit: Visit, flag: Flag, others: list[str], given: dict[str, str]) -> None:
    reason = given["reason"] or f"the same as flag {flag.flag_id}"
    who = visit.person.name
    closed = review.close_all(visit.client, others, given["verdict"], reason, who, given["code"])
    visit.record(
        "verdict", f"{closed} flags of the same actor as {flag.flag_id}", f"{given['verdict']} {given['code']}"
    )


def _history(visit: Visit, given: list[dict[str, Any]]) -> None:
    """All that was said, newest first; the words wrap, a table would cut them."""
    with st.expander("What was said so far", key="history"):
        for number, row in enumerate(given):
            rare = f" (then {words.rarity(1 / float(row['score']))})" if row["score"] else ""
            with st.container(gap=None):
                plain.text(f"{visit.clock(row['at'])}  {row['who']}: {_said(row)}{rare}")
                if row["reason"]:
                    plain.text(str(row["reason"]), f"muted-said-{number}")


def _said(row: dict[str, Any]) -> str:
    verdict = str(row["verdict"])
    why = review.CODES.get(verdict, {}).get(str(row["code"]), "")
    return "taken back" if verdict == review.NONE else f"{verdict}: {why}" if why else verdict
