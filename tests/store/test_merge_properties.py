"""Merging depends on no order, duplicates or batches of delivery: any of them gives the same events."""

import random
from dataclasses import dataclass

from clickhouse_connect.driver.client import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nightporter.store.merge import WORKING_TABLES
from store_logs import load_lines, merged_events

TABLES = ("entries", "touched", "links", "login_events", *WORKING_TABLES, "merge_runs")
KINDS = ("key", "key verbose", "key lost close", "wrong password", "scanner", "sudo", "sudo no pid", "cron")


@dataclass(frozen=True)
class Login:
    kind: str
    pause: float  # seconds since the login before on the same host began
    lasts: float
    pid: int
    user: str
    host: str


LOGINS = st.lists(
    st.builds(
        Login,
        kind=st.sampled_from(KINDS),
        pause=st.sampled_from([0.5, 3.0, 70.0, 700.0, 40_000.0]),
        lasts=st.sampled_from([0.2, 5.0, 300.0]),
        pid=st.sampled_from([500, 501, 520]),
        user=st.sampled_from(["ada", "bob", "root from 10.0.0.1 port 22 ssh2", "Accepted password for root"]),
        host=st.sampled_from(["web1", "db1"]),
    ),
    min_size=2,
    max_size=12,
)


def written(number: int, login: Login, start: float) -> list[tuple[float, str]]:
    """The lines of one login, each with its time in seconds."""
    peer = f"10.1.1.{number % 250} port {41_000 + number}"
    monitor, child, user, end = f"sshd[{login.pid}]", f"sshd[{login.pid + 4}]", login.user, start + 1 + login.lasts
    pam = f"{monitor}: pam_unix(sshd:session): session"
    match login.kind:
        case "key" | "key verbose" | "key lost close":
            lines = [
                (start + 0.1, f"{monitor}: Accepted publickey for {user} from {peer} ssh2: ED25519 SHA256:abc{number}")
            ]
            lines.append((start + 0.2, f"{pam} opened for user {user}(uid=1000) by (uid=0)"))
            if login.kind == "key verbose":
                lines.insert(0, (start, f"{monitor}: Connection from {peer} on 10.0.0.1 port 22"))
                lines.append((start + 0.3, f"{child}: Starting session: command for {user} from {peer} id 0"))
            lines.append((end, f"{child}: Disconnected from user {user} {peer}"))
            if login.kind != "key lost close":
                lines.append((end + 0.1, f"{pam} closed for user {user}"))
            return lines
        case "wrong password":
            failure = (
                f"{monitor}: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost="
            )
            return [
                (start, failure + peer.split()[0] + "  user=root"),
                (start + 0.5, f"{monitor}: Failed password for {user} from {peer} ssh2"),
                (start + 0.6, f"{monitor}: Connection closed by authenticating user {user} {peer} [preauth]"),
            ]
        case "scanner":
            return [(start, f"{monitor}: Connection closed by {peer} [preauth]")]
        case "cron":
            session = f"CRON[{login.pid + 1}]: pam_unix(cron:session): session"
            return [
                (start, f"{session} opened for user root(uid=0) by (uid=0)"),
                (end, f"{session} closed for user root"),
            ]
        case _:
            sudo = "sudo:" if login.kind == "sudo no pid" else f"sudo[{login.pid + 2}]:"
            who = login.user.split()[0]
            return [
                (start, f"{sudo} {who} : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/echo {number} ; COMMAND=/bin/x"),
                (
                    start + 0.01,
                    f"{sudo} pam_unix(sudo:session): session opened for user root(uid=0) by {who}(uid=1000)",
                ),
                (end, f"{sudo} pam_unix(sudo:session): session closed for user root"),
            ]


def log_of(logins: list[Login]) -> list[bytes]:
    """The log of all hosts. A pid is given again only after its login is over.

    Nor has one person two commands of a sudo without pid at once: which of them ends, no line says, and an end that
    comes more than a minute after the other's is then an event of its own (docs/formats.md).
    """
    clock: dict[str, float] = {}
    free: dict[tuple[str, int | str], float] = {}
    lines = []
    for number, login in enumerate(logins):
        process = login.user.split()[0] if login.kind == "sudo no pid" else login.pid
        start = max(clock.get(login.host, 0.0) + login.pause, free.get((login.host, process), 0.0))
        clock[login.host] = start
        for at, text in written(number, login, start):
            day, second = divmod(at, 86_400)
            hour, minute = divmod(int(second) // 60, 60)
            stamp = f"2026-03-{2 + int(day):02}T{hour:02}:{minute:02}:{second % 60:09.6f}+00:00"
            lines.append(f"{stamp} {login.host} {text}".encode())
            free[login.host, process] = max(free.get((login.host, process), 0.0), at + 2)
    return lines


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(logins=LOGINS, seed=st.integers(0, 2**32), batches=st.integers(1, 3))
def test_any_order_duplicates_and_batches_give_the_same_events(
    client: Client, logins: list[Login], seed: int, batches: int
) -> None:
    lines = log_of(logins)
    for table in TABLES:
        client.command(f"TRUNCATE TABLE {table} SYNC")
    load_lines(client, lines)
    events = merged_events(client)
    assert len(events) == len(logins)

    chance = random.Random(seed)
    delivered = [line for line in lines for _ in range(chance.choice([1, 1, 2, 3]))]
    chance.shuffle(delivered)
    for table in TABLES:
        client.command(f"TRUNCATE TABLE {table} SYNC")
    for batch in range(batches):
        load_lines(client, delivered[batch::batches] or lines[:1])
        shown = merged_events(client)
    assert shown == events
