"""What the gate is told: the new model, the one before and the baselines on the same night, with planted attacks.

A planted attack counts as found if it would be among the night's flags had it alone been planted: if one of its cases
scores higher than the last case of its queue that fits the budget. On a small night, where the budget holds whatever
is a little odd, it has to be among the strangest twentieth: else everybody finds everything, and nothing is compared.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from clickhouse_connect.driver.client import Client

from nightporter.features.encode import encode
from nightporter.features.fields import CATEGORIES
from nightporter.features.history import schema
from nightporter.features.stream import Logins
from nightporter.model.baselines import BASELINES, Preparation
from nightporter.model.detector import Detector
from nightporter.nightly.actors import History, actors, translated
from nightporter.nightly.canaries import Planted, plant
from nightporter.nightly.cases import Rows, group, habits
from nightporter.nightly.days import Split
from nightporter.nightly.flags import REFUSED_SHARE
from nightporter.nightly.gate import Decision, Measured, decide

MOST_LOGINS = 500_000  # of a night; of a larger one so many actors are compared as have about that many logins
FEWEST_FLAGS = 10  # that lists are compared by
STRANGEST = 20  # one case in so many can be called found

Floats = npt.NDArray[np.float64]
Scored = tuple[Floats, npt.NDArray[np.bool_], Rows]  # score and queue of each case, case of each login


@dataclass(frozen=True)
class Contest:
    """The decision, and what it rests on, ready for the record of the run."""

    decision: Decision
    canaries: dict[str, Any]
    stability: dict[str, float]
    drift: dict[str, Any]


def compare(
    client: Client,
    logins: Logins,
    split: Split,
    night: date,
    since: date,
    budget: int,
    candidate: tuple[str, Detector],
    incumbent: tuple[str, Detector] | None,
    folder: Path | None,
    progress: Callable[[str], None],
) -> Contest:
    """Measures both models and the baselines on one night and decides. `folder` holds the planted attacks meanwhile."""
    rows, share = _sample(logins, split.night)
    slots = max(FEWEST_FLAGS, round(budget * share))
    progress("planting attacks into a copy of the night")
    planted = plant(client, night, since, folder)
    models = [candidate] if incumbent is None else [candidate, incumbent]
    progress("comparing the models")
    history = History(logins)
    learned = habits(history, np.concatenate([split.early, split.late]))

    def by_model(model: Detector, of: Logins, some: Rows) -> Scored:
        there = history if of is logins else History(translated(of, logins), history)
        cases = group(there, some, model.surprises(of, some), learned)
        return cases.score.astype(np.float64), cases.refused, cases.actor

    scored = [by_model(model, logins, rows) for _, model in models]
    places = max(FEWEST_FLAGS, min(slots, len(scored[0][0]) // STRANGEST))
    found = [_found(ours, planted, by_model(model, planted.logins, _all(planted)), places) if planted else None
             for ours, (_, model) in zip(scored, models, strict=True)]  # fmt: skip
    progress("comparing with the baselines")
    baselines: dict[str, float] = {}
    if planted:
        prepared = Preparation(logins, candidate[1].vocabularies, np.concatenate([split.early, split.late]))
        for name, baseline in BASELINES.items():
            score = baseline(prepared)
            theirs = _by_login(logins, rows, score(logins, rows))
            hits = _found(
                theirs, planted, _by_login(planted.logins, _all(planted), score(planted.logins, _all(planted))), places
            )
            baselines[name] = float(hits.mean())
    measured = [
        Measured(run, model.error(logins, rows), None if hits is None else float(hits.mean()), model.finite(), schema())
        for (run, model), hits in zip(models, found, strict=True)
    ]
    agreed = overlap(_top(scored[0], slots), _top(scored[1], slots)) if incumbent else None
    decision = decide(measured[0], measured[1] if incumbent else None, baselines, agreed)
    canaries: dict[str, Any] = {"kinds": {}, "recall": measured[0].recall, "baselines": baselines}
    canaries["incumbent"] = measured[1].recall if incumbent else None
    if planted and found[0] is not None:
        for kind, hit in zip(planted.kinds, found[0].tolist(), strict=True):
            so_far = canaries["kinds"].setdefault(kind, {"planted": 0, "found": 0})
            canaries["kinds"][kind] = {"planted": so_far["planted"] + 1, "found": so_far["found"] + int(hit)}
    stability = {} if agreed is None else {"overlap": agreed}
    return Contest(
        decision, canaries, stability, {"nll": measured[0].error, "oov": _unknown(candidate[1], logins, rows)}
    )


def _sample(logins: Logins, rows: Rows) -> tuple[Rows, float]:
    """Logins of whole actors, and the share of actors that was taken."""
    if len(rows) <= MOST_LOGINS:
        return rows, 1.0
    actor, refused = actors(logins, rows)
    every = -(-len(rows) // MOST_LOGINS)
    taken = np.random.default_rng(0).permutation(len(refused)) % every == 0
    return rows[taken[actor]], 1 / every


def _all(planted: Planted) -> Rows:
    return np.arange(len(planted.logins), dtype=np.int64)


def _by_login(logins: Logins, rows: Rows, scores: npt.NDArray[np.float32]) -> Scored:
    """A baseline's cases: the same actors by their strangest login."""
    actor, refused = actors(logins, rows)
    best = np.full(len(refused), -np.inf)
    np.maximum.at(best, actor, scores)
    return best, refused, actor


def _bars(scored: Scored, slots: int) -> dict[bool, float]:
    """What a case must score more than to be among the flags, per queue; what one queue leaves goes to the other."""
    score, refused, _ = scored
    have = {queue: np.sort(score[refused == queue])[::-1] for queue in (False, True)}
    places = {True: min(int(REFUSED_SHARE * slots), len(have[True]))}
    places[False] = min(slots - places[True], len(have[False]))
    places[True] = slots - places[False]
    places[False] = slots - min(places[True], len(have[True]))
    return {
        queue: float(own[places[queue] - 1]) if len(own) >= places[queue] > 0 else -np.inf
        for queue, own in have.items()
    }


def _found(ordinary: Scored, planted: Planted, theirs: Scored, slots: int) -> npt.NDArray[np.bool_]:
    """Which of the planted attacks [attacks] would be flagged."""
    bars, (score, refused, case) = _bars(ordinary, slots), theirs
    over = score > np.where(refused, bars[True], bars[False])
    return np.bincount(planted.attack, weights=over[case], minlength=len(planted.kinds)) > 0


def _top(scored: Scored, slots: int) -> set[int]:
    bars, (score, refused, _) = _bars(scored, slots), scored
    return set(np.flatnonzero(score >= np.where(refused, bars[True], bars[False])).tolist())


def overlap(ours: set[int], theirs: set[int]) -> float:
    """Share of the longer list that both have."""
    return len(ours & theirs) / max(len(ours), len(theirs), 1)


def _unknown(model: Detector, logins: Logins, rows: Rows) -> dict[str, float]:
    """Share of logins, per category, whose value the model does not know by name."""
    codes = encode(logins, model.vocabularies, rows).categories
    return (
        {name: round(float((codes[:, column] == 0).mean()), 5) for column, name in enumerate(CATEGORIES)}
        if len(rows)
        else {}
    )
