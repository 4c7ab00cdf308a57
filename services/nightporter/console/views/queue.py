"""The queue: the flags of one night by rank, beneath them the one that is open. The URL says which, and the filters:
?night=&flag=&status=&user=&host=."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Any

import streamlit as st
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from nightporter.console import address, pseudonyms, reading, stored, words
from nightporter.console.panel import SENTENCE_ROW, empty, table_height
from nightporter.console.plain import visible
from nightporter.console.reading import Flag, Night
from nightporter.console.views import flag as flag_view
from nightporter.console.visit import Visit, on_a_phone
from nightporter.errors import NightporterError
from nightporter.settings import Settings

OPEN = "open"
Filters = tuple[str, str, str]
"""Review, user, server."""

SHOWN = "flag that was shown last"
STATUSES = ("all", OPEN, "malicious", "benign", "wrong")
ROWS_SHOWN = 3
"""Rows of the table in view, so that the flag and its verdict are, too."""

LONGEST_SENTENCE = 230
"""Characters that fit into such a row."""

PHONE_WIDTH, PHONE_SENTENCE = 250, 105
"""The same on a phone, where the sentence has to say it all; what else there is stands beneath."""

LOOK_AGAIN = 10  # seconds

RARITY = "About one in so many logins here looks like this"


def show(visit: Visit) -> None:
    """The page."""
    client = visit.client
    _watch(visit.settings, reading.verdicts_so_far(client))
    nights = reading.nights(client)
    if not nights:
        _nothing_yet(client)
        return
    jumped = _followed_a_link()
    night, filters = _choose_night(client, nights)
    flags = reading.flags(client, night.date)
    if not flags:
        empty(
            f"Nothing stood out in the night of {words.night(night.date)}.",
            "Every login of that day was usual enough. Choose another night above.",
        )
        return
    shown = _filtered(flags, filters)
    if not shown:
        empty(
            f"None of the {words.count(len(flags), 'flag')} of this night matches the filters.",
            "Choose the status “all” and clear user and server.",
        )
        return
    chosen = _choose_flag(shown, jumped)
    flag_view.show(visit, shown[chosen], _neighbours(shown, chosen))


@st.fragment(run_every=LOOK_AGAIN)
def _watch(settings: Settings, known: int) -> None:
    """Show the page anew as soon as somebody else has reviewed something."""
    with suppress(NightporterError, ClickHouseError), stored.client(settings) as client:
        if reading.verdicts_so_far(client) != known:
            st.rerun()


def _nothing_yet(client: Client) -> None:
    logins, newest = reading.coverage(client)
    if newest is None:
        empty(
            "There are no logins yet.",
            "Load the login logs of your servers, then score a night. Some weeks of logins show what is usual.",
            "nightporter ingest /var/log/auth.log",
        )
    else:
        empty(
            f"No night has been scored yet; {words.count(logins, 'login')} are waiting.",
            f"Scoring a night learns from the days before it and flags what is strange. The newest day is {newest}.",
            f"nightporter night --date {newest}",
        )


def _choose_night(client: Client, nights: Sequence[Night]) -> tuple[Night, Filters]:
    """The night of the URL, else of the flag in the URL, else the newest, with how far its review is; the filters."""
    by_date: dict[date | None, Night] = {night.date: night for night in nights}
    if "night" not in st.session_state:
        wanted = address.date_of(st.query_params.get("night", ""))
        if wanted not in by_date and "flag" in st.query_params:
            wanted = reading.night_of(client, st.query_params["flag"][: address.LONGEST])
        st.session_state["night"] = wanted if wanted in by_date else nights[0].date
    if on_a_phone():
        choice, progress = st.container(), st.container()
        with st.expander("Filters"):
            status, user, host = st.container(), st.container(), st.container()
    else:
        choice, status, user, host, progress = st.columns([22, 33, 14, 14, 17], vertical_alignment="bottom")
    chosen = choice.selectbox(
        "Night (UTC)", [night.date for night in nights], key="night", format_func=words.night, on_change=_forget_flag
    )
    key = address.begin("queue", "status", lambda told: told if told in STATUSES else STATUSES[0])
    kept = status.segmented_control("Review", STATUSES, key=key, required=True, on_change=_forget_flag) or STATUSES[0]
    address.end(key, "status", "" if kept == STATUSES[0] else kept)
    wanted_user = address.text(user, "queue", "user", "User", on_change=_forget_flag)
    wanted_host = address.text(host, "queue", "host", "Server", on_change=_forget_flag)
    night = by_date[chosen]
    st.query_params["night"] = chosen.isoformat()
    progress.progress(
        night.reviewed / night.flags if night.flags else 1.0,
        text=f"Reviewed {night.reviewed} of {words.count(night.flags, 'flag')}",
    )
    return night, (kept, wanted_user, wanted_host)


def _filtered(flags: Sequence[Flag], filters: Filters) -> list[Flag]:
    """The flags that the filters leave."""
    status, user, host = filters
    user = pseudonyms.real(user)
    return [
        flag
        for flag in flags
        if (status in ("all", flag.verdict or OPEN))
        and (not user or any(user.lower() in name.lower() for name in flag.names))
        and (not host or host.lower() in flag.host.lower())
    ]


def _forget_flag() -> None:
    st.query_params.pop("flag", None)


def _followed_a_link() -> bool:
    """Whether the address names a flag that is not the one shown: then its night and its row are chosen anew."""
    if st.query_params.get("flag", "") in ("", st.session_state.get(SHOWN)):
        return False
    st.session_state.pop("night", None)
    return True


def _choose_flag(flags: Sequence[Flag], jumped: bool) -> int:
    """Show the table; return the index of the flag that is open: of the URL, else the first that nobody reviewed."""
    key = _grid(flags)
    if key not in st.session_state or jumped:
        linked = next((n for n, flag in enumerate(flags) if flag.flag_id == st.query_params.get("flag")), None)
        _select(key, linked if linked is not None else next((n for n, flag in enumerate(flags) if not flag.verdict), 0))
    phone = on_a_phone()
    state = st.container(key="queue-table").dataframe(
        table(flags, PHONE_SENTENCE if phone else LONGEST_SENTENCE),
        key=key,
        column_order=["rank", "what"] if phone else None,
        on_select=lambda: _follow_cell(key),
        selection_mode=["single-row-required", "single-cell"],
        hide_index=True,
        row_height=SENTENCE_ROW,
        height=table_height(len(flags), ROWS_SHOWN, SENTENCE_ROW),
        column_config={
            "rank": st.column_config.NumberColumn("#", width=40, help="1 is the strangest of the night"),
            "what": st.column_config.TextColumn("What happened", width=PHONE_WIDTH if phone else 520),
            "user": st.column_config.TextColumn("User", width=100),
            "source": st.column_config.TextColumn("From", width=130),
            "host": st.column_config.TextColumn("Server", width=100),
            "rarity": st.column_config.TextColumn("How rare", width=100, help=RARITY),
            "status": st.column_config.TextColumn("Review", width=90),
        },
        alt="Flags of the night by rank; the selected one is shown beneath",
    )
    rows = state.selection.rows
    chosen = rows[0] if rows and rows[0] < len(flags) else 0
    st.query_params["flag"] = st.session_state[SHOWN] = flags[chosen].flag_id
    st.html(f'<i class="chosen-row" data-row="{chosen}" data-flag="{flags[chosen].rank}"></i>')
    return chosen


def _follow_cell(key: str) -> None:
    """A click anywhere in a row opens it, not only on the mark at its left."""
    cells = st.session_state[key]["selection"]["cells"]
    if cells:
        _select(key, cells[0][0])


def table(flags: Sequence[Flag], longest: int = LONGEST_SENTENCE) -> dict[str, list[Any]]:
    """The flags as rows of the grid; every text made visible."""
    return {
        "rank": [flag.rank for flag in flags],
        "what": [words.shortened(visible(flag.sentence), longest) for flag in flags],
        "user": [visible(flag.user) if flag.user else words.names(len(flag.names)) for flag in flags],
        "source": [visible(flag.source_ip) for flag in flags],
        "host": [visible(flag.host) for flag in flags],
        "rarity": [words.rarity(flag.rarity) for flag in flags],
        "status": [flag.verdict or OPEN for flag in flags],
    }


def _grid(flags: Sequence[Flag]) -> str:
    """The grid's key: another list of flags is another grid, whose selection starts anew."""
    ids = hash(tuple(flag.flag_id for flag in flags)) & 0xFFFFFFFF
    return f"queue-{flags[0].night.isoformat()}-{ids:08x}"


def _select(key: str, row: int) -> None:
    st.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}


def _neighbours(flags: Sequence[Flag], chosen: int) -> flag_view.Steps:
    """How to go on from the open flag without the mouse having to travel."""
    key = _grid(flags)
    following = [*range(chosen + 1, len(flags)), *range(chosen)]
    unreviewed = next((row for row in following if not flags[row].verdict), None)
    return flag_view.Steps(
        before=chosen - 1 if chosen else None,
        after=chosen + 1 if chosen + 1 < len(flags) else None,
        unreviewed=unreviewed,
        go=lambda row: _select(key, row),
    )
