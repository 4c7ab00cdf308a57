"""Every question the console asks the store: one function, one file in store/queries, at most 2 000 rows."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from clickhouse_connect.driver.client import Client

from nightporter.store.query import sql

USUAL_DAYS = 30
USUAL_VALUES = 6
AROUND = timedelta(hours=12)
"""Before and after a flag's logins, shown as its sequence."""


@dataclass(frozen=True)
class Night:
    """One scored night."""

    date: date
    flags: int
    reviewed: int


@dataclass(frozen=True)
class Reason:
    """Why a flag stands out, in one respect. `surprise` is comparable among the reasons of one flag."""

    field: str
    value: str
    usual: str
    surprise: float
    text: str


@dataclass(frozen=True)
class Near:
    """A usual login that is much like a flagged one, and in what it `differs`."""

    start: datetime
    host: str
    service: str
    source_ip: str
    method: str
    differs: tuple[str, ...]


@dataclass(frozen=True)
class Flag:
    """One actor's doing in one night. `rarity` N: about one in N logins here looks like this."""

    flag_id: str
    night: date
    nights: tuple[date, ...]  # all on which it was there, oldest first: a case nobody answers is carried on
    rank: int
    rarity: float
    user: str  # "" where the actor is a source that tried several
    names: tuple[str, ...]  # all it used or tried
    source_ip: str
    host: str
    sentence: str
    reasons: tuple[Reason, ...]
    benign_twin: str
    techniques: tuple[str, ...]
    event_ids: tuple[str, ...]  # strangest first
    hosts: tuple[str, ...]  # of these
    nearest: tuple[Near, ...]  # usual logins of the user, the most alike first
    model_run: str
    verdict: str  # "" = not reviewed


@dataclass(frozen=True)
class Login:
    """One merged login of a flag."""

    event_id: str
    start: datetime
    end: datetime
    host: str
    service: str
    pid: int
    user: str
    target_user: str
    source_ip: str
    source_port: int
    method: str
    outcome: str
    failures: int
    command: str
    entries: int


def _rows(client: Client, name: str, **parameters: Any) -> list[dict[str, Any]]:
    return list(client.query(sql(f"queries/{name}.sql"), parameters=parameters).named_results())


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def nights(client: Client) -> list[Night]:
    """The scored nights, newest first."""
    return [Night(row["night"], row["flags"], row["reviewed"]) for row in _rows(client, "console_nights")]


def coverage(client: Client) -> tuple[int, date | None]:
    """How many logins are stored, and the day of the newest."""
    row = _rows(client, "console_coverage")[0]
    return row["logins"], row["newest"] if row["logins"] else None


def night_of(client: Client, flag_id: str) -> date | None:
    """The night of a flag; None when there is no such flag."""
    rows = _rows(client, "console_flag_night", flag_id=flag_id)
    return rows[0]["night"] if rows else None


def flags(client: Client, night: date) -> list[Flag]:
    """The flags of one night by rank."""
    return [_flag(night, row) for row in _rows(client, "console_flags", night=night)]


def _flag(night: date, row: dict[str, Any]) -> Flag:
    events = json.loads(row["events"])
    reasons = tuple(
        Reason(str(r["field"]), str(r["value"]), str(r["usual"]), float(r["surprise"]), str(r["text"]))
        for r in json.loads(row["reasons"])
    )
    names = tuple(sorted({str(event["user"]) for event in events if event.get("user")} or {row["user"]}))
    return Flag(
        flag_id=row["flag_id"],
        night=night,
        nights=tuple(row["nights"]),
        rank=row["rank"],
        rarity=1 / row["score"] if row["score"] > 0 else 0.0,
        user=row["user"] if len(names) < 2 else "",
        names=names,
        source_ip=row["source_ip"],
        host=row["host"],
        sentence=row["sentence"],
        reasons=reasons,
        benign_twin=row["benign_twin"],
        techniques=tuple(row["techniques"]),
        event_ids=tuple(str(event["event_id"]) for event in events),
        hosts=tuple(sorted({str(event["host"]) for event in events if event.get("host")})),
        nearest=tuple(_near(login) for login in json.loads(row["nearest"])),
        model_run=row["model_run"],
        verdict=row["verdict"],
    )


def _near(login: dict[str, Any]) -> Near:
    return Near(
        start=datetime.fromisoformat(login["start"]),
        host=str(login["host"]),
        service=str(login["service"]),
        source_ip=str(login["source_ip"]),
        method=str(login["method"]),
        differs=tuple(str(name) for name in login["differs"]),
    )


def logins(client: Client, flag: Flag) -> list[Login]:
    """The logins of a flag in order of time."""
    start = _start_of(flag.night)
    bounds = {"from": start - timedelta(days=1), "to": start + timedelta(days=2)}
    rows = _rows(client, "console_logins", event_ids=list(flag.event_ids), hosts=list(flag.hosts), **bounds)
    return [Login(**row) for row in rows]


def lines(client: Client, login: Login) -> list[str]:
    """The log lines of a login as they were written."""
    rows = _rows(
        client,
        "console_lines",
        host=login.host,
        service=login.service,
        pid=login.pid,
        user=login.user,
        source_ip=login.source_ip,
        source_port=login.source_port,
        **{"from": login.start, "to": login.end},
    )
    return [row["line"] for row in rows]


def around(client: Client, flag: Flag, logins: list[Login]) -> list[dict[str, Any]]:
    """What the flag's user (else its source) did within 12 hours of its logins: event_id, start, end, host, service,
    user, source_ip, outcome."""
    if not logins or not (flag.user or flag.source_ip):
        return []
    who = {"user": flag.user, "source": "" if flag.user else flag.source_ip}
    bounds = {"from": logins[0].start - AROUND, "to": logins[-1].start + AROUND}
    return _rows(client, "console_around", **who, **bounds)


def usual(client: Client, user: str, night: date, source: str = "") -> list[dict[str, Any]]:
    """What `user`, or else `source`, did before `night`: kind, value, days, first_seen, last_seen; commonest first
    within a kind."""
    who = {"user": user} if user else {"source": source}
    bounds = {"from": night - timedelta(days=USUAL_DAYS), "to": night}
    name = "console_usual" if user else "console_usual_source"
    return _rows(client, name, each=USUAL_VALUES, **who, **bounds)


def newest_night(client: Client) -> date | None:
    """The newest night that was scored."""
    row = _rows(client, "newest_night")[0]
    return row["night"] if row["runs"] else None


def verdicts_so_far(client: Client) -> int:
    """How many verdicts were ever given: when it grows, somebody reviewed something."""
    return int(_rows(client, "console_changes")[0]["verdicts"])


def same_actor(client: Client, flag: Flag) -> list[dict[str, Any]]:
    """Open flags of the same actor, of the same night first: flag_id, night, rank, sentence."""
    who = {"user": flag.user, "source": flag.source_ip, "host": flag.host}
    return _rows(client, "console_same_actor", flag_id=flag.flag_id, night=flag.night, **who)
