"""The one way by which text from logs reaches the page: inert, on one line, nothing hidden in it, people masked.

Whoever tries to log in chooses names and commands. Streamlit renders markdown in labels, headings and messages, so such
text is shown only by `text`, `lines` and in the cells of a data frame, each through `visible`.
"""

import streamlit as st

from nightporter.console import pseudonyms

LONGEST = 400
"""Characters of one value; longer ones are cut and say so."""

LONGEST_LINE = 4000


def visible(text: str, longest: int = LONGEST) -> str:
    """`text` with pseudonyms where the visitor is to see them, and with everything that does not print (line ends,
    escapes, marks that reverse the direction) spelled out."""
    mask = pseudonyms.worn()
    if mask:
        text = mask.text(text)
    if len(text) > longest:
        text = f"{text[:longest]}… ({len(text) - longest} more characters)"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def text(value: str, style: str = "") -> None:
    """Show text from a log as it is; `style` is a class of style.css."""
    with st.container(key=style or None):
        st.text(visible(value, 2000))


def lines(values: list[str]) -> None:
    """Show log lines as they were written, one under another."""
    st.code("\n".join(visible(value, LONGEST_LINE) for value in values), language=None, wrap_lines=True)


def csv_cell(text: str) -> str:
    """A value for a spreadsheet: no formula starts in it (OWASP, CSV injection), whatever the name was chosen to be."""
    shown = visible(text, LONGEST_LINE)
    return f"'{shown}" if text.lstrip()[:1] in ("=", "+", "-", "@") else shown
