"""What management is told of one week: four numbers, a trend, at most five findings, what is not seen, what changed."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from clickhouse_connect.driver.client import Client

from nightporter.console import words
from nightporter.console.plain import visible
from nightporter.console.questions import health, rows
from nightporter.console.questions.models import Run, runs

NIGHTS = 7
FINDINGS = 5
METHOD = (
    "Nightporter learns from the login records of the past weeks what is usual for each person and each server.",
    "Each night it compares the new logins with that, and sets aside the few that fit least.",
    "A person looks at each of these and says whether it was harmless; nothing is blocked or decided by the machine.",
)


@dataclass(frozen=True)
class Briefing:
    """One week, in words and numbers that need no glossary."""

    first: date
    last: date
    logins: int
    cases: int
    reviewed: int
    malicious: int
    trend: tuple[tuple[date, int, int], ...]  # night, cases, reviewed
    findings: tuple[str, ...]
    gaps: tuple[str, ...]
    changes: tuple[str, ...]

    @property
    def numbers(self) -> tuple[tuple[str, str], ...]:
        """The four numbers with their labels."""
        return (
            ("logins looked at", words.thousands(self.logins)),
            ("cases set aside", words.thousands(self.cases)),
            ("reviewed by a person", f"{self.reviewed} of {self.cases}"),
            ("found to be malicious", words.thousands(self.malicious)),
        )

    @property
    def title(self) -> str:
        """Which week."""
        return f"Logins of {words.night(self.first)} to {words.night(self.last)}"


def briefing(client: Client, last: date) -> Briefing | None:
    """The week that ends with the night `last`; None where no night of it was scored. Names are as the visitor sees
    them."""
    first = last - timedelta(days=NIGHTS - 1)
    known = [run for run in runs(client, 60) if run.night <= last]
    week = [run for run in known if run.night >= first]
    if not week:
        return None
    flags = rows(client, "console_week", **{"from": first, "to": last})
    before = [run for run in known if first - timedelta(days=NIGHTS) <= run.night < first]
    reviewed = [flag for flag in flags if flag["verdict"]]
    return Briefing(
        first=first,
        last=last,
        logins=sum(run.logins for run in week),
        cases=len(flags),
        reviewed=len(reviewed),
        malicious=sum(flag["verdict"] == "malicious" for flag in flags),
        trend=tuple(_of_night(first + timedelta(days=n), flags) for n in range(NIGHTS)),
        findings=tuple(_finding(flag) for flag in _worth_telling(flags)),
        gaps=tuple(_gaps(client, week, first, last)),
        changes=tuple(_changes(week, before)),
    )


def _of_night(night: date, flags: list[dict[str, Any]]) -> tuple[date, int, int]:
    mine = [flag for flag in flags if flag["night"] == night]
    return night, len(mine), sum(bool(flag["verdict"]) for flag in mine)


def _worth_telling(flags: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was found malicious first, then the rarest that are still open; harmless ones are not told."""
    telling = [flag for flag in flags if flag["verdict"] in ("malicious", "")]
    return sorted(telling, key=lambda flag: (flag["verdict"] != "malicious", flag["score"]))[:FINDINGS]


def _finding(flag: dict[str, Any]) -> str:
    deed = visible(flag["sentence"], 2000).split(": ", 1)[0]
    said = "This was malicious." if flag["verdict"] == "malicious" else "Nobody has reviewed it yet."
    return f"{flag['night']:%A}: {deed}. {said}"


def _gaps(client: Client, week: list[Run], first: date, last: date) -> list[str]:
    found = []
    scored = {run.night for run in week}
    missing = [first + timedelta(days=n) for n in range(NIGHTS) if first + timedelta(days=n) not in scored]
    if missing:
        found.append(f"{words.count(len(missing), 'night was', 'nights were')} not looked at.")
    silent = [visible(row["host"]) for row in health.silent(client)]
    if silent:
        more = f" and {len(silent) - 3} more" if len(silent) > 3 else ""
        found.append(
            f"{words.count(len(silent), 'server is silent', 'servers are silent')}: {', '.join(silent[:3])}{more}."
        )
    days = [row for row in health.days(client, last) if first <= row["day"] <= last]
    lines = sum(row["line_count"] for row in days)
    unread = sum(row["unparsed_count"] for row in days)
    if lines and unread / lines >= 0.0005:
        found.append(f"{unread / lines:.1%} of the log lines could not be read.")
    return found or ["None known: every server reports and every line of the week was understood."]


def _changes(week: list[Run], before: list[Run]) -> list[str]:
    if not before:
        return ["This is the first week; there is none before it to compare with."]
    mine, earlier = (sum(run.logins for run in some) / len(some) for some in (week, before))
    found = [f"Logins a night went {_moved(mine, earlier)} against the week before."]
    mine, earlier = (sum(run.flags for run in some) / len(some) for some in (week, before))
    found.append(f"Cases a night went {_moved(mine, earlier)}.")
    kept = [run for run in week if run.part("gate") and not run.part("gate").get("promoted")]
    if kept:
        found.append(
            f"In {words.count(len(kept), 'night')} the newly learned model was not good enough; an older one was used."
        )
    return found


def _moved(now: float, before: float) -> str:
    change = (now - before) / before if before else 0.0
    if abs(change) < 0.05:
        return "neither up nor down"
    return f"{'up' if change > 0 else 'down'} by {abs(change):.0%}"
