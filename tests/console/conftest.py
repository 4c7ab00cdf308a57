"""A visitor of the console: an account with a role, signed in, looking at a page."""

from collections.abc import Iterator

import pytest
import streamlit as st
from console_visit import Visitor, sign_in
from nightporter.console import script_path, stored
from nightporter.console.accounts import Accounts
from nightporter.settings import Settings
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash


@pytest.fixture
def visit(store: Settings) -> Iterator[Visitor]:
    """Open a page as somebody: `visit("person", role="viewer", user="ada")`; the rest is the page's address."""
    accounts, sessions = Accounts(store.home), {}
    st.cache_data.clear()  # of another test's store

    def open_page(path: str = "", role: str = "analyst", who: str = "", **url: str) -> AppTest:
        name = who or f"some-{role}"
        if name not in sessions:
            sessions[name] = sign_in(accounts, name, role)
        app = AppTest.from_file(str(script_path()), default_timeout=60)
        app.user = {"name": name, "roles": role, "session": sessions[name], "address": "127.0.0.1"}
        for key, value in url.items():
            app.query_params[key] = value
        if path:  # pages are functions here, which AppTest.switch_page cannot name
            app._page_hash = calc_hash(path)
        app.run()
        assert not app.exception
        return app

    yield open_page
    stored.forget_all()
