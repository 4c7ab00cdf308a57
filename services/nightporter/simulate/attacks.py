"""Labelled attacks: how many of which kind, and on which days.

Kinds and numbers are those of the attack table of the project's field study.
Attacks draw from a random stream of their own.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from nightporter.simulate import attack_access, attack_guessing, attack_host, attack_spread
from nightporter.simulate.cast import Farm
from nightporter.simulate.clock import DAY
from nightporter.simulate.routine import CRON_EVERY, MONITOR_EVERY, noise_level
from nightporter.simulate.stage import Attack, Stage

SHARE = 0.9e-3  # attack events may be at most this share of all events
MOST_INSTANCES = 30  # of one kind


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the attack table: number, name, events of a small and of a usual instance, and how it is played."""

    number: int
    name: str
    least: int
    usual: int
    play: Callable[[Stage], None]


KINDS = (
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
"""All kinds in the table's order."""


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
        for kind in sorted(KINDS, key=lambda kind: kind.least):
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
