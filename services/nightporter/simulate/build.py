"""Builds the cast: draws hosts, people and service accounts from the seed."""

import base64
import datetime as dt
import random
import string

from nightporter.simulate.cast import Farm, Host, Person, Service
from nightporter.simulate.clock import DAY, SECOND
from nightporter.simulate.names import FIRST, LAST, SUDO_FAMILIES, TEAMS
from nightporter.simulate.profiles import PROFILES, Profile

_SYSTEM_UIDS = {
    "root": 0,
    "www-data": 33,
    "postgres": 113,
    "nagios": 201,
    "backup": 34,
    "ansible": 990,
    "deploy": 991,
    "monitor": 992,
    "git": 993,
}
_ROLES = ("bastion", "web", "app", "db", "build", "admin", "storage")
_MORE_ROLES = ("web", "app", "app", "db", "web", "app", "storage", "build", "db", "web")
_ZONES = ("Europe/Berlin", "Europe/Berlin", "Europe/Berlin", "Europe/Lisbon", "America/New_York", "Asia/Kolkata")
_LOCAL_ZONES = (
    "Asia/Kolkata",
    "Asia/Tokyo",
    "America/Phoenix",
)  # no summer time: a repeated hour could not be told apart


def fingerprint(rng: random.Random) -> str:
    """A made-up SHA256 key fingerprint as OpenSSH prints it."""
    return "SHA256:" + base64.b64encode(rng.randbytes(32)).decode().rstrip("=")


def new_key(rng: random.Random) -> str:
    """A made-up key: type and fingerprint."""
    return f"{rng.choice(('ED25519', 'ED25519', 'RSA', 'ECDSA'))} {fingerprint(rng)}"


def outside_address(rng: random.Random) -> str:
    """An address somewhere on the internet."""
    first = rng.choice([n for n in range(11, 223) if n not in (100, 127, 169, 172, 192, 198, 203)])
    return f"{first}.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"


def build_farm(
    hosts: int, users: int, days: int, seed: int, start: dt.date, *, pid_space: int = 0, local_zones: bool = False
) -> Farm:
    """Draws the farm.

    hosts, users, days: counts, at least one each; pid_space: size of each host's process id space, 0 for usual ones;
    local_zones: half of the hosts with RFC 3164 logs write local time in zones that farm.json names, instead of UTC.
    """
    name = f"{seed}/{hosts}/{users}/{days}"
    rng = random.Random(f"{name}/farm")
    begin = int(dt.datetime(start.year, start.month, start.day, tzinfo=dt.UTC).timestamp()) * SECOND
    uids = dict(_SYSTEM_UIDS)
    machines = _hosts(rng, hosts, begin, days, uids, pid_space, local_zones)
    bastions = tuple(i for i, host in enumerate(machines) if host.role == "bastion")
    people = _people(rng, max(1, users - 4), machines)
    uids.update({person.login: 1001 + number for number, person in enumerate(people)})
    services = _services(rng, machines)
    return Farm(name, start, days, begin, begin + days * DAY, machines, people, services, bastions)


def _hosts(
    rng: random.Random, count: int, begin: int, days: int, uids: dict[str, int], pid_space: int, local_zones: bool
) -> list[Host]:
    roles = [_ROLES[i] if i < len(_ROLES) else _MORE_ROLES[(i - len(_ROLES)) % len(_MORE_ROLES)] for i in range(count)]
    roles = ["bastion" if i % 120 == 119 else role for i, role in enumerate(roles)]
    if count < 3:
        roles = ["web", "app"][:count]
    # The first hosts of a small farm take the profiles in turn, so that every wording is there from ten hosts on.
    deck = list(PROFILES) + [p for p in PROFILES for _ in range(p.weight)]
    seen: dict[str, int] = {}
    made: list[Host] = []
    doors = 0
    for number, role in enumerate(roles):
        profile: Profile = deck[number] if number < len(PROFILES) else rng.choice(deck)
        seen[role] = seen.get(role, 0) + 1
        bsd = profile.style == "bsd"
        internet = role == "bastion" or (role == "web" and (seen[role] < 3 or rng.random() < 0.3)) or count < 3
        # The first three doors to the internet ask in three ways, so that a small farm shows them all.
        way = rng.choice(("password", "password", "key", "key", "keyboard"))
        if internet and doors < 3:
            way = ("keyboard", "password", "key")[doors]
        doors += internet
        zone = "UTC" if bsd else rng.choice(("Europe/Berlin", "UTC", "UTC"))
        if bsd and local_zones and rng.random() < 0.5:
            zone = rng.choice(_LOCAL_ZONES)
        made.append(Host(
            name=f"{role}{seen[role]:02d}", role=role, team=TEAMS[number % len(TEAMS)], profile=profile, zone=zone,
            ip=f"10.{20 + number // 200}.{number % 200}.10", pid_space=pid_space or rng.choice((32768, 32768, 4194304)),
            pid_gap=3 if 0 < pid_space < 5000 else rng.choice((3, 9, 40)), uids=uids,
            internet=internet, behind=role in ("db", "storage", "app"), key_only=way == "key" and role != "admin",
            keyboard=way == "keyboard", kerberos=rng.random() < 0.15, mapped=profile.name == "legacy",
            folds=profile.name == "ubuntu20" or (bsd and rng.random() < 0.4), desktop=role == "admin",
            reboots=[begin + rng.randrange(days * DAY) // SECOND * SECOND] if rng.random() < days / 45 else [],
        ))  # fmt: skip
    return made


def _people(rng: random.Random, count: int, hosts: list[Host]) -> list[Person]:
    taken: set[str] = set()
    people: list[Person] = []
    for number in range(count):
        login = _login(rng, taken)
        team = TEAMS[rng.randrange(max(1, min(len(TEAMS), (len(hosts) + 2) // 3)))]
        admin = number % 8 == 0
        begins = rng.gauss(8.7, 1.0)
        office = f"10.10{TEAMS.index(team)}"
        people.append(Person(
            login=login, team=team, zone=rng.choice(_ZONES), begins=begins, ends=begins + rng.gauss(8.6, 0.6),
            weekdays=frozenset(range(5)) if rng.random() < 0.85 else frozenset(rng.sample(range(7), 4)),
            admin=admin, families=_families(rng, admin), sessions=rng.uniform(5, 14) if admin else rng.uniform(1.5, 8),
            remote_share=rng.choice((0.0, 0.2, 0.4, 1.0)), password=rng.random() < 0.25, home=outside_address(rng),
            vpn=f"10.99.{rng.randrange(8)}.{rng.randrange(2, 250)}",
            desks=[(0, f"{office}.{number % 250}.{rng.randrange(20, 250)}")], keys=[(0, _person_key(rng, login, team))],
            places=[(0, favourite_hosts(rng, team, admin, hosts))],
            agent_keys=(new_key(rng),) if rng.random() < 0.25 else (),
        ))  # fmt: skip
    return people


def _families(rng: random.Random, admin: bool) -> tuple[str, ...]:
    """Command families somebody uses with sudo: three or four for an admin, one for a third of the others."""
    if admin:
        several = rng.sample([family for family in SUDO_FAMILIES if family != "shell"], 3)
        return (*several, "shell") if rng.random() < 0.4 else tuple(several)
    return (rng.choice(("services", "files", "containers", "database")),) if rng.random() < 0.35 else ()


def _login(rng: random.Random, taken: set[str]) -> str:
    for _ in range(20):
        login = f"{rng.choice(FIRST)[0]}{rng.choice(LAST)}" if rng.random() < 0.5 else rng.choice(FIRST)
        if login not in taken and login not in _SYSTEM_UIDS:
            taken.add(login)
            return login
    login = f"{rng.choice(FIRST)}.{rng.choice(LAST)}"
    while login in taken:
        login += rng.choice(string.digits)
    taken.add(login)
    return login


def _person_key(rng: random.Random, login: str, team: str) -> str:
    if team != "platform":
        return new_key(rng)
    # The platform team signs its keys: sshd prints the certificate's name, serial number and authority.
    authority = f"CA ED25519 SHA256:{'farmCA' * 7}f"
    return f"ED25519-CERT {fingerprint(rng)} ID {login}@farm (serial {rng.randrange(1000, 9999)}) {authority}"


def favourite_hosts(rng: random.Random, team: str, admin: bool, hosts: list[Host]) -> tuple[int, ...]:
    """Numbers of the hosts somebody of `team` works on, most used first."""
    own = [i for i, host in enumerate(hosts) if host.team == team and host.role != "bastion"]
    others = [i for i in range(len(hosts)) if i not in own]
    wanted = rng.randrange(6, 16) if admin else rng.randrange(2, 7)
    rng.shuffle(own)
    rng.shuffle(others)
    return tuple((own + others)[: max(1, min(wanted, len(hosts)))])


def _services(rng: random.Random, hosts: list[Host]) -> dict[str, Service]:
    def place(role: str) -> int:
        return next((i for i, host in enumerate(hosts) if host.role == role), len(hosts) - 1)

    homes = {"ansible": "admin", "nagios": "admin", "backup": "storage", "deploy": "build"}
    return {
        login: Service(
            login, hosts[place(role)].ip[:-2] + ("10" if login != "nagios" else "11"), new_key(rng), place(role)
        )
        for login, role in homes.items()
    }
