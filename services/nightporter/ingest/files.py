"""Which files a load reads: named files, whole folders, or standard input (`-`)."""

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

STDIN = "-"


@dataclass(frozen=True, slots=True)
class LogFile:
    """One input: `name` as messages show it, `path` None for standard input, `size` in bytes on disk (0 = unknown)."""

    name: str
    path: Path | None
    size: int
    named: bool  # named by the caller, as opposed to found in a folder: a refusal is then an error

    def open(self) -> BinaryIO:
        """The raw bytes. Raises OSError."""
        if self.path is None:
            return sys.stdin.buffer
        return self.path.open("rb", buffering=0)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A path that cannot be read, and the sentence that says why."""

    name: str
    reason: str


def find(paths: Sequence[str]) -> Iterator[LogFile | Unreadable]:
    """Expand `paths` in the order given; folders recursively, sorted by name.

    Symbolic links inside a folder are not followed (no loops, no file twice); pipes and devices found in a folder are
    left out, but one that is named is read.
    """
    for path in paths:
        if path == STDIN:
            yield LogFile("standard input", None, 0, True)
        elif Path(path).is_dir():
            yield from _walk(path)
        else:
            yield _describe(path, named=True)


def _walk(folder: str) -> Iterator[LogFile | Unreadable]:
    try:
        with os.scandir(folder) as listing:
            found = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        yield Unreadable(printable(folder), f"the folder cannot be listed ({error.strerror})")
        return
    for entry in found:
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)
        elif entry.is_file(follow_symlinks=False):
            yield _describe(entry.path, named=False)


def _describe(path: str, named: bool) -> LogFile | Unreadable:
    try:
        status = Path(path).stat()
    except OSError as error:
        return Unreadable(printable(path), f"{error.strerror}")
    return LogFile(printable(path), Path(path), status.st_size if stat.S_ISREG(status.st_mode) else 0, named)


def printable(path: str) -> str:
    """A path for messages: file names are bytes on Unix and may hold anything, terminal escapes included."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
