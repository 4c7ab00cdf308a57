"""Attacks that move between hosts: hop chain (5), mass fan-out (10), an insider's bulk access (15)."""

from nightporter.simulate.clock import MINUTE, SECOND
from nightporter.simulate.ssh import SshLogin
from nightporter.simulate.stage import Stage


def hop_chain(stage: Stage) -> None:
    """From host to host, each the source of the next, changing the account. Quiet: half an hour between hops."""
    rng, person, other = stage.rng, stage.victim(), stage.victim()
    hosts = stage.strange_hosts(person)
    at = stage.at(1, 12)
    ip = stage.source(person.vpn if stage.under else "")
    here = stage.door()
    for hop in range(stage.size):
        who = person if hop < 2 else other
        stage.add(here, SshLogin(at, who.login, ip, rng.uniform(1200, 5000), key=who.key(stage.day), what="shell"))
        ip = stage.source(stage.farm.hosts[here].ip)
        here = hosts[hop % len(hosts)]
        at += rng.randrange(20 * MINUTE, 55 * MINUTE) if stage.under else rng.randrange(40 * SECOND, 5 * MINUTE)
    stage.attack.description = f"Hop chain through {stage.size} hosts as {person.login}, then {other.login}."


def fan_out(stage: Stage) -> None:
    """One account from one source on many hosts within minutes. Quiet: a host every few minutes."""
    rng, person = stage.rng, stage.victim()
    hosts = list(range(len(stage.farm.hosts)))
    rng.shuffle(hosts)
    ip = stage.source(person.desk(stage.day) if stage.under else stage.farm.hosts[rng.choice(hosts)].ip)
    at = stage.at(1, 17)
    for number in range(stage.size):
        stage.add(
            hosts[number % len(hosts)], SshLogin(at, person.login, ip, rng.uniform(0.5, 6), key=person.key(stage.day))
        )
        at += int((rng.uniform(150, 420) if stage.under else rng.uniform(0.8, 9)) * SECOND) + 15 * SECOND * (
            number >= len(hosts)
        )
    stage.attack.description = f"{person.login} runs something on {min(stage.size, len(hosts))} hosts from one source."


def insider(stage: Stage) -> None:
    """The owner reads far more than peers do, with own credentials, over a few days."""
    rng, person = stage.rng, stage.victim()
    hosts = stage.strange_hosts(person)
    days = min(5 if stage.under else 2, stage.farm.days - stage.day)
    first = stage.day
    for number in range(stage.size):
        stage.day = first + number * days // stage.size
        at = stage.at(8.5, 17)
        ip = stage.source(person.desk(stage.day))
        what = "sftp" if number % 2 else "shell"
        stage.add(
            hosts[number % len(hosts)],
            SshLogin(at, person.login, ip, rng.uniform(60, 2400), key=person.key(stage.day), what=what),
        )
    stage.attack.description = f"{person.login} collects from hosts that neither {person.login} nor peers use."
