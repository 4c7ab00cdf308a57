"""People as stable pseudonyms: applied where log text becomes visible (plain.py), so that no page can forget it.

A pseudonym is an HMAC of the name under a key of this machine: the same person always has the same one, links and
search work with it, and without the key nobody can tell who it is. root is no person. The log lines and sentences are
masked word by word; what is inside a command or a path counts as a word too.
"""

import base64
import hashlib
import hmac
import re
import secrets
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st
from clickhouse_connect.driver.client import Client
from streamlit.runtime.scriptrunner import get_script_run_ctx

from nightporter.settings import Settings
from nightporter.store import reveals
from nightporter.store.private import write_private
from nightporter.store.query import sql

PREFIX = "person-"
WORN = "worn mask"
WORD = re.compile(r"[\w@+](?:[\w.@+-]*[\w@+])?")
NOBODY = frozenset({"", "root"})
FRESH = 60.0  # seconds for which the list of people is kept

_people: dict[str, tuple[float, frozenset[str]]] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Mask:
    """What hides names from one visitor: all of `people` but those revealed to them."""

    key: bytes
    people: frozenset[str]
    revealed: frozenset[str] = field(default_factory=frozenset)

    def hides(self, name: str) -> bool:
        """Whether the visitor sees a pseudonym instead."""
        return name in self.people and name not in self.revealed

    def of(self, name: str) -> str:
        """What the visitor sees for a name."""
        return pseudonym(self.key, name) if self.hides(name) else name

    def text(self, text: str) -> str:
        """A text with every hidden name in it replaced."""
        return self.of(text) if self.hides(text) else WORD.sub(lambda found: self.of(found[0]), text)

    def name(self, shown: str) -> str:
        """The name behind what a visitor typed or followed: itself, or the person of a pseudonym."""
        if not shown.startswith(PREFIX):
            return shown
        return next((name for name in self.people if pseudonym(self.key, name) == shown), shown)


def pseudonym(key: bytes, name: str) -> str:
    """`person-` and eight letters or digits (40 bits): among 3 000 people, two share one in 1 of 240 000 farms."""
    digest = hmac.new(key, name.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return PREFIX + base64.b32encode(digest[:5]).decode().lower()


def mask(client: Client, settings: Settings, who: str) -> Mask | None:
    """The mask for a visitor, None where the setting `pseudonyms` is off."""
    if not settings.pseudonyms:
        return None
    return Mask(key_of(settings.home), _known(client, str(settings.home)), reveals.in_force(client, who))


def _known(client: Client, place: str) -> frozenset[str]:
    kept = _people.get(place)
    if kept is None or time.monotonic() - kept[0] > FRESH:
        rows = client.query(sql("queries/console_people.sql")).result_rows
        kept = (time.monotonic(), frozenset(str(name) for (name,) in rows) - NOBODY)
        _people[place] = kept
    return kept[1]


def forget_people() -> None:
    """Ask the store anew who is known."""
    _people.clear()


def key_of(home: Path) -> bytes:
    """The key of this machine's pseudonyms; made where there is none."""
    path = home / "pseudonyms.key"
    with _lock:
        if not path.exists():
            write_private(path, secrets.token_hex(32))
        return bytes.fromhex(path.read_text())


def wear(worn: Mask | None) -> None:
    """Put the mask on for this run of the page."""
    st.session_state[WORN] = worn


def worn() -> Mask | None:
    """The mask that hides names from whoever looks at this page; None for nobody, and outside a page."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return None
    found = st.session_state.get(WORN)
    return found if isinstance(found, Mask) else None


def real(shown: str) -> str:
    """The name behind what the visitor typed or followed."""
    on = worn()
    return on.name(shown.strip()) if on else shown.strip()


def hides(name: str) -> bool:
    """Whether the visitor sees a pseudonym for this name."""
    on = worn()
    return on is not None and on.hides(name)


def shown(name: str) -> str:
    """What the visitor sees for a name, in addresses and records."""
    on = worn()
    return on.of(name) if on else name
