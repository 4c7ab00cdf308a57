"""Links from one page to another that keep the session; their labels are our own words, never a name from a log."""

import streamlit as st
from streamlit.navigation.page import Page

from nightporter.console import pseudonyms

PAGES = "pages by address"


def register(pages: dict[str, Page]) -> None:
    """What there is to link to, for this run; a page the visitor may not see is not there."""
    st.session_state[PAGES] = pages


def to(path: str, label: str, **query: str) -> None:
    """Show a link to a page; names in `query` become pseudonyms where the visitor sees those."""
    page = st.session_state.get(PAGES, {}).get(path)
    if page is not None:
        st.page_link(page, label=label, query_params={name: pseudonyms.shown(value) for name, value in query.items()})
