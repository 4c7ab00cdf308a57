"""From cases to flags: what their scores mean here, and which of them fit the reviewers' budget."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from nightporter.nightly.cases import Cases

Floats = npt.NDArray[np.float64]
T = TypeVar("T")

REFUSED_SHARE = 0.25  # of the budget, for sources that were refused; what one queue leaves goes to the other
STRANGE_SHARE = 0.2  # a case that is not among this share of ordinary cases is no flag, however much budget is left
TAIL_SHARE = 0.05  # of ordinary cases, whose decay says how rare scores beyond them are
BEYOND = 10.0  # no score is called rarer than 1 in this many times the logins it was calibrated on


@dataclass(frozen=True)
class Tail:
    """Scores of ordinary cases of one queue, and how many logins they were found among."""

    scores: Floats  # ascending
    logins: int

    def share_of_cases(self, score: float) -> float:
        """Share of ordinary cases that score at least `score`; beyond the data a power law goes on (Hill)."""
        count = len(self.scores)
        if not count:
            return 0.0
        top = min(count, max(10, int(TAIL_SHARE * count)))
        start = max(float(self.scores[count - top]), 1e-6)
        if score <= start:
            return float(count - np.searchsorted(self.scores, score, "left")) / count
        decay = 1.0 / max(float(np.log(np.maximum(self.scores[count - top :], start) / start).mean()), 0.05)
        return float(top / count * (score / start) ** -decay)

    def rarity(self, score: float) -> float:
        """Cases that score at least `score`, per login: the flag's score, 1 in 1/rarity logins."""
        expected = self.share_of_cases(score) * len(self.scores)
        return float(min(1.0, max(expected, 1.0 / BEYOND) / max(self.logins, 1)))


def tail(nights: Sequence[Cases], logins: int, refused: bool) -> Tail:
    """The tail of one queue from the cases of ordinary nights."""
    scores = [cases.score[cases.refused == refused] for cases in nights]
    return Tail(np.sort(np.concatenate(scores).astype(np.float64)) if scores else np.empty(0), logins)


@dataclass(frozen=True)
class Pick:
    """One case that is worth a review."""

    case: int
    rarity: float


def choose(cases: Cases, tails: dict[bool, Tail], budget: int, order: Sequence[bytes]) -> list[Pick]:
    """At most `budget` cases, strangest first; `order` [K] breaks ties: equal nights give equal lists."""
    queues: dict[bool, list[Pick]] = {}
    for refused in (False, True):
        numbers = np.flatnonzero(cases.refused == refused).tolist()
        numbers.sort(key=lambda case: (-float(cases.score[case]), order[case]))
        worth = [case for case in numbers if tails[refused].share_of_cases(float(cases.score[case])) <= STRANGE_SHARE]
        queues[refused] = [Pick(case, tails[refused].rarity(float(cases.score[case]))) for case in worth]
    return mixed(queues[False], queues[True], budget)


def mixed(others: list[T], refused: list[T], budget: int) -> list[T]:
    """The first `budget` of two queues: refused sources get every fourth place as long as there are any, and what one
    queue leaves goes to the other. So the first twenty flags are mixed as all of them are."""
    chosen: list[T] = []
    taken = 0
    while len(chosen) < budget and (taken < len(refused) or len(chosen) - taken < len(others)):
        due = taken < int(REFUSED_SHARE * (len(chosen) + 1)) or len(chosen) - taken >= len(others)
        turn = due and taken < len(refused)
        chosen.append(refused[taken] if turn else others[len(chosen) - taken])
        taken += turn
    return chosen


def flag_id(night: date, kind: int, user: str, place: str) -> str:
    """Stable name [16 hex digits] of an actor's night: one actor on one night is one flag, run after run."""
    text = "\0".join((night.isoformat(), str(kind), user, place))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
