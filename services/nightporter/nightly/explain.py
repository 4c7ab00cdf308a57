"""Explains a case: one sentence with counts from the log, reasons, the likeliest harmless reading, techniques."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from clickhouse_connect.driver.client import Client

from nightporter.features.fields import BY_NAME, FIELDS, Field
from nightporter.model.score import PLACE, POWER, WEIGHTS
from nightporter.nightly import habits
from nightporter.nightly.attack import MANY_HOSTS, techniques
from nightporter.nightly.cases import Rows
from nightporter.nightly.deed import deed, outcome
from nightporter.nightly.facts import FACTS
from nightporter.nightly.harmless import harmless
from nightporter.nightly.quoted import Night, facts_of, names
from nightporter.nightly.seen import TOLD_OF_REFUSED, VALUES, value_of
from nightporter.nightly.words import Facts, clause

MOST_REASONS = 8
MOST_QUESTIONS = 8  # to the store, per flag
LEAST_NATS = 2.0
LEAST_OF_FACT = 1.2  # nats
LEAST_OF_ALL = 0.3  # nats, where nothing reaches the above
FADED = 0.5  # beside the facts of the night, what the autoencoder says of single logins comes second
IN_SENTENCE = 3
PLACE_FIELDS = {
    "since_network", "since_network_any", "network", "since_source", "since_source_any", "since_key_source",
    "source_owner",
}  # fmt: skip


@dataclass(frozen=True)
class Explanation:
    """What a reviewer reads; `reasons` as in the contract, strongest first."""

    sentence: str
    reasons: list[dict[str, Any]]
    benign_twin: str
    techniques: list[str]


@dataclass(frozen=True)
class Candidate:
    """What may become a reason: a field or topic, how much it counts, and the login that shows it."""

    name: str
    size: float  # nats, as much of them as the case's rank owes to it
    row: int  # of the stream


def explain(client: Client, night: Night, case: int, rarity: float) -> Explanation:
    """The explanation of one case, whose counts are asked from the store."""
    mine = np.flatnonzero(night.cases.actor == case)
    lead = int(night.rows[night.cases.lead[case]])
    about: dict[int, dict[str, Any]] = {lead: facts_of(client, night, lead, mine, case)}
    facts, reasons, topics = about[lead], list[dict[str, Any]](), set[str]()
    for candidate in _candidates(night, case, mine, LEAST_OF_FACT, LEAST_NATS):
        if (topic := _topic(candidate.name)) in topics:
            continue
        row = candidate.row
        if row not in about and len(about) < MOST_QUESTIONS:
            about[row] = facts_of(client, night, row, mine, case)
        if text := clause(candidate.name, about.get(row, facts)):
            topics.add(topic)
            reasons.append(_reason(candidate, about.get(row, facts), text))
        if len(reasons) == MOST_REASONS:
            break
    # so much in a few words that it goes before the clauses
    silent = facts["logins"] > 0 and any(reason["field"] == "since_user" for reason in reasons)
    if reasons:
        told = list(dict.fromkeys(str(reason["text"]) for reason in reasons if not _told(reason, facts, silent)))
        said = _once("; ".join(told[:IN_SENTENCE]), f" in {facts['days']}")
    else:
        reasons = _faint(night, case, mine, facts)
        begin = "nothing single is unusual, but together: " if len(reasons) > 1 else "little of it is unusual: "
        said = begin + ", ".join(reason["text"] for reason in reasons) if reasons else "nothing of it is unusual"
    parts = [deed(facts, silent) + (f": {said}." if said else "."), outcome(facts)]
    parts.append(f"About 1 in {round_number(1 / rarity)} logins here looks as strange.")
    fields = [str(reason["field"]) for reason in reasons]
    return Explanation(" ".join(filter(None, parts)), reasons, harmless(fields, facts), techniques(fields, facts))


def _candidates(night: Night, case: int, mine: Rows, of_fact: float, of_field: float) -> list[Candidate]:
    """What the case's facts and its logins' fields tell, strongest first."""
    weight = night.cases.weight[case] ** (1 / habits.POWER)
    nats = night.cases.nats[case]
    told = [
        (FACTS[column].tells, float(weight[column]), FACTS[column].name)
        for column in np.flatnonzero(nats > of_fact).tolist()
    ]
    told += [(name, FADED * size, "") for name, size in _of_network(night, case, mine, of_field)]
    of_place = [size for name, size, _ in told if name in PLACE_FIELDS]
    if way_in := [size for name, size, _ in told if name == "way_in"]:  # which server it is says more than the address
        told = [each for each in told if each[0] not in PLACE_FIELDS | {"way_in"}]
        told.append(("way_in", max(way_in + of_place), "no_way_in"))
    return [
        Candidate(name, size, _shown_by(night, case, mine, fact, name))
        for name, size, fact in sorted(told, key=lambda each: -each[1])
    ]


def _topic(name: str) -> str:
    """What a reason is about: two about one thing are one."""
    if name in PLACE_FIELDS:
        return "place"
    if name in ("outcome", "failures"):
        return "failures"
    if name not in BY_NAME:
        return {"peers": "host", "quiet_names": "known_names"}.get(name, name)
    field = BY_NAME[name]
    if field.group == "burst":
        return "hosts" if name in MANY_HOSTS else field.name.rpartition("_")[0]
    return "host network" if name == "since_host_network" else field.about[-1]


def _shown_by(night: Night, case: int, mine: Rows, fact: str, name: str) -> int:
    """The login [row of the stream] of the case that shows a reason best; its strangest, if that does."""
    rows, lead = night.rows[mine], int(np.flatnonzero(mine == night.cases.lead[case])[0])
    size = night.history.column(fact, rows) if fact else night.surprises[mine][:, PLACE[name]]
    return int(rows[lead] if 2 * size[lead] >= size.max() else rows[int(size.argmax())])


def _of_network(night: Night, case: int, mine: Rows, least: float) -> list[tuple[str, float]]:
    """Fields by how strange the autoencoder found them, in nats."""
    nats = night.surprises[mine] ** (1 / POWER)
    if night.cases.refused[case]:
        # bursts count little beside a new key, but of a source that was refused they are the story
        nats = nats / np.maximum(WEIGHTS, 0.1)
        nats[:, [column for column, field in enumerate(FIELDS) if not _told_of_source(night, field, mine)]] = 0.0
    lead, best = nats[mine == night.cases.lead[case]][0], nats.max(0)
    # what the strangest login shows comes before what others of the same night add
    size = np.maximum(lead, 0.5 * best)
    return [(FIELDS[column].name, float(size[column])) for column in np.flatnonzero(best > least).tolist()]


def _told_of_source(night: Night, field: Field, mine: Rows) -> bool:
    """Whether a field says something about a refused source: not what is odd for one of the many names it tried."""
    of_user = "user" in field.about or field.group == "identity" or "_user" in field.name
    return not of_user or len(names(night.logins, "user", night.rows[mine])) == 1


def _reason(candidate: Candidate, facts: Facts, text: str) -> dict[str, Any]:
    """The reason as the contract names its parts."""
    value, usual = VALUES[value_of(candidate.name)]
    said = {"value": value.format_map(facts), "usual": usual.format_map(facts)}
    return {"field": candidate.name, **said, "surprise": round(candidate.size, 2), "text": text}


def _told(reason: dict[str, Any], facts: Facts, silent: bool) -> bool:
    """Whether the first words of the sentence say it with its numbers."""
    return reason["field"] in (TOLD_OF_REFUSED if facts["refused"] else {"since_user"} if silent else ())


def _faint(night: Night, case: int, mine: Rows, facts: Facts) -> list[dict[str, Any]]:
    """At most three things that add up where no count bears out a single one: what was seen and what is usual."""
    found: dict[str, dict[str, Any]] = {}
    for candidate in _candidates(night, case, mine, LEAST_OF_ALL, LEAST_OF_ALL):
        topic, reason = _topic(candidate.name), _reason(candidate, facts, "")
        if topic == "command":  # that it is new here is for a clause to say, and none did
            reason["usual"] = ""
        reason["text"] = f"{reason['value']} (usual: {reason['usual']})" if reason["usual"] else reason["value"]
        if reason["value"] != reason["usual"]:
            found.setdefault(topic, reason)
    return list(found.values())[:IN_SENTENCE]


def _once(text: str, repeated: str) -> str:
    """`text` with only the first of what is repeated."""
    first, found, rest = text.partition(repeated)
    return first + found + rest.replace(repeated, "")


def round_number(number: float) -> str:
    """A number with two digits that matter: 12345 is '12 000'."""
    if number < 10:
        return str(max(round(number), 1))
    digits = len(str(int(number))) - 2
    return f"{int(round(number / 10**digits) * 10**digits):,}".replace(",", " ")
