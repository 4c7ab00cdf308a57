"""What one step of a night leaves on disk for the next: columns as .npy files, read back as memory maps.

Everything lies in `nights/<date>` of the home folder, appears by one rename and goes when the night is over.
"""

import json
import os
import shutil
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nightporter.errors import NightError
from nightporter.features.fields import CATEGORIES, NUMBERS
from nightporter.features.stream import Logins

Rows = npt.NDArray[np.int64]


def save_logins(folder: Path, logins: Logins) -> None:
    """Write `logins` to `folder`, replacing what is there."""
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700, parents=True)
    texts: dict[str, Any] = {}
    for name, column in _columns(logins):
        if isinstance(column, np.ndarray):
            np.save(draft / f"{name}.npy", column, allow_pickle=False)
        else:
            texts[name] = column
    (draft / "texts.json").write_text(json.dumps(texts), encoding="ascii")
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


def holds_logins(folder: Path) -> bool:
    """Whether the folder holds logins with the fields this program knows."""
    columns = {f"categories.{name}" for name in CATEGORIES} | {f"numbers.{name}" for name in NUMBERS}
    return (folder / "texts.json").is_file() and columns <= {path.stem for path in folder.glob("*.npy")}


def load_logins(folder: Path) -> Logins:
    """The logins that `save_logins` wrote; columns are read when they are used. NightError where there are none."""
    try:
        texts: dict[str, Any] = json.loads((folder / "texts.json").read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise NightError(
            f"The features in {folder} cannot be read ({error}); run the night again with `nightporter night`."
        ) from error
    parts: dict[str, Any] = {}
    for path in folder.glob("*.npy"):
        texts[path.stem] = np.load(path, mmap_mode="r", allow_pickle=False)
    for name, column in texts.items():
        field, _, key = name.partition(".")
        if key:
            parts.setdefault(field, {})[key] = column
        else:
            parts[field] = column
    return Logins(**parts)


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


def _columns(logins: Logins) -> list[tuple[str, Any]]:
    """Each array or list of strings with a name: `field`, or `field.key` of those in dictionaries."""
    found: list[tuple[str, Any]] = []
    for field in fields(Logins):
        column = getattr(logins, field.name)
        if isinstance(column, dict):
            found += [(f"{field.name}.{key}", value) for key, value in column.items()]
        else:
            found.append((field.name, column))
    return found
