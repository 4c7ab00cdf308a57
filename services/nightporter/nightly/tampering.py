"""Servers whose way of reporting looks like tampering with logs, as flags beside those of logins.

How strange a sign is, is counted: on how many nights a server here showed it at least as badly. That is the scale of
flags.rate, so both kinds of flags are ranked together; servers get a share of the budget, as refused sources do.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from math import log
from typing import Any

import numpy as np
from clickhouse_connect.driver.client import Client

from nightporter.features.stream import midnight
from nightporter.nightly.explain import round_number
from nightporter.nightly.flags import Rules, Tail, flag_id
from nightporter.store.hosts import bounds, told
from nightporter.store.query import sql
from nightporter.store.suppressions import in_force

SHARE = 0.1  # of the budget
BULK = 5  # sessions within an hour that nobody was let into; fewer are for the model
AROUND = timedelta(hours=1)  # before and after: who was let in then is shown with the flag
MOST_LOGINS = 50
SERVER = 9  # kind of actor; see facts.LOCAL and its like
TWINS = {
    "emptied": "Somebody made room: ask the owner of {host} who cleaned up its logs, or how they are rotated.",
    "gap": "Logs that are kept too shortly: ask the owner of {host} how much of them is kept, and who changed that.",
    "skipped": "A collector whose folder was restored from a backup: ask the owner of {host} what was done to it.",
    "clock": "A clock that was set right, or a restored snapshot: look at the time service of {host}.",
    "nothing_logged": "A server out of use, or a changed log daemon: log in to {host} and see whether that arrives.",
    "no_heartbeat": "A proxy that lets only lines pass: see on {host} whether its collector is the installed one.",
    "silent": "Maintenance or a cut line: ask the owner of {host} whether it was planned, and what was done meanwhile.",
    "session_without_login": "A log daemon that drops lines: compare with the journal of {host}.",
}


@dataclass(frozen=True)
class Suspect:
    """A server with what speaks against it, strangest first: rows of night_findings.sql."""

    host: str
    rarity: float  # as of flags.Pick
    signs: Sequence[Mapping[str, Any]]


def suspects(client: Client, night: date, first: date, tail: Tail, rules: Rules) -> list[Suspect]:
    """The servers that are worth a review, strangest first; `first`: from where on it is known what is usual.

    A suppression of a server's sign takes it away; one of a user, a source or a service is about logins.
    """
    findings = f"(\n{sql('queries/host_findings.sql')}\n)"
    rows = client.query(
        sql("queries/night_findings.sql").replace("FROM host_findings", f"FROM {findings}"),
        parameters={"night": night, "first": first, "bulk": BULK}
        | bounds(midnight(first), midnight(night) + timedelta(days=1)),
    ).named_results()
    known = {
        (each.host, kind)
        for each in in_force(client, night)
        for kind in each.fields
        if not (each.user or each.source or each.service)
    }
    signs = (row for row in rows if (row["host"], row["kind"]) not in known)
    found = [(host, list(its)) for host, its in groupby(signs, key=lambda row: str(row["host"]))]
    rates = np.array([expected(its[0]) / SHARE for _, its in found], np.float64)
    order = [place for place in np.argsort(rates, kind="stable").tolist() if rates[place] <= rules.budget]
    rarity = tail.rarity(rates)
    return [
        Suspect(host, float(rarity[place]), its)
        for place in order[: most(rules.budget)]
        for host, its in found[place : place + 1]
    ]


def most(budget: int) -> int:
    """How many flags of a night may be servers."""
    return max(1, round(SHARE * budget))


def expected(sign: Mapping[str, Any]) -> float:
    """On how many servers an ordinary night shows a sign as bad; tonight counts as a night with one."""
    return float((sign["as_bad"] + 1) / (sign["nights"] + 1))


def describe(client: Client, night: date, suspect: Suspect, rank: int, run: str) -> dict[str, Any]:
    """One row of the table `flags`."""
    host, signs = suspect.host, suspect.signs
    texts = [told(sign["kind"], sign["measure"]) for sign in signs]
    said = "; ".join(f"{text} ({_span(sign)})" for text, sign in zip(texts, signs, strict=True))
    share = expected(signs[0])
    often = f"{share:.0f} servers a night show" if share > 1.5 else f"one night in {round(1 / share)} shows"
    others = int(signs[0]["hosts_tonight"]) - 1
    also = f" {others} more {'server does' if others == 1 else 'servers do'} tonight." if others else ""
    logins = f"About 1 in {round_number(1 / suspect.rarity)} logins here looks as strange."
    reasons = [
        {
            "field": sign["kind"], "value": f"{sign['measure']:,.0f}",
            "usual": f"as bad on {sign['as_bad']} servers in {sign['nights']} nights",
            "surprise": round(max(log(sign["hosts"] / expected(sign)), 0.0), 2), "text": text,
        }
        for sign, text in zip(signs, texts, strict=True)
    ]  # fmt: skip
    return {
        "night": night, "rank": rank, "flag_id": flag_id(night, SERVER, "", host), "score": suspect.rarity,
        "user": "", "source_ip": "", "host": host,
        "sentence": f"The log of {host}: {said}. Here {often} this.{also} {logins}",
        "reasons": json.dumps(reasons, ensure_ascii=False), "benign_twin": TWINS[signs[0]["kind"]].format(host=host),
        "techniques": list(dict.fromkeys(name for sign in signs for name in sign["techniques"])),
        "events": json.dumps(_logins(client, suspect), ensure_ascii=False), "model_run": run, "nearest": "[]",
        "signature": "",
    }  # fmt: skip


def _logins(client: Client, suspect: Suspect) -> list[dict[str, Any]]:
    """Who was let in about then, as `events` of the flag."""
    first, last = min(sign["first_at"] for sign in suspect.signs), max(sign["last_at"] for sign in suspect.signs)
    rows = client.query(
        sql("queries/logins_on.sql"),
        parameters={"host": suspect.host, "from": first - AROUND, "to": last + 2 * AROUND, "most": MOST_LOGINS},
    ).named_results()
    return [row | {"start": _utc(row["start"]).isoformat(timespec="microseconds"), "score": 0.0} for row in rows]


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _span(sign: Mapping[str, Any]) -> str:
    """The hours of a sign, in UTC."""
    return f"{sign['first_at']:%H:%M}–{sign['last_at'] + timedelta(hours=1):%H:%M} UTC"
