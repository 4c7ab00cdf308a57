"""The first and the last words of a flag's sentence: who did what, where and when; and what came of it."""

from collections.abc import Sequence

from nightporter.nightly.attack import SILENCING
from nightporter.nightly.words import Facts, listed, times

QUIET = 20, 10  # minutes, and times the host's usual pause, from which its silence is worth a word


def deed(facts: Facts, silent: bool = False) -> str:
    """Who did what, where and when (UTC); `silent`: that they had not been there for long before."""
    who = f"{facts['user']}, silent for {facts['silent_days']} days," if silent else facts["user"]
    where = facts["host"] if facts["host_count"] == 1 else f"{facts['host_count']} servers ({facts['host_names']})"
    when = f"on {where} at {facts['span']} UTC"
    if facts["refused"]:
        users, tries = facts["users"], facts["failures_source"]
        names = f"as {users[0] or '(no name)'}" if len(users) == 1 else f"under {len(users)} names ({listed(users)})"
        more = f" ({tries} attempts)" if tries > facts["count"] else ""
        return f"{facts['source']} was refused {times(facts['count'], 'login')}{more} {names} {when}"
    if facts["service"] in ("sudo", "doas"):
        done = f"ran '{facts['command']}' as {facts['target']} with {facts['service']}"
        done = done if facts["succeeded"] else f"was refused {facts['service']} for '{facts['command']}'"
        uses = f" ({facts['count']} uses)" if facts["count"] > 1 else ""
        return f"{who} {done} {when}{uses}{_session(facts)}"
    if facts["service"] == "su":
        done = f"became {facts['target']}" if facts["succeeded"] else f"failed to become {facts['target']}"
        return f"{who} {done} with su {when}{_session(facts)}"
    often = "" if facts["count"] == 1 else f" {facts['count']} times"
    from_where = f" from {facts['source']}" if facts["source"] != "this machine" else f" by {facts['service']}"
    return f"{who} logged in{often} to {where}{from_where}{_manner(facts)} at {facts['span']} UTC"


def outcome(facts: Facts) -> str:
    """What came of it: whether a refused source got in after all, whether the host fell silent. A sentence or ''."""
    if facts["refused"]:
        let_in = [name or "(no name)" for name in facts["let_in"]]
        return f"It got in as {listed(let_in)} that day." if let_in else "No attempt succeeded."
    least, beyond = QUIET
    minutes = facts["quiet_minutes"]
    silenced = any(SILENCING.search(command) for command in facts["commands"])
    if silenced and minutes >= max(least, beyond * facts["usual_quiet"]):
        return f"After it {facts['host']} reported no login for {minutes} minutes."
    return ""


def likewise(others: Sequence[tuple[int, str]]) -> str:
    """Which other logins belong to the case, strange only for that day: how many, from or on what. A sentence or ''."""
    told = [f"{times(count, 'login')} {place}" for count, place in others]
    return f"Part of the same day: {listed(told)}." if told else ""


def _session(facts: Facts) -> str:
    """In which network session a local program ran, where one was open."""
    if not facts["session_source"]:
        return ""
    new = f", an address new for {facts['user']}" if facts["session_is_new"] else ""
    return f", in a session from {facts['session_source']}{new}"


def _manner(facts: Facts) -> str:
    """Whether somebody at a new address has the usual key, or came by another usual method."""
    often = facts["by_key"] if facts["key"] else facts["by_method"]
    if facts["from_source"] or not often or 5 * often < facts["active_days"]:
        return ""
    if facts["key"]:
        return " with the usual key"
    return "" if facts["method"] == "publickey" else f" by {facts['method']} as usual"
