"""The steps that make tonight's model: features, train, gate, promote."""

import hashlib
import shutil
from dataclasses import asdict
from datetime import date

from nightporter.errors import NightError
from nightporter.features.stream import CHUNK, Logins
from nightporter.features.window import read_window
from nightporter.model import registry
from nightporter.nightly.calibration import FILE, calibrate, save_tails
from nightporter.nightly.candidate import earlier_model, train_candidate
from nightporter.nightly.choices import tell as tell_models
from nightporter.nightly.contest import compare
from nightporter.nightly.days import THIN, split_days
from nightporter.nightly.work import Done, Work


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


def run_name(night: date, seed: int, logins: Logins) -> str:
    """Names a run after what went into it: the same logins and seed give the same name."""
    digest = hashlib.sha256(str(seed).encode())
    for first in range(0, len(logins), CHUNK):
        digest.update(logins.event_id[first : first + CHUNK].tobytes())
    return f"{night.isoformat()}-{digest.hexdigest()[:8]}"
