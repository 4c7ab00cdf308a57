"""What reviewers said changes the next nights' ranking; and what is suppressed does not count, for a while.

A benign verdict explains facts: those of the same actor count less the next time, as far as they counted then. What is
new about the case still counts in full, so an attack under a name that was cleared comes back. Of other actors' cases
that look alike a verdict changes the whole score a little: benign ones sink, malicious ones rise.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

import numpy as np
import numpy.typing as npt
from clickhouse_connect.driver.client import Client

from nightporter.features.stream import Logins
from nightporter.nightly.cases import Cases
from nightporter.nightly.facts import FACTS, PLACE, REFUSED
from nightporter.store.query import sql
from nightporter.store.suppressions import Suppression

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

REMEMBERED_DAYS = 90
EXPLAINED = {"benign": 0.7, "wrong": 0.9}  # of what the same facts of the same actor counted
ALIKE = 0.7  # cosine of two cases' facts from which one says something about the other
LOWERED = {"benign": 0.15, "wrong": 0.3}  # of the score, per verdict on a case of somebody else that looks alike
RAISED = 0.5  # of the score, by a malicious verdict on a case that looks alike
LEAST = 0.5  # what counts less is not worth a word
MOST_CASES = 5000  # of a night that verdicts on the same actor can reach: far more than are ever flagged
BOUNDS = 0.4, 2.0  # verdicts on others' cases change a score at most by this factor


@dataclass(frozen=True)
class Verdict:
    """A verdict on an earlier flag, and what that flag was like."""

    verdict: str
    night: str
    actor: tuple[int, str, str]  # kind, user, place
    facts: dict[str, float]  # what each fact added to the score


def signature(cases: Cases, case: int, logins: Logins, rows: Rows) -> str:
    """The signature of one case, as it is stored with its flag."""
    counted = {fact.name: round(float(cases.weight[case, PLACE[fact.name]]), 2) for fact in FACTS}
    kind, user, place = actor_of(cases, case, logins, rows)
    return json.dumps(
        {"actor": [kind, user, place], "facts": {name: size for name, size in counted.items() if size > 0}}
    )


def actor_of(cases: Cases, case: int, logins: Logins, rows: Rows) -> tuple[int, str, str]:
    """Kind, user ('' of refused sources) and place (source; host where there is none) of a case."""
    lead, kind = int(rows[cases.lead[case]]), int(cases.nights.kind[case])
    user = "" if kind == REFUSED else logins.value("user", lead)
    return kind, user, logins.value("source", lead) or logins.value("host", lead)


def verdicts_before(client: Client, night: date) -> list[Verdict]:
    """The verdicts that stand on flags of the nights before."""
    parameters = {"night": night, "since": night - timedelta(days=REMEMBERED_DAYS)}
    found = []
    for row in client.query(sql("queries/feedback.sql"), parameters=parameters).named_results():
        like = json.loads(row["signature"])
        kind, user, place = like["actor"]
        found.append(Verdict(row["verdict"], str(row["night"]), (kind, user, place), like["facts"]))
    return found


@dataclass(frozen=True)
class Changed:
    """Cases after feedback, and what it did to each (only those it changed): sentences for the flag."""

    cases: Cases
    texts: dict[int, list[str]]
    suppressed: int  # cases in which something did not count


def apply(
    cases: Cases, logins: Logins, rows: Rows, verdicts: Sequence[Verdict], suppressions: Sequence[Suppression]
) -> Changed:
    """The cases with scores as verdicts and suppressions change them. `rows`: the night's logins."""
    texts: dict[int, list[str]] = {}
    weight, score = cases.weight.copy(), cases.score.astype(np.float64)
    suppressed = _suppress(cases, logins, rows, suppressions, weight, texts)
    near = np.argsort(-cases.score, kind="stable")[:MOST_CASES].tolist() if verdicts else []
    actors = {actor_of(cases, case, logins, rows): case for case in near}
    people: dict[tuple[int, str], list[int]] = {}
    for (kind, user, place), case in actors.items():
        people.setdefault((kind, user or place), []).append(case)
    shape = _unit(cases.weight)
    factor = np.ones(len(cases))
    alike_count: dict[str, npt.NDArray[np.int64]] = {}
    for said in verdicts:
        facts = np.zeros(len(FACTS), np.float32)
        for name, size in said.facts.items():
            if name in PLACE:
                facts[PLACE[name]] = size
        kind, user, place = said.actor
        own = people.get((kind, user or place), [])
        alike = (shape @ _unit(facts[None])[0] >= ALIKE) & (cases.nights.kind == kind)
        if said.verdict in EXPLAINED:
            for case in own:
                explained = EXPLAINED[said.verdict] * np.minimum(weight[case], facts)
                if explained.sum() > 0.05 * max(float(weight[case].sum()), 1e-6):
                    weight[case] -= explained
                    known = f"A flag of {said.night} on the same actor was called {said.verdict}"
                    texts.setdefault(case, []).append(f"{known}: what was strange then counts less.")
            alike[own] = False
            factor[alike] *= 1 - LOWERED[said.verdict]
        elif said.verdict == "malicious":
            factor[alike] *= 1 + RAISED
            alike[own] = False
        alike_count.setdefault(said.verdict, np.zeros(len(cases), np.int64))[alike] += 1
    factor = np.clip(factor, *BOUNDS)
    for verdict, counts in alike_count.items():
        for case in np.flatnonzero(counts).tolist():
            direction = "raised" if factor[case] > 1 else "lowered"
            texts.setdefault(case, []).append(
                f"{int(counts[case])} earlier flags that look alike were called {verdict}; the score is {direction} "
                f"to {factor[case]:.0%}."
            )
    before = cases.weight.sum(1)
    # what counts less of the facts counts less of the network's surprises too: they are the same surprises
    kept = np.where(before > 0, weight.sum(1) / np.maximum(before, 1e-6), 1.0)
    return Changed(replace(cases, score=(score * kept * factor).astype(np.float32), weight=weight), texts, suppressed)


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6), np.float32)


def _suppress(
    cases: Cases,
    logins: Logins,
    rows: Rows,
    suppressions: Sequence[Suppression],
    weight: Floats,
    texts: dict[int, list[str]],
) -> int:
    """Sets what is suppressed to 0 in `weight`; returns in how many cases."""
    touched: set[int] = set()
    for each in suppressions:
        concerned = np.ones(len(rows), bool)
        for field, wanted in (("user", each.user), ("host", each.host), ("service", each.service)):
            if wanted:
                concerned &= _named(logins.values[field], {wanted})[logins.categories[field][rows]]
        if each.source:
            concerned &= _named(logins.values["source"], _within(logins.values["source"], each.source))[
                logins.source[rows]
            ]
        columns = [place for place, fact in enumerate(FACTS) if fact.tells in each.fields]
        whole = np.bincount(cases.actor, minlength=len(cases)) == np.bincount(
            cases.actor[concerned], minlength=len(cases)
        )
        for case in np.flatnonzero(whole & (weight[:, columns].sum(1) > LEAST)).tolist():
            weight[case, columns] = 0
            touched.add(case)
            texts.setdefault(case, []).append(
                f"{', '.join(each.fields)} does not count until {each.until}, as {each.owner} decided: {each.reason}"
            )
    return len(touched)


def _named(values: Sequence[str], wanted: set[str]) -> npt.NDArray[np.bool_]:
    return np.array([value in wanted for value in values], bool)


def _within(values: Sequence[str], source: str) -> set[str]:
    """The addresses among `values` that are `source` or in the network `source`."""
    if "/" not in source:
        return {source}
    network = ip_network(source, strict=False)
    return {value for value in values if _in(value, network)}


def _in(value: str, network: Any) -> bool:
    try:
        return ip_address(value) in network
    except ValueError:
        return False
