"""Who the visitor is and what they may do. The only place that knows where names and roles come from.

The gate (gate.py) lets nobody pass whom it does not know, and writes the name, the roles and the session into headers
of its own, which Streamlit hands to the script as `st.user`.
"""

from dataclasses import dataclass
from urllib.parse import unquote

import streamlit as st

from nightporter.console.accounts import ROLES, Accounts
from nightporter.settings import Settings

HEADERS = {"X-Nightporter-User": "name", "X-Nightporter-Roles": "roles", "X-Nightporter-Session": "session",
           "X-Nightporter-Address": "address"}  # fmt: skip
"""Headers of the gate → what `st.user` calls them. No other header of a request is trusted."""

RIGHTS: dict[str, frozenset[str]] = {
    "viewer": frozenset({"look"}),
    "analyst": frozenset({"look", "decide", "export"}),
    "admin": frozenset({"look", "decide", "export", "approve", "configure", "audit"}),
    "auditor": frozenset({"look", "approve", "audit"}),
}
"""look: read every page but the audit; decide: verdicts, suppressions, asking for a reveal; export: take rows away;
approve: another person's reveal; configure: settings and models; audit: what everybody did."""


@dataclass(frozen=True)
class Person:
    """A visitor who may come in."""

    name: str
    roles: frozenset[str]
    session: str = ""  # "" behind a proxy
    address: str = ""

    def may(self, right: str) -> bool:
        """Whether one of their roles gives the right."""
        return any(right in RIGHTS[role] for role in self.roles)

    @property
    def role(self) -> str:
        """Their roles in words."""
        return ", ".join(role for role in ROLES if role in self.roles)


def known_roles(names: str) -> frozenset[str]:
    """The roles among comma-separated names of groups: `nightporter-analyst`, or just `analyst`."""
    given = {name.strip().lower().removeprefix("nightporter-") for name in names.split(",")}
    return frozenset(given & set(ROLES))


def visitor(settings: Settings) -> Person | None:
    """Who this is, asked anew at every run: a session that has ended, or an account that was closed, is nobody."""
    told = st.user.to_dict()
    name, session = unquote(str(told.get("name") or "")), str(told.get("session") or "")
    roles, address = known_roles(str(told.get("roles") or "")), str(told.get("address") or "")
    if not settings.console_proxies:
        found = Accounts(settings.home).session(session) if session else None
        if found is None or found.one_time:
            return None
        name, roles = found.name, frozenset({found.role})
    return Person(name, roles, session, address) if name and roles else None
