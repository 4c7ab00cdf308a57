"""Of each reason, in a few words: what was seen, and what is usual."""

from nightporter.features.fields import BY_NAME

TOLD_OF_REFUSED = {
    "users_source_1d", "hosts_source_1h", "hosts_user_1h", "hosts_user_1d",
    "failures", "failures_source_10m", "failures_source_1d", "failures_user_10m", "failures_user_1d",
}  # fmt: skip
"""Reasons of a refused source that the first words of its sentence have told already, with their numbers."""


def value_of(name: str) -> str:
    """The key of VALUES for a reason: what a field is about; for counts within a time, what is counted."""
    if name in VALUES or name not in BY_NAME:
        return name
    field = BY_NAME[name]
    return name.rpartition("_")[0] or name if field.group == "burst" else field.about[-1]


VALUES: dict[str, tuple[str, str]] = {
    "peers": ("{far_names}", "{usual_hosts}"),
    "elsewhere": ("{source}", "{other_sources}"),
    "way_in": ("{came_from}", "{there_said}"),
    "known_names": ("{known_said}", ""),
    "quiet_names": ("{known_said}", ""),
    "steps": ("{steps}", "whole"),
    "terminal": ("{terminal}", ""),
    "new_hosts_user": ("{new_hosts_said}", "{usual_hosts}"),
    "hosts_user": ("{hosts_user_said}", "{hosts_usual}"),
    "sources_user": ("{sources_user_said}", "about {sources_a_day} a day"),
    "failures": ("{failed_source}", ""),
    "failures_user": ("{failed_user}", ""),
    "failures_source": ("{failed_source}", ""),
    "hosts_source": ("{hosts_source_said}", ""),
    "users_source": ("{users_source_said}", ""),
    "since_host_network": ("{host} from {network}", ""),
    # topic (what a surprise is about) → what was seen, what is usual
    "user": ("{silence}", "{logins_said} in {days}"),
    "service": ("{service}", "{usual_services}"),
    "outcome": ("{outcome}", "{logins_said} in {days}"),
    "hour": ("{clock} UTC", "{usual_hours}"),
    "network": ("{network}", "{usual_sources}"),
    "source": ("{source}", "{usual_sources}"),
    "method": ("{method}", "{usual_methods}"),
    "key": ("{key}", "used on {by_key} of {active}"),
    "host": ("{hosts_seen}", "{usual_hosts}"),
    "target": ("{target}", "{usual_targets}"),
    "command": ("{command}", "not in {days}"),
}
