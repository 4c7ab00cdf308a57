"""The stage on which an attack is played, and what is noted of one instance."""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nightporter.simulate.build import outside_address
from nightporter.simulate.cast import Farm, Person
from nightporter.simulate.clock import DAY, HOUR, SECOND
from nightporter.simulate.hostlog import Tally
from nightporter.simulate.ssh import Doing


@dataclass(slots=True)
class Attack:
    """One attack instance and its doings by day number."""

    attack_id: str
    kind: str
    number: int
    under_threshold: bool  # paced to stay below the public detection thresholds, or the quiet variant of its kind
    users: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    description: str = ""
    doings: dict[int, list[tuple[int, Doing]]] = field(default_factory=dict)

    def described(self, tally: Tally) -> dict[str, Any]:
        """The instance as attacks.jsonl shows it."""
        start = dt.datetime.fromtimestamp(tally.start / SECOND, dt.UTC)
        end = dt.datetime.fromtimestamp(tally.end / SECOND, dt.UTC)
        return {
            "attack_id": self.attack_id, "kind": self.kind, "number": self.number, "night": start.date().isoformat(),
            "nights": sorted(tally.nights),
            "users": self.users, "source_ips": self.sources, "hosts": list(tally.hosts),
            "start": start.isoformat(timespec="microseconds"), "end": end.isoformat(timespec="microseconds"),
            "description": self.description, "n_events": tally.events, "under_threshold": self.under_threshold,
        }  # fmt: skip


@dataclass(slots=True)
class Stage:
    """What a kind needs to play one instance: the farm, its own random stream, a day and a number of events."""

    farm: Farm
    rng: random.Random
    attack: Attack
    day: int
    size: int
    used: set[str]  # people who are victims of earlier instances already

    @property
    def under(self) -> bool:
        """Whether this instance stays under the public thresholds."""
        return self.attack.under_threshold

    def at(self, first: float = 0.5, last: float = 22.0) -> int:
        """A moment of the day between two UTC hours, in microseconds since 1970."""
        return self.farm.begin + self.day * DAY + int(self.rng.uniform(first, last) * HOUR)

    def add(self, host: int, doing: Doing) -> None:
        """Puts a doing of the attacker on a host; doings after the simulation's end never happen."""
        doing.attack = self.attack.attack_id
        day = (doing.t - self.farm.begin) // DAY
        if day < self.farm.days:
            self.attack.doings.setdefault(day, []).append((host, doing))

    def scenery(self, host: int, doing: Doing) -> None:
        """Puts something harmless beside the attack: it is not labelled."""
        self.attack.doings.setdefault((doing.t - self.farm.begin) // DAY, []).append((host, doing))

    def victim(self, wanted: Callable[[Person], bool] = lambda person: not person.dormant) -> Person:
        """Somebody whose account is misused: no earlier victim and of the wanted sort, where there is such a person."""
        people, day = self.farm.people, self.day
        pools = (
            [p for p in people if wanted(p) and p.login not in self.used and p.joined < day],
            [p for p in people if wanted(p) and p.login not in self.used],
            [p for p in people if wanted(p)],
            people,
        )
        person = self.rng.choice(next(pool for pool in pools if pool))
        self.used.add(person.login)
        self.named(person.login)
        return person

    def named(self, user: str) -> None:
        """Notes a user of this instance."""
        if user not in self.attack.users:
            self.attack.users.append(user)

    def source(self, ip: str = "") -> str:
        """Notes a source address of this instance; without one, an address somewhere on the internet."""
        ip = ip or outside_address(self.rng)
        if ip not in self.attack.sources:
            self.attack.sources.append(ip)
        return ip

    def door(self) -> int:
        """Number of a host that can be reached from outside."""
        hosts = self.farm.hosts
        return self.rng.choice([n for n, host in enumerate(hosts) if host.internet] or list(range(len(hosts))))

    def strange_hosts(self, person: Person) -> list[int]:
        """Hosts this person does not usually work on, in random order (all hosts in a tiny farm)."""
        known = set(person.hosts(self.day))
        hosts = [n for n in range(len(self.farm.hosts)) if n not in known] or list(range(len(self.farm.hosts)))
        self.rng.shuffle(hosts)
        return hosts
