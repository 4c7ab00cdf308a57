"""A model that was trained for a second: whole and usable, but no good."""

from datetime import timedelta

from clickhouse_connect.driver.client import Client
from login_rows import FIRST, LAST, ordinary, store
from nightporter.features.stream import day_number, read_logins
from nightporter.model.detector import Detector, fit_with_probe
from nightporter.model.train import Recipe


def small_model(client: Client) -> Detector:
    """The model; fills the store with logins of March to learn from."""
    store(client, ordinary())
    logins = read_logins(client, FIRST, LAST + timedelta(days=1), thin=4, whole_from=LAST)
    days = logins.day.astype(int) - day_number(FIRST)
    early, late = (days < 6).nonzero()[0], ((days >= 6) & (days < 8)).nonzero()[0]
    return fit_with_probe(logins, early, late, seed=1, recipe=Recipe(1, 256))[0]
