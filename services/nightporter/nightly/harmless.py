"""The likeliest harmless reading of a flag, and how to rule it out: one per topic of its strongest reasons."""

from collections.abc import Callable, Sequence

from nightporter.nightly.words import Facts

QUICK, MANY = 600, 5  # seconds within which so many names are no person at a keyboard


def harmless(reasons: Sequence[str], facts: Facts) -> str:
    """For the fields or topics of a flag's reasons, strongest first, and the facts of its strangest login."""
    if facts["refused"]:
        return _of_refused(facts).format_map(facts)
    if "way_in" in reasons:
        return _of_way_in(facts).format_map(facts)
    for reason in reasons[:2]:
        for about, text in TWINS:
            if reason in about:
                return (text(facts) if callable(text) else text).format_map(facts)
    return TWIN_OF_ANYTHING.format_map(facts)


def _of_refused(facts: Facts) -> str:
    if facts["name_count"] >= MANY and facts["seconds"] <= QUICK:
        return "A scanner of your own, testing passwords: ask who runs {source}, and whether a test was ordered for that time."
    if facts["name_count"] > 1:
        return "A gateway that many share, or a scanner of your own: ask who runs {source}."
    if facts["known"]:
        return (
            "A mistyped name or password, or an old client with a stored one: ask {user} whether {source} was theirs."
        )
    return "A mistyped name, or a program set up wrongly: ask who runs {source}."


def _of_method(facts: Facts) -> str:
    if facts["method"] == "publickey":
        return "A new key or laptop: compare the key with those {user} is known to own, and ask whether it was changed."
    return (
        "A machine without the key: ask {user} whether they came by {method} from {source}, and why not with the key."
    )


def _of_failures(facts: Facts) -> str:
    if facts["source"] == "this machine":
        return "A mistyped password, or a stored one that expired: ask {user} whether they tried at {clock} UTC."
    return "A stored password that expired: look for a job of {user} that retries."


def _of_many_servers(facts: Facts) -> str:
    likely = "a rollout or a new task" if facts["by_day"] else "a patch night or an inventory run"
    return f"A migration, {likely}: look for a change ticket of {{user}} for that time."


def _of_way_in(facts: Facts) -> str:
    server = "{server}" if facts["server"] else "that server"
    return (
        f"A program on {server} (Ansible, a deployment), a session older than a day, a connection that several share, "
        f"or machines behind its address: ask who runs {server} what connected to {{host}} at {{clock}} UTC."
    )


TWINS: tuple[tuple[set[str], str | Callable[[Facts], str]], ...] = (
    ({"outcome", "failures", "failures_user_10m", "failures_user_1d", "failures_source_10m", "failures_source_1d"}, _of_failures),
    ({"since_key", "key", "since_method", "method"}, _of_method),
    ({"new_hosts_user_7d", "hosts_user_1h", "hosts_user_1d", "hosts_source_1h"}, _of_many_servers),
    ({"users_source_1d"}, "A machine that several people share: ask who runs {source}."),
    ({"elsewhere", "sources_user_1d"},
     "Work from two places, or a changed address: ask {user} which of the addresses of that day were theirs."),
    ({"steps", "since_steps"},
     "Lost lines: look whether {host} was restarted or its log rotated at {clock} UTC, and compare with another log of the host."),
    ({"source_owner", "key_owner"},
     "A shared workstation, or a colleague who helped: ask the owner of {source} who sat there at {clock} UTC."),
    ({"terminal", "since_terminal", "since_command_any", "since_command", "command", "since_target", "target", "since_service", "service"},
     "A new duty: ask {user} or the owner of {host} whether this task was given, and look for the ticket."),
    ({"since_user", "user_youth"},
     "Back from leave, or a new colleague: ask the person behind {user} whether they logged in at {clock} UTC."),
    ({"since_source", "since_network", "since_source_any", "since_network_any", "since_key_source", "network"},
     "A new workstation, a changed address or work from elsewhere: ask {user} whether {source} was theirs at {clock} UTC."),
    ({"peers", "since_host", "host", "since_host_network", "rarity_host"},
     "A move to another team or a new project: ask the owner of {host} whether {user} was expected there."),
    ({"hour", "rarity_hour"}, "Work at an odd hour, or on call: ask {user}, and look for an incident at that time."),
)  # fmt: skip
TWIN_OF_ANYTHING = "An ordinary change nobody announced: ask {user} or the owner of {host}."
