"""The usual logins that are most like a strange one: what it would have looked like, had it been usual."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from nightporter.features.stream import Logins

MOST = 3
COMPARED = {
    "service": "program", "host": "server", "source": "address", "method": "method", "key": "key",
    "target": "target account", "command": "command", "terminal": "terminal",
}  # fmt: skip
"""What makes two logins of one user alike, and its name for people."""


def nearest(logins: Logins, row: int) -> list[dict[str, Any]]:
    """At most MOST successful logins of the same user on days before the login `row`, the most alike and newest first.

    Each: start, host, service, source_ip, method, and `differs`: in what it is another one.
    Of logins that agree in all of them the newest stands for all.
    """
    user, outcome = logins.categories["user"], logins.categories["outcome"]
    mine = np.flatnonzero((user == user[row]) & (logins.day < logins.day[row]))[::-1]
    mine = mine[outcome[mine] == _code(logins, "outcome", "success")]
    if not len(mine):
        return []
    codes = np.stack([_column(logins, name)[mine] for name in COMPARED], 1)
    here = np.array([_column(logins, name)[row] for name in COMPARED])
    _, first = np.unique(codes, axis=0, return_index=True)
    first.sort()  # newest first
    alike = (codes[first] == here).sum(1)
    best = first[np.argsort(-alike, kind="stable")[:MOST]]
    return [_told(logins, int(mine[n]), (codes[n] != here).tolist()) for n in best.tolist()]


def _column(logins: Logins, name: str) -> Any:
    return logins.source if name == "source" else logins.categories[name]


def _code(logins: Logins, field: str, value: str) -> int:
    return logins.values[field].index(value) if value in logins.values[field] else -1


def _told(logins: Logins, row: int, differs: list[bool]) -> dict[str, Any]:
    start = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(logins.start_us[row]))
    return {
        "start": start.isoformat(timespec="microseconds"), "host": logins.value("host", row),
        "service": logins.value("service", row), "source_ip": logins.value("source", row),
        "method": logins.value("method", row),
        "differs": [name for name, other in zip(COMPARED.values(), differs, strict=True) if other],
    }  # fmt: skip
