"""MITRE ATT&CK techniques that a flag's reasons fit; by rule, and never more than the reasons say."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

NEW_SOURCE = {
    "elsewhere",
    "way_in",
    "source_owner",
    "since_source",
    "since_network",
    "since_source_any",
    "since_network_any",
    "since_key_source",
    "network",
}
MANY_HOSTS = {
    "peers",
    "since_host",
    "new_hosts_user_7d",
    "hosts_user_1h",
    "hosts_user_1d",
    "hosts_source_1h",
}
PRIVILEGE = {"since_command", "command", "since_command_any", "since_target", "target", "since_terminal", "terminal"}
SILENCING = re.compile(r"rsyslog|syslog-ng|auditd|journald|--vacuum|wtmp|/var/log|HISTFILE")
MAKING_ACCOUNTS = re.compile(r"\b(useradd|adduser|usermod|groupadd)\b")


def techniques(fields: Sequence[str], facts: Mapping[str, Any]) -> list[str]:
    """Technique ids, e.g. T1110.003, for reasons in the order of their weight."""
    found: list[str] = []
    named = set(fields)
    if facts["refused"]:
        users = len(facts["users"])
        found.append("T1110.003" if users >= 5 else "T1110.001" if facts["count"] > 1 else "T1110.004")
    elif facts["source"] != "this machine":
        found.append("T1078")
        if named & NEW_SOURCE or "since_key" in named:
            found.append("T1021.004")
        if "way_in" in named:
            found.append("T1563.001")
        if facts["method"] == "publickey" and named & NEW_SOURCE:
            found.append("T1552.004")
        if facts["failures_source"] >= 5 and named & {"failures_source_10m", "failures_user_10m", "failures_source_1d"}:
            found.append("T1110.001")
    if facts["service"] in ("sudo", "doas", "su") and (named & PRIVILEGE or "since_service" in named):
        found.append("T1548.003")
    if named & {"steps", "since_steps"} or any(SILENCING.search(command) for command in facts["commands"]):
        found.append("T1070.002")
    if any(MAKING_ACCOUNTS.search(command) for command in facts["commands"]):
        found.append("T1136.001")
    if named & {"since_key", "key"} and not facts["refused"]:
        found.append("T1098.004")
    if named & MANY_HOSTS and not facts["refused"]:
        found.append("T1021.004")
    if "user_youth" in named and not facts["refused"]:
        found.append("T1136.001")
    return list(dict.fromkeys(found))
