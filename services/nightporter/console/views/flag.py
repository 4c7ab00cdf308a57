"""One flag: what happened, why it stands out, what would make it harmless, the verdict; then the evidence."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from nightporter.console import charts, links, plain, words
from nightporter.console.panel import panel
from nightporter.console.reading import Flag
from nightporter.console.views import evidence, suppress, verdict
from nightporter.console.visit import Visit


@dataclass(frozen=True)
class Steps:
    """Rows of the queue one can go on to from here, and how."""

    before: int | None
    after: int | None
    unreviewed: int | None
    go: Callable[[int], None]


def show(visit: Visit, flag: Flag, steps: Steps) -> None:
    """Everything about `flag`, the most important first."""
    visit.opened("opened", "flag", flag.flag_id)
    _steps(flag, steps)
    plain.text(flag.sentence, "sentence")
    if len(flag.nights) > 1:
        first = words.night(flag.nights[0])
        plain.text(
            f"There in {len(flag.nights)} nights since {first}; one verdict answers all of them.", "muted-nights"
        )
    why, decide = st.columns([3, 2], gap="large")
    with why:
        _reasons(flag)
    with decide:
        with panel():
            verdict.show(visit, flag, after=lambda: _go_on(steps))
        _harmless(flag)
        with panel():
            evidence.show_nearest(visit, flag)
        with panel():
            suppress.from_flag(visit, flag)
        with panel():
            evidence.show_similar(visit, flag)
    with panel(height=200):
        evidence.show_logins(visit, flag)
    with panel(height=200):
        evidence.show_usual(visit, flag)


def _go_on(steps: Steps) -> None:
    if steps.unreviewed is not None:
        steps.go(steps.unreviewed)


def _steps(flag: Flag, steps: Steps) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="steps"):
        st.subheader(f"Flag {flag.rank}", anchor=False)
        buttons = (("Previous", steps.before, "k"), ("Next", steps.after, "j"), ("Next open", steps.unreviewed, "n"))
        for label, row, keys in buttons:
            st.button(label, disabled=row is None, on_click=steps.go, args=(row,), key=f"step-{label}", shortcut=keys)
        if flag.user:
            links.to("person", "This person", user=flag.user)
        links.to("server", "This server", host=flag.host)
        if flag.source_ip:
            links.to("search", "All from this source", source=flag.source_ip)


def _reasons(flag: Flag) -> None:
    st.subheader("Why it stands out", anchor=False)
    if flag.reasons:
        st.altair_chart(
            charts.reason_bars(flag.reasons, charts.ink()),
            key=f"reasons-{flag.flag_id}",
            alt="How much each reason adds; the text says the same",
        )
    for number, reason in enumerate(charts.strongest(flag.reasons)):
        with st.container(gap=None):
            plain.text(reason.text)
            if reason.usual:
                plain.text(f"seen: {reason.value} · usual: {reason.usual}", f"muted-{number}")
    rare = f"About {words.rarity(flag.rarity)} logins here looks as strange. Model {flag.model_run}."
    plain.text(rare, "muted-rarity")


def _harmless(flag: Flag) -> None:
    st.subheader("What could make it harmless", anchor=False)
    plain.text(flag.benign_twin)
    if flag.techniques:
        st.subheader("If it is an attack", anchor=False)
        with st.container(gap=None):
            for code in flag.techniques:
                plain.text(words.technique(code))
