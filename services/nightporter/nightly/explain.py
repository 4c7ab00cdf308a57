"""Explains a case: one sentence with counts from the log, reasons, the likeliest harmless reading, techniques."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from clickhouse_connect.driver.client import Client

from nightporter.features.fields import BY_NAME, FIELDS
from nightporter.features.stream import Logins
from nightporter.model.score import PLACE, Floats
from nightporter.nightly.attack import techniques
from nightporter.nightly.cases import THRESHOLD, Cases, Rows
from nightporter.nightly.words import TWIN_OF_ANYTHING, TWINS, VALUES, Facts, clause, listed, times
from nightporter.store.query import sql

MOST_REASONS = 8
IN_SENTENCE = 3


@dataclass(frozen=True)
class Explanation:
    """What a reviewer reads; `reasons` as in the contract, strongest first."""

    sentence: str
    reasons: list[dict[str, Any]]
    benign_twin: str
    techniques: list[str]


@dataclass(frozen=True)
class Night:
    """One scored night: the logins in `rows`, how much each of their fields counts, and the cases made of them."""

    date: date
    since: date  # first day of the training window
    logins: Logins
    rows: Rows
    surprises: Floats
    cases: Cases


def explain(client: Client, night: Night, case: int, rarity: float) -> Explanation:
    """The explanation of one case, whose counts are asked from the store."""
    mine = np.flatnonzero(night.cases.actor == case)
    facts = _facts(client, night, case, mine)
    fields = _strongest(night, case, mine)
    reasons = [_reason(name, surprise, facts) for name, surprise in fields]
    texts = [str(reason["text"]) for reason in reasons]
    named = "; ".join(list(dict.fromkeys(texts))[:IN_SENTENCE]) or "nothing single, but much of it together, is unusual"
    sentence = f"{_deed(facts)}: {named}. About 1 in {round_number(1 / rarity)} logins here looks as strange."
    names = [name for name, _ in fields]
    twin = next((text for about, text in TWINS if about & set(names[:2])), TWIN_OF_ANYTHING)
    return Explanation(sentence, reasons, twin.format_map(facts), techniques(names, facts))


def _strongest(night: Night, case: int, mine: Rows) -> list[tuple[str, float]]:
    """Fields of the case by how much they count, one per topic: a source that is new in three ways is one reason."""
    lead, best = night.surprises[night.cases.lead[case]], night.surprises[mine].max(0)
    # what the strangest login shows comes before what others of the same night add
    weight = np.where(lead > THRESHOLD, np.maximum(lead, 0.5 * best), 0.5 * best)
    chosen: list[tuple[str, float]] = []
    topics: set[tuple[str, ...]] = set()
    for column in np.argsort(-weight, kind="stable").tolist():
        field = FIELDS[column]
        topic = field.about if field.group != "burst" else (field.name,)
        if best[column] > THRESHOLD and topic not in topics and (field.about[-1],) not in topics:
            topics.add(topic)
            topics.add((field.about[-1],) if field.group in ("identity", "novelty") else topic)
            chosen.append((field.name, float(np.sqrt(best[column]))))
    return chosen[:MOST_REASONS]


def _reason(name: str, surprise: float, facts: Facts) -> dict[str, Any]:
    value, usual = VALUES.get(BY_NAME[name].about[-1], ("", ""))
    if BY_NAME[name].group == "burst":
        value, usual = BY_NAME[name].label, ""
    return {
        "field": name,
        "value": value.format_map(facts),
        "usual": usual.format_map(facts),
        "surprise": round(surprise, 2),
        "text": clause(name, facts),
    }


def _facts(client: Client, night: Night, case: int, mine: Rows) -> dict[str, Any]:
    """Counts and names that clauses quote."""
    logins, row = night.logins, int(night.rows[night.cases.lead[case]])
    value: Callable[[str], str] = lambda field: logins.value(field, row)  # noqa: E731
    start = datetime.fromtimestamp(int(logins.start_us[row]) / 1e6, UTC)
    midnight = datetime(night.date.year, night.date.month, night.date.day, tzinfo=UTC)
    refused = bool(night.cases.refused[case])
    parameters = {
        "user": value("user"), "host": value("host"), "source": value("source"), "network": value("network"),
        "service": value("service"), "method": value("method"), "key": value("key"), "target": value("target"),
        "hour": start.hour, "refused": refused, "night": midnight, "until": midnight + timedelta(days=1),
        "since": datetime(night.since.year, night.since.month, night.since.day, tzinfo=UTC),
    }  # fmt: skip
    facts: dict[str, Any] = next(iter(client.query(sql("queries/usual.sql"), parameters=parameters).named_results()))
    rows = night.rows[mine]
    hosts = _names(logins, "host", rows)
    never = BY_NAME["since_host"].bins - 1
    new = _names(logins, "host", rows[logins.numbers["since_host"][rows] == never])
    last: datetime = facts["last_login"]
    span = f"{_clock(logins.start_us[rows[0]])}" + (f"–{_clock(logins.start_us[rows[-1]])}" if len(rows) > 1 else "")
    facts.update(
        user=value("user") or "(no name)", host=value("host"), source=value("source") or "this machine", network=value("network"),
        service=value("service"), method=value("method") or "no method", key=_short(value("key")), command=value("command"),
        target=value("target") or "another account", outcome=value("outcome"), clock=f"{start:%H:%M}", span=span,
        days=times((night.date - night.since).days, "day"), refused=refused, invalid=value("outcome") == "unknown name",
        succeeded=value("outcome") == "success", silent_days=max((midnight - last.replace(tzinfo=UTC)).days, 0),
        count=len(rows), host_names=listed(hosts), host_count=len(hosts), users=_names(logins, "user", rows),
        new_hosts=len(new), new_host_names=listed(new), age=_age(client, value("user"), parameters["since"], start),
        usual_hours=_hours(facts["usual_hours"], facts["logins"]),
        **{name: listed(facts[name]) or "none" for name in ("usual_hosts", "usual_sources", "usual_methods", "usual_services", "usual_targets")},
    )  # fmt: skip
    return facts


def _deed(facts: Facts) -> str:
    """Who did what, where and when."""
    where = facts["host"] if facts["host_count"] == 1 else f"{facts['host_count']} servers ({facts['host_names']})"
    if facts["refused"]:
        users = facts["users"]
        names = f"as {users[0] or '(no name)'}" if len(users) == 1 else f"under {len(users)} names ({listed(users)})"
        return f"{facts['source']} was refused {times(facts['count'], 'login')} {names} on {where} at {facts['span']} UTC"
    often = "" if facts["count"] == 1 else f" {facts['count']} times"
    if facts["service"] in ("sudo", "doas"):
        done = f"ran '{facts['command']}' as {facts['target']} with {facts['service']}"
        done = done if facts["succeeded"] else f"was refused {facts['service']} for '{facts['command']}'"
        return f"{facts['user']} {done} on {where} at {facts['span']} UTC" + (f" ({facts['count']} uses)" if often else "")
    if facts["service"] == "su":
        done = f"became {facts['target']}" if facts["succeeded"] else f"failed to become {facts['target']}"
        return f"{facts['user']} {done} with su on {where} at {facts['span']} UTC"
    from_where = f" from {facts['source']}" if facts["source"] != "this machine" else f" by {facts['service']}"
    return f"{facts['user']} logged in{often} to {where}{from_where} at {facts['span']} UTC"


def _names(logins: Logins, field: str, rows: Rows) -> list[str]:
    codes, first = np.unique(logins.categories[field][rows], return_index=True)
    return [logins.values[field][code] for code in codes[np.argsort(first)]]


def _clock(microseconds: Any) -> str:
    return f"{datetime.fromtimestamp(int(microseconds) / 1e6, UTC):%H:%M}"


def _short(key: str) -> str:
    return key if len(key) <= 20 else f"{key[:19]}…"


def _hours(bounds: list[float], logins: int) -> str:
    return f"{int(bounds[0]):02d}–{int(bounds[1]):02d} h" if logins else "none"


def _age(client: Client, user: str, since: datetime, now: datetime) -> str:
    first = client.query(sql("queries/first_seen.sql"), parameters={"user": user, "since": since}).first_row[0].replace(tzinfo=UTC)
    minutes = max(int((now - first).total_seconds() // 60), 0)
    if minutes < 1:
        return "with this login"
    return f"{times(minutes, 'minute')} earlier" if minutes < 120 else f"{times(minutes // 60, 'hour')} earlier"


def round_number(number: float) -> str:
    """A number with two digits that matter: 12345 is '12 000'."""
    if number < 10:
        return str(max(int(round(number)), 1))
    digits = len(str(int(number))) - 2
    return f"{int(round(number / 10**digits) * 10**digits):,}".replace(",", " ")
