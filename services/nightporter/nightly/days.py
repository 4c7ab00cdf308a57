"""Which days a night learns from, which calibrate what it learned, and which rows these are."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from clickhouse_connect.driver.client import Client

from nightporter.errors import NightError
from nightporter.features.stream import Logins, day_number, midnight
from nightporter.nightly.cases import Rows
from nightporter.store.query import sql

FEWEST_DAYS = 3  # of logins before a night; with fewer, everything is new
THIN = 4  # logins kept per key and day to learn from


@dataclass(frozen=True)
class Split:
    """Rows of `Logins`: what the probe learns from, what calibrates it, and the night."""

    early: Rows
    late: Rows  # thinned, to learn from
    late_days: list[Rows]  # whole, one entry a day
    night: Rows


def split_days(days: list[date]) -> tuple[date, date]:
    """First day to learn from, and first held-out day, of the days with logins before a night.

    The first days only fill the history, since everything is new on them; the last ones are held out.
    """
    warm_up, held_out = min(3, len(days) // 4), max(1, min(7, len(days) // 4))
    return days[warm_up], days[len(days) - held_out]


def split_rows(logins: Logins, learn_from: date, held_out_from: date, night: date) -> Split:
    """Rows of the days [learn_from, held_out_from), [held_out_from, night) and of the night."""
    day, thin = logins.day, logins.sampled > 0
    first, middle, last = day_number(learn_from), day_number(held_out_from), day_number(night)
    late = (day >= middle) & (day < last)
    return Split(
        early=np.flatnonzero((day >= first) & (day < middle) & thin),
        late=np.flatnonzero(late & thin),
        late_days=[np.flatnonzero(day == number) for number in np.unique(day[late]).tolist()],
        night=np.flatnonzero(day == last),
    )


def volumes(client: Client, night: date, window: int) -> list[tuple[date, int]]:
    """Logins of each day with any, of the window before a night and of the night itself.

    NightError where the night is empty or has too few days before it.
    """
    bounds = {"since": midnight(night - timedelta(days=window)), "until": midnight(night + timedelta(days=1))}
    days = [(row[0], row[1]) for row in client.query(sql("queries/night_days.sql"), parameters=bounds).result_rows]
    if night not in dict(days):
        raise NightError(
            f"There are no logins on {night}; load logs of that day with `nightporter ingest`, or name another date."
        )
    if len(days) - 1 < FEWEST_DAYS:
        raise NightError(
            f"There are logins on {len(days) - 1} of the {window} days before {night}, a model needs {FEWEST_DAYS}; "
            "load older logs or name a later date."
        )
    return days
