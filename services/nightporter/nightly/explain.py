"""Explains a case: one sentence with counts from the log, reasons, the likeliest harmless reading, techniques."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from clickhouse_connect.driver.client import Client

from nightporter.features.fields import BY_NAME, FIELDS, Field
from nightporter.features.stream import Logins
from nightporter.model.score import PLACE, POWER, WEIGHTS, Floats
from nightporter.nightly import habits
from nightporter.nightly.attack import MANY_HOSTS, techniques
from nightporter.nightly.cases import Cases, Rows
from nightporter.nightly.facts import FACTS, FAR, REMOTE, History
from nightporter.nightly.words import TWIN_OF_ANYTHING, TWINS, VALUES, Facts, clause, listed, times, value_of
from nightporter.store.query import sql

MOST_REASONS = 8
LEAST_NATS = 2.0
LEAST_OF_FACT = 1.2  # nats
FADED = 0.5  # beside the facts of the night, what the autoencoder says of single logins comes second
IN_SENTENCE = 3
USUAL = ("usual_hosts", "usual_sources", "usual_methods", "usual_services", "usual_targets")


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

    date: dt.date
    since: dt.date  # first day of the training window
    logins: Logins
    rows: Rows
    surprises: Floats
    cases: Cases
    history: History


def explain(client: Client, night: Night, case: int, rarity: float) -> Explanation:
    """The explanation of one case, whose counts are asked from the store."""
    mine = np.flatnonzero(night.cases.actor == case)
    lead = int(night.rows[night.cases.lead[case]])
    about: dict[int, dict[str, Any]] = {lead: _facts(client, night, lead, mine, case)}
    facts, reasons = about[lead], []
    for name, surprise, row in _strongest(night, case, mine):
        if row not in about:
            about[row] = _facts(client, night, row, mine, case)
        reasons += _reason(name, surprise, about[row])
    texts = [str(reason["text"]) for reason in reasons]
    named = "; ".join(list(dict.fromkeys(texts))[:IN_SENTENCE]) or "nothing single, but much of it together, is unusual"
    sentence = f"{_deed(facts)}: {named}. About 1 in {round_number(1 / rarity)} logins here looks as strange."
    names = [str(reason["field"]) for reason in reasons]
    twin = next((text for about, text in TWINS if about & set(names[:2])), TWIN_OF_ANYTHING)
    return Explanation(sentence, reasons, twin.format_map(facts), techniques(names, facts))


def _strongest(night: Night, case: int, mine: Rows) -> list[tuple[str, float, int]]:
    """What the case's facts and its logins' fields tell, strongest first, with the login that shows each; one per
    topic: a source that is new in three ways is one reason."""
    weight = night.cases.weight[case] ** (1 / habits.POWER)
    told = [
        (FACTS[column].tells, float(weight[column]), float(night.cases.nats[case][column]), FACTS[column].name)
        for column in np.flatnonzero(night.cases.nats[case] > LEAST_OF_FACT).tolist()
    ]
    of_network = [(name, FADED * nats, nats, "") for name, nats in _of_network(night, case, mine)]
    chosen: list[tuple[str, float, int]] = []
    topics: set[str] = set()
    for name, _, nats, fact in sorted(told + of_network, key=lambda each: -each[1]):
        topic = _topic(name)
        if topic in topics:
            continue
        topics.add(topic)
        chosen.append((name, nats, _shown_by(night, case, mine, fact, name)))
        if len(chosen) == MOST_REASONS:
            break
    return chosen


def _topic(name: str) -> str:
    """What a reason is about: two about one thing are one."""
    if name not in BY_NAME:
        return {"peers": "host"}.get(name, name)
    field = BY_NAME[name]
    if field.group == "burst":
        return "hosts" if name in MANY_HOSTS else field.name.rpartition("_")[0]
    return field.about[-1]


def _shown_by(night: Night, case: int, mine: Rows, fact: str, name: str) -> int:
    """The login [row of the stream] of the case that shows a reason best; its strangest, if that does."""
    rows, lead = night.rows[mine], int(np.flatnonzero(mine == night.cases.lead[case])[0])
    size = night.history.column(fact, rows) if fact else night.surprises[mine][:, PLACE[name]]
    return int(rows[lead] if 2 * size[lead] >= size.max() else rows[int(size.argmax())])


def _of_network(night: Night, case: int, mine: Rows) -> list[tuple[str, float]]:
    """Fields by how strange the autoencoder found them, in nats."""
    nats = night.surprises[mine] ** (1 / POWER)
    if night.cases.refused[case]:
        # bursts count little beside a new key, but of a source that was refused they are the story
        nats = nats / np.maximum(WEIGHTS, 0.1)
        nats[:, [column for column, field in enumerate(FIELDS) if not _told_of_source(night, field, mine)]] = 0.0
    lead, best = nats[mine == night.cases.lead[case]][0], nats.max(0)
    # what the strangest login shows comes before what others of the same night add
    size = np.maximum(lead, 0.5 * best)
    return [(FIELDS[column].name, float(size[column])) for column in np.flatnonzero(best > LEAST_NATS).tolist()]


def _told_of_source(night: Night, field: Field, mine: Rows) -> bool:
    """Whether a field says something about a refused source: not what is odd for one of the many names it tried."""
    users = night.logins.categories["user"][night.rows[mine]]
    of_user = "user" in field.about or (field.group == "identity" and field.name != "outcome")
    return not of_user or len(np.unique(users)) == 1


def _reason(name: str, surprise: float, facts: Facts) -> list[dict[str, Any]]:
    """The reason as the contract names its parts; none where the counts do not bear it out."""
    text = clause(name, facts)
    if not text:
        return []
    value, usual = (BY_NAME[name].label, "") if value_of(name) == "burst" else VALUES[value_of(name)]
    said = {"value": value.format_map(facts), "usual": usual.format_map(facts)}
    return [{"field": name, **said, "surprise": round(surprise, 2), "text": text}]


def _facts(client: Client, night: Night, row: int, mine: Rows, case: int) -> dict[str, Any]:
    """Counts and names that clauses about one login of the case quote."""
    logins = night.logins
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
    far = _names(logins, "host", rows[night.history.far[rows] >= FAR])
    tried = rows[night.history.column("known_names", rows) > 0]
    known = _names(logins, "user", tried)
    last: datetime = facts["last_login"]
    span = f"{_clock(logins.start_us[rows[0]])}" + (f"–{_clock(logins.start_us[rows[-1]])}" if len(rows) > 1 else "")
    facts.update(
        user=value("user") or "(no name)", host=value("host"), source=value("source") or "this machine",
        network=value("network"),
        service=value("service"), method=value("method") or "no method", key=_short(value("key")),
        command=value("command"), steps=value("steps"), terminal=value("terminal"),
        target=value("target") or "another account", outcome=value("outcome"), clock=f"{start:%H:%M}", span=span,
        days=times((night.date - night.since).days, "day"), refused=refused, invalid=value("outcome") == "unknown name",
        succeeded=value("outcome") == "success", silent_days=max((midnight - last.replace(tzinfo=UTC)).days, 0),
        count=len(rows), host_names=listed(hosts), host_count=len(hosts), users=_names(logins, "user", rows),
        new_hosts=len(new), new_host_names=listed(new), far=len(far), far_names=listed(far),
        far_week=len(far) + int(night.history.column("far_hosts_week", rows).max(initial=0)),
        commands=_names(logins, "command", rows), known=len(known), known_names=listed(known),
        other_sources=listed(_elsewhere(night, row)), owners=listed(facts["source_users"]),
        key_owners=listed(facts["key_users"]), age=_age(facts["first_seen"].replace(tzinfo=UTC), start),
        usual_hours=_hours(facts["usual_hours"], facts["logins"]),
        **{name: listed(facts[name]) or "none" for name in USUAL},
    )  # fmt: skip
    return facts


def _deed(facts: Facts) -> str:
    """Who did what, where and when."""
    where = facts["host"] if facts["host_count"] == 1 else f"{facts['host_count']} servers ({facts['host_names']})"
    if facts["refused"]:
        users = facts["users"]
        names = f"as {users[0] or '(no name)'}" if len(users) == 1 else f"under {len(users)} names ({listed(users)})"
        return (
            f"{facts['source']} was refused {times(facts['count'], 'login')} {names} on {where} at {facts['span']} UTC"
        )
    often = "" if facts["count"] == 1 else f" {facts['count']} times"
    if facts["service"] in ("sudo", "doas"):
        done = f"ran '{facts['command']}' as {facts['target']} with {facts['service']}"
        done = done if facts["succeeded"] else f"was refused {facts['service']} for '{facts['command']}'"
        return f"{facts['user']} {done} on {where} at {facts['span']} UTC" + (
            f" ({facts['count']} uses)" if often else ""
        )
    if facts["service"] == "su":
        done = f"became {facts['target']}" if facts["succeeded"] else f"failed to become {facts['target']}"
        return f"{facts['user']} {done} with su on {where} at {facts['span']} UTC"
    from_where = f" from {facts['source']}" if facts["source"] != "this machine" else f" by {facts['service']}"
    return f"{facts['user']} logged in{often} to {where}{from_where} at {facts['span']} UTC"


def _elsewhere(night: Night, row: int) -> list[str]:
    """Where else the user of a login came from that night."""
    logins = night.logins
    rows = night.rows[logins.categories["user"][night.rows] == logins.categories["user"][row]]
    rows = rows[(night.history.kind[rows] == REMOTE) & (logins.source[rows] != logins.source[row])]
    sources = [logins.values["source"][code] for code in np.unique(logins.source[rows]).tolist()]
    return [source for source in sources if source]


def _names(logins: Logins, field: str, rows: Rows) -> list[str]:
    codes, first = np.unique(logins.categories[field][rows], return_index=True)
    return [logins.values[field][code] for code in codes[np.argsort(first)]]


def _clock(microseconds: Any) -> str:
    return f"{datetime.fromtimestamp(int(microseconds) / 1e6, UTC):%H:%M}"


def _short(key: str) -> str:
    return key if len(key) <= 20 else f"{key[:19]}…"


def _hours(bounds: list[float], logins: int) -> str:
    return f"{int(bounds[0]):02d}–{int(bounds[1]):02d} h" if logins else "none"


def _age(first: datetime, now: datetime) -> str:
    minutes = max(int((now - first).total_seconds() // 60), 0)
    if minutes < 1:
        return "with this login"
    return f"{times(minutes, 'minute')} earlier" if minutes < 120 else f"{times(minutes // 60, 'hour')} earlier"


def round_number(number: float) -> str:
    """A number with two digits that matter: 12345 is '12 000'."""
    if number < 10:
        return str(max(round(number), 1))
    digits = len(str(int(number))) - 2
    return f"{int(round(number / 10**digits) * 10**digits):,}".replace(",", " ")
