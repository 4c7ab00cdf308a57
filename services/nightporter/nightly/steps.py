"""The steps of a night, in order. Each reads what the steps before it left, may be repeated, and leaves its own.

What is small goes into the ledger, what is large onto the disk (handover.py), what people see into the store. In one
process the logins and the model stay in memory from step to step.
"""

import hashlib
import math
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from clickhouse_connect.driver.client import Client

from nightporter.errors import NightError
from nightporter.features.stream import CHUNK, Logins, holds_logins, open_logins
from nightporter.features.window import read_window
from nightporter.model import registry
from nightporter.model.detector import Detector
from nightporter.model.score import Floats as Surprises
from nightporter.nightly import handover, tampering
from nightporter.nightly.calibration import FILE, calibrate, load_tails, save_tails
from nightporter.nightly.candidate import earlier_model, train_candidate
from nightporter.nightly.carried import open_flags
from nightporter.nightly.cases import group, habits
from nightporter.nightly.checks import examine
from nightporter.nightly.choices import carry_out
from nightporter.nightly.choices import tell as tell_models
from nightporter.nightly.contest import compare
from nightporter.nightly.days import THIN, Split, split_days, split_rows, volumes
from nightporter.nightly.facts import History
from nightporter.nightly.feedback import apply, verdicts_before
from nightporter.nightly.flags import Pick, Rules, budget_of, choose, rate
from nightporter.nightly.ledger import OVER, STEPS, Ledger
from nightporter.nightly.message import compose
from nightporter.nightly.notify import channels, tell
from nightporter.nightly.publish import describe, record_run, replace_flags, replace_scores, tie_order_of
from nightporter.nightly.quoted import Night
from nightporter.nightly.tampering import Suspect
from nightporter.settings import Settings
from nightporter.store import changes
from nightporter.store.merge import merge, merged_upto
from nightporter.store.query import sql
from nightporter.store.suppressions import in_force

MOST_TRIES = 10  # to tell of a night; about a day
PART = 250_000  # logins that one scoring task takes


@dataclass(frozen=True)
class Done:
    """What a step has to say when it is over."""

    text: str
    result: dict[str, Any] = field(default_factory=dict)
    state: str = "done"


class Work:
    """One night being worked on: where things are, and what this process has in memory already."""

    def __init__(
        self, client: Client, settings: Settings, night: date, progress: Callable[[str], None] = lambda _: None
    ) -> None:
        self.client, self.night, self.progress = client, night, progress
        self.settings = changes.in_force(client, settings)
        self.ledger = Ledger(client, night)
        self.step = ""
        self._logins: Logins | None = None
        self._split: Split | None = None
        self._detectors: dict[str, Detector] = {}

    @property
    def folder(self) -> Path:
        """What is handed over from step to step."""
        return self.settings.home / "nights" / self.night.isoformat()

    @property
    def models(self) -> Path:
        """The models that are kept."""
        return self.settings.home / "models"

    def tell(self, text: str, share: float | None = None) -> None:
        """Say how far the running step is."""
        self.progress(text)
        self.ledger.tell(self.step, text, share)

    def keep(self, logins: Logins) -> None:
        """Hold the logins that this process has just read."""
        self._logins, self._split = logins, None

    def logins(self) -> Logins:
        """The logins of the night and of the days before it."""
        if self._logins is None:
            self._logins = open_logins(self.folder / "logins")
        return self._logins

    def split(self) -> Split:
        """Which of them are for what."""
        if self._split is None:
            learn_from, held_out_from = split_days([date.fromisoformat(day) for day in self.days()])
            self._split = split_rows(self.logins(), learn_from, held_out_from, self.night)
        return self._split

    def days(self) -> list[str]:
        """The days to learn from."""
        days: list[str] = self.ledger.result("check")["days"]
        return days

    def detector(self, run: str) -> Detector:
        """The model of a run."""
        if run not in self._detectors:
            self._detectors[run] = registry.fetch(self.models, run)
        return self._detectors[run]

    def holds(self, run: str, detector: Detector) -> None:
        """Keep a model that this process has just made."""
        self._detectors = {run: detector}

    def scored_by(self) -> str:
        """The run whose model scores this night."""
        run: str = self.ledger.result("gate")["scored_by"]
        return run

    def parts(self) -> int:
        """How many tasks score the night."""
        return max(1, math.ceil(len(self.split().night) / PART))

    def unscored(self) -> list[int]:
        """The parts that nobody has scored yet."""
        return [number for number in range(self.parts()) if not self.part(number).exists()]

    def part(self, number: int) -> Path:
        """Where the surprises of one part are handed over."""
        return self.folder / f"surprises-{self.scored_by()}-{number}-of-{self.parts()}.npy"


def close(work: Work) -> Done:
    """Merge everything that has arrived; do what admins asked of the models."""
    carry_out(work.client, work.models)
    merge(work.client, lambda waiting: work.tell(f"merging {waiting:,} queued lines" if waiting else "merging"))
    asked = work.ledger.result("close")
    return Done("all lines received so far are merged", asked | {"upto": merged_upto(work.client)})


def check(work: Work) -> Done:
    """Whether there is enough to learn from, and whether the day is fit to be learned from."""
    logins = volumes(work.client, work.night, work.settings.training_window_days)
    work.tell("looking at hosts, clocks and lines")
    found = examine(work.client, work.night, logins)
    days = [day.isoformat() for day, _ in logins[:-1]]
    said = [finding["text"] for finding in found if finding["level"] != "ok"] or [found[0]["text"]]
    return Done(f"{len(days)} days to learn from. {' '.join(said)}", {"days": days, "checks": found})


def features(work: Work) -> Done:
    """Read the logins with what was known before each."""
    days = [date.fromisoformat(day) for day in work.days()]
    shutil.rmtree(work.folder, ignore_errors=True)
    logins = read_window(
        work.client, [*days, work.night], thin=THIN, whole_from=split_days(days)[1],
        home=work.settings.home / "features", folder=work.folder / "logins",
        progress=lambda share: work.tell(f"reading {days[0]} to {work.night}", share),
    )  # fmt: skip
    work.keep(logins)
    split = work.split()
    counts = {"logins": len(split.night), "training_logins": len(split.early) + len(split.late)}
    return Done(f"{counts['logins']:,} logins to score, {counts['training_logins']:,} to learn from", counts)


def train(work: Work) -> Done:
    """Learn what is usual, and what scores mean on days that were not learned from."""
    failed = [finding["text"] for finding in work.ledger.result("check")["checks"] if finding["level"] == "fail"]
    if failed and (usable := model_before(work)):
        return Done(f"not trained: {' '.join(failed)} The model {usable} scores", state="skipped")
    logins, split, seed = work.logins(), work.split(), int(work.ledger.result("close").get("seed", 0))
    run = run_name(work.night, seed, logins)
    detector, probe, origin = train_candidate(work.models, logins, split, work.night, seed, work.tell)
    work.tell("calibrating")
    tails = calibrate(logins, split, probe)
    about = {"night": work.night.isoformat(), "seed": seed, "logins": len(logins)} | origin
    save_tails(registry.store(work.models, run, detector, about, probe=probe, current=False), tails)
    work.holds(run, detector)
    curves = {"curve": asdict(detector.curves[0]), "probe_curve": asdict(probe.curves[0])}
    return Done(f"trained {run}, {origin['start']} start", {"run": run} | curves | origin)


def model_before(work: Work) -> str | None:
    """The newest run before this night whose model can score it: it is there, it is whole, and it has a calibration."""
    before = earlier_model(work.models, work.night)
    return before[0] if before and (work.models / before[0] / FILE).is_file() else None


def gate(work: Work) -> Done:
    """Whether the new model may score; otherwise the one before does."""
    run = work.ledger.result("train").get("run")
    if run is None:
        usable = model_before(work)
        if usable is None:
            raise NightError("The model that was to score is gone; run the night again with `nightporter night`.")
        text = work.ledger.steps["train"].text
        return Done(text, {"promoted": False, "scored_by": usable, "checks": []}, "skipped")
    since, earlier = date.fromisoformat(work.days()[0]), earlier_model(work.models, work.night)
    contest = compare(
        work.client, work.logins(), work.split(), work.night, since, work.settings.review_budget,
        (run, work.detector(run)), earlier, work.folder / "canaries", work.tell,
    )  # fmt: skip
    decision = contest.decision
    if not decision.scored_by:
        raise NightError(f"{decision.reason} Run the night again with another --seed.")
    measured = {"canaries": contest.canaries, "stability": contest.stability, "drift": contest.drift}
    registry.note(work.models, run, gate=decision.as_dict(), **measured)
    return Done(decision.reason, decision.as_dict() | {"measured": measured})


def promote(work: Work) -> Done:
    """Make the new model the current one, if it passed."""
    verdict = work.ledger.result("gate")
    if not verdict["promoted"]:
        tell_models(work.client, work.models)
        return Done(f"the model {verdict['scored_by']} stays", state="skipped")
    registry.promote(work.models, verdict["scored_by"])
    tell_models(work.client, work.models)
    return Done(f"{verdict['scored_by']} is the current model")


def score(work: Work) -> Done:
    """Score every part that is not scored yet."""
    for number in work.unscored():
        score_part(work, number)
    return Done(scored_text(work))


def score_part(work: Work, number: int) -> bool:
    """Score one part, unless that is done; return whether all are done now. Several processes may be at it."""
    work.step = "score"
    missing, place = len(work.unscored()), work.part(number)
    if not place.exists():
        # told before the part is there: whoever finds all of them there has the last word
        work.tell(f"{work.parts() - missing} of {work.parts()} parts are scored", 1 - missing / work.parts())
        rows = work.split().night[number * PART : (number + 1) * PART]
        logins = handover.part_of(work.logins(), rows)
        surprises = work.detector(work.scored_by()).surprises(logins, np.arange(len(rows), dtype=np.int64))
        handover.save_array(place, surprises)
    return not work.unscored()


def begin_score(work: Work) -> list[int]:
    """Note that parts are being scored one by one, if there are several; return those that are still to be scored."""
    work.ledger.begin("score")
    return work.unscored() or [0]


def end_score(work: Work) -> None:
    """Note that all parts are scored."""
    work.ledger.end("score", "done", scored_text(work), {})


def scored_text(work: Work) -> str:
    """What the scoring has to say when it is over."""
    return f"{len(work.split().night):,} logins scored by {work.scored_by()}"


def flag(work: Work) -> Done:
    """Group the night into cases, choose those worth a review, say why, and publish."""
    logins, rows, run = work.logins(), work.split().night, work.scored_by()
    parts: list[Surprises] = [handover.load_array(work.part(number)) for number in range(work.parts())]
    surprises = parts[0] if len(parts) == 1 else np.concatenate(parts)
    days = work.days()
    history = History(logins)
    learned = habits(history, np.concatenate([work.split().early, work.split().late]))
    reviewed = apply(
        group(history, rows, surprises, learned), logins, rows,
        verdicts_before(work.client, work.night), in_force(work.client, work.night),
    )  # fmt: skip
    cases = reviewed.cases
    scored = Night(work.night, date.fromisoformat(days[0]), logins, rows, surprises, cases, history)
    tails = load_tails(work.models / run)
    asked = work.ledger.result("close").get("budget")
    usual = budget_of(work.night, work.settings.review_budget, work.settings.weekday_budgets)
    budget = usual if asked is None else int(asked)
    rules = Rules(budget, work.settings.refused_share, work.settings.false_discoveries)
    rates = rate(cases, tails, rules)
    picks = choose(cases, rates, tails, rules, tie_order_of(logins, rows, cases))
    servers = tampering.suspects(work.client, work.night, scored.since, tails[False], rules)
    both: list[Pick | Suspect] = [*picks, *servers]
    chosen = sorted(both, key=lambda each: each.rarity)[:budget]
    flags, unanswered = [], open_flags(work.client, work.night)
    for rank, one in enumerate(chosen, 1):
        work.tell(f"explaining flag {rank} of {len(chosen)}", rank / (len(chosen) + 1))
        if isinstance(one, Suspect):
            flags.append(tampering.describe(work.client, work.night, one, rank, run))
        else:
            flags.append(describe(work.client, scored, one, rank, run, unanswered, reviewed.texts.get(one.case, ())))
    replace_scores(work.client, work.night, logins, scored, tails[False].rarity(rates), run)
    replace_flags(work.client, work.night, flags)
    counts = {"logins": len(rows), "cases": len(cases), "flags": len(flags), "model_run": run}
    counts |= {"reviewed": len(reviewed.texts), "suppressed": reviewed.suppressed}
    begun, seed = work.ledger.steps["close"].started, int(work.ledger.result("close").get("seed", 0))
    record_run(work.client, run, work.night, begun, seed, len(rows), len(flags), summary(work) | counts)
    held = f"; in {reviewed.suppressed} of them a suppression counted" if reviewed.suppressed else ""
    return Done(f"{len(flags)} flags among {len(cases):,} cases{held}", counts)


def notify(work: Work) -> Done:
    """Clear what was handed over, and tell those who want to be told; what fails is tried again later."""
    shutil.rmtree(work.folder, ignore_errors=True)
    told = dict(work.ledger.result("notify").get("told", {}))
    wanted = channels(work.settings)
    if not wanted:
        return Done("nobody is to be told", {"told": told}, "skipped")
    flags = work.client.query(sql("queries/console_flags.sql"), parameters={"night": work.night}).named_results()
    warnings = [found["text"] for found in work.ledger.result("check")["checks"] if found["level"] != "ok"]
    if not work.ledger.result("gate")["promoted"]:
        warnings.append(f"The night was scored by an older model, {work.scored_by()}.")
    console = work.settings.console_url or f"http://127.0.0.1:{work.settings.console_port}"
    told, failed = tell(work.settings, compose(work.night, list(flags), warnings, console), told)
    if not failed:
        return Done(f"told by {', '.join(wanted)}", {"told": told})
    why = "; ".join(f"{name}: {cause}" for name, cause in failed.items())
    if work.ledger.steps["notify"].attempt >= MOST_TRIES:
        return Done(f"given up telling by {why}", {"told": told}, "skipped")
    return Done(f"could not tell by {why}", {"told": told}, "failed")


def restart(work: Work, budget: int | None, seed: int) -> None:
    """Begin the night with its first step."""
    work.ledger.reopen(*STEPS, budget=budget, seed=seed)


def heal(work: Work) -> None:
    """Have steps done again whose result is on record but no longer there."""
    ledger = work.ledger
    if ledger.steps["flag"].state in OVER:
        return
    if ledger.steps["features"].state in OVER and not holds_logins(work.folder / "logins"):
        ledger.reopen("features", "score", text="what was handed over is gone")
    run = ledger.result("train").get("run")
    if run and not (work.models / run / FILE).is_file():
        ledger.reopen("train", "gate", "promote", "score", text="the trained model is gone")
    if ledger.steps["score"].state in OVER and not all(work.part(n).exists() for n in range(work.parts())):
        ledger.reopen("score", text="what was handed over is gone")


STEP: dict[str, Callable[[Work], Done]] = {
    "close": close, "check": check, "features": features, "train": train, "gate": gate, "promote": promote,
    "score": score, "flag": flag, "notify": notify,
}  # fmt: skip


def summary(work: Work) -> dict[str, Any]:
    """What the record of the run keeps of all steps."""
    steps = work.ledger.steps
    seconds = {
        name: round((step.finished - step.started).total_seconds(), 2)
        for name, step in steps.items()
        if step.finished > step.started
    }
    found: dict[str, Any] = {"night": work.night.isoformat(), "training_days": len(work.days()), "seconds": seconds}
    found["checks"] = steps["check"].result.get("checks", [])
    gate = dict(steps["gate"].result)
    found |= gate.pop("measured", {}) | {"gate": gate}
    trained = {name: value for name, value in steps["train"].result.items() if name != "run"}
    return found | steps["features"].result | trained


def run_name(night: date, seed: int, logins: Logins) -> str:
    """Names a run after what went into it: the same logins and seed give the same name."""
    digest = hashlib.sha256(str(seed).encode())
    for first in range(0, len(logins), CHUNK):
        digest.update(logins.event_id[first : first + CHUNK].tobytes())
    return f"{night.isoformat()}-{digest.hexdigest()[:8]}"
