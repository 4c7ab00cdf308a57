"""What a sentence may quote of one login of a case: counts of queries/usual.sql, and names from the case itself."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from clickhouse_connect.driver.client import Client

from nightporter.features.fields import BY_NAME
from nightporter.features.stream import Logins, midnight
from nightporter.model.score import Floats
from nightporter.nightly.actors import FAR, NO_SESSION, History
from nightporter.nightly.cases import Cases, Rows
from nightporter.nightly.facts import REMOTE
from nightporter.nightly.words import listed, times
from nightporter.store.query import sql

USUAL = ("usual_hosts", "usual_sources", "usual_methods", "usual_services", "usual_targets")
NEAR = 60  # minutes within which it is worth saying how near two logins from two places were


@dataclass(frozen=True)
class Night:
    """One scored night: the logins in `rows`, how much each of their fields counts, and the cases made of them."""

    date: dt.date
    since: dt.date  # first day of the training window
    logins: Logins
    rows: Rows
    surprises: Floats
    cases: Cases
    history: History


def facts_of(client: Client, night: Night, row: int, mine: Rows, case: int) -> dict[str, Any]:
    """Counts and names that clauses about one login `row` of the case quote; one question to the store."""
    logins = night.logins
    value: Callable[[str], str] = lambda field: logins.value(field, row)  # noqa: E731
    start = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(logins.start_us[row]))
    parameters = {
        "user": value("user"), "host": value("host"), "source": value("source"), "network": value("network"),
        "service": value("service"), "method": value("method"), "key": value("key"), "target": value("target"),
        "hour": start.hour, "at": f"{start:%Y-%m-%d %H:%M:%S.%f}", "night": midnight(night.date),
        "until": midnight(night.date) + timedelta(days=1), "since": midnight(night.since),
    }  # fmt: skip
    facts: dict[str, Any] = next(iter(client.query(sql("queries/usual.sql"), parameters=parameters).named_results()))
    facts |= _way_in(client, parameters, value("source_owner") in NO_SESSION)
    rows, lead = night.rows[mine], int(night.rows[night.cases.lead[case]])
    command, lead_command = value("command"), logins.value("command", lead)
    facts.update(
        user=value("user") or "(no name)", host=value("host"), source=value("source") or "this machine",
        network=value("network"),
        service=value("service"), method=value("method") or "no method", key=_short(value("key")),
        command=command, that_command="that command" if command == lead_command else f"'{command}'",
        steps=value("steps"), terminal=value("terminal"), target=value("target") or "another account",
        outcome=value("outcome"), clock=f"{start:%H:%M}", by_day=6 <= start.hour < 20 and start.weekday() < 5,
        days=times((night.date - night.since).days, "day"), refused=bool(night.cases.refused[case]),
        invalid=value("outcome") == "unknown name", succeeded=value("outcome") == "success",
        logins_said=times(facts["logins"], "login"), active=times(facts["active_days"], "day"),
        owners=listed(facts["source_users"]), key_owners=listed(facts["key_users"]),
        silence=f"{facts['silent_days']} days without a login" if facts["logins"] else "no login before",
        age=_age(facts["first_seen"].replace(tzinfo=UTC), start),
        usual_hours=_hours(facts["usual_hours"], facts["logins"]),
        **{name: listed(facts[name]) or "none" for name in USUAL},
    )  # fmt: skip
    facts |= _of_case(night, rows) | _elsewhere(night, row) | _numbers(facts)
    return facts | {"hosts_seen": facts["new_host_names"] if facts["new_hosts"] > 1 else facts["host"]}


def _way_in(client: Client, parameters: dict[str, Any], asked: bool) -> dict[str, Any]:
    """The server of ours that a login came from without a session of its user, and whose session was there instead."""
    found: dict[str, Any] = {"server": "", "times_there": 0, "hours_since_there": 0, "others_there": []}
    if asked:
        found |= next(iter(client.query(sql("queries/way_in.sql"), parameters=parameters).named_results()))
    hours = max(int(found["hours_since_there"]), 1)
    since = times(hours // 24, "day") if hours >= 48 else times(hours, "hour")
    there = f"last login there {since} before" if found["times_there"] else "no login there"
    return found | {
        "since_there": since, "others_there": listed(found["others_there"], 2),
        "came_from": f"from {found['server'] or parameters['source']}", "there_said": there if found["server"] else "",
    }  # fmt: skip


def _of_case(night: Night, rows: Rows) -> dict[str, Any]:
    """What all logins of the case did, whichever of them a clause is about."""
    logins = night.logins
    hosts, users = names(logins, "host", rows), names(logins, "user", rows)
    never = BY_NAME["since_host"].bins - 1
    new = names(logins, "host", rows[logins.numbers["since_host"][rows] == never])
    far = names(logins, "host", rows[night.history.far[rows] >= FAR])
    known = names(logins, "user", rows[night.history.column("known_names", rows) > 0])
    first, last = int(logins.start_us[rows[0]]), int(logins.start_us[rows[-1]])
    span = clock(first) if clock(first) == clock(last) else f"{clock(first)}–{clock(last)}"
    return {
        "span": span, "seconds": (last - first) / 1e6, "count": len(rows), "users": users, "name_count": len(users),
        "host_names": listed(hosts), "host_count": len(hosts), "commands": names(logins, "command", rows),
        "new_hosts": len(new), "new_host_names": listed(new), "new_hosts_said": times(len(new), "new server"),
        "far": len(far), "far_names": listed(far),
        "far_week": len(far) + int(night.history.column("far_hosts_week", rows).max(initial=0)),
        "known": len(known), "known_names": listed(known), "known_said": listed(known, 2),
    }  # fmt: skip


def _numbers(facts: dict[str, Any]) -> dict[str, Any]:
    """Counts with their nouns, and what is usual on a day."""
    active = max(facts["active_days"], 1)
    return {
        "hosts_a_day": max(round(facts["host_days"] / active), 1),
        "sources_a_day": max(round(facts["source_days"] / active), 1),
        "hosts_usual": "" if facts["refused"] else f"about {max(round(facts['host_days'] / active), 1)} a day",
        "hosts_user_said": times(facts["hosts_source" if facts["refused"] else "hosts_user"], "server"),
        "hosts_source_said": times(facts["hosts_source"], "server"),
        "sources_user_said": f"{facts['sources_user']} address{'es' * (facts['sources_user'] != 1)}",
        "users_source_said": times(facts["users_source"], "name"),
        "failed_user": times(facts["failures_user"], "failed attempt"),
        "failed_source": times(facts["failures_source"], "failed attempt"),
    }


def _elsewhere(night: Night, row: int) -> dict[str, str]:
    """Where else the user of a login came from that day, which of all these addresses are new, and how near in time."""
    logins = night.logins
    rows = night.rows[logins.categories["user"][night.rows] == logins.categories["user"][row]]
    rows = rows[night.history.kind[rows] == REMOTE]
    new = rows[logins.numbers["since_source"][rows] == BY_NAME["since_source"].bins - 1]
    others = rows[logins.source[rows] != logins.source[row]]
    apart = np.abs(logins.start_us[others] - logins.start_us[row]).min(initial=NEAR * 60_000_000) // 60_000_000
    sources = [name for name in names(logins, "source", others) if name]
    near = f"{'the nearest ' * (len(sources) > 1)}{times(max(int(apart), 1), 'minute')} apart"
    return {
        "other_sources": listed(sources), "apart": f", {near}" if apart < NEAR else "",
        "new_sources": listed([name for name in names(logins, "source", new) if name]),
    }  # fmt: skip


def names(logins: Logins, field: str, rows: Rows) -> list[str]:
    """The values of a field in `rows`, in the order in which they come first."""
    column = logins.source if field == "source" else logins.categories[field]
    codes, first = np.unique(column[rows], return_index=True)
    return [logins.values[field][code] for code in codes[np.argsort(first)]]


def clock(microseconds: int) -> str:
    """Hour and minute (UTC) of a time since 1970."""
    return f"{datetime.fromtimestamp(microseconds / 1e6, UTC):%H:%M}"


def _short(key: str) -> str:
    return key if len(key) <= 20 else f"{key[:19]}…"


def _hours(bounds: list[float], logins: int) -> str:
    return f"{int(bounds[0]):02d}–{int(bounds[1]):02d} h" if logins else "none"


def _age(first: datetime, now: datetime) -> str:
    minutes = max(int((now - first).total_seconds() // 60), 0)
    if minutes < 1:
        return "with this login"
    return f"{times(minutes, 'minute')} earlier" if minutes < 120 else f"{times(minutes // 60, 'hour')} earlier"
