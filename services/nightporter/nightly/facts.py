"""The facts of an actor's night from which a case is judged: some forty small numbers, one row of FACTS each.

A fact is the highest value of a column among the actor's logins, or how many different things they were (actors.py).
Each names the field or topic whose clause tells it (words.py).
"""

from dataclasses import dataclass

import numpy as np

LOCAL, REMOTE, REFUSED = 0, 1, 2  # kinds of actors
STEPS = np.array([0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 25, 40, 80, 200])  # lower edges of the values of a fact


@dataclass(frozen=True)
class Fact:
    """One fact. `counts`: '' for the highest value, else the column whose distinct values are counted."""

    name: str
    tells: str  # field of features/fields.py or topic of words.py
    topic: str  # facts of one topic are one thing seen in several ways
    kinds: tuple[int, ...]
    counts: str = ""
    of_site: bool = False  # judged by the site alone: what grows slowly must not become a habit by itself

    @property
    def of_the_day(self) -> bool:
        """Whether it says something of the user's day as a whole, not of what came from this place."""
        return self.topic in ("who", "elsewhere", "week") or self.name == "failures_user"


_ANY = (LOCAL, REMOTE)
# fmt: off
FACTS: tuple[Fact, ...] = (
    Fact("first_seen", "since_user", "who", _ANY),
    Fact("silent", "since_user", "who", _ANY),
    Fact("new_network", "since_network", "place", (REMOTE,)),
    Fact("network_of_nobody", "since_network_any", "place", (REMOTE,)),
    Fact("new_source", "since_source", "place", (REMOTE,)),
    Fact("source_of_nobody", "since_source_any", "place", (REMOTE, REFUSED)),
    Fact("source_of_another", "source_owner", "place", (REMOTE,)),
    Fact("no_way_in", "way_in", "place", (REMOTE,)),
    Fact("new_key_source", "since_key_source", "place", (REMOTE,)),
    Fact("new_host_network", "since_host_network", "place", (REMOTE, REFUSED)),
    Fact("new_key", "since_key", "key", (REMOTE,)),
    Fact("key_of_another", "key_owner", "key", (REMOTE,)),
    Fact("new_method", "since_method", "manner", _ANY),
    Fact("new_steps", "steps", "steps", (REMOTE,)),
    Fact("new_service", "since_service", "privilege", _ANY),
    Fact("new_target", "since_target", "privilege", (LOCAL,)),
    Fact("new_terminal", "since_terminal", "privilege", (LOCAL,)),
    Fact("new_commands", "since_command", "privilege", (LOCAL,), counts="command"),
    Fact("command_of_nobody", "since_command_any", "privilege", (LOCAL,)),
    Fact("far", "peers", "hosts", (REMOTE,)),
    Fact("far_hosts", "peers", "hosts", (REMOTE,), counts="host"),
    Fact("far_hosts_week", "peers", "week", (REMOTE,), of_site=True),
    Fact("far_days_week", "peers", "week", (REMOTE,), of_site=True),
    Fact("new_hosts", "since_host", "hosts", _ANY, counts="host"),
    Fact("hosts", "hosts_user_1d", "hosts", (REMOTE, REFUSED), counts="host"),
    Fact("hour", "rarity_hour", "time", _ANY),
    Fact("sources_day", "sources_user_1d", "elsewhere", (REMOTE,), of_site=True),
    Fact("elsewhere", "elsewhere", "elsewhere", (REMOTE,)),
    Fact("new_networks", "elsewhere", "elsewhere", (REMOTE,)),
    Fact("failures", "failures", "failures", (LOCAL, REMOTE, REFUSED)),
    Fact("failures_user", "failures_user_10m", "failures", (LOCAL, REMOTE, REFUSED)),
    Fact("failures_source", "failures_source_10m", "failures", (REMOTE, REFUSED)),
    Fact("failures_source_day", "failures_source_1d", "failures", (REFUSED,)),
    Fact("refused", "outcome", "failures", (LOCAL,)),
    Fact("users_source", "users_source_1d", "names", (REMOTE, REFUSED)),
    Fact("hosts_source", "hosts_source_1h", "names", (REMOTE, REFUSED)),
    Fact("names_tried", "users_source_1d", "names", (REFUSED,), counts="user"),
    Fact("known_names", "known_names", "known names", (REFUSED,), counts="user"),
    Fact("quiet_names", "quiet_names", "quiet names", (REFUSED,), counts="user"),
)
# fmt: on
PLACE: dict[str, int] = {fact.name: column for column, fact in enumerate(FACTS)}
