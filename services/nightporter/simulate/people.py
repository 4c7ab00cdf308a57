"""A day of the people: when they come, where from, which hosts they log in to, what they do there."""

import random
from zoneinfo import ZoneInfo

from nightporter.simulate.build import new_key, outside_address
from nightporter.simulate.cast import Farm, Person
from nightporter.simulate.clock import HOUR, MINUTE, SECOND, local_day_start
from nightporter.simulate.local import ConsoleLogin, Su, Sudo
from nightporter.simulate.names import SUDO_FAMILIES
from nightporter.simulate.refused import SshFailure
from nightporter.simulate.ssh import Doing, SshLogin

Plan = dict[int, list[Doing]]  # host number → what happens there


def people_day(farm: Farm, day: int, plan: Plan) -> None:
    """Adds what all people do on one of their local working days to the plan."""
    date = farm.date(day)
    starts: dict[str, int] = {}
    for number, person in enumerate(farm.people):
        if not person.works(day, date):
            continue
        rng = random.Random(f"{farm.seed}/person/{number}/{day}")
        midnight = starts.get(person.zone)
        if midnight is None:
            midnight = starts[person.zone] = local_day_start(date, ZoneInfo(person.zone))
        person_day(farm, person, day, midnight, rng, plan)


def person_day(farm: Farm, person: Person, day: int, midnight: int, rng: random.Random, plan: Plan) -> None:
    """One person's day; `midnight` is the local one in microseconds since 1970."""
    where = source_of_day(person, day, rng)
    begins = midnight + int((person.begins + rng.gauss(0, 0.35)) * HOUR)
    length = max(2 * HOUR, int((person.ends - person.begins) * HOUR))
    wanted = sum(rng.random() < person.sessions / 16 for _ in range(16))
    times = sorted(begins + rng.randrange(length) for _ in range(wanted))
    if person.admin and rng.random() < 0.12:  # something broke in the evening
        times.append(begins + length + rng.randrange(5 * HOUR))
    bastion, hop_until = -1, 0
    for t in times:
        number = pick_host(farm, person, day, rng)
        ip = where
        if farm.hosts[number].behind and farm.bastions:
            if t > hop_until:
                bastion = farm.bastions[hash_of(person.login) % len(farm.bastions)]
                stay = rng.uniform(0.2, 5.0) * 3600
                login(farm, person, day, bastion, t, where, rng, plan, "shell", stay)
                hop_until = t + int(stay * SECOND)
                t += rng.randrange(8 * SECOND, 90 * SECOND)
            ip = farm.hosts[bastion].ip
        session(farm, person, day, number, t, ip, rng, plan)


def source_of_day(person: Person, day: int, rng: random.Random) -> str:
    """The address somebody works from today: desk, VPN, or their line at home; seldom a hotel or a train."""
    if rng.random() < person.remote_share:
        return person.vpn if rng.random() < 0.7 else person.home
    return outside_address(rng) if rng.random() < 0.004 else person.desk(day)


def hash_of(text: str) -> int:
    """A number that stays the same in every run, which Python's hash() does not."""
    return sum(ord(letter) * (place + 1) for place, letter in enumerate(text))


def pick_host(farm: Farm, person: Person, day: int, rng: random.Random) -> int:
    """One of the person's hosts, the first ones more often; now and then some other host of the farm."""
    hosts = person.hosts(day)
    if rng.random() < 0.01:
        return rng.randrange(len(farm.hosts))
    return hosts[min(int(rng.expovariate(1.0) * 1.6), len(hosts) - 1)]


def session(farm: Farm, person: Person, day: int, number: int, t: int, ip: str, rng: random.Random, plan: Plan) -> None:
    """One login with what is done during it."""
    host = farm.hosts[number]
    if host.desktop and person.admin and rng.random() < 0.2:
        plan[number].append(
            ConsoleLogin(t, person.login, rng.uniform(300, 20000), desktop=rng.random() < 0.6, fails=rng.random() < 0.2)
        )
        return
    what = rng.choice(("shell", "shell", "shell", "command", "sftp"))
    stay = rng.lognormvariate(6.3, 1.4) if what == "shell" else rng.uniform(0.004, 20)
    if what == "shell" and rng.random() < 0.006:
        stay = rng.uniform(1, 4) * 86400  # a forgotten tmux
    login(farm, person, day, number, t, ip, rng, plan, what, stay)
    if what != "shell" or stay < 20:
        return
    tty = f"pts/{rng.randrange(20)}"
    calls = (
        rng.randrange(1, 6)
        if person.admin and rng.random() < 0.6
        else int(bool(person.families) and rng.random() < 0.25)
    )
    for _ in range(calls):
        family = rng.choice(person.families)
        command = rng.choice(SUDO_FAMILIES[family])
        if rng.random() < 0.01:
            command = "/usr/bin/tar -cf /srv/out.tar " + " ".join(f"/srv/data/part-{n:04d}.csv" for n in range(60))
        at = t + 12 * SECOND + rng.randrange(int(max(1.0, min(stay, 7200.0) - 15) * SECOND))
        long = "bash" in command or "tail" in command
        wrong = rng.choice((1, 1, 2)) if rng.random() < 0.05 else 0
        plan[number].append(
            Sudo(
                at,
                person.login,
                command,
                tty=tty,
                seconds=rng.uniform(20, 900) if long else rng.uniform(0.02, 9),
                fails=wrong,
            )
        )
    if person.admin and rng.random() < 0.2:
        target = {"db": "postgres", "web": "www-data", "build": "git"}.get(host.role, "root")
        plan[number].append(Su(t + 15 * SECOND, person.login, target, tty, rng.uniform(5, 1200), rng.random() < 0.93))


def login(
    farm: Farm,
    person: Person,
    day: int,
    number: int,
    t: int,
    ip: str,
    rng: random.Random,
    plan: Plan,
    what: str,
    stay: float,
) -> None:
    """One ssh login with the slips that belong to it: a mistyped password, a forgotten key, a full agent."""
    host = farm.hosts[number]
    method, key, fails = "publickey", person.key(day), 0
    types = not host.key_only and (person.password or rng.random() < 0.01)
    if host.kerberos and not person.password and rng.random() < 0.7:
        method, key = "gssapi-with-mic", ""
    elif types:
        method, key = ("keyboard-interactive/pam" if host.keyboard else "password"), ""
        fails = rng.choice((1, 1, 1, 2)) if rng.random() < 0.06 else 0
    if rng.random() < 0.004:
        if host.key_only or rng.random() < 0.5:
            plan[number].append(SshFailure(t - 40 * SECOND, person.login, ip, 1, True))
        else:
            plan[number].append(SshFailure(t - MINUTE, person.login[:-1] + "x", ip, 2, False))
    wrong = person.agent_keys if method == "publickey" else ()
    if types and not person.password:  # the right key is on the other laptop
        wrong = (*person.agent_keys, new_key(rng))
    plan[number].append(SshLogin(t, person.login, ip, stay, method, key, what, fails, wrong))
