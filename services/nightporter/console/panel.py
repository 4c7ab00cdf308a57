"""The four states of everything on a page that comes from the store: loading, empty, error, stale; a table's height."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

import streamlit as st

from nightporter.console import plain
from nightporter.errors import NightporterError

NIGHT_IS_DONE = 8
"""Hour (UTC) by which the night before is expected to be scored."""

ROW = 35
"""Pixels of a table's row, and of its head."""

SENTENCE_ROW = 68
"""Pixels of a row with three lines of a sentence (Streamlit wraps text above 64; keys.js knows them as well)."""

log = logging.getLogger(__name__)


@contextmanager
def panel(height: int = 120) -> Iterator[None]:
    """Show a placeholder while the block runs; what it raises becomes a sentence with an id, and the page goes on."""
    try:
        with st.skeleton(height=height):
            yield
    except NightporterError as error:
        _failed(str(error), log_it=error)
    except Exception as error:  # noqa: BLE001 - a bug in one panel must not take the page with it
        _failed("This could not be shown; reload the page, and report the id if it stays so.", log_it=error)


def _failed(sentence: str, log_it: BaseException) -> None:
    mark = secrets.token_hex(4)
    log.error("a panel of the console failed", exc_info=log_it, extra={"fields": {"error_id": mark}})
    with st.container(border=True, key=f"problem-{mark}"):
        st.markdown("**Something is wrong**")
        plain.text(sentence)
        st.caption(f"Error id {mark}: the log of the console has the details under it.")


def empty(why: str, next_step: str, command: str = "") -> None:
    """Say why there is nothing here and what to do; all three are our own words."""
    with st.container(border=True, key="nothing-here"):
        st.markdown(f"**{why}**")
        st.markdown(next_step)
        if command:
            st.code(command, language=None)


def stale(newest: date, now: datetime) -> None:
    """Warn when the newest scored night is older than it should be."""
    age = (now.date() - newest).days
    if age > (1 if now.hour >= NIGHT_IS_DONE else 2):
        st.warning(
            f"Scores are from {age} nights ago: nobody looked at the logins since {newest}. "
            "The page Health says what keeps the nights from running."
        )


def table_height(rows: int, most: int = 100, row: int = ROW) -> int:
    """Pixels of a table that shows all its rows, but at most so many; the rest is scrolled to."""
    return row * min(rows, most) + ROW + 2
