"""Logs as logrotate leaves them, through the command: archives, any order, New Year, the doubled hour."""

import gzip
import json
import lzma
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard
from clickhouse_connect.driver.client import Client
from command import nightporter
from nightporter.store.merge import WORKING_TABLES

TABLES = ("entries", "touched", "links", "login_events", "merge_runs", *WORKING_TABLES)
PACKED = {".gz": gzip.compress, ".xz": lzma.compress, ".zst": zstandard.compress}

OLDEST = """\
Dec 20 06:00:01 web1 CRON[900]: pam_unix(cron:session): session opened for user root by (uid=0)
Dec 20 06:00:02 web1 CRON[900]: pam_unix(cron:session): session closed for user root
Dec 27 22:00:00 web1 sshd[910]: Accepted password for ada from 192.0.2.10 port 50001 ssh2
Dec 27 22:00:00 web1 sshd[910]: pam_unix(sshd:session): session opened for user ada by (uid=0)
"""
OLDER = """\
Dec 28 06:00:00 web1 sshd[914]: Received disconnect from 192.0.2.10 port 50001:11: disconnected by user
Dec 28 06:00:00 web1 sshd[914]: Disconnected from user ada 192.0.2.10 port 50001
Dec 28 06:00:00 web1 sshd[910]: pam_unix(sshd:session): session closed for user ada
Dec 31 23:59:50 web1 sshd[910]: Failed password for bob from 192.0.2.11 port 50002 ssh2
Dec 31 23:59:58 web1 sshd[910]: Accepted password for bob from 192.0.2.11 port 50002 ssh2
Dec 31 23:59:59 web1 sshd[910]: pam_unix(sshd:session): session opened for user bob by (uid=0)
"""
NEWEST = """\
Jan  1 00:00:30 web1 sudo:      bob : TTY=pts/0 ; PWD=/home/bob ; USER=root ; COMMAND=/usr/bin/id
Jan  1 00:10:00 web1 sshd[915]: Disconnected from user bob 192.0.2.11 port 50002
Jan  1 00:10:00 web1 sshd[910]: pam_unix(sshd:session): session closed for user bob
"""


def load(paths: Iterable[Path], *options: str) -> list[str]:
    """Load each with a command of its own; what the commands printed."""
    told = []
    for path in paths:
        done = nightporter("ingest", *options, str(path))
        assert done.code == 0, done.err
        told.append(done.out.decode())
    return told


def shown() -> bytes:
    done = nightporter("events")
    assert done.code == 0, done.err
    return done.out


def rows(text: bytes) -> list[dict[str, Any]]:
    return [json.loads(row) for row in text.splitlines()]


def empty(client: Client) -> None:
    for table in TABLES:
        client.command(f"TRUNCATE TABLE {table} SYNC")


def test_a_file_and_its_archives_in_one_store_are_the_file_once(client: Client, tmp_path: Path) -> None:
    del client  # empties the store
    log = tmp_path / "auth.log"
    log.write_text(OLDEST + OLDER)
    load([log])
    before = shown()
    assert len(rows(before)) == 3
    for suffix, pack in PACKED.items():
        Path(f"{log}{suffix}").write_bytes(pack(log.read_bytes()))
    assert (
        load(Path(f"{log}{suffix}") for suffix in PACKED)
        == ["read 10, stored 0, already known 10, unparsed 0 entries\n"] * 3
    )
    assert shown() == before


def test_rotated_files_give_the_same_logins_in_any_order_and_over_new_year(client: Client, tmp_path: Path) -> None:
    files = [tmp_path / "auth.log.2.gz", tmp_path / "auth.log.1", tmp_path / "auth.log"]
    files[0].write_bytes(gzip.compress(OLDEST.encode()))
    files[1].write_text(OLDER)
    files[2].write_text(NEWEST)
    load(files)
    right = shown()
    empty(client)
    load(reversed(files))
    assert shown() == right
    empty(client)
    load([tmp_path])
    assert shown() == right
    now = datetime.now(UTC)
    if (now.month, now.day) < (12, 30):  # in the last days of a year these lines are of two years
        told = [
            (event["service"], event["user"], event["start"][:16], event["end"][:16], event["entries"])
            for event in rows(right)
        ]
        year = now.year
        assert told == [
            ("cron", "root", f"{year - 1}-12-20T06:00", f"{year - 1}-12-20T06:00", 2),
            ("sshd", "ada", f"{year - 1}-12-27T22:00", f"{year - 1}-12-28T06:00", 5),
            ("sshd", "bob", f"{year - 1}-12-31T23:59", f"{year}-01-01T00:10", 5),
            ("sudo", "bob", f"{year}-01-01T00:00", f"{year}-01-01T00:00", 1),
        ]


@pytest.mark.parametrize(
    ("zone", "day", "hour", "utc"),
    [("Europe/Berlin", "Oct 26", 2, "2025-10-26T01"), ("America/New_York", "Nov  2", 1, "2025-11-02T05")],
)
def test_logins_within_the_doubled_hour_stay_whole_in_any_order(
    client: Client, tmp_path: Path, zone: str, day: str, hour: int, utc: str
) -> None:
    def login(minute: int, pid: int) -> list[str]:
        peer = f"192.0.2.10 port {50_000 + pid}"
        at = f"{day} {hour:02}:{minute:02}"
        return [
            f"{at}:01 web1 sshd[{pid}]: Accepted password for ada from {peer} ssh2",
            f"{at}:01 web1 sshd[{pid}]: pam_unix(sshd:session): session opened for user ada by (uid=0)",
            f"{at}:40 web1 sshd[{pid + 4}]: Disconnected from user ada {peer}",
            f"{at}:40 web1 sshd[{pid}]: pam_unix(sshd:session): session closed for user ada",
        ]

    # the first hour's logins, then those of the hour that is written like it
    lines = [line for minute, pid in ((5, 100), (50, 200), (6, 300), (51, 400)) for line in login(minute, pid)]
    log, backwards = tmp_path / "auth.log", tmp_path / "backwards.log"
    log.write_text("\n".join(lines) + "\n")
    backwards.write_text("\n".join(reversed(lines)) + "\n")
    options = ("--year", "2025", "--timezone", zone)
    load([log], *options)
    right = shown()
    assert [(event["pid"], event["start"][:16], event["entries"]) for event in rows(right)] == [
        (100, f"{utc}:05", 4), (300, f"{utc}:06", 4), (200, f"{utc}:50", 4), (400, f"{utc}:51", 4),
    ]  # fmt: skip
    empty(client)
    load([backwards, log], *options)
    assert shown() == right
