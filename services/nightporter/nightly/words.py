"""What to say about a surprise: one clause per field and topic, in plain language.

A clause quotes counts of queries/usual.sql; `{days}` is how many days of logins there are to compare with. A clause is
empty where the counts do not bear it out, or where another one says the same.
"""

from collections.abc import Mapping
from typing import Any

Facts = Mapping[str, Any]

LONG = 4  # days from which an absence is worth a word: longer than a long weekend
RARE = 20  # logins of anybody up to which "hardly anybody" is true


def clause(field: str, facts: Facts) -> str:
    """What is unusual about `field`, with the counts that show it; '' where the counts do not bear it out."""
    template = CLAUSES[field]
    chosen = template(facts) if callable(template) else template
    return str(chosen).format_map(facts)


def listed(values: list[str], most: int = 3) -> str:
    """'a, b, c and 4 more'."""
    shown = ", ".join(values[:most])
    return shown if len(values) <= most else f"{shown} and {len(values) - most} more"


def times(number: int, thing: str) -> str:
    """'1 login', '3 logins'."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _habit(facts: Facts, count: str, never: str, does: str) -> str:
    """`never` for a count of 0; else what the user `does` again after days, or on less than a fifth of their days."""
    if not facts["logins"]:  # of a new account everything is new: that says it once
        return ""
    if not facts[count]:
        return never
    if facts[f"since_{count}"] >= LONG:
        # who was away altogether has been away from everything
        away = facts["since_" + count] <= facts["silent_days"]
        return "" if away else f"{does} for the first time in {{since_{count}}} days"
    return f"{does} on {{{count}}} of {{active}} before" if 5 * facts[count] < facts["active_days"] else ""


def _anyone(count: str, never: str, again: str, seldom: str) -> Any:
    def choose(facts: Facts) -> str:
        if not facts[count]:
            return never
        if facts[f"since_{count}"] >= LONG:
            return f"{again} {{since_{count}}} days"
        rare = facts[count] <= RARE and not facts["from_source"]
        return f"{seldom} ({times(facts[count], 'login')} in {{days}})" if rare else ""

    return choose


def _hosts(facts: Facts) -> str:
    if facts["new_hosts"] > 1:
        return "{new_hosts} servers where {user} was never seen in {days} ({new_host_names})"
    return _habit(
        facts, "on_host", "{user} was never on {host} in {days} (usual: {usual_hosts})", "{user} was on {host}"
    )


def _user(facts: Facts) -> str:
    if not facts["logins"]:
        return "the account had no successful login in {days}"
    return "the account had been silent for {silent_days} days" if facts["silent_days"] > 1 else ""


def _source(facts: Facts) -> str:
    never = "{user} never came from that address in {days} (usual: {usual_sources})"
    return _habit(facts, "from_source", never, "{user} came from that address")


def _network(facts: Facts) -> str:
    never = "{user} never came from that address or its network in {days} (usual: {usual_sources})"
    what = "address" if facts["since_from_source"] == facts["since_from_network"] else "network"
    return _habit(facts, "from_network", never, "{user} came from that " + what)


def _host_network(facts: Facts) -> str:
    if facts["refused"] or not facts["from_network"] or facts["since_from_network"] >= LONG:
        return ""  # then the address itself is news
    if facts["on_host"] and facts["since_on_host"] >= LONG:
        return ""
    return str(_FROM_NETWORK_TO_HOST(facts))


_FROM_NETWORK_TO_HOST = _anyone(
    "network_on_host",
    "nobody came to {host} from that network in {days}",
    "nobody had come to {host} from that network for",
    "few come to {host} from that network",
)


def _key(facts: Facts) -> str:
    return _habit(facts, "by_key", "{user} never used the key {key} in {days}", "{user} used the key {key}")


def _key_source(facts: Facts) -> str:
    return "" if facts["key_from_source"] else "the key {key} never came from that address in {days}"


def _service(facts: Facts) -> str:
    return _habit(
        facts, "by_service", "{user} never used {service} in {days} (usual: {usual_services})", "{user} used {service}"
    )


def _new_service(facts: Facts) -> bool:
    """Whether it says more that the program was not used at all."""
    return not facts["by_service"] or bool(facts["since_by_service"] >= LONG)


def _method(facts: Facts) -> str:
    if not facts["by_service"] and facts["source"] == "this machine":
        return ""
    return _habit(
        facts,
        "by_method",
        "{user} never came by {method} in {days} (usual: {usual_methods})",
        "{user} came by {method}",
    )


def _target(facts: Facts) -> str:
    if _new_service(facts):
        return ""
    return _habit(facts, "to_target", "{user} never became {target} by {service} in {days}", "{user} became {target}")


def _terminal(facts: Facts) -> str:
    if _new_service(facts):
        return ""
    how = "at" if facts["terminal"] == "terminal" else "without"
    return f"{{user}} used {{service}} {how} a terminal for the first time in {{days}}"


def _hour(facts: Facts) -> str:
    if facts["at_hour"]:
        seldom = "{user} was here at that hour on {at_hour} of {active} before"
        return seldom if 5 * facts["at_hour"] < facts["active_days"] else ""
    return "{user} never logged in at that hour in {days} (usual: {usual_hours})" if facts["logins"] else ""


def _outcome(facts: Facts) -> str:
    if facts["refused"]:
        if len(facts["users"]) > 1:  # the source acts, not one of the names it tried
            return ""
        if facts["invalid"]:
            return "{host} knows no such name"
        return "the name is in use here ({logins_said} in {days})" if facts["logins"] else ""
    if facts["succeeded"]:
        return "{user} got in where such logins are usually refused"
    failed = "{user} failed at {service}, which seldom happens"
    return failed + (" ({failed_user} that day)" if facts["failures_user"] > 1 else "")


def _way_in(facts: Facts) -> str:
    if not facts["server"]:
        return ""
    last = "had no session in {days}"
    if facts["times_there"]:
        last = "had last logged in {since_there} before"
    others = " ({others_there} had a session there)" if facts["others_there"] else ""
    return "{source} is {server}, one of your own servers, where {user} " + last + others


def _owner_of_source(facts: Facts) -> str:
    if facts["from_source"] or facts["server"]:
        return ""
    return "that address is where {owners} comes from, never {user}" if facts["owners"] else ""


def _owner_of_key(facts: Facts) -> str:
    return "the key {key} is one of {key_owners}, never used by {user}" if facts["key_owners"] else ""


def _peers(facts: Facts) -> str:
    if not facts["far"]:
        return ""
    week = " ({far_week} such servers within a week)" if facts["far_week"] > facts["far"] else ""
    if facts["far"] == 1:
        return "hardly anybody with the same servers as {user} uses {far_names}" + week
    return "{far} servers that hardly anybody with the same servers as {user} uses ({far_names})" + week


def _elsewhere(facts: Facts) -> str:
    return "{user} also came from {other_sources} that day{apart}" if facts["other_sources"] else ""


def _steps(facts: Facts) -> str:
    if facts["steps"] == "no accepted login":
        return "the log of {host} has the session of {user}, but not how and from where {user} got in"
    return (
        "the log of {host} has the login of {user}, but no session after it" if facts["steps"] == "no session" else ""
    )


def _known_names(facts: Facts) -> str:
    return "{known} of the names are in use here ({known_names})" if facts["known"] > 1 else ""


def _quiet_names(facts: Facts) -> str:
    if facts["known"] < 2:
        return "{known_names} is in use here, and never came from that address" if facts["known"] else ""
    return "{known} of the names are in use here ({known_names}), and none of them ever came from that address"


def _failures(facts: Facts) -> str:
    if facts["source"] == "this machine":
        return "{failed_user} as {user} that day" if facts["failures_user"] else ""
    return "{failed_source} from that address that day" if facts["failures_source"] else ""


def _failures_user(facts: Facts) -> str:
    return "{failed_user} as {user} that day" if facts["failures_user"] else ""


def _hosts_user(facts: Facts) -> str:
    if facts["refused"]:
        return "{hosts_source} servers were tried" if facts["hosts_source"] > 1 else ""
    if facts["hosts_user"] < 2 or facts["hosts_user"] <= 1.2 * facts["hosts_a_day"]:
        return ""
    usual = " (usually {hosts_a_day})" if facts["logins"] else ""
    if facts["hosts_user"] > facts["host_count"]:
        return "{user} was on {hosts_user} servers that day, from all addresses" + usual
    return "{user} was on {hosts_user} servers in one day" + usual


def _sources_user(facts: Facts) -> str:
    if facts["sources_user"] < 2 or facts["sources_user"] <= facts["sources_a_day"]:
        return ""
    new = "; {new_sources} new" if facts["new_sources"] else ""
    return "{user} came from {sources_user} addresses that day (usually {sources_a_day}" + new + ")"


def _hosts_source(facts: Facts) -> str:
    if facts["hosts_source"] < 2:
        return ""
    return (
        "{hosts_source} servers were tried" if facts["refused"] else "{hosts_source} servers from that address that day"
    )


def _users_source(facts: Facts) -> str:
    if facts["refused"]:
        return "{name_count} names were tried" if facts["name_count"] > 1 else ""
    return "{users_source} accounts came from that address that day" if facts["users_source"] > 1 else ""


CLAUSES: dict[str, Any] = {
    "peers": _peers,
    "way_in": _way_in,
    "elsewhere": _elsewhere,
    "known_names": _known_names,
    "quiet_names": _quiet_names,
    "source_owner": _owner_of_source,
    "key_owner": _owner_of_key,
    "steps": _steps,
    "since_steps": _steps,
    "terminal": _terminal,
    "since_terminal": _terminal,
    "since_command_any": "nobody ran {that_command} in {days}",
    "service": _service,
    "outcome": _outcome,
    "hour": _hour,
    "since_user": _user,
    "user_youth": "the account was first seen {age}",
    "since_service": _service,
    "since_network": _network,
    "since_network_any": _anyone("anyone_from_network", "nobody came from that address or its network in {days}", "nobody had come from that network for", "hardly anybody comes from that network"),
    "network": _network,
    "since_source": _source,
    "since_source_any": _anyone("anyone_from_source", "nobody came from that address in {days}", "nobody had come from that address for", "hardly anybody comes from that address"),
    "since_method": _method,
    "method": _method,
    "since_key": _key,
    "key": _key,
    "since_key_source": _key_source,
    "since_host": _hosts,
    "host": _hosts,
    "since_host_network": _host_network,
    "since_target": _target,
    "target": _target,
    "since_command": "{user} did not run {that_command} in {days}",
    "command": "{user} did not run {that_command} in {days}, nor do others like it",
    "failures": _failures,
    "new_hosts_user_7d": "{user} has been reaching new servers for days ({hosts} in {days})",
    "hosts_user_1h": _hosts_user,
    "hosts_user_1d": _hosts_user,
    "sources_user_1d": _sources_user,
    "failures_user_10m": _failures_user,
    "failures_user_1d": _failures_user,
    "hosts_source_1h": _hosts_source,
    "users_source_1d": _users_source,
    "failures_source_10m": _failures,
    "failures_source_1d": _failures,
    "rarity_host": _hosts,
    "rarity_hour": _hour,
}  # fmt: skip
