"""The step that makes flags of the scores: cases, the strangest of them, why; published with a record of the run."""

from datetime import date
from typing import Any

import numpy as np

from nightporter.model.score import Floats as Surprises
from nightporter.nightly import handover, tampering
from nightporter.nightly.actors import History
from nightporter.nightly.calibration import load_tails
from nightporter.nightly.carried import open_flags
from nightporter.nightly.cases import group, habits
from nightporter.nightly.feedback import apply, verdicts_before
from nightporter.nightly.flags import Pick, Rules, budget_of, choose, rate
from nightporter.nightly.publish import describe, record_run, replace_flags, replace_scores, tie_order_of
from nightporter.nightly.quoted import Night
from nightporter.nightly.tampering import Suspect
from nightporter.nightly.work import Done, Work
from nightporter.store.suppressions import in_force


def flag(work: Work) -> Done:
    """Group the night into cases, choose those worth a review, say why, and publish."""
    logins, rows, run = work.logins(), work.split().night, work.scored_by()
    surprises: Surprises = handover.load_arrays([work.part(number) for number in range(work.parts())])
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
