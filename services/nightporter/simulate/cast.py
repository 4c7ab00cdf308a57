"""The cast of the simulated farm: hosts, people and service accounts, and who usually works where."""

import datetime as dt
from dataclasses import dataclass, field
from typing import TypeVar

from nightporter.simulate.profiles import Profile

T = TypeVar("T")


@dataclass(slots=True)
class Host:
    """One server."""

    name: str
    role: str
    team: str
    profile: Profile
    zone: str  # IANA name: in which zone its log is written
    ip: str
    pid_space: int
    pid_gap: int  # how many ids other programs use up between two logins
    uids: dict[str, int]
    internet: bool = False  # reachable from outside: scanners knock
    behind: bool = False  # reached through a bastion only
    key_only: bool = False  # no passwords: a refused user leaves only `Connection closed by authenticating user`
    keyboard: bool = False  # keyboard-interactive instead of password
    kerberos: bool = False
    folds: bool = False  # rsyslog writes `message repeated N times: [ … ]`
    mapped: bool = False  # sshd listens on :: and prints ::ffff:a.b.c.d
    desktop: bool = False
    reboots: list[int] = field(default_factory=list)  # microseconds since 1970
    silences: list[tuple[int, int]] = field(default_factory=list)  # lines of these spans are missing

    def opened_for(self, user: str, by: int) -> str:
        """PAM's words after `session opened for user `, for a session that a daemon opens."""
        if self.profile.pam_uid == "old":
            return f"{user} by (uid={by})"
        caller = user if self.profile.pam_uid == "named" else ""
        return f"{user}(uid={self.uids.get(user, 1000)}) by {caller}(uid={by})"


def pam_failure(
    service: str, *, user: str, name: str = "", uid: int = 0, tty: str = "ssh", asker: str = "", source: str = ""
) -> str:
    """pam_unix's line about a first wrong password; `user` is '' where the host does not know the name."""
    who = f"  user={user}" if user else ""
    where = f"logname={name} uid={uid} euid=0 tty={tty} ruser={asker} rhost={source}"
    return f"pam_unix({service}:auth): authentication failure; {where}{who}"


@dataclass(slots=True)
class Person:
    """Somebody with an account."""

    login: str
    team: str
    zone: str
    begins: float  # hour of the local day
    ends: float
    weekdays: frozenset[int]
    admin: bool
    families: tuple[str, ...]  # command families used with sudo
    sessions: float  # logins on a working day, on average
    remote_share: float  # share of days spent at home
    password: bool  # types passwords where a host takes them
    home: str
    vpn: str
    desks: list[tuple[int, str]]  # (first day, workstation address): DHCP and renumbering change it
    keys: list[tuple[int, str]]  # (first day, key as sshd prints it)
    places: list[tuple[int, tuple[int, ...]]]  # (first day, hosts by number, most used first)
    joined: int = 0  # day number of the first working day
    away: list[tuple[int, int]] = field(default_factory=list)  # (first day, first day back)
    agent_keys: tuple[str, ...] = ()  # other keys of the agent, tried first and refused
    dormant: bool = False  # has an account, does not use it
    role: str = "person"

    def desk(self, day: int) -> str:
        """The workstation's address on that day."""
        return current(self.desks, day)

    def key(self, day: int) -> str:
        """The key in use on that day."""
        return current(self.keys, day)

    def hosts(self, day: int) -> tuple[int, ...]:
        """Numbers of the hosts this person works on."""
        return current(self.places, day)

    def works(self, day: int, date: dt.date) -> bool:
        """Whether the person is at work on that day."""
        if self.dormant or day < self.joined or date.weekday() not in self.weekdays:
            return False
        return not any(first <= day < back for first, back in self.away)


def current(changes: list[tuple[int, T]], day: int) -> T:
    """The value valid on `day` of a list of (first day, value) in ascending order."""
    value = changes[0][1]
    for first, later in changes:
        if first <= day:
            value = later
    return value


@dataclass(slots=True)
class Service:
    """A service account: a program that logs in by itself."""

    login: str
    source: str  # address it comes from
    key: str
    home_host: int


@dataclass(slots=True)
class Farm:
    """Everything that stays fixed over a simulation."""

    seed: str
    start: dt.date
    days: int
    begin: int  # microseconds since 1970 of the first UTC midnight
    horizon: int  # and of the end
    hosts: list[Host]
    people: list[Person]
    services: dict[str, Service]
    bastions: tuple[int, ...]

    def date(self, day: int) -> dt.date:
        """The date of a day number."""
        return self.start + dt.timedelta(days=day)
