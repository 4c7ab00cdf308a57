"""Filters that stand in the page's address, so that a link shows a colleague the same.

Streamlit can bind a widget to the address itself, but then drops a parameter from a link to another page whenever the
page one comes from has one of that name: "This person" would lead to nobody.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

LONGEST = 200
"""Characters of a filter; longer ones are cut."""


def text(box: DeltaGenerator, page: str, name: str, label: str, **options: Any) -> str:
    """A field for text; the parameter `name` of the address, "" where it is not given."""
    key = begin(page, name, lambda told: told[:LONGEST])
    value = (box.text_input(label, key=key, max_chars=LONGEST, **options) or "").strip()
    end(key, name, value)
    return value


def day(box: DeltaGenerator, page: str, name: str, label: str, usual: date) -> date | None:
    """A field for a day, `usual` where the address has none that can be read; None where it was emptied."""
    key = begin(page, name, lambda told: date_of(told) or usual)
    value = box.date_input(label, key=key)
    found = value if isinstance(value, date) else None
    end(key, name, "" if found in (None, usual) else str(found))
    return found


def begin(page: str, name: str, read: Callable[[str], Any]) -> str:
    """The key of the widget; its value is taken from the address when that is new: at first, by a link, by Back."""
    key, told = f"filter-{page}-{name}", st.query_params.get(name, "")
    if key not in st.session_state or st.session_state.get(f"{key}-address") != told:
        st.session_state[key] = read(told)
    return key


def end(key: str, name: str, value: str) -> None:
    """Write the widget's value to the address; nothing where it is the usual one."""
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)
    st.session_state[f"{key}-address"] = value


def date_of(told: str) -> date | None:
    """The day of a text such as 2026-03-10."""
    try:
        return date.fromisoformat(told)
    except ValueError:
        return None
