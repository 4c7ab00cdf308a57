"""From cases to flags: what their scores mean here, and which of them fit the reviewers' budget."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from nightporter.nightly.cases import Cases

Floats = npt.NDArray[np.float64]

REFUSED_SHARE = 0.25  # of the budget, for sources that were refused; what they leave goes to the others and vice versa
STRANGE_SHARE = 0.2  # a case that is not among this share of ordinary cases is no flag, however much budget is left
TAIL_SHARE = 0.05  # of ordinary cases, whose decay says how rare scores beyond them are
BEYOND = 10.0  # no score is called rarer than 1 in this many times the logins it was calibrated on


@dataclass(frozen=True)
class Tail:
    """Scores of ordinary cases of one queue, and how many logins they were found among."""

    scores: Floats  # ascending
    logins: int

    def share_of_cases(self, score: float) -> float:
        """Share of ordinary cases that score at least `score`; beyond the data a power law goes on (Hill's estimate)."""
        count = len(self.scores)
        if not count:
            return 0.0
        top = min(count, max(10, int(TAIL_SHARE * count)))
        start = max(float(self.scores[count - top]), 1e-6)
        if score <= start:
            return float(count - np.searchsorted(self.scores, score, "left")) / count
        decay = 1.0 / max(float(np.log(np.maximum(self.scores[count - top :], start) / start).mean()), 0.05)
        return top / count * (score / start) ** -decay

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


def choose(cases: Cases, tails: dict[bool, Tail], budget: int, order: Sequence[object] | None = None) -> list[Pick]:
    """At most `budget` cases, strangest first; `order` [K] breaks ties, so that equal nights give equal lists.

    Refused sources get every fourth place, as long as there are any worth it; so the first twenty flags are as mixed as all.
    """
    ties = list(range(len(cases))) if order is None else list(order)
    queues: dict[bool, list[Pick]] = {}
    for refused in (False, True):
        numbers = np.flatnonzero(cases.refused == refused).tolist()
        numbers.sort(key=lambda case: (-float(cases.score[case]), ties[case]))
        worth = [case for case in numbers if tails[refused].share_of_cases(float(cases.score[case])) <= STRANGE_SHARE]
        queues[refused] = [Pick(case, tails[refused].rarity(float(cases.score[case]))) for case in worth]
    chosen: list[Pick] = []
    taken = 0
    while len(chosen) < budget and (queues[False] or queues[True]):
        turn = bool(queues[True]) and (taken < int(REFUSED_SHARE * (len(chosen) + 1)) or not queues[False])
        taken += turn
        chosen.append(queues[turn].pop(0))
    return chosen


def flag_id(night: date, kind: int, user: str, place: str) -> str:
    """Stable name [16 hex digits] of an actor's night: the same actor on the same night is the same flag, run after run."""
    text = "\0".join((night.isoformat(), str(kind), user, place))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
