"""One flag: what happened, why it stands out, what would make it harmless, the verdict; then the evidence."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from clickhouse_connect.driver.client import Client

from nightporter.console import charts, plain, reading, words
from nightporter.console.panel import panel
from nightporter.console.plain import visible
from nightporter.console.reading import Flag
from nightporter.console.views import evidence

VERDICTS: dict[str, str] = {
    "malicious": "Somebody does what they must not: start the incident.",
    "benign": "It happened as described and is harmless.",
    "wrong": "It did not happen like this: the logs or the model are mistaken.",
}


@dataclass(frozen=True)
class Steps:
    """Rows of the queue one can go on to from here, and how."""

    before: int | None
    after: int | None
    unreviewed: int | None
    go: Callable[[int], None]


def show(client: Client, flag: Flag, steps: Steps) -> None:
    """Everything about `flag`, the most important first."""
    _steps(flag, steps)
    plain.text(flag.sentence, "sentence")
    plain.text(f"Reviewed: {flag.verdict}." if flag.verdict else "Not reviewed yet.", "muted-status")
    why, decide = st.columns([3, 2], gap="large")
    with why:
        _reasons(flag)
    with decide:
        _harmless(flag)
        with panel():
            _verdict(client, flag)
    with panel(height=200):
        evidence.show_logins(client, flag)
    with panel(height=200):
        evidence.show_usual(client, flag)


def _steps(flag: Flag, steps: Steps) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="steps"):
        st.subheader(f"Flag {flag.rank}", anchor=False)
        buttons = (("Previous", steps.before, "k"), ("Next", steps.after, "j"), ("Next open", steps.unreviewed, "n"))
        for label, row, keys in buttons:
            st.button(label, disabled=row is None, on_click=steps.go, args=(row,), key=f"step-{label}", shortcut=keys)


def _reasons(flag: Flag) -> None:
    st.subheader("Why it stands out", anchor=False)
    if flag.reasons:
        dark = st.context.theme.type == "dark"
        chart = charts.reason_bars(flag.reasons, charts.INK_ON_DARK if dark else charts.INK_ON_LIGHT)
        st.altair_chart(chart, key=f"reasons-{flag.flag_id}", alt="How much each reason adds; the text says the same")
    for number, reason in enumerate(charts.strongest(flag.reasons)):
        with st.container(gap=None):
            plain.text(reason.text)
            if reason.usual:
                plain.text(f"seen: {reason.value} · usual: {reason.usual}", f"muted-{number}")


def _harmless(flag: Flag) -> None:
    st.subheader("What could make it harmless", anchor=False)
    plain.text(flag.benign_twin)
    if flag.techniques:
        st.subheader("If it is an attack", anchor=False)
        with st.container(gap=None):
            for code in flag.techniques:
                plain.text(words.technique(code))


def _verdict(client: Client, flag: Flag) -> None:
    st.subheader("Your verdict", anchor=False)
    with st.form(f"verdict-{flag.flag_id}", clear_on_submit=False):
        reason = st.text_area(
            "Reason (required)",
            placeholder="How do you know? Who confirmed it?",
            max_chars=2000,
            height=90,
            key=f"reason-{flag.flag_id}",
        )
        pressed = ""
        for column, (name, meaning) in zip(st.columns(len(VERDICTS)), VERDICTS.items(), strict=True):
            label, key = name.capitalize(), f"{name}-{flag.flag_id}"
            if column.form_submit_button(label, help=meaning, width="stretch", key=key):
                pressed = name
    if pressed and not reason.strip():
        st.warning("Write the reason first: tomorrow's reviewer has to understand the verdict.")
    elif pressed:
        reading.give_verdict(client, flag, pressed, reason.strip())
        st.rerun()
    _history(client, flag)


def _history(client: Client, flag: Flag) -> None:
    given = reading.verdicts(client, flag.flag_id)
    if not given:
        return
    st.dataframe(
        {
            "at": [words.clock(row["at"]) for row in given],
            "who": [visible(row["who"]) for row in given],
            "verdict": [visible(row["verdict"]) for row in given],
            "reason": [visible(row["reason"], 2000) for row in given],
        },
        hide_index=True,
        column_config={"at": "When (UTC)", "who": "Who", "verdict": "Verdict", "reason": "Reason"},
        alt="Verdicts on this flag, newest first",
    )
