"""From cases to flags: what their scores mean here, and which of them fit the reviewers' budget."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from nightporter.nightly.cases import Cases, Rows
from nightporter.settings import DAYS

Floats = npt.NDArray[np.float64]

REFUSED_SHARE = 0.25  # of the budget, where no setting says otherwise
TAIL_SHARE = 0.05  # of ordinary cases, whose decay says how rare scores beyond them are
BEYOND = 10.0  # no score is called rarer than 1 in this many times the logins it was calibrated on


@dataclass(frozen=True)
class Tail:
    """Scores of the cases of ordinary nights in one queue: what a score means."""

    scores: Floats  # ascending
    logins: int  # of those nights
    nights: int

    def expected(self, scores: Floats) -> Floats:
        """How many cases of an ordinary night score at least that [K]; beyond the data a power law goes on (Hill)."""
        count = len(self.scores)
        if not count:
            return np.zeros(len(scores))
        top = min(count, max(10, int(TAIL_SHARE * count)))
        start = max(float(self.scores[count - top]), 1e-6)
        decay = 1.0 / max(float(np.log(np.maximum(self.scores[count - top :], start) / start).mean()), 0.05)
        found = (count - np.searchsorted(self.scores, scores, "left")).astype(np.float64)
        beyond = top * (np.maximum(scores, start) / start) ** -decay
        return np.asarray(np.where(scores > start, beyond, found) / max(self.nights, 1))

    def rarity(self, expected: Floats) -> Floats:
        """Cases a night [K] as shares of its logins: the score of a flag, 1 in 1/rarity logins."""
        a_night = max(self.logins, 1) / max(self.nights, 1)
        return np.clip(expected / a_night, 1.0 / (BEYOND * max(self.logins, 1)), 1.0)


def tail(nights: Sequence[npt.NDArray[np.float32]], logins: int) -> Tail:
    """The tail of one queue from the scores of its cases in ordinary nights, which had so many `logins`."""
    return Tail(np.sort(np.concatenate(nights).astype(np.float64)) if nights else np.empty(0), logins, len(nights))


@dataclass(frozen=True)
class Pick:
    """One case that is worth a review, and others of the same user that say nothing more."""

    case: int
    rarity: float
    joined: tuple[int, ...] = ()


@dataclass(frozen=True)
class Rules:
    """How many flags a night may have, and of what; the settings of the same names."""

    budget: int = 50
    refused_share: float = REFUSED_SHARE  # of the budget, for sources that were refused
    false_discoveries: float = 1.0  # of the flags, the share that may be expected to be ordinary; 1: no matter


def budget_of(night: date, usual: int, by_weekday: Mapping[str, int]) -> int:
    """How many flags a night may have, by the weekday of its date."""
    return by_weekday.get(DAYS[night.weekday()], usual)


def rate(cases: Cases, tails: dict[bool, Tail], rules: Rules) -> Floats:
    """How many cases of an ordinary night are as strange [K], on one scale for both queues.

    Each queue's expectation is divided by its share of the budget (weighted testing; Genovese, Roeder and Wasserman
    2006): of ordinary cases a quarter of any list are refused sources, and what is truly strange comes first in
    whichever queue.
    """
    result = np.zeros(len(cases), np.float64)
    for refused, share in ((False, 1 - rules.refused_share), (True, rules.refused_share)):
        mine = cases.refused == refused
        result[mine] = tails[refused].expected(cases.score[mine].astype(np.float64)) / max(share, 1e-3)
    return result


def choose(
    cases: Cases, rates: Floats, tails: dict[bool, Tail], rules: Rules, order: npt.NDArray[np.bytes_]
) -> list[Pick]:
    """At most the budget of cases, strangest first; `order` [K] breaks ties: equal nights give equal lists.

    What an ordinary night has more often than the budget is no flag, so a quiet night has fewer. What only repeats a
    stranger case of the same user is joined to it: who comes from two places does so from both. The list ends where
    more than the accepted share of it is expected to be ordinary (Benjamini and Hochberg 1995).
    """
    ranked = np.lexsort((order, -cases.score, rates))
    ranked, joins = join(cases, ranked[rates[ranked] <= rules.budget])
    worth = np.ones(len(ranked), bool)
    if rules.false_discoveries < 1:
        worth = rates[ranked] <= rules.false_discoveries * np.arange(1, len(ranked) + 1)
    last = np.flatnonzero(worth)
    chosen = ranked[: min(rules.budget, int(last[-1]) + 1 if len(last) else 0)]
    rarity = tails[False].rarity(rates[chosen])
    return [
        Pick(case, seldom, joins.get(case, ())) for case, seldom in zip(chosen.tolist(), rarity.tolist(), strict=True)
    ]


def join(cases: Cases, ranked: Rows) -> tuple[Rows, dict[int, tuple[int, ...]]]:
    """The cases of a list, strangest first, without those that only repeat the first of their user; and these."""
    user = cases.user()[ranked]
    _, first, group = np.unique(user, return_index=True, return_inverse=True)
    head = first[group.reshape(-1)]
    repeats = cases.echo()[ranked] & (head != np.arange(len(ranked)))
    joins: dict[int, tuple[int, ...]] = {}
    for place in np.flatnonzero(repeats).tolist():
        leader = int(ranked[head[place]])
        joins[leader] = (*joins.get(leader, ()), int(ranked[place]))
    return ranked[~repeats], joins


def flag_id(night: date, kind: int, user: str, place: str) -> str:
    """Stable name [16 hex digits] of an actor's night: one actor on one night is one flag, run after run."""
    text = "\0".join((night.isoformat(), str(kind), user, place))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
