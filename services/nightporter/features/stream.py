"""Reads features from the store as an Arrow stream into memory-mapped columns on disk: memory stays flat."""

import json
import mmap
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from nightporter.errors import ModelError
from nightporter.features.fields import CATEGORIES, NUMBERS, select_list
from nightporter.features.history import EVENTS, SLICE, read_slices, silent
from nightporter.features.prefetch import prefetched
from nightporter.settings import load
from nightporter.store.query import sql

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

EPOCH = date(1970, 1, 1)
MARKER = "/* the fields of features/fields.py */"
CHUNK = 1 << 17  # logins worked on at once
TEXTS = "texts.json"
PLAIN: dict[str, str] = {"event_id": "S16", "start_us": "i8", "pid": "u4", "day": "u2", "sampled": "u1", "source": "u4"}
COLUMNS: dict[str, str] = (
    PLAIN | {f"categories.{name}": "u4" for name in CATEGORIES} | {f"numbers.{name}": "u1" for name in NUMBERS}
)
"""Columns of logins as they lie on disk, one file each, and the type of their values."""


def midnight(day: date) -> datetime:
    """When a day begins (UTC)."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def day_number(day: date) -> int:
    """Days since 1970-01-01, the unit of `Logins.day`."""
    return (day - EPOCH).days


@dataclass
class Logins:
    """N logins in order of start. Categories hold provisional codes: indices into `values[field]`."""

    event_id: npt.NDArray[np.bytes_]  # [N] 16 hex digits
    start_us: npt.NDArray[np.int64]  # [N] microseconds since 1970
    pid: npt.NDArray[np.uint32]
    day: npt.NDArray[np.uint16]  # [N] days since 1970
    sampled: npt.NDArray[np.uint8]  # [N] 1 = one of the few of its key and day that are learned from
    source: npt.NDArray[np.uint32]  # [N] index into values["source"]
    categories: dict[str, npt.NDArray[np.uint32]]
    numbers: dict[str, npt.NDArray[np.uint8]]
    values: dict[str, list[str]]

    def __len__(self) -> int:
        return len(self.day)

    def value(self, field: str, row: int) -> str:
        """The text of a categorical field (or 'source') of one login."""
        codes = self.source if field == "source" else self.categories[field]
        return self.values[field][int(codes[row])]

    def chunks(self, rows: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[np.int64]]:
        """`rows` in pieces; what was read of the columns for one piece is let go of before the next."""
        for first in range(0, len(rows), CHUNK):
            yield rows[first : first + CHUNK]
            self.release()

    def release(self) -> None:
        """Lets go of the memory behind columns that lie on disk; they are read again when they are used."""
        for column in (
            self.event_id,
            self.start_us,
            self.pid,
            self.source,
            *self.categories.values(),
            *self.numbers.values(),
        ):
            if isinstance(column, np.memmap) and len(column):
                column._mmap.madvise(mmap.MADV_DONTNEED)  # type: ignore[attr-defined]


class _Interner:
    """Gives each distinct string of a column one number, batch by batch; the loop runs over distinct values only."""

    def __init__(self) -> None:
        self.code: dict[str, int] = {}

    def codes(self, column: Any) -> npt.NDArray[np.uint32]:
        encoded = pc.dictionary_encode(column)
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks() if encoded.num_chunks != 1 else encoded.chunk(0)
        local = [
            value if isinstance(value, str) else bytes(value).decode("utf-8", "replace")
            for value in encoded.dictionary.to_pylist()
        ]
        mapped = np.fromiter((self.code.setdefault(value, len(self.code)) for value in local), np.uint32, len(local))
        codes: npt.NDArray[np.uint32] = mapped[encoded.indices.to_numpy(zero_copy_only=False)]
        return codes


def read_logins(
    client: "Client",
    since: date,
    until: date,
    *,
    thin: int,
    whole_from: date,
    horizon_days: int = 30,
    folder: Path | None = None,
    events: str = EVENTS,
    values: Mapping[str, Any] | None = None,
    only: str = "",
    keep_at: date | None = None,
    go_on: bool = False,
    slice_size: int = SLICE,
    progress: Callable[[float], None] = silent,
) -> Logins:
    """Logins with features of the days [since, until); before `whole_from` at most `thin` per key and day.

    Their columns are written to `folder` and can be opened again with `open_logins`; without a folder they are gone
    with this process. `events`: what stands in the place of `login_events FINAL`, with the `values` of its parameters;
    `only`: how the event ids begin that are wanted, among all that have a part in the others' history. The
    state of the day `keep_at` is kept; a reading `since` that day can `go_on` from it instead of beginning at the
    window's first day. `progress` is called with the share that is done, before each slice of time with about
    `slice_size` logins.
    """
    parameters = {
        "since": midnight(since),
        "until": midnight(until),
        "horizon": int(timedelta(days=horizon_days).total_seconds()),
        "thin": thin,
        "whole_from": whole_from,
        "only": only,
        **(values or {}),
    }
    home = folder.parent if folder else load().home
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".features-", dir=home))
    try:
        moment = midnight(keep_at) if keep_at else None
        select = sql("queries/features.sql").replace(MARKER, select_list())
        _write(draft, prefetched(read_slices(client, select, parameters, events, slice_size, moment, go_on, progress)))
        if folder is None:
            return open_logins(draft)  # what is mapped outlives its name
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
        return open_logins(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _write(folder: Path, batches: Iterator[Any]) -> None:
    text = {name: _Interner() for name in (*CATEGORIES, "source")}
    files: dict[str, IO[bytes]] = {name: (folder / name).open("wb") for name in COLUMNS}
    try:
        for batch in batches:
            columns: dict[str, Any] = {
                f"categories.{name}": text[name].codes(batch.column(f"f_{name}")) for name in CATEGORIES
            }
            columns |= {f"numbers.{name}": batch.column(f"f_{name}").to_numpy() for name in NUMBERS}
            columns |= {name: batch.column(name).to_numpy() for name in ("start_us", "pid", "day", "sampled")}
            columns["source"] = text["source"].codes(batch.column("source_ip"))
            columns["event_id"] = np.array(batch.column("event_id").to_pylist(), dtype="S16")
            for name, file in files.items():
                file.write(np.ascontiguousarray(columns[name], COLUMNS[name]).data)
    finally:
        for file in files.values():
            file.close()
    texts = {name: list(interner.code) for name, interner in text.items()}
    (folder / TEXTS).write_text(json.dumps(texts), encoding="ascii")


def holds_logins(folder: Path) -> bool:
    """Whether a folder holds logins with the fields that this program knows."""
    return (folder / TEXTS).is_file() and all((folder / name).is_file() for name in COLUMNS)


def open_logins(folder: Path) -> Logins:
    """The logins that `read_logins` left in `folder`, memory-mapped; ModelError where they are missing."""
    try:
        values: dict[str, list[str]] = json.loads((folder / TEXTS).read_text(encoding="ascii"))
        columns = {name: _column(folder / name, kind) for name, kind in COLUMNS.items()}
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The features in {folder} cannot be read ({error}); run the night again with `nightporter night`."
        ) from error
    # which day a login is of is asked of all of them; so is what thins them
    plain = {name: np.array(columns[name]) if name in ("day", "sampled") else columns[name] for name in PLAIN}
    categories = {name: columns[f"categories.{name}"] for name in CATEGORIES}
    return Logins(
        **plain, categories=categories, numbers={name: columns[f"numbers.{name}"] for name in NUMBERS}, values=values
    )


def _column(path: Path, kind: str) -> npt.NDArray[Any]:
    return np.memmap(path, kind, "r") if path.stat().st_size else np.empty(0, kind)
