"""What is told of a night: its flags as links and sentences. Log text is hostile, so all of it becomes plain text."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

LONGEST = 1000  # characters of a text from the log


@dataclass(frozen=True)
class Told:
    """One flag as others are told of it; texts are plain (see `plain`), `link` leads to it in the console."""

    flag_id: str
    rank: int
    one_in: int
    sentence: str
    user: str
    source_ip: str
    host: str
    techniques: tuple[str, ...]
    link: str


@dataclass(frozen=True)
class Message:
    """What there is to tell of one night. `headline` and `warnings` hold nothing an attacker wrote."""

    night: date
    headline: str
    link: str
    warnings: tuple[str, ...]
    flags: tuple[Told, ...]

    @property
    def key(self) -> str:
        """The same for the same flags [16 hex digits]: whoever was told once is not told again."""
        what = [self.night.isoformat(), *(f"{flag.flag_id} {flag.rank}" for flag in self.flags), *self.warnings]
        return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]

    def lines(self) -> Iterator[str]:
        """As text for people."""
        yield self.headline
        yield self.link
        for warning in self.warnings:
            yield f"Warning: {warning}"
        for flag in self.flags:
            yield ""
            yield f"{flag.rank}. {flag.sentence}"
            yield f"   {flag.link}"


def compose(night: date, flags: list[Mapping[str, Any]], warnings: list[str], console: str) -> Message:
    """The message about a night whose rows of the table `flags` are given; `console`: the console's address."""
    link = f"{console.rstrip('/')}/?night={night}"
    told = tuple(
        Told(
            flag["flag_id"], int(flag["rank"]), round(1 / max(float(flag["score"]), 1e-12)), plain(flag["sentence"]),
            plain(flag["user"]), plain(flag["source_ip"]), plain(flag["host"]), tuple(map(plain, flag["techniques"])),
            f"{link}&flag={flag['flag_id']}",
        )
        for flag in flags
    )  # fmt: skip
    cases = "1 case" if len(told) == 1 else f"{len(told) or 'no'} cases"
    headline = f"Nightporter: {cases} to review for the night of {night}."
    return Message(night, headline, link, tuple(plain(warning) for warning in warnings), told)


def plain(text: str) -> str:
    """Text without control characters, changes of writing direction or anything that a mail program makes a link of."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text[:LONGEST])
    return shown.replace("://", "[://]")
