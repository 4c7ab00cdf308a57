"""What one step of a night leaves on disk for the next: arrays as .npy files, read back as memory maps.

Everything lies in `nights/<date>` of the home folder, beside the logins that features/stream.py writes there. It
appears by one rename and goes when the night is over.
"""

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nightporter.features.stream import Logins

Rows = npt.NDArray[np.int64]


def part_of(logins: Logins, rows: Rows) -> Logins:
    """Only the logins in `rows`, in memory."""

    def taken(column: Any) -> Any:
        if isinstance(column, dict):
            return {key: taken(value) for key, value in column.items()}
        return np.asarray(column)[rows] if isinstance(column, np.ndarray) else column

    return Logins(**{field.name: taken(getattr(logins, field.name)) for field in fields(Logins)})


def save_array(path: Path, array: npt.NDArray[Any]) -> None:
    """Write one array; it appears whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with draft.open("wb") as file:
        np.save(file, array, allow_pickle=False)
    draft.replace(path)


def load_array(path: Path) -> npt.NDArray[Any]:
    """The array of a file, as a memory map."""
    array: npt.NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return array


def load_arrays(paths: list[Path]) -> npt.NDArray[Any]:
    """The arrays of several files, one after the other, as a memory map; a file beside them holds them all."""
    parts = [load_array(path) for path in paths]
    if len(parts) == 1:
        return parts[0]
    shape = (sum(len(part) for part in parts), *parts[0].shape[1:])
    whole: npt.NDArray[Any] = np.lib.format.open_memmap(paths[0].with_name("joined.npy"), "w+", parts[0].dtype, shape)
    return np.concatenate(parts, out=whole)
