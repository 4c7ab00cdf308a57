"""Tuning tries recipes, goes on where it stopped, and what it finds is used by later cold starts."""

from dataclasses import replace
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client
from login_rows import LAST, ordinary
from login_rows import store as put
from nightporter.model.recipe import keep_recipe, recipe_of
from nightporter.model.train import COLD
from nightporter.nightly.tune import tune
from nightporter.settings import Settings


@pytest.mark.parametrize("store", ["embedded"], indirect=True)
def test_tuning_tries_recipes_and_goes_on_where_it_stopped(client: Client, store: Settings, tmp_path: Path) -> None:
    put(client, ordinary())
    settings, told = replace(store, home=tmp_path), []
    found = tune(client, settings, LAST, 2, told.append)
    assert found.trials == 2
    assert sum("nats a held-out login" in text for text in told) == 2
    assert recipe_of(tmp_path / "models") == found.recipe
    assert found.kept == (found.recipe == COLD)
    told.clear()
    assert tune(client, settings, LAST, 2, told.append).recipe == found.recipe
    assert not any("nats a held-out login" in text for text in told)


def test_a_kept_recipe_is_used_and_a_broken_one_is_not(tmp_path: Path) -> None:
    assert recipe_of(tmp_path) == COLD
    keep_recipe(tmp_path, replace(COLD, peak_rate=2e-3, batch=512))
    assert recipe_of(tmp_path) == replace(COLD, peak_rate=2e-3, batch=512)
    (tmp_path / "recipe.json").write_text("{")
    assert recipe_of(tmp_path) == COLD
