"""One visitor's look at one page: the store, who looks, in which time zone, and the record of what they do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from clickhouse_connect.driver.client import Client

from nightporter.console.identity import Person
from nightporter.settings import Settings
from nightporter.store import audit

RECORDED = "recorded"
"""Key of the session: what the last record said, so that a rerun of the same page does not say it again."""


FRESH = 60
"""Seconds for which an answer about what is past, and hardly changes, is kept for the next click."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Visit:
    """What every view is given."""

    client: Client
    person: Person
    settings: Settings
    zone: ZoneInfo

    def record(self, action: str, about: str = "", detail: str = "") -> None:
        """Append to the audit; before the action, so that nothing happens that is not recorded."""
        audit.record(self.client, self.person.name, action, about, detail, self.person.address)

    def opened(self, action: str, about: str, detail: str = "") -> None:
        """Record that something was looked at: once, not at every rerun."""
        if st.session_state.get(RECORDED) != (action, about, detail):
            self.record(action, about, detail)
            st.session_state[RECORDED] = (action, about, detail)

    def kept(self, what: str, about: str, ask: Callable[[], Answer]) -> Answer:
        """The answer of `ask`, or the one of a moment ago to the same question: a click asks everything again. Answers
        hold names as they are stored; what a visitor sees of them is decided when they are shown."""
        place = f"{self.settings.home} {self.settings.clickhouse_url} {self.settings.clickhouse_database}"
        answer: Answer = _kept(place, what, about, ask)
        return answer

    def clock(self, moment: datetime) -> str:
        """Date and time to the second in the reader's zone."""
        return local(moment, self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def heading(self, name: str) -> str:
        """A column's title with the zone of its times: "Start (Europe/Berlin)"."""
        return f"{name} ({self.zone.key})"


@st.cache_data(ttl=FRESH, max_entries=500, show_spinner=False)
def _kept(place: str, what: str, about: str, _ask: Callable[[], Any]) -> Any:
    del place, what, about  # the key
    return _ask()


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """`moment` in `zone`; the store's times without a zone are UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone)


def readers_zone() -> ZoneInfo:
    """The zone of the reader's browser; UTC where it names none that is known."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def on_a_phone() -> bool:
    """Whether the reader's browser says that it is a phone's."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")
