"""Charts as plain functions from values to Altair charts; text from logs goes in through `visible`, and is drawn."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import altair as alt
import streamlit as st

from nightporter.console import words
from nightporter.console.plain import visible
from nightporter.console.reading import Reason
from nightporter.console.visit import local

SHOWN = 8
"""Bars of one flag; what is left over adds little."""

BAR = 30
"""Pixels of height for each."""

INK_ON_LIGHT, INK_ON_DARK = "#1c2430", "#e6eaf0"
"""Colours of words in a chart, which no theme sets."""

PLAIN_TIMES = alt.JsonDataFormat(parse={"start": "date", "end": "date"})

CROSS = "M-.8,-1L0,-.2L.8,-1L1,-.8L.2,0L1,.8L.8,1L0,.2L-.8,1L-1,.8L-.2,0L-1,-.8Z"
REFUSED = ("", ", refused")
SHAPES = {"of this flag": "diamond", "of this flag, refused": CROSS, "other": "circle", "other, refused": CROSS}
"""What a login of the time line is, and its mark."""

MINUTES_SUFFICE = timedelta(minutes=15)
"""A time line that is shorter has seconds at its ticks."""

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def ink() -> str:
    """The colour of words in a chart for the theme in use."""
    return INK_ON_DARK if st.context.theme.type == "dark" else INK_ON_LIGHT


def _axis(ink: str, **options: Any) -> alt.Axis:
    """An axis in the colours of the theme."""
    return alt.Axis(labelColor=ink, titleColor=ink, **options)


def strongest(reasons: Sequence[Reason]) -> list[Reason]:
    """The reasons that are shown, strongest first."""
    return sorted(reasons, key=lambda reason: -reason.surprise)[:SHOWN]


def reason_rows(reasons: Sequence[Reason]) -> list[dict[str, str | float]]:
    """The bars: in which respect, its share of the whole surprise, and that share in words with the value seen."""
    total = sum(max(reason.surprise, 0.0) for reason in reasons) or 1.0
    rows: list[dict[str, str | float]] = []
    for reason in strongest(reasons):
        if reason.surprise <= 0:  # what verdicts did to the flag: told in words only
            continue
        share, respect = max(reason.surprise, 0.0) / total, visible(words.respect(reason.field), 60)
        same = sum(str(row["respect"]).partition(" (again")[0] == respect for row in rows)
        # a bar each needs a name each
        name = f"{respect} (again, {same})" if same else respect
        # the value of a burst is only its name again
        seen = "" if reason.value == respect else visible(reason.value, 60)
        rows.append({"respect": name, "share": share, "label": f"{share:.0%}  {seen}".rstrip()})
    return rows


def reason_bars(reasons: Sequence[Reason], ink: str) -> alt.LayerChart:
    """How much each respect adds to the strangeness of a flag, strongest first, with the value that was seen."""
    rows = reason_rows(reasons)
    longest = max([float(row["share"]) for row in rows], default=1.0) or 1.0
    names = alt.Axis(labelLimit=300, labelFontSize=14, labelColor=ink, ticks=False, domain=False, labelPadding=8)
    room = alt.Scale(domain=[0, longest * 1.9])  # for the words at the end of the longest bar
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("respect:N", sort=None, title=None, axis=names),
        x=alt.X("share:Q", title=None, axis=None, scale=room),
    )
    bars = base.mark_bar(cornerRadiusEnd=3, height=18, tooltip=None)
    values = base.mark_text(align="left", dx=6, limit=340, fontSize=14, color=ink).encode(text="label:N")
    chart: alt.LayerChart = (
        alt.layer(bars, values).properties(height=BAR * max(len(rows), 2)).configure_view(strokeWidth=0)
    )
    return chart


def sequence_rows(around: Sequence[dict[str, Any]], mine: set[str], zone: ZoneInfo, lanes: int) -> list[dict[str, str]]:
    """The spans of the time line: lane, when (the reader's clock as a plain time), what; `mine` are marked.

    A lane is a server and a source. Those of the flag come first; those beyond `lanes` share one."""
    of_flag = [_lane(row) for row in around if row["event_id"] in mine]
    order = list(dict.fromkeys([*of_flag, *map(_lane, around)]))
    kept = set(order if len(order) <= lanes else order[: lanes - 1])
    rows = []
    for row in around:
        start, end = local(row["start"], zone), local(row["end"], zone)
        rows.append({
            "lane": visible(_lane(row), 60) if _lane(row) in kept else "others",
            "start": start.strftime("%Y-%m-%dT%H:%M:%S"),
            "end": end.strftime("%Y-%m-%dT%H:%M:%S"),
            "what": ("of this flag" if row["event_id"] in mine else "other") + REFUSED[row["outcome"] != "success"],
            "utc": row["start"].strftime("%Y-%m-%d %H:%M:%S UTC"),
            "login": visible(f"{row['user']} {row['service']} {row['source_ip']}: {row['outcome']}", 120),
        })  # fmt: skip
    return rows


def _lane(row: dict[str, Any]) -> str:
    return f"{row['host']} from {row['source_ip']}" if row["source_ip"] else str(row["host"])


def sequence(rows: Sequence[dict[str, str]], ink: str, zone: str) -> alt.LayerChart:
    """Logins on a time line, a lane per server and source; those of the flag darker, refused ones as crosses."""
    names = alt.Axis(
        labelLimit=300, labelFontSize=13, labelOverlap=False, labelColor=ink, ticks=False, domain=False, title=None
    )
    times = [datetime.fromisoformat(row[edge]) for row in rows for edge in ("start", "end")]
    precise = "%H:%M:%S" if max(times) - min(times) < MINUTES_SUFFICE else "%H:%M"
    when = _axis(ink, title=f"time ({zone})", format=precise, tickCount=12, labelFontSize=12, grid=True)
    base = alt.Chart(alt.InlineData(values=list(rows), format=PLAIN_TIMES))
    lane = base.encode(
        y=alt.Y("lane:N", sort=None, axis=names),
        x=alt.X("start:T", axis=when),
        opacity=alt.condition("slice(datum.what, 0, 2) === 'of'", alt.value(1.0), alt.value(0.45)),
        tooltip=[
            alt.Tooltip("login:N", title="login"),
            alt.Tooltip("utc:N", title="at"),
            alt.Tooltip("what:N", title=" "),
        ],
    )
    kinds = [kind for kind in SHAPES if any(row["what"] == kind for row in rows)]
    spans = lane.transform_filter("indexof(datum.what, 'refused') < 0").mark_bar(height=6).encode(x2="end:T")
    starts = lane.mark_point(filled=True, size=70).encode(
        shape=alt.Shape("what:N", scale=alt.Scale(domain=kinds, range=[SHAPES[kind] for kind in kinds]),
                        legend=alt.Legend(orient="top", title=None, labelColor=ink, labelFontSize=12))
    )  # fmt: skip
    lanes = len({row["lane"] for row in rows})
    chart: alt.LayerChart = (
        alt.layer(spans, starts).properties(height=28 * max(lanes, 2) + 130).configure_view(strokeWidth=0)
    )
    return chart


def week_rows(hours: Sequence[dict[str, Any]], zone: ZoneInfo, today: datetime) -> list[dict[str, Any]]:
    """Hours of the week (UTC) as those of the reader's zone, by its offset of today: weekday, hour, days."""
    offset = local(today, zone).utcoffset() or timedelta()
    monday = datetime(2024, 1, 1, tzinfo=UTC)
    rows: dict[tuple[int, int], int] = {}
    for row in hours:
        at = monday + timedelta(days=row["weekday"] - 1, hours=row["hour"]) + offset
        cell = (at.weekday(), at.hour)
        rows[cell] = max(rows.get(cell, 0), row["days"])
    return [{"weekday": WEEKDAYS[day], "hour": hour, "days": days} for (day, hour), days in sorted(rows.items())]


def week_map(rows: Sequence[dict[str, Any]], ink: str, zone: str) -> alt.Chart:
    """On how many days there was a login, per hour and weekday; hover for the number."""
    axis = partial(_axis, ink, ticks=False, domain=False)
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=list(rows)))
        .mark_rect(cornerRadius=2, stroke=ink, strokeWidth=0.2)
        .encode(
            x=alt.X(
                "hour:O",
                scale=alt.Scale(domain=list(range(24))),
                axis=axis(title=f"hour ({zone})", labelAngle=0),
            ),
            y=alt.Y(
                "weekday:O",
                scale=alt.Scale(domain=list(WEEKDAYS)),
                axis=axis(title=None, labelOverlap=False, labelFlush=False),
            ),
            color=alt.Color("days:Q", scale=alt.Scale(scheme="blues"), legend=None),
            tooltip=[alt.Tooltip("weekday:O"), alt.Tooltip("hour:O"), alt.Tooltip("days:Q", title="days with a login")],
        )
        .properties(height=210)
        .configure_view(strokeWidth=0)
    )
    return chart


def bars(rows: Sequence[dict[str, Any]], ink: str, title: str) -> alt.Chart:
    """One bar per day: `day` (text) and `value`."""
    axis = partial(_axis, ink, grid=False)
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=list(rows)))
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            x=alt.X("day:O", sort=None, axis=axis(title=None, labelAngle=-40, labelOverlap=True)),
            y=alt.Y("value:Q", axis=axis(title=title, tickMinStep=1, tickCount=4)),
            tooltip=[alt.Tooltip("day:O"), alt.Tooltip("value:Q", title=title)],
        )
        .properties(height=180)
        .configure_view(strokeWidth=0)
    )
    return chart


def curves(rows: Sequence[dict[str, Any]], ink: str) -> alt.Chart:
    """Learning curves: `epoch`, `loss` and `of` (training days, held-out day)."""
    axis = partial(_axis, ink)
    dash = alt.Scale(domain=["training days", "held-out days"], range=[[1, 0], [6, 3]])
    legend = alt.Legend(title=None, orient="top", labelColor=ink, symbolType="stroke", symbolSize=400)
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=list(rows)))
        .mark_line(point=alt.OverlayMarkDef(size=20))
        .encode(
            x=alt.X("epoch:Q", axis=axis(title="pass over the data", tickMinStep=1)),
            y=alt.Y("loss:Q", scale=alt.Scale(zero=False), axis=axis(title="surprise per login")),
            strokeDash=alt.StrokeDash("of:N", scale=dash, legend=legend),
            tooltip=["of:N", "epoch:Q", alt.Tooltip("loss:Q", format=".3f")],
        )
        .properties(height=240)
        .configure_view(strokeWidth=0)
    )
    return chart
