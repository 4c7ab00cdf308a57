"""From surprises of single logins to cases: what one actor did in one night.

An actor is a user and a source; for local programs (sudo, su, cron, console) a user and a host; refused network logins
are grouped per source alone, because whoever guesses uses many names. A case is scored by the facts of the actor's
night (facts.py, habits.py) and by its logins' reconstruction errors, each surprise once: forty logins to one new host
are one surprise, one login to each of forty new hosts are forty, each further one counting less.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nightporter.features.fields import FIELDS
from nightporter.features.stream import CHUNK, Logins
from nightporter.nightly.actors import ActorNights, History
from nightporter.nightly.facts import FACTS, REFUSED
from nightporter.nightly.habits import AGAIN, FROM_NETWORK, Habits, weights

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

THRESHOLD = 3.0  # a field that counts less is no surprise (about two nats)
LEAD_SHARE = 0.5  # how much the rest of the night adds to its strangest login
ECHO = 0.5  # of what facts add to a case, the share from which it says nothing that the user's strangest case does not
OF_THE_DAY = np.array([fact.of_the_day for fact in FACTS])


@dataclass(frozen=True)
class Cases:
    """K cases of one night. Rows are indices into the night's logins, not into the whole stream."""

    score: Floats  # [K] what ranks them within their queue
    lead: Rows  # [K] row of the strangest login
    refused: npt.NDArray[np.bool_]  # [K] whether the case is a source that was refused
    actor: Rows  # [rows] case of each login
    nights: ActorNights  # [K] what was done
    nats: Floats  # [K, facts] how strange each fact is
    weight: Floats  # [K, facts] what it adds to the score

    def __len__(self) -> int:
        return len(self.score)

    def user(self) -> Rows:
        """The user [K] of each case; each refused source is somebody of its own."""
        return np.where(self.nights.kind == REFUSED, -1 - np.arange(len(self)), self.nights.user)

    def echo(self) -> npt.NDArray[np.bool_]:
        """Cases [K] that are strange mostly for the user's whole day, as all cases of that user are."""
        of_the_day = self.weight[:, OF_THE_DAY].sum(1)
        return np.asarray(of_the_day >= ECHO * np.maximum(self.weight.sum(1), 1e-6))


def habits(history: History, rows: Rows) -> Habits:
    """What actors did in the nights of the logins in `rows`."""
    return Habits(history.actor_nights(rows)[0])


def group(history: History, rows: Rows, surprises: Floats, learned: Habits) -> Cases:
    """The cases of one night's logins `rows`, whose surprises [rows, fields] are given."""
    nights, actor = history.actor_nights(rows)
    nats = learned.strangeness(nights)
    weight = weights(nats)
    refused = nights.kind == REFUSED
    network, lead = _network_score(history.logins, rows, surprises, actor, len(nights))
    score = weight.sum(1) + FROM_NETWORK * network
    score *= AGAIN ** np.minimum(_place_among_own(nights, score), 8)
    return Cases(score.astype(np.float32), lead, refused, actor, nights, nats, weight)


def _network_score(logins: Logins, rows: Rows, surprises: Floats, actor: Rows, count: int) -> tuple[Floats, Rows]:
    """Each case's distinct surprises, its strangest login counting most; and that login. Some actors at a time."""
    score, lead = np.empty(count, np.float32), np.empty(count, np.int64)
    order = np.argsort(actor, kind="stable")
    starts, first = np.searchsorted(actor[order], np.arange(count + 1)), 0
    while first < count:
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + CHUNK, "right")) - 1)
        some, those = order[starts[first] : starts[last]], slice(first, last)
        score[those], own = _score_of_some(logins, rows[some], surprises[some], actor[some] - first, last - first)
        lead[those], first = some[own], last
    return score, lead


def _score_of_some(logins: Logins, rows: Rows, surprises: Floats, actor: Rows, count: int) -> tuple[Floats, Rows]:
    total = surprises.sum(1)
    order = np.lexsort((logins.event_id[rows], -total, actor))
    lead = order[np.searchsorted(actor[order], np.arange(count))]
    everything = distinct_sums(actor, surprises, _about(logins, rows), count)
    own = surprises[lead]
    beyond = np.maximum(everything - np.where(own > THRESHOLD, own, 0).sum(1), 0)
    return total[lead] + LEAD_SHARE * beyond, lead


def _place_among_own(nights: ActorNights, score: Floats) -> Rows:
    """0 for a user's highest case, 1 for the next, …; refused sources are all the first of theirs."""
    user = np.where(nights.kind == REFUSED, -1 - np.arange(len(nights)), nights.user)
    order = np.lexsort((-score, user))
    starts = np.ones(len(order), bool)
    starts[1:] = user[order][1:] != user[order][:-1]
    begin = np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order)) - begin
    return place


def _about(logins: Logins, rows: Rows) -> npt.NDArray[np.uint32]:
    """The value [rows, fields] each surprise is about; equal values within an actor's night are one surprise."""
    about = np.zeros((len(rows), len(FIELDS)), np.uint32)
    for column, field in enumerate(FIELDS):
        name = field.about[-1]
        about[:, column] = (logins.source if name == "source" else logins.categories[name])[rows]
    return about


def distinct_sums(actor: Rows, surprises: Floats, about: npt.NDArray[Any], count: int) -> Floats:
    """Sum [count] of each actor's distinct surprises above the threshold; the k-th value of one field counts 1/k."""
    row, field = np.nonzero(surprises > THRESHOLD)
    who, what, size = actor[row], about[row, field], surprises[row, field]
    order = np.lexsort((-size, what, field, who))
    who, field, what, size = who[order], field[order], what[order], size[order]
    first = np.ones(len(who), bool)
    first[1:] = (who[1:] != who[:-1]) | (field[1:] != field[:-1]) | (what[1:] != what[:-1])
    who, field, size = who[first], field[first], size[first]
    order = np.lexsort((-size, field, who))
    who, field, size = who[order], field[order], size[order]
    starts = np.ones(len(who), bool)
    starts[1:] = (who[1:] != who[:-1]) | (field[1:] != field[:-1])
    begin = np.maximum.accumulate(np.where(starts, np.arange(len(who)), 0))
    weight = 1.0 / (np.arange(len(who)) - begin + 1)
    return np.bincount(who, weights=size * weight, minlength=count).astype(np.float32)
