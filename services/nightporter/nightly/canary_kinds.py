"""The kinds of attacks that are planted each night: what each does, with whom, where and when is drawn anew."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from nightporter.features.stream import midnight


@dataclass(frozen=True)
class Account:
    """Somebody whose name is misused, and what is usual for them."""

    user: str
    key: str
    source: str
    hosts: tuple[str, ...]
    sudo: bool
    program: bool  # works around the clock
    silent_days: int


@dataclass
class Stage:
    """Where one attack is played: who and what there is, a random stream of its own, and what has been done so far."""

    people: list[Account]
    programs: list[Account]
    dormant: list[Account]
    hosts: list[str]
    random: random.Random
    night: date
    quiet: bool
    addresses: dict[str, str] = field(default_factory=dict)  # server → one of its addresses, of those that are known
    rows: list[dict[str, Any]] = field(default_factory=list)

    def at(self, first: float, last: float) -> datetime:
        """A moment of the night between two UTC hours."""
        return midnight(self.night) + timedelta(hours=self.random.uniform(first, last))

    def outside(self) -> str:
        """An address that hardly anybody has."""
        return f"{self.random.choice((45, 77, 91, 102, 185, 193))}." + ".".join(
            str(self.random.randrange(1, 255)) for _ in range(3)
        )

    def strange_hosts(self, account: Account) -> list[str]:
        """Hosts this account has not been on, in random order; all hosts in a tiny farm."""
        hosts = [host for host in self.hosts if host not in account.hosts] or list(self.hosts)
        self.random.shuffle(hosts)
        return hosts

    def after(self, at: datetime, least: float, most: float) -> datetime:
        """Some minutes later, still in the night."""
        last = midnight(self.night) + timedelta(hours=23, minutes=59)
        return min(at + timedelta(minutes=self.random.uniform(least, most)), last)

    def ssh(self, at: datetime, host: str, account: Account, source: str, **other: Any) -> None:
        """A login by key, unless said otherwise."""
        usual = {"method": "publickey", "key_fingerprint": account.key} if account.key else {"method": "password"}
        self.rows.append({"start": at, "host": host, "user": account.user, "source_ip": source} | usual | other)

    def refused(self, at: datetime, host: str, user: str, source: str, **other: Any) -> None:
        """A wrong password."""
        said = {"method": "password", "outcome": "failure", "failures": 1}
        self.rows.append({"start": at, "host": host, "user": user, "source_ip": source} | said | other)

    def sudo(self, at: datetime, host: str, account: Account, command: str, **other: Any) -> None:
        """A command as root."""
        said = {"service": "sudo", "target_user": "root", "command": command}
        self.rows.append({"start": at, "host": host, "user": account.user} | said | other)


def brute_force(stage: Stage) -> None:
    """One source, one account."""
    at, source, host = stage.at(0.5, 16), stage.outside(), stage.random.choice(stage.hosts)
    account = stage.random.choice(stage.people)
    for _ in range(stage.random.randrange(20, 35)):
        stage.refused(at, host, account.user, source, failures=1 if stage.quiet else stage.random.choice((3, 4, 6)))
        at = stage.after(at, 1.0, 4.0 if stage.quiet else 1.5)


def password_spraying(stage: Stage) -> None:
    """One source, one try on each of many accounts."""
    at, source, host = stage.at(0.5, 14), stage.outside(), stage.random.choice(stage.hosts)
    for account in stage.random.sample(stage.people, min(len(stage.people), 20)):
        stage.refused(at, host, account.user, source)
        at = stage.after(at, 0.1, 4.0 if stage.quiet else 0.5)


def stolen_key(stage: Stage) -> None:
    """Somebody's key from an address nobody has seen, by day on a usual host or at night on another."""
    account = stage.random.choice(stage.people)
    hosts = list(account.hosts) if stage.quiet else stage.strange_hosts(account)
    at, source = stage.at(8, 16) if stage.quiet else stage.at(0.5, 5), stage.outside()
    for _ in range(3):
        stage.ssh(at, hosts[0], account, source)
        at = stage.after(at, 2, 25)


def hop_chain(stage: Stage) -> None:
    """From host to host, changing the account; here only what the hosts after the first one log."""
    first, second = stage.random.choice(stage.people), stage.random.choice(stage.people)
    hosts, at, source = stage.strange_hosts(first), stage.at(1, 14), stage.outside()
    for hop in range(5):
        stage.ssh(at, hosts[hop % len(hosts)], first if hop < 2 else second, source)
        source = f"10.{200 + hop}.0.{stage.random.randrange(2, 250)}"
        at = stage.after(at, *((20, 55) if stage.quiet else (1, 5)))


def no_way_in(stage: Stage) -> None:
    """Somebody's key from a server of the farm on which they have not been, to other servers or to their own."""
    strangers = [account for account in stage.people if stage.addresses.keys() - account.hosts]
    if not strangers:
        return
    account = stage.random.choice(strangers)
    doors = [host for host in stage.addresses if host not in account.hosts]
    hosts = list(account.hosts) if stage.quiet else stage.strange_hosts(account)
    at, source = stage.at(1, 18), stage.addresses[stage.random.choice(doors)]
    for host in hosts[:3]:
        stage.ssh(at, host, account, source)
        at = stage.after(at, *((15, 50) if stage.quiet else (0.5, 4)))


def service_account_interactive(stage: Stage) -> None:
    """A program's account from somebody's desk, with sudo."""
    account, at = stage.random.choice(stage.programs or stage.people), stage.at(0.5, 5)
    source = account.source if stage.quiet else stage.random.choice(stage.people).source
    host = stage.random.choice(account.hosts)
    stage.ssh(at, host, account, source)
    for command in ("/usr/bin/id", "/usr/bin/cat /etc/shadow"):
        at = stage.after(at, 0.5, 6)
        stage.sudo(at, host, account, command)


def dormant_account(stage: Stage) -> None:
    """An account nobody has used for long."""
    if not stage.dormant:
        return
    account, at, source = stage.random.choice(stage.dormant), stage.at(0.5, 17), stage.outside()
    for _ in range(2):
        stage.ssh(at, stage.random.choice(account.hosts), account, source)
        at = stage.after(at, 10, 60)


def privilege_escalation(stage: Stage) -> None:
    """Somebody who never used sudo tries it, is refused, and gets there."""
    people = [account for account in stage.people if not account.sudo] or stage.people
    account, at = stage.random.choice(people), stage.at(8, 18)
    host = stage.random.choice(account.hosts)
    for command in ("/usr/bin/cat /etc/sudoers", "/usr/bin/passwd root", "/bin/sh"):
        stage.sudo(at, host, account, command, outcome="failure", failures=1 if stage.quiet else 3)
        at = stage.after(at, 0.5, 40 if stage.quiet else 4)
    stage.sudo(at, host, account, "/usr/bin/vim /etc/cron.d/php" if stage.quiet else "/bin/bash")


def concurrent_networks(stage: Stage) -> None:
    """While the owner works, the same account comes from far away."""
    account, at, source = stage.random.choice(stage.people), stage.at(9, 15), stage.outside()
    stage.ssh(at, stage.random.choice(account.hosts), account, source)
    stage.ssh(stage.after(at, 4, 50), stage.random.choice(stage.strange_hosts(account)), account, source)


def mass_fan_out(stage: Stage) -> None:
    """One account from one source on many hosts."""
    account, at = stage.random.choice(stage.people), stage.at(1, 17)
    source = account.source if stage.quiet else f"10.210.0.{stage.random.randrange(2, 250)}"
    for host in stage.random.sample(stage.hosts, min(len(stage.hosts), 20)):
        stage.ssh(at, host, account, source)
        at = stage.after(at, *((2, 7) if stage.quiet else (0.01, 0.2)))


def new_account(stage: Stage) -> None:
    """An account that nobody knew yesterday logs in."""
    maker, word = stage.random.choice(stage.people), stage.random.choice(("svcmon", "sysupd", "netlog", "dbhelp"))
    at, host = stage.at(9, 16) if stage.quiet else stage.at(0.5, 5), stage.random.choice(maker.hosts)
    key = f"SHA256:{stage.random.randbytes(16).hex()}"
    fresh = Account(f"{word}{stage.random.randrange(2, 999)}", key, "", (host,), False, False, 0)
    for _ in range(2):
        stage.ssh(at, host, fresh, maker.source if stage.quiet else stage.outside())
        at = stage.after(at, 3, 40)


def log_tampering(stage: Stage) -> None:
    """From an address nobody has seen, and then the log is stopped."""
    account, at = stage.random.choice(stage.people), stage.at(1, 18)
    host = stage.random.choice(account.hosts)
    stage.ssh(at, host, account, stage.outside())
    stage.sudo(stage.after(at, 1, 4), host, account, "/usr/bin/systemctl stop rsyslog")


def insider_bulk(stage: Stage) -> None:
    """The owner, from the usual desk by day, on many hosts that the account has not been on."""
    account, at = stage.random.choice(stage.people), stage.at(8.5, 10)
    for host in stage.strange_hosts(account)[: 8 if stage.quiet else 14]:
        stage.ssh(at, host, account, account.source)
        at = stage.after(at, 5, 40)


KINDS: tuple[Callable[[Stage], None], ...] = (
    brute_force, password_spraying, stolen_key, hop_chain, no_way_in, service_account_interactive, dormant_account,
    privilege_escalation, concurrent_networks, mass_fan_out, new_account, log_tampering, insider_bulk,
)  # fmt: skip
