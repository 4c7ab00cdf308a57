"""The recipe of cold starts: what `nightporter tune` found, else the usual one."""

import json
from dataclasses import replace
from pathlib import Path

from nightporter.model.train import COLD, Recipe

TUNED = ("peak_rate", "batch", "hide", "decay", "warm_up")
FILE = "recipe.json"


def recipe_of(models: Path) -> Recipe:
    """The recipe of cold starts: what tuning found, else the usual one."""
    try:
        found = json.loads((models / FILE).read_text(encoding="utf-8"))
        return replace(COLD, **{name: type(getattr(COLD, name))(found[name]) for name in TUNED})
    except (OSError, ValueError, KeyError, TypeError):
        return COLD


def keep_recipe(models: Path, recipe: Recipe) -> None:
    """Every later cold start uses it."""
    models.mkdir(parents=True, exist_ok=True)
    draft = models / ".recipe.json"
    draft.write_text(json.dumps({name: getattr(recipe, name) for name in TUNED}, indent=1) + "\n", encoding="utf-8")
    draft.replace(models / FILE)
