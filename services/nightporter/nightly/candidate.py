"""Tonight's new model: from last night's where that is possible, once a week from scratch."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from nightporter.errors import ModelError
from nightporter.features.history import schema
from nightporter.features.stream import Logins
from nightporter.model import registry
from nightporter.model.detector import Detector, fit_with_probe
from nightporter.model.recipe import recipe_of
from nightporter.nightly.days import Split

COLD_EVERY = 7  # days; names nobody uses any more are forgotten then


def train_candidate(
    models: Path, logins: Logins, split: Split, night: date, seed: int, progress: Callable[[str], None]
) -> tuple[Detector, Detector, dict[str, Any]]:
    """The night's detector and probe, and how they came about: `start` (warm or cold), `cold` (night of the last cold
    start), `before` (the run they go on from, or ""). The same models, logins and seed give the same candidate."""
    cold: dict[str, Any] = {"start": "cold", "cold": night.isoformat(), "before": ""}
    run = registry.incumbent(models, night)
    begun = date.fromisoformat(registry.about(models, run)["about"].get("cold", "1970-01-01")) if run else None
    before, about = None, cold
    if run and begun and (night - begun).days < COLD_EVERY and registry.about(models, run)["schema"] == schema():
        try:
            before = registry.fetch(models, run), registry.fetch(models, run, "probe")
            about = {"start": "warm", "cold": begun.isoformat(), "before": run}
        except ModelError as error:
            progress(f"{error} Learning from scratch instead.")
    progress(f"going on from {about['before']}" if before else "learning from scratch")
    recipe = None if before else recipe_of(models)
    detector, probe = fit_with_probe(
        logins, split.early, split.late, seed=seed, recipe=recipe, before=before, progress=progress
    )
    return detector, probe, about


def earlier_model(models: Path, night: date) -> tuple[str, Detector] | None:
    """The model that the candidate has to beat, with the name of its run; None where there is none that can be used."""
    run = registry.incumbent(models, night)
    if run is None or registry.about(models, run)["schema"] != schema():
        return None
    try:
        return run, registry.fetch(models, run)
    except ModelError:
        return None
