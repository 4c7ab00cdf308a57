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
