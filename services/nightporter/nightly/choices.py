"""What admins asked of the models in the console, done here, where the models are; and which models there are."""

from datetime import date
from pathlib import Path

from clickhouse_connect.driver.client import Client

from nightporter.errors import ModelError
from nightporter.features.history import schema
from nightporter.model import registry
from nightporter.store import models
from nightporter.store.models import CURRENT, DONE, KEPT, REFUSED, Model


def carry_out(client: Client, folder: Path) -> None:
    """Do what was asked and is not done yet, then tell the store which models are kept."""
    for choice in reversed([one for one in models.choices(client) if one.state == models.ASKED]):
        try:
            registry.fetch(folder, choice.run)  # whole, undamaged, and made for this program's fields
            registry.promote(folder, choice.run)
        except ModelError as error:
            models.answer(client, choice, REFUSED, str(error))
        else:
            models.answer(client, choice, DONE, "")
    tell(client, folder)


def tell(client: Client, folder: Path) -> None:
    """Tell the store which models are kept, and which of them is current."""
    now, found = registry.current(folder), []
    for run in registry.runs(folder):
        manifest = registry.about(folder, run)
        night = str(manifest["about"].get("night", "")) or "1970-01-01"
        state, fits = CURRENT if run == now else KEPT, manifest["schema"] == schema()
        found.append(Model(run, date.fromisoformat(night), state, bool(manifest["promoted"]), fits))
    models.publish(client, found)
