"""How many attacks of a simulated farm the nights find within the budget, beside the baselines on the same features."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from clickhouse_connect.driver.client import Client

from nightporter.errors import NightError
from nightporter.features.stream import Logins, read_logins
from nightporter.model.baselines import BASELINES, PYOD, Preparation
from nightporter.model.detector import Detector, fit_with_probe
from nightporter.model.train import silent
from nightporter.nightly.actors import History
from nightporter.nightly.calibration import calibrate
from nightporter.nightly.cases import Cases, Rows, group, habits
from nightporter.nightly.days import THIN, Split, split_days, split_rows
from nightporter.nightly.feedback import Verdict, apply, signature
from nightporter.nightly.flags import Pick, Rules, Tail, choose, join, rate
from nightporter.nightly.publish import tie_order_of
from nightporter.store.merge import merge
from nightporter.store.query import sql

Progress = Callable[[str], None]
OURS = "autoencoder"
REVIEWED = "with verdicts"
FIRST = 20  # flags of a night that get read for sure
HISTORY_DAYS = 6  # days before the first night that is run


Flag = tuple[int, ...]
"""A case, and those that join it."""


@dataclass
class Evaluation:
    """What was found: method → attack id → rank of its best flag over all nights (None: no flag within the budget)."""

    budget: int
    nights: list[date]
    kinds: dict[str, str]  # attack id → kind; attacks without a login in the nights are left out
    ranks: dict[str, dict[str, int | None]] = field(default_factory=dict)
    flags: dict[str, list[int]] = field(default_factory=dict)  # method → flags of each night
    strangest_clean: float = 1.0  # rarity of the strangest flag of ours that is no attack

    def recall(self, method: str, within: int, kind: str | None = None) -> float:
        """Share of attacks (of one kind) with a flag among the first `within` of a night."""
        wanted = [attack for attack, its in self.kinds.items() if kind in (None, its)]
        found = [self.ranks[method].get(attack) for attack in wanted]
        return sum(rank is not None and rank <= within for rank in found) / max(len(wanted), 1)

    def as_dict(self) -> dict[str, Any]:
        """For machines: recall per method and kind, among the first flags and at the budget."""
        kinds = sorted(set(self.kinds.values()))
        recalls = {
            method: {
                kind or "all": {
                    "first": self.recall(method, FIRST, kind),
                    "budget": self.recall(method, self.budget, kind),
                }
                for kind in [*kinds, None]
            }
            for method in self.ranks
        }
        return {
            "budget": self.budget,
            "nights": [night.isoformat() for night in self.nights],
            "attacks": {kind: list(self.kinds.values()).count(kind) for kind in kinds},
            "recall": recalls,
            "flags": self.flags,
        }


def evaluate(
    client: Client, out: Path, budget: int = 50, seed: int = 0, progress: Progress = silent, feedback: bool = False
) -> Evaluation:
    """Runs every night of the farm in the folder `out`, whose logs have been loaded into `client`'s store.

    Nights start after HISTORY_DAYS days; the networks of the first learn anew, those of each later night go on from the
    night before. An attack is found if one of its logins is in a flag. `feedback`: also with a simulated reviewer, who
    says the truth of each flag of a night before the next. NightError where the folder or the store does not hold a
    farm of at least a week.
    """
    attacks = attacks_of(out)
    logins, days = farm_of(client, progress)
    nights, truth = days[HISTORY_DAYS:], truth_of(client, out, attacks)
    labels = np.array([truth.get(name.decode(), "") for name in logins.event_id], dtype=object)
    result, history = Evaluation(budget, nights, {}), History(logins)
    baselines = BASELINES | (PYOD if find_spec("pyod") else {})
    verdicts: list[Verdict] = []
    before: tuple[Detector, Detector] | None = None
    for number, night in enumerate(nights):
        split = split_rows(logins, *split_days(days[: HISTORY_DAYS + number]), night)
        before = fit_with_probe(logins, split.early, split.late, seed=seed, before=before)
        rules = Rules(budget)
        cases, tails, picks = flagged(history, split, before, rules)
        attacked = np.bincount(cases.actor[labels[split.night] != ""], minlength=len(cases)) > 0
        ordered = {OURS: [(pick.case, *pick.joined) for pick in picks]}
        if feedback:
            reviewed = apply(cases, logins, split.night, verdicts, ()).cases
            again = choose(
                reviewed, rate(reviewed, tails, rules), tails, rules, tie_order_of(logins, split.night, reviewed)
            )
            ordered[REVIEWED] = [(pick.case, *pick.joined) for pick in again]
            verdicts += [
                truth_told(cases, flag[0], bool(attacked[list(flag)].any()), logins, split.night)
                for flag in ordered[REVIEWED]
            ]
        prepared = Preparation(logins, before[0].vocabularies, np.concatenate([split.early, split.late]))
        for name, baseline in baselines.items():
            ordered[name] = _best(cases, baseline(prepared)(logins, split.night), budget)
        _note(result, ordered, cases, labels[split.night], attacks)
        clean = [pick.rarity for pick in picks if not attacked[[pick.case, *pick.joined]].any()]
        result.strangest_clean = min([result.strangest_clean, *clean])
        progress(f"{night}: {len(split.night)} logins, {len(picks)} flags ({number + 1} of {len(nights)} nights)")
    return result


def farm_of(client: Client, progress: Progress = silent) -> tuple[Logins, list[date]]:
    """The farm's logins and days; those that nights calibrate with or score are whole."""
    merge(client)
    days = days_of(client)
    if len(days) <= HISTORY_DAYS:
        raise NightError(
            f"The store holds {len(days)} days of logins, and an evaluation needs {HISTORY_DAYS + 1}; "
            "simulate a longer farm."
        )
    progress(f"reading {days[0]} to {days[-1]}")
    whole_from = split_days(days[:HISTORY_DAYS])[1]
    return read_logins(client, days[0], days[-1] + timedelta(days=1), thin=THIN, whole_from=whole_from), days


def flagged(
    history: History, split: Split, models: tuple[Detector, Detector], rules: Rules
) -> tuple[Cases, dict[bool, Tail], list[Pick]]:
    """The night's cases, what their scores mean and the flags, by a detector and its probe."""
    learned = habits(history, np.concatenate([split.early, split.late]))
    cases = group(history, split.night, models[0].surprises(history.logins, split.night), learned)
    tails = calibrate(history.logins, split, models[1])
    order = tie_order_of(history.logins, split.night, cases)
    return cases, tails, choose(cases, rate(cases, tails, rules), tails, rules, order)


def truth_told(cases: Cases, case: int, attack: bool, logins: Logins, rows: Rows) -> Verdict:
    """What a reviewer who knows the truth says of a flag."""
    like = json.loads(signature(cases, case, logins, rows))
    kind, user, place = like["actor"]
    return Verdict("malicious" if attack else "benign", "the night", (kind, user, place), like["facts"])


def mean_recall(found: Sequence[Evaluation], method: str, within: int, kind: str | None = None) -> float:
    """Mean over farms (those that have such attacks) of the share found."""
    of = [each.recall(method, within, kind) for each in found if kind is None or kind in each.kinds.values()]
    return sum(of) / max(len(of), 1)


def _note(
    result: Evaluation, ordered: dict[str, list[Flag]], cases: Cases, labels: Any, attacks: dict[str, str]
) -> None:
    """Adds one night's ranks to the result."""
    for method, chosen in ordered.items():
        rank = {case: number for number, flag in enumerate(chosen, 1) for case in flag}
        ranks = result.ranks.setdefault(method, {})
        result.flags.setdefault(method, []).append(len(chosen))
        for row in np.flatnonzero(labels != "").tolist():
            attack = labels[row]
            result.kinds[attack] = attacks[attack]
            found, before = rank.get(int(cases.actor[row])), ranks.get(attack)
            ranks[attack] = min(found, before) if found is not None and before is not None else found or before


def _best(cases: Cases, scores: Any, budget: int) -> list[Flag]:
    """A baseline's flags: the same actors by their strangest login, joined as ours are; every fourth place is for
    refused sources."""
    best = np.full(len(cases), -np.inf)
    np.maximum.at(best, cases.actor, scores)
    order, joins = join(cases, np.argsort(-best, kind="stable"))
    refused, others = order[cases.refused[order]].tolist(), order[~cases.refused[order]].tolist()
    chosen: list[int] = []
    while len(chosen) < budget and (refused or others):
        turn = refused if (len(chosen) % 4 == 3 and refused) or not others else others
        chosen.append(turn.pop(0))
    return [(case, *joins.get(case, ())) for case in chosen]


def attacks_of(out: Path) -> dict[str, str]:
    """Attack id → kind."""
    return {row["attack_id"]: row["kind"] for row in _lines(out / "attacks.jsonl")}


def truth_of(client: Client, out: Path, attacks: dict[str, str]) -> dict[str, str]:
    """Event id → attack id: true events are found in the store by host, program, process, start and user."""
    wanted = [row for row in _lines(out / "events.jsonl") if row["attack"] in attacks]
    keys = {
        (row["host"], row["service"], row["pid"] or 0, _micro(row["start"]), row["user"]): row["attack"]
        for row in wanted
    }
    found = client.query(
        sql("queries/truth.sql"), parameters={"users": sorted({row["user"] for row in wanted})}
    ).result_rows
    named = {
        event_id: keys.get((host, service, pid, start, user)) for event_id, host, service, pid, start, user in found
    }
    return {event_id: attack for event_id, attack in named.items() if attack is not None}


def _micro(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return int(moment.replace(microsecond=0).timestamp()) * 1_000_000 + moment.microsecond


def days_of(client: Client) -> list[date]:
    """Days with logins."""
    bounds = {"since": datetime(1971, 1, 1), "until": datetime(2200, 1, 1)}
    return [row[0] for row in client.query(sql("queries/night_days.sql"), parameters=bounds).result_rows]


def _lines(path: Path) -> Any:
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)
    except (OSError, ValueError) as error:
        raise NightError(
            f"{path} cannot be read ({error}); give a folder that `nightporter simulate` wrote."
        ) from error
