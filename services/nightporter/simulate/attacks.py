"""Labelled attacks: how many of which kind, on which days, and the stage on which each kind is played.

Kinds and numbers are those of the attack table of the project's field study.
Attacks draw from a random stream of their own.
"""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nightporter.simulate.build import outside_address
from nightporter.simulate.cast import Farm, Person
from nightporter.simulate.clock import DAY, HOUR, SECOND
from nightporter.simulate.hostlog import Tally
from nightporter.simulate.routine import CRON_EVERY, MONITOR_EVERY, noise_level
from nightporter.simulate.ssh import Doing

SHARE = 0.9e-3  # attack events may be at most this share of all events
MOST_INSTANCES = 30  # of one kind


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


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the attack table: number, name, events of a small and of a usual instance, and how it is played."""

    number: int
    name: str
    least: int
    usual: int
    play: Callable[[Stage], None]


def kinds() -> tuple[Kind, ...]:
    """All kinds in the table's order."""
    from nightporter.simulate import (
        attack_access,
        attack_guessing,
        attack_host,
        attack_spread,
    )

    return (
        Kind(1, "brute_force", 6, 30, attack_guessing.brute_force),
        Kind(2, "password_spraying", 6, 25, attack_guessing.spraying),
        Kind(3, "credential_stuffing", 4, 25, attack_guessing.stuffing),
        Kind(4, "stolen_key", 1, 3, attack_access.stolen_key),
        Kind(5, "hop_chain", 3, 5, attack_spread.hop_chain),
        Kind(6, "service_account_interactive", 2, 3, attack_access.service_account),
        Kind(7, "dormant_account", 1, 2, attack_access.dormant_account),
        Kind(8, "privilege_escalation", 2, 5, attack_host.escalation),
        Kind(9, "concurrent_networks", 1, 2, attack_access.concurrent_networks),
        Kind(10, "mass_fan_out", 6, 20, attack_spread.fan_out),
        Kind(11, "new_account", 2, 3, attack_host.new_account),
        Kind(12, "slow_reuse", 3, 6, attack_access.slow_reuse),
        Kind(13, "log_tampering", 2, 2, attack_host.tampering),
        Kind(15, "insider_bulk", 5, 14, attack_spread.insider),
    )


def expected_events(farm: Farm) -> int:
    """About how many benign events the whole simulation has; on the low side."""
    per_host = DAY // CRON_EVERY + DAY // MONITOR_EVERY + 24 + 9
    scanners = sum(noise_level(farm.seed, host) for host in farm.hosts if host.internet)
    people = sum(person.sessions for person in farm.people)
    return int(farm.days * (len(farm.hosts) * per_host + scanners * 0.9 + people * 0.6))


def plan_attacks(farm: Farm) -> list[Attack]:
    """All attack instances of the simulation, within the budget; sorted by kind."""
    rng = random.Random(f"{farm.seed}/attacks")
    budget = int(expected_events(farm) * SHARE)
    drawn: list[tuple[Kind, int, int]] = []  # kind, instance number, events
    for instance in range(MOST_INSTANCES):
        for kind in sorted(kinds(), key=lambda kind: kind.least):
            size = (
                kind.least
                if instance == 0 and budget < 200
                else max(kind.least, int(kind.usual * rng.uniform(0.6, 1.3)))
            )
            if size <= budget:
                budget -= size
                drawn.append((kind, instance, size))
    first = max(1, farm.days // 3) if farm.days > 1 else 0
    days = list(range(first, farm.days))
    rng.shuffle(days)
    attacks: list[Attack] = []
    used: set[str] = set()
    for place, (kind, instance, size) in enumerate(drawn):
        quiet = (instance + kind.number) % 2 == 0
        attack = Attack(f"a{kind.number:02d}-{instance:02d}", kind.name, kind.number, quiet)
        kind.play(
            Stage(
                farm,
                random.Random(f"{farm.seed}/attack/{attack.attack_id}"),
                attack,
                days[place % len(days)],
                size,
                used,
            )
        )
        attacks.append(attack)
    return sorted(attacks, key=lambda attack: attack.attack_id)
