"""The way of a script, which (d) measures: one regular expression after the other, and a dictionary of what is open."""

import re
from pathlib import Path

HEADER = re.compile(
    r"^(?:(?P<month>[A-Z][a-z]{2}) +(?P<day>\d+) (?P<clock>[\d:]+)|(?P<iso>\S+)) (?P<host>\S+) "
    r"(?P<program>[^\[:\s]+)(?:\[(?P<pid>\d+)\])?: (?P<text>.*)$"
)
PATTERNS = [
    (kind, re.compile(pattern))
    for kind, pattern in [
        ("connection", r"^Connection from (?P<ip>\S+) port (?P<port>\d+)"),
        ("accepted", r"^Accepted (?P<method>\S+) for (?P<user>.*) from (?P<ip>\S+) port (?P<port>\d+)"),
        ("failed", r"^Failed (?P<method>\S+) for (?:invalid user )?(?P<user>.*) from (?P<ip>\S+) port (?P<port>\d+)"),
        ("invalid", r"^Invalid user (?P<user>.*) from (?P<ip>\S+) port (?P<port>\d+)"),
        ("opened", r"^pam_unix\(\w+:session\): session opened for user (?P<user>[^( ]+)"),
        ("closed", r"^pam_unix\(\w+:session\): session closed for user (?P<user>\S+)"),
        ("command", r"^\s*(?P<user>\S+) : .*USER=(?P<target>\S+) ; COMMAND=(?P<command>.*)"),
        ("cron", r"^\((?P<user>\S+)\) CMD \((?P<command>.*)\)"),
        ("left", r"^(?:Disconnected from|Connection closed by) (?:.*user )?(?P<user>\S* ?)(?P<ip>\S+) port \d+"),
        ("received", r"^Received disconnect from (?P<ip>\S+) port (?P<port>\d+)"),
    ]
]  # fmt: skip


def merge(log: Path) -> int:
    """Read one log file; return how many logins were found in it."""
    open_logins: dict[tuple[str, str], dict[str, str]] = {}
    finished: list[dict[str, str]] = []
    with log.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            head = HEADER.match(line)
            if not head:
                continue
            key = (head["host"], head["pid"] or head["program"])
            for kind, pattern in PATTERNS:
                found = pattern.match(head["text"])
                if not found:
                    continue
                if kind in ("connection", "command", "cron") and key in open_logins:
                    finished.append(open_logins.pop(key))
                login = open_logins.setdefault(key, {"start": head["iso"] or head["clock"], "host": head["host"]})
                login.update({name: value for name, value in found.groupdict().items() if value})
                login["outcome"] = "success" if kind == "accepted" else login.get("outcome", kind)
                if kind in ("closed", "left"):
                    finished.append(open_logins.pop(key))
                break
    return len(finished) + len(open_logins)
