"""A small night for tests of the console: some weeks of two people's logins, then three flags in one night."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from clickhouse_connect.driver.client import Client
from nightporter.store.merge import merge

HOSTILE = "![x](http://beacon.invalid/b.png)<img src=x onerror=alert(1)>\u202etxt"
"""A name that markdown, HTML or the direction of writing would turn into something else."""

FANNED_OUT = "ada logged in 4 times to 4 servers from 203.0.113.7 at 03:04–03:34 UTC"
REFUSED = f"198.51.100.9 was refused 3 logins as {HOSTILE} on web1 at 04:04–04:06 UTC"
ADMINISTERED = "brian ran 'visudo' as root with sudo on web2 at 11:30 UTC"


MEASURED = {
    "gate": {
        "promoted": True, "scored_by": "run-1", "reason": "passed",
        "checks": [
            {"name": "error", "passed": True, "value": 20.1, "bound": 20.6, "text": "Surprised as the one before."},
            {"name": "recall", "passed": True, "value": 0.81, "bound": 0.75, "text": "81% of the planted attacks."},
        ],
    },
    "canaries": {
        "recall": 0.81, "incumbent": 0.8, "baselines": {"PCA": 0.62, "rarity sum": 0.35},
        "kinds": {"stolen_key": {"planted": 6, "found": 6}, "lateral_movement": {"planted": 5, "found": 3}},
    },
    "curve": {"train": [61.0, 33.0, 25.0, 22.0, 20.5], "held_out": [60.0, 34.0, 26.5, 24.0, 23.1]},
    "stability": {"overlap": 0.86}, "drift": {"nll": 20.1, "oov": {"network": 0.04}},
}  # fmt: skip
"""What a night measures of its model, in the form of its record."""


NEAREST = [{
    "start": "2026-02-27T08:14:00.000000+00:00", "host": "web1", "service": "sshd", "source_ip": "10.1.2.7",
    "method": "publickey", "differs": ["server", "address"],
}]  # fmt: skip
"""The usual login that is most like what ada did."""


@dataclass(frozen=True)
class Line:
    """One log line of the night or of the weeks before it."""

    at: datetime
    host: str
    tag: str
    message: str

    def __str__(self) -> str:
        return f"{self.at.isoformat(timespec='microseconds')} {self.host} {self.tag}: {self.message}"


def _login(at: datetime, host: str, pid: int, user: str, source: str) -> list[Line]:
    tag, port = f"sshd[{pid}]", 30000 + pid % 20000
    return [
        Line(at, host, tag, f"Accepted publickey for {user} from {source} port {port} ssh2: ED25519 SHA256:{user}key"),
        Line(at, host, tag, f"pam_unix(sshd:session): session opened for user {user}(uid=1000) by (uid=0)"),
        Line(at + timedelta(minutes=9), host, tag, f"Disconnected from user {user} {source} port {port}"),
        Line(at + timedelta(minutes=9), host, tag, f"pam_unix(sshd:session): session closed for user {user}"),
    ]


def write_logins(client: Client, night: date, days: int = 12) -> None:
    """Store and merge the logins of the night and of the `days` before it."""
    midnight = datetime(night.year, night.month, night.day, tzinfo=UTC)
    lines: list[Line] = []
    for back in range(1, days + 1):
        for number, (user, source) in enumerate((("ada", "10.1.2.7"), ("brian", "10.1.3.9"))):
            at = midnight - timedelta(days=back) + timedelta(hours=8, minutes=7 * back)
            lines += _login(at, f"web{number + 1}", 2000 + 10 * back + number, user, source)
    for number in range(4):
        lines += _login(
            midnight + timedelta(hours=3, minutes=4 + 10 * number), f"db{number}", 5000 + number, "ada", "203.0.113.7"
        )
    for number in range(3):
        at, tag = midnight + timedelta(hours=4, minutes=4 + number), f"sshd[{6000 + number}]"
        lines.append(
            Line(
                at,
                "web1",
                tag,
                f"Failed password for invalid user {HOSTILE} from 198.51.100.9 port {40000 + number} ssh2",
            )
        )
    at, command = midnight + timedelta(hours=11, minutes=30), "/usr/sbin/visudo"
    lines.append(Line(at, "web2", "sudo[7000]", f"brian : TTY=pts/0 ; PWD=/home/brian ; USER=root ; COMMAND={command}"))
    rows = [[str(line), datetime.now(UTC), 0, "UTC", {}, ""] for line in lines]
    client.insert("lines", rows, column_names=["line", "received", "year", "zone", "zones", "source"])
    merge(client)


def write_night(client: Client, night: date, run: str = "run-1", flags: int = 3) -> None:
    """Store that the night was scored, and its first `flags` flags."""
    finished = datetime.now(UTC)
    client.insert(
        "model_runs",
        [[run, night, finished, finished, 0, 8, flags, json.dumps(MEASURED)]],
        column_names=["model_run", "night", "started", "finished", "seed", "logins", "flags", "summary"],
    )
    people = [
        ("ada", "203.0.113.7", "db0", FANNED_OUT),
        (HOSTILE, "198.51.100.9", "web1", REFUSED),
        ("brian", "", "web2", ADMINISTERED),
    ]
    rows = []
    for rank, (user, source, host, sentence) in enumerate(people[:flags], 1):
        reasons = [
            {
                "field": "since_source",
                "value": source,
                "usual": "10.1.2.7",
                "surprise": 6.0,
                "text": f"{user} never came from {source}",
            },
            {
                "field": "hour",
                "value": "03:04 UTC",
                "usual": "08–09 h",
                "surprise": 2.0,
                "text": f"at an hour when {user} is never here",
            },
        ]
        events = client.query(
            "SELECT event_id FROM login_events FINAL WHERE user = {user:String} AND source_ip = {source:String} "
            "AND toDate(start) = {night:Date} ORDER BY start DESC",
            parameters={"user": user, "source": source, "night": night},
        ).result_rows
        rows.append([
            night, f"flag{rank}", rank, 1 / (123_456 / rank), user, source, host, sentence, json.dumps(reasons),
            f"Back from leave: ask {user}.", ["T1078", "T1021.004"],
            json.dumps([{"event_id": row[0]} for row in events]), json.dumps(NEAREST if user == "ada" else []), run, 1,
        ])  # fmt: skip
    columns = [
        "night", "flag_id", "rank", "score", "user", "source_ip", "host", "sentence", "reasons", "benign_twin",
        "techniques", "events", "nearest", "model_run", "version",
    ]  # fmt: skip
    if rows:
        client.insert("flags", rows, column_names=columns)


def write_more_flags(client: Client, more: int) -> None:
    """Copies of the first flag with other people, servers and ranks, so that there is something to work through."""
    client.command(
        """
        INSERT INTO flags (night, flag_id, rank, score, user, source_ip, host, sentence, reasons, benign_twin,
            techniques, events, model_run, version, is_deleted)
        SELECT
            first.night AS night, concat('more', toString(n)) AS flag_id, toUInt16(4 + n) AS rank,
            first.score * (1 + n) AS score,
            concat('person', toString(n)) AS user, concat('10.4.0.', toString(n)) AS source_ip, host,
            replaceAll(first.sentence, 'ada', user) AS sentence,
            replaceAll(first.reasons, 'ada', user) AS reasons, benign_twin,
            techniques, '[]' AS events, model_run, version, is_deleted
        FROM (SELECT * FROM flags FINAL WHERE flag_id = 'flag1') AS first
        CROSS JOIN (SELECT number AS n FROM numbers({more:UInt8})) AS copies
        """,
        parameters={"more": more},
    )
