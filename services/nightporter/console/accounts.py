"""The accounts of this machine, for a console without a sign-in proxy: who may come in, and who has.

One SQLite file in the home folder, readable by its owner only, so that `nightporter account` works beside a running
console and people can sign in while the store is away. Passwords are kept as Argon2id hashes, sessions as SHA-256 of
their token. OWASP's advice on storing passwords and on sessions is followed (cheatsheetseries.owasp.org).
"""

import hashlib
import re
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from nightporter.errors import AccountError
from nightporter.store.private import write_private

ROLES = ("viewer", "analyst", "admin", "auditor")
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
SHORTEST, LONGEST = 12, 200  # characters of a password
TRIES, LOCKED_FOR = 5, timedelta(minutes=15)
IDLE, DAY = timedelta(hours=2), timedelta(hours=12)
"""A session ends after so long without a click, and after so long in any case."""

FIRST_PASSWORD = "first-password"
REFUSED = "This name and password do not go together, or the account is locked; wait 15 minutes or ask an admin."

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, hash TEXT NOT NULL, one_time INTEGER NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0, locked_until TEXT NOT NULL DEFAULT '', closed INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, began TEXT NOT NULL, seen TEXT NOT NULL);
"""

_hasher = PasswordHasher()
_two_at_a_time = threading.BoundedSemaphore(2)  # each check takes 64 MiB
_NOBODY = _hasher.hash(secrets.token_hex())


@dataclass(frozen=True)
class Session:
    """Somebody who has signed in. `one_time`: has to choose a password before anything else."""

    id: str
    name: str
    role: str
    one_time: bool


@dataclass(frozen=True)
class Account:
    """What `nightporter account list` shows."""

    name: str
    role: str
    state: str  # "active", "first password", "locked", "closed"


class Accounts:
    """The accounts in `home`; every method opens the file anew, so that threads and processes may share it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._file = home / "accounts.sqlite"

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._file.exists():
            self._file.touch(mode=0o600)
        try:
            with closing(sqlite3.connect(self._file, timeout=10)) as connection, connection:
                connection.executescript(SCHEMA)
                connection.row_factory = sqlite3.Row
                yield connection
        except sqlite3.Error as error:
            raise AccountError(f"The accounts in {self._file} cannot be read ({error}); restore the file.") from error

    def all(self) -> list[Account]:
        """Every account by name."""
        with self._open() as db:
            return [
                Account(row["name"], row["role"], _state(row))
                for row in db.execute("SELECT * FROM accounts ORDER BY name")
            ]

    def add(self, name: str, role: str) -> str:
        """Make an account; return its one-time password. Raises AccountError."""
        if not NAME.fullmatch(name):
            raise AccountError(f"{name!r} is no account name; use a-z, 0-9, dot, dash, underscore, at most 63 of them.")
        if role not in ROLES:
            raise AccountError(f"{role!r} is no role; give one of {', '.join(ROLES)}.")
        password = _one_time_password()
        with self._open() as db:
            if db.execute("SELECT 1 FROM accounts WHERE name = ?", (name,)).fetchone():
                raise AccountError(
                    f"There is an account {name} already; `nightporter account reset {name}` opens it again."
                )
            db.execute(
                "INSERT INTO accounts (name, role, hash, one_time) VALUES (?, ?, ?, 1)", (name, role, _hash(password))
            )
        return password

    def reset(self, name: str, role: str = "") -> str:
        """Open an account again, with `role` if given; end its sessions; return its new one-time password."""
        if role and role not in ROLES:
            raise AccountError(f"{role!r} is no role; give one of {', '.join(ROLES)}.")
        password = _one_time_password()
        with self._open() as db:
            self._known(db, name)
            db.execute(
                "UPDATE accounts SET hash = ?, one_time = 1, failures = 0, locked_until = '', closed = 0, "
                "role = iif(? = '', role, ?) WHERE name = ?",
                (_hash(password), role, role, name),
            )
            db.execute("DELETE FROM sessions WHERE name = ?", (name,))
        return password

    def lock(self, name: str) -> None:
        """Close an account and end its sessions."""
        with self._open() as db:
            self._known(db, name)
            db.execute("UPDATE accounts SET closed = 1 WHERE name = ?", (name,))
            db.execute("DELETE FROM sessions WHERE name = ?", (name,))

    def _known(self, db: sqlite3.Connection, name: str) -> None:
        if not db.execute("SELECT 1 FROM accounts WHERE name = ?", (name,)).fetchone():
            raise AccountError(f"There is no account {name}; `nightporter account list` shows all.")

    def sign_in(self, name: str, password: str) -> str:
        """Return the token of a new session. Raises AccountError; after five wrong passwords the account is locked."""
        now = datetime.now(UTC)
        with self._open() as db:
            row = db.execute("SELECT * FROM accounts WHERE name = ?", (name,)).fetchone()
        right = _verified(row["hash"] if row else _NOBODY, password)
        if row is None or row["closed"] or row["locked_until"] > now.isoformat():
            raise AccountError(REFUSED)
        with self._open() as db:
            if not right:
                # the store counts, so that guesses at the same time all count
                db.execute("UPDATE accounts SET failures = failures + 1 WHERE name = ?", (name,))
                db.execute(
                    "UPDATE accounts SET failures = 0, locked_until = ? WHERE name = ? AND failures >= ?",
                    ((now + LOCKED_FOR).isoformat(), name, TRIES),
                )
            else:
                token = secrets.token_urlsafe(32)
                db.execute("UPDATE accounts SET failures = 0, locked_until = '' WHERE name = ?", (name,))
                db.execute("DELETE FROM sessions WHERE began < ?", ((now - DAY).isoformat(),))
                db.execute(
                    "INSERT INTO sessions (id, name, began, seen) VALUES (?, ?, ?, ?)",
                    (session_id(token), name, now.isoformat(), now.isoformat()),
                )
                return token
        raise AccountError(REFUSED)

    def change_password(self, session: Session, old: str, new: str) -> None:
        """Give the account of `session` the password `new`; its other sessions end. Raises AccountError."""
        if not SHORTEST <= len(new) <= LONGEST:
            raise AccountError(f"A password has at least {SHORTEST} characters; a sentence is easier to remember.")
        if new == old or session.name in new.lower():
            raise AccountError("Choose a password that is new and does not contain your name.")
        with self._open() as db:
            row = db.execute("SELECT hash FROM accounts WHERE name = ?", (session.name,)).fetchone()
        if row is None or not _verified(row["hash"], old):
            raise AccountError("The present password is not right; try again.")
        with self._open() as db:
            db.execute("UPDATE accounts SET hash = ?, one_time = 0 WHERE name = ?", (_hash(new), session.name))
            db.execute("DELETE FROM sessions WHERE name = ? AND id != ?", (session.name, session.id))
        first = self.home / FIRST_PASSWORD
        if first.exists() and first.read_text().split()[:1] == [session.name]:
            first.unlink()

    def session(self, id: str) -> Session | None:
        """The session of this id while it lasts; counts as a sign of life."""
        now = datetime.now(UTC)
        with self._open() as db:
            row = db.execute(
                "SELECT sessions.id, seen, accounts.name, role, one_time FROM sessions JOIN accounts USING (name) "
                "WHERE sessions.id = ? AND closed = 0 AND began > ? AND seen > ?",
                (id, (now - DAY).isoformat(), (now - IDLE).isoformat()),
            ).fetchone()
            if row is None:
                return None
            if row["seen"] < (now - timedelta(minutes=1)).isoformat():
                db.execute("UPDATE sessions SET seen = ? WHERE id = ?", (now.isoformat(), id))
        return Session(row["id"], row["name"], row["role"], bool(row["one_time"]))

    def sign_out(self, id: str) -> None:
        """End a session."""
        with self._open() as db:
            db.execute("DELETE FROM sessions WHERE id = ?", (id,))

    def invitation(self) -> str:
        """How to sign in for the first time, "" when nobody needs to be told; makes the first admin where there is no
        account."""
        path = self.home / FIRST_PASSWORD
        if not self.all():
            password = self.add("admin", "admin")
            write_private(path, f"admin {password}\n")
            return f"Sign in as admin with the password {password} and choose your own. It is also in {path}."
        if path.exists():
            return f"Sign in as admin with the password in {path} and choose your own."
        return ""


def session_id(token: str) -> str:
    """What is kept of a token: whoever reads the file cannot make a cookie of it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _one_time_password() -> str:
    letters = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that look alike
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def _hash(password: str) -> str:
    with _two_at_a_time:
        return _hasher.hash(password)


def _verified(hash: str, password: str) -> bool:
    if len(password) > LONGEST:
        return False
    try:
        with _two_at_a_time:
            return _hasher.verify(hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _state(row: sqlite3.Row) -> str:
    if row["closed"]:
        return "closed"
    if row["locked_until"] > datetime.now(UTC).isoformat():
        return "locked"
    return "first password" if row["one_time"] else "active"
