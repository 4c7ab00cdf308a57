"""How strange a night's facts are: for this actor, whose own nights count, and for all actors of the site.

p = (the actor's nights with at least this value + PRIOR · the site's share of them) / (the actor's nights + PRIOR): an
actor whose every night is new is less strange than one who never did it, and one of whom little is known is judged as
all are (a Beta prior centred at the site's share). Nights count less the older they are: at first everything was new.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nightporter.nightly.actors import ActorNights
from nightporter.nightly.facts import FACTS, STEPS

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

PRIOR = 6.0  # nights
HALF_LIFE = 5.0  # days
POWER = 1.3  # one strong surprise counts more than several faint ones
REPEATED = 0.5  # each further fact of the same topic counts this much of the one before it
FROM_NETWORK = 0.2  # how much of the autoencoder's score a case's score takes
AGAIN = 0.8  # the same user's next case counts this much: the reviewer reads of the user once
TOPIC_WEIGHTS: dict[str, float] = {
    "quiet names": 3.0, "elsewhere": 2.0, "who": 1.5, "manner": 0.6, "failures": 0.6, "names": 0.5, "key": 0.3,
}  # fmt: skip
"""Other topics count once; "who" more, because of somebody never seen it stands for all that is new (actors.py).
Chosen on three simulated farms; docs/model-card.md has what that gave on others."""
_OF_ALL = ("first_seen", "silent")  # judged among all actors, not among those who are as new


@dataclass(frozen=True)
class Habits:
    """What actors did in the nights that were learned from."""

    nights: ActorNights

    def strangeness(self, tonight: ActorNights) -> Floats:
        """-log p of each fact [K, facts], in nats."""
        result = np.zeros(tonight.values.shape, np.float32)
        for kind in np.unique(tonight.kind).tolist():
            for young in (False, True):
                asked = np.flatnonzero((tonight.kind == kind) & (tonight.young == young))
                if len(asked):
                    result[asked] = self._strangeness(tonight, asked, kind, young)
        return result

    def _strangeness(self, tonight: ActorNights, asked: Rows, kind: int, young: bool) -> Floats:
        past = np.flatnonzero(self.nights.kind == kind)
        age = tonight.day[asked[0]] - self.nights.day[past]
        weight = 0.5 ** (age / HALF_LIFE)
        alike = np.where(self.nights.young[past] == young, weight, 0.0)
        owners, theirs = np.unique(tonight.owner()[asked], return_inverse=True)
        place = np.searchsorted(owners, self.nights.owner()[past]).clip(0, len(owners) - 1)
        own = np.flatnonzero(owners[place] == self.nights.owner()[past])
        nights = np.bincount(place[own], weight[own], minlength=len(owners))[theirs]
        result = np.zeros((len(asked), len(FACTS)), np.float32)
        for column, fact in enumerate(FACTS):
            if kind not in fact.kinds:
                continue
            values, had = tonight.values[asked, column], self.nights.values[past, column]
            counted = weight if fact.name in _OF_ALL else alike
            share = _at_least(np.bincount(had, counted, minlength=len(STEPS))[None].astype(float))[0]
            site = np.minimum((share + 0.5) / (counted.sum() + 0.5), 1.0)[values]
            if fact.of_site:
                chance = site
            else:
                mine = np.bincount(place[own] * len(STEPS) + had[own], weight[own], minlength=len(owners) * len(STEPS))
                before = _at_least(mine.astype(float).reshape(len(owners), len(STEPS)))[theirs, values]
                chance = (before + PRIOR * site) / (nights + PRIOR)
            result[:, column] = -np.log(np.minimum(chance, 1.0))
        return result


def _at_least(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Counts of each value or a higher one, along the last axis."""
    return np.asarray(counts[:, ::-1].cumsum(1)[:, ::-1])


def weights(nats: Floats) -> Floats:
    """What each fact adds to its case [K, facts]: by strength within its topic, by the topic's weight."""
    result = np.zeros_like(nats)
    topics = np.array([fact.topic for fact in FACTS])
    for topic in np.unique(topics).tolist():
        columns = np.flatnonzero(topics == topic)
        strong = nats[:, columns] ** POWER
        rank = np.argsort(np.argsort(-strong, axis=1, kind="stable"), axis=1, kind="stable")
        result[:, columns] = TOPIC_WEIGHTS.get(topic, 1.0) * strong * REPEATED**rank
    return result
