"""Attacks that guess passwords: brute force (1), spraying (2), distributed credential stuffing (3)."""

from nightporter.simulate.clock import DAY, SECOND
from nightporter.simulate.refused import SshFailure
from nightporter.simulate.ssh import SshLogin
from nightporter.simulate.stage import Stage


def brute_force(stage: Stage) -> None:
    """One source, one account. Loud: a try every few seconds. Quiet: one try a connection, more than a minute apart.

    Quiet stays below Wazuh's 8 failures in 120 s and CrowdSec's leaky buckets (10 s, 60 s) and median gap (10 minutes).
    """
    rng, person, ip, host = stage.rng, stage.victim(), stage.source(), stage.door()
    at = stage.at(0.5, 16)
    for number in range(stage.size):
        wins = number == stage.size - 1 and not stage.under and not stage.farm.hosts[host].key_only
        if wins:
            stage.add(host, SshLogin(at, person.login, ip, 240.0, "password", what="shell"))
        else:
            stage.add(host, SshFailure(at, person.login, ip, 1 if stage.under else rng.choice((3, 4, 6)), True))
        at += int((rng.uniform(61, 300) if stage.under else rng.uniform(22, 27)) * SECOND)
    pace = (
        "one try a minute or slower"
        if stage.under
        else "dozens of tries, a login in the end where the host takes passwords"
    )
    stage.attack.description = f"Brute force on {person.login} from one address: {pace}."


def spraying(stage: Stage) -> None:
    """One source, one try on each of many accounts. Quiet: at most ten users in five minutes."""
    rng, ip, host = stage.rng, stage.source(), stage.door()
    people = [person.login for person in stage.farm.people]
    rng.shuffle(people)
    at = stage.at(0.5, 14)
    for number in range(stage.size):
        user = people[number % len(people)]
        known = rng.random() < 0.8
        if not known:
            user = f"{user[0]}.{user[1:]}"
        stage.named(user)
        stage.add(host, SshFailure(at, user, ip, 1, known))
        at += int((rng.uniform(62, 240) if stage.under else rng.uniform(1.5, 6)) * SECOND)
    stage.attack.description = "Password spraying: one try on each of many accounts from one address."


def stuffing(stage: Stage) -> None:
    """A leaked list is tried from many sources, one try a source and day, over several days."""
    rng = stage.rng
    days = max(1, min(5, stage.farm.days - stage.day))
    people = [person for person in stage.farm.people if not person.dormant]
    for number in range(stage.size):
        person, ip, host = rng.choice(people), stage.source(), stage.door()
        stage.named(person.login)
        at = stage.at(0.5, 22.5) + number * days // stage.size * DAY
        wins = number == stage.size - 1 and not stage.under and not stage.farm.hosts[host].key_only
        if wins:
            stage.add(host, SshLogin(at, person.login, ip, 35.0, "password", what="shell"))
        else:
            stage.add(host, SshFailure(at, person.login, ip, 1 if stage.under else rng.choice((1, 2, 3)), True))
    stage.attack.description = (
        f"Credential stuffing: leaked names and passwords tried from {stage.size} addresses over {days} days."
    )
