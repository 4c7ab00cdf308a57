"""The briefing: one week for management, on one page, as HTML and PDF."""

from collections.abc import Callable
from datetime import date, timedelta

import streamlit as st

from nightporter.console import charts, paper, reading, words
from nightporter.console.panel import empty
from nightporter.console.questions.briefing import METHOD, NIGHTS, Briefing, briefing
from nightporter.console.visit import Visit


def show(visit: Visit) -> None:
    """The page."""
    visit.opened("opened", "the briefing")
    newest = reading.newest_night(visit.client)
    if newest is None:
        empty("There is nothing to tell yet.", "A briefing tells of nights that were scored; none was so far.")
        return
    ends = [newest - timedelta(days=NIGHTS * back) for back in range(8)]
    chosen = st.selectbox("Week until the night of", ends, key="week", format_func=words.night)
    told = briefing(visit.client, chosen or newest)
    if told is None:
        empty(f"No night of the week until {words.night(chosen or newest)} was scored.", "Choose another week.")
        return
    for box, (label, value) in zip(st.columns(4), told.numbers, strict=True):
        box.metric(label.capitalize(), value)
    trend, findings = st.columns([2, 3], gap="large")
    with trend:
        st.subheader("Cases of each night", anchor=False)
        rows = [{"day": f"{night:%a %d}", "value": cases} for night, cases, _ in told.trend]
        st.altair_chart(charts.bars(rows, charts.ink(), "cases"), key="trend", alt="Cases of each night")
        _list("What changed", told.changes)
    with findings:
        _list("What stood out", told.findings or ("Nothing that is malicious or still open.",))
        _list("What we do not see", told.gaps)
    st.subheader("How this works", anchor=False)
    st.markdown(" ".join(METHOD))
    _take_away(visit, told, chosen or newest)


def _list(title: str, texts: tuple[str, ...]) -> None:
    st.subheader(title, anchor=False)
    with st.container(gap="small"):
        for text in texts:
            st.text(text)


def _take_away(visit: Visit, told: Briefing, last: date) -> None:
    """The same as files; made when they are asked for."""

    def made(kind: str, write: Callable[[Briefing], bytes]) -> Callable[[], bytes]:
        def make() -> bytes:
            visit.record("exported", f"briefing until {last}", kind)
            return write(told)

        return make

    name = f"nightporter-{last}"
    with st.container(horizontal=True):
        as_html = made("HTML", lambda briefing: paper.html(briefing).encode())
        st.download_button("PDF", made("PDF", paper.pdf), f"{name}.pdf", "application/pdf", on_click="ignore")
        st.download_button("HTML", as_html, f"{name}.html", "text/html", on_click="ignore")
