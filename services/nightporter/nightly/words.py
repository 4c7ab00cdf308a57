"""What to say about a surprise: one clause per field, one harmless reading and one technique per topic, in plain language.

A clause quotes counts of queries/usual.sql; `{days}` is how many days of logins there are to compare with.
"""

from collections.abc import Mapping
from typing import Any

from nightporter.features.fields import BY_NAME

Facts = Mapping[str, Any]


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


def _seldom(facts: Facts, count: str, never: str, seldom: str) -> str:
    """`never` for a count of 0, `seldom` for less than a fifth of the user's logins, else nothing."""
    if not facts[count]:
        return never
    return f"{seldom} ({{{count}}} of {{logins}} logins)" if 5 * facts[count] < facts["logins"] else ""


def _hosts(facts: Facts) -> str:
    if facts["new_hosts"] > 1:
        return "{new_hosts} servers where {user} was never seen in {days}, such as {new_host_names}"
    return _seldom(
        facts,
        "on_host",
        "{user} was never on {host} in {days} (0 of {logins} logins; usual: {usual_hosts})",
        "{user} is seldom on {host}",
    )


def _user(facts: Facts) -> str:
    if not facts["logins"]:
        return "the account had no successful login in {days}"
    return "the account had been silent for {silent_days} days" if facts["silent_days"] > 1 else ""


def _source(facts: Facts) -> str:
    never = "{user} never came from {source} in {days} (0 of {logins} logins; usual: {usual_sources})"
    return _seldom(facts, "from_source", never, "{user} seldom comes from {source}")


def _network(facts: Facts) -> str:
    never = "{user} never came from the network {network} in {days} (0 of {logins} logins; usual: {usual_sources})"
    return _seldom(facts, "from_network", never, "{user} seldom comes from the network {network}")


def _anyone(count: str, who_never: str, who_seldom: str) -> Any:
    def choose(facts: Facts) -> str:
        if not facts[count]:
            return who_never
        return f"{who_seldom} ({{{count}}} logins in {{days}})" if facts[count] <= 20 else ""

    return choose


def _key(facts: Facts) -> str:
    return _seldom(facts, "by_key", "{user} never used the key {key} in {days}", "{user} seldom uses the key {key}")


def _key_source(facts: Facts) -> str:
    return "" if facts["key_from_source"] else "the key {key} never came from {source} in {days}"


def _service(facts: Facts) -> str:
    return _seldom(
        facts,
        "by_service",
        "{user} never used {service} in {days} (usual: {usual_services})",
        "{user} seldom uses {service}",
    )


def _method(facts: Facts) -> str:
    return _seldom(
        facts,
        "by_method",
        "{user} never came by {method} in {days} (usual: {usual_methods})",
        "{user} seldom comes by {method}",
    )


def _target(facts: Facts) -> str:
    return _seldom(
        facts, "to_target", "{user} never became {target} by {service} in {days}", "{user} seldom becomes {target}"
    )


def _hour(facts: Facts) -> str:
    return _seldom(
        facts,
        "at_hour",
        "at {clock} UTC, when {user} has 0 of {logins} logins (usual: {usual_hours})",
        "at {clock} UTC, an hour that {user} seldom uses",
    )


def _new_hosts(facts: Facts) -> str:
    return (
        "{new_hosts} new servers for {user} in one night ({hosts} visited in {days})" if facts["new_hosts"] > 1 else ""
    )


def _outcome(facts: Facts) -> str:
    if facts["invalid"]:
        return "{source} tried a name that {host} does not know"
    if facts["refused"]:
        return "{user}, with {logins} successful logins in {days}, was refused"
    return (
        "{user} got in where such logins are usually refused"
        if facts["succeeded"]
        else "{user} failed at {service}, which seldom happens"
    )


def _owner_of_source(facts: Facts) -> str:
    if facts["from_source"]:
        return ""
    return "{source} is where {owners} comes from, never {user}" if facts["owners"] else ""


def _owner_of_key(facts: Facts) -> str:
    return "the key {key} is one of {key_owners}, never used by {user}" if facts["key_owners"] else ""


def _peers(facts: Facts) -> str:
    if not facts["far"]:
        return ""
    week = " ({far_week} such servers within a week)" if facts["far_week"] > facts["far"] else ""
    if facts["far"] == 1:
        return "{user} was on {far_names}, which hardly anybody with the same servers as {user} uses" + week
    return "{user} was on {far} servers that hardly anybody with the same servers as {user} uses ({far_names})" + week


def _elsewhere(facts: Facts) -> str:
    return "{user} also came from {other_sources} that night" if facts["other_sources"] else ""


def _steps(facts: Facts) -> str:
    if facts["steps"] == "no accepted login":
        return "the log of {host} has the session of {user}, but not how and from where {user} got in"
    return (
        "the log of {host} has the login of {user}, but no session after it" if facts["steps"] == "no session" else ""
    )


def _known_names(facts: Facts) -> str:
    return "{known} of the names are in use here ({known_names})" if facts["known"] > 1 else ""


def _quiet_names(facts: Facts) -> str:
    if not facts["known"]:
        return ""
    if facts["known"] == 1:
        return "{known_names}, whose account is in use here, never came from {source}"
    return "{known} accounts that are in use here were tried ({known_names}), which never came from {source}"


def _failures(facts: Facts) -> str:
    if facts["source"] == "this machine":
        return "{failures_user} failed attempts as {user} that night" if facts["failures_user"] else ""
    return "{failures_source} failed attempts from {source} that night" if facts["failures_source"] else ""


def _terminal(facts: Facts) -> str:
    return (
        "{user} used {service} at a terminal, for the first time in {days}"
        if facts["terminal"] == "terminal"
        else "{user} used {service} without a terminal, for the first time in {days}"
    )


CLAUSES: dict[str, Any] = {
    "peers": _peers,
    "elsewhere": _elsewhere,
    "known_names": _known_names,
    "quiet_names": _quiet_names,
    "source_owner": _owner_of_source,
    "key_owner": _owner_of_key,
    "steps": _steps,
    "since_steps": _steps,
    "terminal": _terminal,
    "since_terminal": _terminal,
    "since_command_any": "nobody ran '{command}' in {days}",
    "service": _service,
    "outcome": _outcome,
    "hour": _hour,
    "since_user": _user,
    "user_youth": "the account was first seen {age}",
    "since_service": _service,
    "since_network": _network,
    "since_network_any": _anyone("anyone_from_network", "nobody came from the network {network} in {days}", "hardly anybody comes from the network {network}"),
    "network": _network,
    "since_source": _source,
    "since_source_any": _anyone("anyone_from_source", "nobody came from {source} in {days}", "hardly anybody comes from {source}"),
    "since_method": _method,
    "method": _method,
    "since_key": _key,
    "key": _key,
    "since_key_source": _key_source,
    "since_host": _hosts,
    "host": _hosts,
    "since_host_network": _anyone("network_on_host", "nobody came to {host} from the network {network} in {days}", "few come to {host} from the network {network}"),
    "since_target": _target,
    "target": _target,
    "since_command": "{user} did not run '{command}' in {days}",
    "command": "{user} did not run '{command}' in {days}, nor do others like it",
    "failures": _failures,
    "new_hosts_user_7d": "{user} has been reaching new servers for days ({hosts} in {days})",
    "hosts_user_1h": "{hosts_user} servers in one night, many of them within an hour",
    "hosts_user_1d": "{hosts_user} servers in one night ({hosts} in {days})",
    "sources_user_1d": "{user} came from {sources_user} addresses that night",
    "failures_user_10m": "{failures_user} failed attempts as {user} that night, many within minutes",
    "failures_user_1d": "{failures_user} failed attempts as {user} that night",
    "hosts_source_1h": "{source} reached {hosts_source} servers that night, many within an hour",
    "users_source_1d": "{source} used {users_source} accounts that night",
    "failures_source_10m": "{failures_source} failed attempts from {source} that night, many within minutes",
    "failures_source_1d": "{failures_source} failed attempts from {source} that night",
    "rarity_host": _hosts,
    "rarity_hour": _hour,
}  # fmt: skip


def value_of(name: str) -> str:
    """The key of VALUES for a reason: what a field is about; 'burst' for counts within a time."""
    if name not in BY_NAME:
        return name
    return "burst" if BY_NAME[name].group == "burst" else BY_NAME[name].about[-1]


VALUES: dict[str, tuple[str, str]] = {
    "peers": ("{far_names}", "{usual_hosts}"),
    "elsewhere": ("{source}", "{other_sources}"),
    "known_names": ("{known_names}", ""),
    "quiet_names": ("{known_names}", ""),
    "steps": ("{steps}", "whole"),
    "terminal": ("{terminal}", ""),
    # topic (what a surprise is about) → what was seen, what is usual
    "user": ("{user}", "{logins} logins in {days}"),
    "service": ("{service}", "{usual_services}"),
    "outcome": ("{outcome}", "{logins} successful logins in {days}"),
    "hour": ("{clock} UTC", "{usual_hours}"),
    "network": ("{network}", "{usual_sources}"),
    "source": ("{source}", "{usual_sources}"),
    "method": ("{method}", "{usual_methods}"),
    "key": ("{key}", "{by_key} of {logins} logins with it"),
    "host": ("{host}", "{usual_hosts}"),
    "target": ("{target}", "{usual_targets}"),
    "command": ("{command}", "not in {days}"),
}

TWINS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"failures_source_10m", "failures_source_1d", "users_source_1d", "failures"}),
     "A scanner of your own, or a program with an expired password: ask who runs {source}, and look whether one of the attempts succeeded."),
    (frozenset({"failures_user_10m", "failures_user_1d"}),
     "A stored password that expired: look for a job of {user} that retries, and whether a success followed the failures."),
    (frozenset({"new_hosts_user_7d", "hosts_user_1h", "hosts_user_1d", "hosts_source_1h"}),
     "A patch night, a migration or an inventory run: look for a change ticket of {user} for that time."),
    (frozenset({"elsewhere"}),
     "Work from two places, or a changed address: ask {user} whether both {source} and {other_sources} were theirs that night."),
    (frozenset({"steps", "since_steps"}),
     "Lost lines: look whether {host} was restarted or its log rotated at {clock} UTC, and compare with another log of the host."),
    (frozenset({"source_owner", "key_owner"}),
     "A shared workstation, or a colleague who helped: ask the owner of {source} who sat there at {clock} UTC."),
    (frozenset({"known_names", "quiet_names"}),
     "A person away from their desk, or an old client with a stored password: ask the people named whether {source} was theirs."),
    (frozenset({"terminal", "since_terminal", "since_command_any", "since_command", "command", "since_target", "target", "since_service", "service"}),
     "A new duty: ask {user} or the owner of {host} whether this task was given, and look for the ticket."),
    (frozenset({"since_user", "user_youth"}),
     "Back from leave, or a new colleague: ask the person behind {user} whether they logged in at {clock} UTC."),
    (frozenset({"since_key", "key", "since_method", "method"}),
     "A new key or laptop: compare the key with those {user} is known to own, and ask whether it was changed."),
    (frozenset({"since_source", "since_network", "since_source_any", "since_network_any", "since_key_source", "network"}),
     "A new workstation, a changed address or work from elsewhere: ask {user} whether {source} was theirs at {clock} UTC."),
    (frozenset({"peers", "since_host", "host", "since_host_network", "rarity_host"}),
     "A move to another team or a new project: ask the owner of {host} whether {user} was expected there."),
    (frozenset({"hour", "rarity_hour"}), "Work at an odd hour, or on call: ask {user}, and look for an incident at that time."),
)  # fmt: skip
TWIN_OF_ANYTHING = "An ordinary change nobody announced: ask {user} or the owner of {host}."
