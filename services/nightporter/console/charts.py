"""Charts as plain functions from values to Altair charts; text from logs goes in through `visible`, and is drawn."""

from collections.abc import Sequence

import altair as alt

from nightporter.console import words
from nightporter.console.plain import visible
from nightporter.console.reading import Reason

SHOWN = 8
"""Bars of one flag; what is left over adds little."""

BAR = 30
"""Pixels of height for each."""

INK_ON_LIGHT, INK_ON_DARK = "#1c2430", "#e6eaf0"
"""Colours of words in a chart, which no theme sets."""


def strongest(reasons: Sequence[Reason]) -> list[Reason]:
    """The reasons that are shown, strongest first."""
    return sorted(reasons, key=lambda reason: -reason.surprise)[:SHOWN]


def reason_rows(reasons: Sequence[Reason]) -> list[dict[str, str | float]]:
    """The bars: in which respect, its share of the whole surprise, and that share in words with the value seen."""
    total = sum(max(reason.surprise, 0.0) for reason in reasons) or 1.0
    rows: list[dict[str, str | float]] = []
    for reason in strongest(reasons):
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
