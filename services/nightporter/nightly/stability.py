"""How much the flags of a night depend on the seed of the networks, and on which night's model scores it."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from clickhouse_connect.driver.client import Client

from nightporter.model.detector import Detector, fit_with_probe
from nightporter.model.train import silent
from nightporter.nightly.actors import History
from nightporter.nightly.contest import overlap
from nightporter.nightly.days import split_days, split_rows
from nightporter.nightly.evaluate import FIRST, Progress, farm_of, flagged
from nightporter.nightly.flags import Rules

SEEDS = 5


@dataclass(frozen=True)
class Stability:
    """Overlaps of lists of flags: of the first FIRST of a night, and of all within the budget."""

    seeds: list[tuple[float, float]]  # one for each night and pair of seeds
    nights: list[tuple[float, float]]  # one for each seed: a night by its own model and by that of the day before

    def shares(self) -> dict[str, str]:
        """For a table: the mean of each, and in brackets the least."""
        lists = f"first {FIRST}", "all flags"
        return {
            f"{name}, {which}": f"{values.mean():.0%} ({values.min():.0%})"
            for name, pairs in (("seeds", self.seeds), ("nights", self.nights))
            for which, values in zip(lists, np.array(pairs).T, strict=True)
        }


def stability(client: Client, budget: int = 50, seeds: int = SEEDS, progress: Progress = silent) -> Stability:
    """Trains on the last two days of a farm that is loaded, from scratch and then going on, with each of `seeds` seeds.

    NightError where the store does not hold a farm of at least a week.
    """
    logins, days = farm_of(client)
    history, rules = History(logins), Rules(budget)
    own: dict[int, list[list[int]]] = {-2: [], -1: []}
    nights: list[tuple[float, float]] = []
    for seed in range(seeds):
        before: tuple[Detector, Detector] | None = None
        for number, lists in own.items():
            progress(f"night of {days[number]}, seed {seed + 1} of {seeds}")
            split = split_rows(logins, *split_days(days[:number]), days[number])
            models = fit_with_probe(logins, split.early, split.late, seed=seed, before=before)
            lists.append([pick.case for pick in flagged(history, split, models, rules)[2]])
            if before:
                theirs = [pick.case for pick in flagged(history, split, before, rules)[2]]
                nights.append(_overlaps(lists[-1], theirs))
            before = models
    return Stability([_overlaps(*two) for lists in own.values() for two in combinations(lists, 2)], nights)


def _overlaps(ours: list[int], theirs: list[int]) -> tuple[float, float]:
    return overlap(set(ours[:FIRST]), set(theirs[:FIRST])), overlap(set(ours), set(theirs))
