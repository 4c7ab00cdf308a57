"""Reads features from the store as an Arrow stream into compact columns: a code or a bin per field and login."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from nightporter.features.fields import CATEGORIES, NUMBERS, select_list
from nightporter.store.query import sql

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

EPOCH = date(1970, 1, 1)
MARKER = "/* the fields of features/fields.py */"


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
    nth: npt.NDArray[np.uint32]  # [N] 1 = first of its key and day in random order
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


class _Interner:
    """Gives each distinct string of a column one number, batch by batch; the loop runs over distinct values only."""

    def __init__(self) -> None:
        self.code: dict[str, int] = {}
        self.parts: list[npt.NDArray[np.uint32]] = []

    def add(self, column: Any) -> None:
        encoded = pc.dictionary_encode(column)
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks() if encoded.num_chunks != 1 else encoded.chunk(0)
        local = [
            value if isinstance(value, str) else bytes(value).decode("utf-8", "replace")
            for value in encoded.dictionary.to_pylist()
        ]
        mapped = np.fromiter((self.code.setdefault(value, len(self.code)) for value in local), np.uint32, len(local))
        self.parts.append(mapped[encoded.indices.to_numpy(zero_copy_only=False)])

    def codes(self) -> npt.NDArray[np.uint32]:
        return np.concatenate(self.parts) if self.parts else np.empty(0, np.uint32)


def _batches(client: "Client", parameters: dict[str, Any]) -> Iterator[Any]:
    text = sql("queries/features.sql").replace(MARKER, select_list())
    with client.query_arrow_stream(text, parameters=parameters) as stream:
        yield from stream


def read_logins(
    client: "Client", since: date, until: date, *, thin: int, whole_from: date, horizon_days: int = 30
) -> Logins:
    """Logins with features of the days [since, until); before `whole_from` at most `thin` per key and day."""
    text = {name: _Interner() for name in (*CATEGORIES, "source")}
    plain: dict[str, list[npt.NDArray[Any]]] = {
        name: [] for name in (*NUMBERS, "event_id", "start_us", "pid", "day", "nth")
    }
    parameters = {
        "since": datetime.combine(since, datetime.min.time(), UTC),
        "until": datetime.combine(until, datetime.min.time(), UTC),
        "horizon": int(timedelta(days=horizon_days).total_seconds()),
        "thin": thin,
        "whole_from": whole_from,
    }
    for batch in _batches(client, parameters):
        for name in CATEGORIES:
            text[name].add(batch.column(f"f_{name}"))
        text["source"].add(batch.column("source_ip"))
        for name in NUMBERS:
            plain[name].append(batch.column(f"f_{name}").to_numpy())
        for name in ("start_us", "pid", "day", "nth"):
            plain[name].append(batch.column(name).to_numpy())
        plain["event_id"].append(np.array(batch.column("event_id").to_pylist(), dtype="S16"))

    def joined(name: str, kind: Any) -> Any:
        return np.concatenate(plain[name]).astype(kind, copy=False) if plain[name] else np.empty(0, kind)

    return Logins(
        event_id=joined("event_id", "S16"),
        start_us=joined("start_us", np.int64),
        pid=joined("pid", np.uint32),
        day=joined("day", np.uint16),
        nth=joined("nth", np.uint32),
        source=text["source"].codes(),
        categories={name: text[name].codes() for name in CATEGORIES},
        numbers={name: joined(name, np.uint8) for name in NUMBERS},
        values={name: list(text[name].code) for name in text},
    )
