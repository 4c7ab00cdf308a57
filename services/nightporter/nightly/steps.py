"""The steps of a night, in order. Each reads what the steps before it left, may be repeated, and leaves its own.

What is small goes into the ledger, what is large onto the disk (handover.py), what people see into the store. In one
process the logins and the model stay in memory from step to step (work.py). Here are the first steps and the last;
learning.py, scoring.py and flagging.py have those between.
"""

import shutil
from collections.abc import Callable

from nightporter.features.stream import holds_logins
from nightporter.nightly.calibration import FILE
from nightporter.nightly.checks import examine
from nightporter.nightly.choices import carry_out
from nightporter.nightly.days import volumes
from nightporter.nightly.flagging import flag
from nightporter.nightly.learning import features, gate, promote, train
from nightporter.nightly.ledger import OVER, STEPS
from nightporter.nightly.message import compose
from nightporter.nightly.notify import channels, tell
from nightporter.nightly.scoring import score
from nightporter.nightly.work import Done, Work
from nightporter.store.merge import merge, merged_upto
from nightporter.store.query import sql

MOST_TRIES = 10  # to tell of a night; about a day


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
