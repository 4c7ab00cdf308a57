"""Accounts of this machine: first admin, one-time passwords, lock-out, sessions that end."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from console_visit import PASSWORD
from nightporter.console import accounts as module
from nightporter.console.accounts import FIRST_PASSWORD, TRIES, Accounts, Session, session_id
from nightporter.errors import AccountError


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(tmp_path)


def entered(accounts: Accounts, name: str, password: str) -> Session:
    session = accounts.session(session_id(accounts.sign_in(name, password)))
    assert session is not None
    return session


def test_the_first_admin_is_told_once_and_the_note_goes_with_the_first_password(accounts: Accounts) -> None:
    told = accounts.invitation()
    note = accounts.home / FIRST_PASSWORD
    password = note.read_text().split()[1]
    assert password in told and stat.S_IMODE(note.stat().st_mode) == 0o600
    assert stat.S_IMODE((accounts.home / "accounts.sqlite").stat().st_mode) == 0o600
    assert password not in accounts.invitation(), "later starts only name the file"
    session = entered(accounts, "admin", password)
    assert (session.role, session.one_time) == ("admin", True)
    accounts.change_password(session, password, PASSWORD)
    assert not note.exists() and accounts.invitation() == ""
    assert not entered(accounts, "admin", PASSWORD).one_time
    with pytest.raises(AccountError):
        accounts.sign_in("admin", password)


def test_nothing_that_is_kept_lets_anybody_in(accounts: Accounts) -> None:
    password = accounts.add("ada", "analyst")
    token = accounts.sign_in("ada", password)
    kept = (accounts.home / "accounts.sqlite").read_bytes()
    assert password.encode() not in kept and token.encode() not in kept
    assert b"$argon2id$" in kept
    assert accounts.session(token) is None and accounts.session("") is None


def test_five_wrong_passwords_lock_the_account_even_for_the_right_one(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = accounts.add("ada", "analyst")
    for _ in range(TRIES):
        with pytest.raises(AccountError, match="do not go together"):
            accounts.sign_in("ada", "guess")
    assert [account.state for account in accounts.all()] == ["locked"]
    with pytest.raises(AccountError, match="do not go together"):
        accounts.sign_in("ada", password)
    monkeypatch.setattr(module, "LOCKED_FOR", timedelta(0))
    assert entered(accounts, "ada", accounts.reset("ada")).name == "ada"


def test_an_unknown_name_is_refused_in_the_same_words(accounts: Accounts) -> None:
    with pytest.raises(AccountError, match="do not go together"):
        accounts.sign_in("nobody", "guess")


def test_a_closed_account_is_out_at_once(accounts: Accounts) -> None:
    session = entered(accounts, "ada", accounts.add("ada", "analyst"))
    accounts.lock("ada")
    assert accounts.session(session.id) is None
    assert entered(accounts, "ada", accounts.reset("ada", "auditor")).role == "auditor"


@pytest.mark.parametrize("limit", ["IDLE", "DAY"])
def test_sessions_end(accounts: Accounts, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    session = entered(accounts, "ada", accounts.add("ada", "analyst"))
    assert accounts.session(session.id)
    monkeypatch.setattr(module, limit, timedelta(0))
    assert accounts.session(session.id) is None


def test_a_new_password_is_long_new_and_needs_the_old_one(accounts: Accounts) -> None:
    password = accounts.add("ada", "analyst")
    session = entered(accounts, "ada", password)
    for old, new in ((password, "short"), (password, password), (password, "my name is ada"), ("guess", PASSWORD)):
        with pytest.raises(AccountError):
            accounts.change_password(session, old, new)
    other = entered(accounts, "ada", password)
    accounts.change_password(session, password, PASSWORD)
    assert accounts.session(session.id) and accounts.session(other.id) is None, "other sessions end"


@pytest.mark.parametrize("name", ["", "Ada", "-ada", "a b", "../x", "ä", "a" * 64])
def test_names_are_plain(accounts: Accounts, name: str) -> None:
    with pytest.raises(AccountError, match="no account name"):
        accounts.add(name, "viewer")
    with pytest.raises(AccountError, match="no role"):
        accounts.add("ada", "root")
