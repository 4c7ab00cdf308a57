"""Signing in for tests of the console, and what a page says."""

from collections.abc import Callable

from nightporter.console.accounts import Accounts, session_id
from streamlit.testing.v1 import AppTest

PASSWORD = "eight in the morning"

Visitor = Callable[..., AppTest]


def sign_in(accounts: Accounts, name: str, role: str) -> str:
    """A session of an account with this role; return its id."""
    if name in {account.name for account in accounts.all()}:
        one_time = accounts.reset(name, role)
    else:
        one_time = accounts.add(name, role)
    first = accounts.session(session_id(accounts.sign_in(name, one_time)))
    assert first is not None
    accounts.change_password(first, one_time, PASSWORD)
    return first.id


def words(app: AppTest) -> str:
    """Everything the page says."""
    kinds = (app.markdown, app.text, app.caption, app.warning, app.code, app.title, app.subheader)
    return "\n".join(str(element.value) for kind in kinds for element in kind)
