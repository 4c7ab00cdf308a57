"""The window of days that a night works on. A day's features are computed once and kept for the nights that follow.

Each day lies in a folder of its own, with a note of what it was made of: its logins, the day before it, the fields.
Where one of these has changed since (late lines, another version), that day and all after it are computed again, from
the state of its midnight. A night then reads one new day, and puts the window together from what is there.
"""

import fcntl
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nightporter.features.history import SLICE, has_state, keep, kept, schema, silent
from nightporter.features.stream import COLUMNS, TEXTS, Logins, holds_logins, midnight, open_logins, read_logins
from nightporter.store.query import sql

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

NOTE = "made_of.json"
HORIZON_DAYS = 30  # what has not been for so long is new


@dataclass(frozen=True)
class Made:
    """What a day's features are made of. `name` says all of it in one word."""

    content: str  # of the day's logins
    before: str  # the name of the day before it, '' where there is none
    schema: str
    thinned: bool = False  # only the few of each key are left

    @property
    def name(self) -> str:
        """A word that changes with any of it, and with anything earlier."""
        return hashlib.sha256(f"{self.content} {self.before} {self.schema}".encode()).hexdigest()[:16]


def read_window(
    client: "Client",
    days: Sequence[date],
    *,
    thin: int,
    whole_from: date,
    home: Path,
    folder: Path,
    slice_size: int = SLICE,
    progress: Callable[[float], None] = silent,
) -> Logins:
    """Logins of `days` with features; of days before `whole_from` at most `thin` per key.

    `home` keeps the days from one call to the next; the window's columns are written to `folder`, to be opened again
    with `open_logins`. `progress` is called with the share that is done. An interrupted call goes on where it was.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(home):
        contents = _contents(client, days)
        first, before = _first_to_read(client, days, contents, whole_from, home)
        for number, day in enumerate(days[first:], first):
            done, share = (number - first) / (len(days) - first), 1 / (len(days) - first)
            made, tomorrow = Made(contents.get(day, ""), before, schema()), day + timedelta(days=1)
            read_logins(
                client, day, tomorrow, thin=thin, whole_from=day, horizon_days=HORIZON_DAYS, folder=_folder(home, day),
                keep_at=tomorrow, go_on=number > 0, slice_size=slice_size,
                progress=lambda part, done=done, share=share: progress(done + part * share),  # type: ignore[misc]
            )  # fmt: skip
            _hand_on(client, days, number)
            _note(home, day, made)
            before = made.name
        _join([(_folder(home, day), day < whole_from) for day in days], folder)
        _tidy(home, days, whole_from)
    return open_logins(folder)


def _first_to_read(
    client: "Client", days: Sequence[date], contents: Mapping[date, str], whole_from: date, home: Path
) -> tuple[int, str]:
    """Number of the first day that must be computed (again), and the name of the day before it."""
    before = ""
    for number, day in enumerate(days):
        made = _made(home, day)
        if (
            made is None
            or made.content != contents.get(day, "")
            or made.schema != schema()
            or (number > 0 and made.before != before)
            or (made.thinned and day >= whole_from)
        ):
            return (number, before) if number > 0 and has_state(client, midnight(day)) else (0, "")
        before = made.name
    return len(days), before


def _hand_on(client: "Client", days: Sequence[date], number: int) -> None:
    """Days without logins change nothing: what is known after a day is known before the next one that has any."""
    after = days[number] + timedelta(days=1)
    if number + 1 < len(days) and days[number + 1] != after:
        keep(client, kept(midnight(after)), midnight(days[number + 1]), HORIZON_DAYS * 86400)


def _contents(client: "Client", days: Sequence[date]) -> dict[date, str]:
    bounds = {"since": midnight(days[0]), "until": midnight(days[-1] + timedelta(days=1))}
    found = client.query(sql("queries/features_contents.sql"), parameters=bounds).result_rows
    return {day: content for day, content in found}  # noqa: C416


def _folder(home: Path, day: date) -> Path:
    return home / day.isoformat()


def _made(home: Path, day: date) -> Made | None:
    folder = _folder(home, day)
    try:
        return Made(**json.loads((folder / NOTE).read_text(encoding="ascii"))) if holds_logins(folder) else None
    except (OSError, ValueError, TypeError):
        return None


def _note(home: Path, day: date, made: Made) -> None:
    (_folder(home, day) / NOTE).write_text(json.dumps(asdict(made)), encoding="ascii")


def _join(parts: Sequence[tuple[Path, bool]], folder: Path) -> None:
    """Writes the columns of several folders one after the other; of those marked only what is sampled."""
    draft = folder.with_name(f".{folder.name}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    texts: dict[str, dict[str, int]] = {}
    files = {name: (draft / name).open("wb") for name in COLUMNS}
    try:
        for place, few in parts:
            logins = open_logins(place)
            codes = {
                name: np.array([texts.setdefault(name, {}).setdefault(text, len(texts[name])) for text in values], "u4")
                for name, values in logins.values.items()
            }
            wanted = np.flatnonzero(logins.sampled) if few else np.arange(len(logins))
            for rows in logins.chunks(wanted):
                for name, file in files.items():
                    kind, _, field = name.partition(".")
                    values = getattr(logins, kind)[field] if field else getattr(logins, name)
                    chunk: npt.NDArray[Any] = values[rows]
                    coded = codes.get(field if kind == "categories" else name)
                    file.write(np.ascontiguousarray(coded[chunk] if coded is not None else chunk, COLUMNS[name]).data)
    finally:
        for file in files.values():
            file.close()
    (draft / TEXTS).write_text(json.dumps({name: list(found) for name, found in texts.items()}), encoding="ascii")
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


def _tidy(home: Path, days: Sequence[date], whole_from: date) -> None:
    """Leaves of days to learn from only what is learned from, and nothing of days that are over."""
    for old in home.iterdir():
        if old.is_dir() and old.name < days[0].isoformat():
            shutil.rmtree(old)
    for day in days:
        made = _made(home, day)
        if day < whole_from and made and not made.thinned:
            _join([(_folder(home, day), True)], _folder(home, day))
            _note(home, day, Made(made.content, made.before, made.schema, thinned=True))


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Nights of several dates take turns."""
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
