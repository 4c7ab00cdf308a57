"""Where one merge run ends and the next begins changes no event, though process ids come back in other programs."""

from clickhouse_connect.driver.client import Client
from store_logs import load_lines, merged_events

PIDS = range(300, 340, 4)


def login(day: int, pid: int) -> list[bytes]:
    """An ssh login whose child logs under the next process id."""
    peer = f"from 10.20.5.11 port {40_000 + 100 * day + pid}"
    said = [
        (pid, f"Connection {peer} on 10.20.21.10 port 22"),
        (pid, f"Accepted publickey for nagios {peer} ssh2: ECDSA SHA256:key"),
        (pid, "pam_unix(sshd:session): session opened for user nagios(uid=201) by (uid=0)"),
        (pid, f"User child is on pid {pid + 1}"),
        (pid + 1, f"Starting session: command for nagios {peer} id 0"),
        (pid + 1, f"Disconnected from user nagios {peer.removeprefix('from ')}"),
        (pid, "pam_unix(sshd:session): session closed for user nagios"),
    ]
    return [f"2026-03-{day:02d}T14:52:27+00:00 web1 sshd[{number}]: {text}".encode() for number, text in said]


def job(day: int, pid: int) -> list[bytes]:
    """A cron session of the same process id."""
    said = [f"pam_unix(cron:session): session {what} for user root" for what in ("opened", "closed")]
    return [f"2026-03-{day:02d}T09:00:0{at}+00:00 web1 CRON[{pid}]: {text}".encode() for at, text in enumerate(said)]


def test_a_late_run_keeps_what_children_said_in_an_earlier_one(client: Client) -> None:
    first = [line for pid in PIDS for line in [*login(2, pid), *job(3, pid), *job(4, pid)]]
    second = [line for pid in PIDS for line in [*login(10, pid), *job(10, pid)]]
    load_lines(client, first)
    merged_events(client)
    load_lines(client, second)
    entries = [event["entries"] for event in merged_events(client) if event["service"] == "sshd"]
    assert entries == [7] * 2 * len(PIDS)
