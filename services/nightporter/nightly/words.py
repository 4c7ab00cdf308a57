"""What to say about a surprise: one clause per field, one harmless reading and one technique per topic, in plain language.

A clause quotes counts of queries/usual.sql; `{days}` is how many days of logins there are to compare with.
"""

from collections.abc import Mapping
from typing import Any

Facts = Mapping[str, Any]


def clause(field: str, facts: Facts) -> str:
    """What is unusual about `field`, with the counts that show it; facts: see explain.Explainer.facts."""
    template = CLAUSES[field]
    chosen = template(facts) if callable(template) else template
    return chosen.format_map(facts)


def listed(values: list[str], most: int = 3) -> str:
    """'a, b, c and 4 more'."""
    shown = ", ".join(values[:most])
    return shown if len(values) <= most else f"{shown} and {len(values) - most} more"


def times(number: int, thing: str) -> str:
    """'1 login', '3 logins'."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _hosts(facts: Facts) -> str:
    if facts["new_hosts"] > 1:
        return "{new_hosts} servers where {user} was never seen in {days}, such as {new_host_names}"
    if facts["on_host"]:
        return "{user} is seldom on {host} ({on_host} of {logins} logins)"
    return "{user} was never on {host} in {days} (0 of {logins} logins; usual: {usual_hosts})"


def _user(facts: Facts) -> str:
    return "the account had been silent for {silent_days} days" if facts["logins"] else "the account had no login in {days}"


def _source(facts: Facts) -> str:
    if facts["from_source"]:
        return "{user} seldom comes from {source} ({from_source} of {logins} logins)"
    return "{user} never came from {source} in {days} (0 of {logins} logins; usual: {usual_sources})"


def _network(facts: Facts) -> str:
    if facts["from_network"]:
        return "{user} seldom comes from the network {network} ({from_network} of {logins} logins)"
    return "{user} never came from the network {network} in {days} (0 of {logins} logins)"


def _key(facts: Facts) -> str:
    return "{user} never used the key {key} in {days}" if not facts["by_key"] else "{user} seldom uses the key {key} ({by_key} of {logins} logins)"


def _service(facts: Facts) -> str:
    return "{user} never used {service} in {days} (usual: {usual_services})" if not facts["by_service"] else "{user} seldom uses {service} ({by_service} of {logins} logins)"


def _method(facts: Facts) -> str:
    return "{user} never came by {method} in {days} (usual: {usual_methods})" if not facts["by_method"] else "{user} seldom comes by {method} ({by_method} of {logins} logins)"


def _target(facts: Facts) -> str:
    return "{user} never became {target} in {days}" if not facts["to_target"] else "{user} seldom becomes {target} ({to_target} times in {days})"


def _outcome(facts: Facts) -> str:
    if facts["invalid"]:
        return "{source} tried a name that {host} does not know"
    if facts["refused"]:
        return "{user}, with {logins} successful logins in {days}, was refused"
    return "{user} got in where such logins are usually refused" if facts["succeeded"] else "{user} failed at {service}, which seldom happens"


CLAUSES: dict[str, Any] = {
    "service": _service,
    "outcome": _outcome,
    "hour": "at {clock} UTC, when {user} has {at_hour} of {logins} logins (usual: {usual_hours})",
    "since_user": _user,
    "user_youth": "the account was first seen {age}",
    "since_service": _service,
    "since_network": _network,
    "since_network_any": lambda f: "nobody came from the network {network} in {days}" if not f["anyone_from_network"] else "hardly anybody comes from the network {network} ({anyone_from_network} logins in {days})",
    "network": _network,
    "since_source": _source,
    "since_source_any": lambda f: "nobody came from {source} in {days}" if not f["anyone_from_source"] else "hardly anybody comes from {source} ({anyone_from_source} logins in {days})",
    "since_method": _method,
    "method": _method,
    "since_key": _key,
    "key": _key,
    "since_key_source": "the key {key} never came from {source} in {days}",
    "since_host": _hosts,
    "host": _hosts,
    "since_host_network": lambda f: "nobody came to {host} from the network {network} in {days}" if not f["network_on_host"] else "few come to {host} from the network {network} ({network_on_host} logins in {days})",
    "since_target": _target,
    "target": _target,
    "since_command": "{user} did not run '{command}' in {days}",
    "command": "{user} did not run '{command}' in {days}, nor do others like it",
    "failures": "{failures_source} failed attempts from {source} that night",
    "new_hosts_user_1d": "{new_hosts} new servers for {user} in one night ({hosts} visited in {days})",
    "new_hosts_user_7d": "{user} has been reaching new servers all week; {new_hosts} more that night",
    "hosts_user_1h": "{hosts_user} servers in one night, many of them within an hour",
    "hosts_user_1d": "{hosts_user} servers in one night ({hosts} in {days})",
    "sources_user_1d": "{user} came from {sources_user} addresses that night",
    "failures_user_10m": "{failures_user} failed attempts as {user} that night, many within minutes",
    "failures_user_1d": "{failures_user} failed attempts as {user} that night",
    "hosts_source_1h": "{source} reached {hosts_source} servers that night, many within an hour",
    "users_source_1h": "{source} used {users_source} accounts that night, several within an hour",
    "users_source_1d": "{source} used {users_source} accounts that night",
    "failures_source_10m": "{failures_source} failed attempts from {source} that night, many within minutes",
    "failures_source_1d": "{failures_source} failed attempts from {source} that night",
    "failures_host_10m": "{failures_host} failed attempts on {host} that night, many within minutes",
    "rarity_host": _hosts,
    "rarity_source": _source,
    "rarity_hour": "at {clock} UTC, when {user} has {at_hour} of {logins} logins (usual: {usual_hours})",
}  # fmt: skip

VALUES: dict[str, tuple[str, str]] = {
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
    (frozenset({"failures_source_10m", "failures_source_1d", "users_source_1h", "users_source_1d", "failures"}),
     "A scanner of your own, or a program with an expired password: ask who runs {source}, and look whether one of the attempts succeeded."),
    (frozenset({"failures_user_10m", "failures_user_1d"}),
     "A stored password that expired: look for a job of {user} that retries, and whether a success followed the failures."),
    (frozenset({"new_hosts_user_1d", "new_hosts_user_7d", "hosts_user_1h", "hosts_user_1d", "hosts_source_1h"}),
     "A patch night, a migration or an inventory run: look for a change ticket of {user} for that time."),
    (frozenset({"since_command", "command", "since_target", "target", "since_service", "service"}),
     "A new duty: ask {user} or the owner of {host} whether this task was given, and look for the ticket."),
    (frozenset({"since_user", "user_youth"}),
     "Back from leave, or a new colleague: ask the person behind {user} whether they logged in at {clock} UTC."),
    (frozenset({"since_key", "key", "since_method", "method"}),
     "A new key or laptop: compare the key with those {user} is known to own, and ask whether it was changed."),
    (frozenset({"since_source", "since_network", "since_source_any", "since_network_any", "since_key_source", "network", "rarity_source"}),
     "A new workstation, a changed address or work from elsewhere: ask {user} whether {source} was theirs at {clock} UTC."),
    (frozenset({"since_host", "host", "since_host_network", "rarity_host"}),
     "A move to another team or a new project: ask the owner of {host} whether {user} was expected there."),
    (frozenset({"hour", "rarity_hour"}), "Work at an odd hour, or on call: ask {user}, and look for an incident at that time."),
)  # fmt: skip
TWIN_OF_ANYTHING = "An ordinary change nobody announced: ask {user} or the owner of {host}."
