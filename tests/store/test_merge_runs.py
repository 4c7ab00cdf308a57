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


def test_a_remark_of_a_child_that_comes_alone_and_late_belongs_to_its_login(client: Client) -> None:
    peer = b"203.0.113.7 port 50022"
    said = [
        b"sshd[100]: Accepted password for ada from " + peer + b" ssh2",
        b"sshd[130]: Starting session: subsystem 'sftp' for ada from " + peer + b" id 0",
        b"sshd-session[200]: Failed password for bob from 203.0.113.8 port 50077 ssh2",
        b"sshd-auth[201]: Connection closed by authenticating user bob 203.0.113.8 port 50077 [preauth]",
    ]
    remarks = [
        b"sshd[130]: subsystem request for sftp by user ada",
        b"sshd-auth[201]: fatal: x [preauth]",
    ]
    load_lines(client, [b"2026-03-02T10:00:00+00:00 web1 " + line for line in said])
    merged_events(client)
    load_lines(client, [b"2026-03-02T10:00:01+00:00 web1 " + line for line in remarks])
    assert {event["pid"]: event["entries"] for event in merged_events(client)} == {100: 3, 200: 3}


def test_lines_that_come_after_the_queue_was_empty_and_the_store_started_again_become_logins(client: Client) -> None:
    for day in (2, 3, 4):
        load_lines(client, login(day, 300))
        merged_events(client)
    # what three days without a line and a new start of the store do: inserts into the queue are counted from one again
    for statement in ("TRUNCATE TABLE touched", "DETACH TABLE touched SYNC", "ATTACH TABLE touched"):
        client.command(statement)
    load_lines(client, login(9, 300))
    assert len(merged_events(client)) == 4
