"""What reviewers say about flags: one row each time, nothing is ever changed or removed; the newest counts.

Read and written by the console and by `nightporter verdict`. A verdict says whether, a reason code why: in a live SOC
83 % of verdicts were right, but only 39 % of the justifications (arXiv 2604.22001), so both are kept.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from clickhouse_connect.driver.client import Client

from nightporter.errors import ReviewError
from nightporter.store.query import sql
from nightporter.store.reasons import reasoned

VERDICTS = ("malicious", "benign", "wrong")  # an attack; true but harmless; the program's mistake
NONE = "none"
"""What takes a verdict back: the flag is open again."""

CODES: dict[str, dict[str, str]] = {
    "malicious": {
        "stolen": "A key, password or session is in foreign hands",
        "insider": "The person does what they must not",
        "guessing": "Somebody guesses passwords or looks for a way in",
        "policy": "No attack, but forbidden here",
    },
    "benign": {
        "confirmed": "The person or the owner confirmed it",
        "change": "Announced work or a planned change",
        "automation": "Our own automation, scanner or test",
        "moved": "New device, network or task of this person",
    },
    "wrong": {
        "usual": "This is usual here: it should not have been flagged",
        "misread": "The log lines were read or merged wrongly",
        "words": "The sentence or its reasons are not true",
        "double": "The same as another flag",
    },
}
"""Verdict → reason code → its meaning. Codes are stored: a new one is a new line, an old one keeps its name."""

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Overtaken(ReviewError):
    """Somebody else said something meanwhile; nothing was recorded."""


def give_verdict(
    client: Client, flag_id: str, verdict: str, reason: str, who: str, code: str = "", seen: datetime | None = None
) -> None:
    """Append one verdict, with the flag's score and model run at this time. It needs a reason or a code of CODES.

    `seen`: when the newest verdict that the reviewer has seen was given (NEVER if none); where there is a newer one,
    nothing is recorded and Overtaken says who gave it. Raises ReviewError.
    """
    if verdict not in (*VERDICTS, NONE):
        raise ReviewError(f"{verdict!r} is no verdict; give one of {', '.join(VERDICTS)}.")
    if code and code not in CODES.get(verdict, {}):
        raise ReviewError(f"{code!r} is no reason of {verdict}; give one of {', '.join(CODES.get(verdict, {}))}.")
    needed = int(verdict != NONE and not code)
    reason = reasoned(reason, "A verdict needs a reason; say in a few words why, so that others can follow it.", needed)
    known = client.query("SELECT count() FROM flags FINAL WHERE flag_id = {flag_id:String}", {"flag_id": flag_id})
    if not known.result_rows[0][0]:
        raise ReviewError(f"There is no flag {flag_id}; `nightporter flags --date D` lists those of a night.")
    parameters = {
        "flag_id": flag_id, "verdict": verdict, "code": code, "reason": reason, "who": who,
        "checked": seen is not None, "seen": seen or NEVER,
    }  # fmt: skip
    client.command(sql("queries/verdict_append.sql"), parameters=parameters)
    if seen is not None:
        newest = history(client, flag_id)[0]
        if (newest["who"], newest["verdict"], newest["reason"]) != (who, verdict, reason):
            raise Overtaken(
                f"{newest['who']} said {said(newest['verdict'])} meanwhile; yours was not recorded. "
                "Look at their reason, then decide again."
            )


def said(verdict: str) -> str:
    """A verdict as a word."""
    return "that it is open again" if verdict == NONE else verdict


def history(client: Client, flag_id: str) -> list[dict[str, Any]]:
    """What was said about a flag, newest first: at, who, verdict, code, reason, score, model_run."""
    found = client.query(sql("queries/console_verdicts.sql"), parameters={"flag_id": flag_id})
    return [row | {"at": row["at"].replace(tzinfo=UTC)} for row in found.named_results()]


def close_all(client: Client, flag_ids: Sequence[str], verdict: str, reason: str, who: str, code: str) -> int:
    """Give several flags that are open the same verdict; return how many it was given to."""
    if verdict not in VERDICTS or code not in CODES[verdict]:
        raise ReviewError("Choose a verdict and a reason for all of them.")
    parameters = {
        "flag_ids": list(flag_ids),
        "verdict": verdict,
        "code": code,
        "reason": reasoned(reason, "", 0),
        "who": who,
    }
    before = _open(client, flag_ids)
    client.command(sql("queries/verdict_append_all.sql"), parameters=parameters)
    return before - _open(client, flag_ids)


def _open(client: Client, flag_ids: Sequence[str]) -> int:
    found = client.query(
        "SELECT count() FROM (SELECT flag_id FROM verdicts WHERE has({ids:Array(String)}, flag_id) "
        "GROUP BY flag_id HAVING argMax(verdict, at) != 'none')",
        parameters={"ids": list(flag_ids)},
    )
    return len(flag_ids) - int(found.result_rows[0][0])
