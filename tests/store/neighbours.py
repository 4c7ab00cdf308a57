"""A made farm of one host whose processes are close neighbours: ids come from 200 and come back within minutes.

What one login leaves under several process ids is written in the ways of several systems, with the true event beside.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

SPACE, FIRST_PID = 200, 300
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
USERS = ("ada", "bob", "root", "eve x", "CORP\\fay", "Accepted password for root")


@dataclass
class Host:
    """One host's clock, the processes that live, the lines written and the events that are true."""

    chance: random.Random
    old: bool
    now: float = 0.0
    next_pid: int = 0
    busy: dict[int, float] = field(default_factory=dict)
    lines: list[bytes] = field(default_factory=list)
    events: list[tuple[str | int | None, ...]] = field(default_factory=list)

    def pid(self, until: float) -> int:
        """The next process id that nobody holds; held until that time and a moment longer."""
        while True:
            self.next_pid = (self.next_pid + self.chance.choice([1, 1, 1, 2, 5])) % SPACE
            pid = FIRST_PID + self.next_pid
            if self.busy.get(pid, -1.0) < self.now:
                self.busy[pid] = until + 2
                return pid

    def child(self, pid: int, until: float) -> int | None:
        """A free process id just above `pid`."""
        for near in range(pid + 1, pid + 6):
            if self.busy.get(near, -1.0) < self.now:
                self.busy[near] = until + 2
                return near
        return None

    def tell(
        self, service: str, pid: int, user: str, outcome: str, failures: int, said: list[tuple[float, str]]
    ) -> None:
        """Write the lines of one login, each a time and "program[pid]: message", and note its event."""
        stamps = [stamp(at) for at, _ in said]
        self.lines += [f"{when} near1 {text}".encode() for when, (_, text) in zip(stamps, said, strict=True)]
        self.events.append((service, pid, user, outcome, failures, min(stamps), max(stamps), len(set(said))))


def stamp(at: float) -> str:
    return (MIDNIGHT + timedelta(seconds=at)).isoformat(timespec="microseconds")


def key_login(host: Host, number: int, end: float) -> None:
    """OpenSSH with a child that names the peer, sometimes announced."""
    pid, user, peer = host.pid(end), host.chance.choice(USERS), f"10.0.0.{number % 9} port {2_000 + number}"
    said = [
        (host.now, f"sshd[{pid}]: Accepted publickey for {user} from {peer} ssh2: ED25519 SHA256:k{number}"),
        (host.now + 0.1, f"sshd[{pid}]: pam_unix(sshd:session): session opened for user {user}(uid=1000) by (uid=0)"),
    ]
    child = host.pid(end)
    if host.chance.random() < 0.5:
        said.append((host.now + 0.2, f"sshd[{pid}]: User child is on pid {child}"))
        said.append((host.now + 0.25, f"sshd[{child}]: Starting session: command for {user} from {peer} id 0"))
    said.append((end - 0.1, f"sshd[{child}]: Disconnected from user {user} {peer}"))
    if host.chance.random() < 0.9:
        said.append((end, f"sshd[{pid}]: pam_unix(sshd:session): session closed for user {user}"))
    host.tell("sshd", pid, user, "success", 0, said)


def old_login(host: Host, number: int, end: float) -> None:
    """OpenSSH of old: the child names an address without port."""
    pid, address = host.pid(end), f"10.1.{number // 200}.{number % 200}"
    child = host.child(pid, end)
    said = [
        (host.now, f"sshd[{pid}]: Failed password for bob from {address} port 4000 ssh2"),
        (host.now + 1, f"sshd[{pid}]: Accepted password for bob from {address} port 4000 ssh2"),
        (host.now + 1.1, f"sshd[{pid}]: pam_unix(sshd:session): session opened for user bob by (uid=0)"),
        (end, f"sshd[{pid}]: pam_unix(sshd:session): session closed for user bob"),
    ]
    if child:
        said.insert(3, (end - 0.1, f"sshd[{child}]: Received disconnect from {address}: 11: disconnected by user"))
    host.tell("sshd", pid, "bob", "success", 1, said)


def refused(host: Host, number: int, _: float) -> None:
    """A wrong password, PAM first; one that repeats."""
    pid, peer = host.pid(host.now + 5), f"10.0.0.{number % 9} port {2_000 + number}"
    pam = f"authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={peer.split()[0]}  user=root"
    failed = f"Failed password for root from {peer} ssh2"
    said = [
        (host.now, f"sshd[{pid}]: pam_unix(sshd:auth): {pam}"),
        (host.now + 2, f"sshd[{pid}]: {failed}"),
        (host.now + 4, f"sshd[{pid}]: message repeated 2 times: [ {failed}]"),
        (host.now + 4.1, f"sshd[{pid}]: Connection closed by authenticating user root {peer} [preauth]"),
    ]
    host.tell("sshd", pid, "root", "failure", 3, said)


def scanner(host: Host, number: int, _: float) -> None:
    """A connection that names nobody."""
    pid = host.pid(host.now + 1)
    said = [
        (host.now, f"sshd[{pid}]: error: kex_exchange_identification: Connection closed by remote host"),
        (host.now + 0.01, f"sshd[{pid}]: Connection closed by 10.0.0.{number % 9} port {2_000 + number}"),
    ]
    host.tell("sshd", pid, "", "no_auth", 0, said)


def job(host: Host, number: int, end: float) -> None:
    """cron: the job in a child; PAM tells of the session, or cronie of its end."""
    pid = host.pid(end)
    child = host.child(pid, end)
    told = host.chance.random() < 0.5
    said = [(host.now, f"CRON[{pid}]: pam_unix(cron:session): session opened for user root by (uid=0)")]
    if child:
        said.append((host.now + 0.01, f"CRON[{child}]: (root) CMD (/usr/bin/job{number})"))
    if told and child:
        said[:1] = []
        said.append((end, f"CRON[{pid}]: (root) CMDEND (/usr/bin/job{number})"))
    else:
        said.append((end, f"CRON[{pid}]: pam_unix(cron:session): session closed for user root"))
    host.tell("cron", pid, "root", "success", 0, said)


def refused_su(host: Host, number: int, _: float) -> None:
    """su that PAM refuses before the log is opened."""
    pid = host.pid(host.now + 5)
    user = f"user{number}"
    pam = f"authentication failure; logname={user} uid=1000 euid=0 tty=pts/0 ruser={user} rhost=  user=root"
    said = [
        (host.now, f"su: pam_unix(su:auth): {pam}"),
        (host.now + 2, f"su[{pid}]: FAILED SU (to root) {user} on pts/0"),
    ]
    host.tell("su", pid, user, "failure", 1, said)


def login(host: Host, number: int, end: float) -> None:
    """As the host's OpenSSH writes it."""
    (old_login if host.old else key_login)(host, number, end)


KINDS: tuple[Callable[[Host, int, float], None], ...] = (
    login, login, login, refused, scanner, job, job, refused_su,
)  # fmt: skip


def farm(seed: int, logins: int) -> Host:
    """Logins that overlap, a few seconds apart; some last seconds, some an hour."""
    host = Host(random.Random(seed), old=seed % 2 == 1)
    for number in range(logins):
        host.now += host.chance.choice([0.3, 2.0, 11.0, 31.0])
        end = host.now + 3 + host.chance.choice([0.0, 20.0, 300.0, 3_000.0])
        host.chance.choice(KINDS)(host, number, end)
    return host
