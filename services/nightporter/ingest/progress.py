"""How a load tells how far it is: nothing, or a bar on a terminal."""

import os
import time
from types import TracebackType
from typing import Protocol, Self


class Progress(Protocol):
    """What a load reports while it runs."""

    def begin(self, total: int) -> None:
        """The inputs have `total` bytes on disk; 0 when that is not known."""

    def read(self, position: int) -> None:
        """`position` bytes of all inputs, as they lie on disk, have been read."""

    def sent(self, lines: int) -> None:
        """`lines` more lines are stored."""

    def phase(self, text: str) -> None:
        """The load is read; the store now does what `text` says."""


class Silent:
    """No progress: the caller is a program, or standard error is not a terminal."""

    def begin(self, total: int) -> None: ...

    def read(self, position: int) -> None: ...

    def sent(self, lines: int) -> None: ...

    def phase(self, text: str) -> None: ...


class Bar:
    """A bar on standard error with lines per second and the time left. Used as a context manager."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self._rich = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._rich.add_task("Loading", total=None, rate="")
        self._lines = 0
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        self._rich.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rich.stop()

    def begin(self, total: int) -> None:
        self._started = time.monotonic()
        self._rich.update(self._task, total=total or None)

    def read(self, position: int) -> None:
        self._rich.update(self._task, completed=position)

    def sent(self, lines: int) -> None:
        self._lines += lines
        rate = self._lines / max(time.monotonic() - self._started, 0.001)
        self._rich.update(self._task, rate=f"{self._lines:,} lines, {rate:,.0f} a second")

    def phase(self, text: str) -> None:
        self._rich.update(self._task, description=text, total=None)


def position(descriptor: int) -> int:
    """How far a file has been read, in bytes; 0 for a pipe."""
    try:
        return os.lseek(descriptor, 0, os.SEEK_CUR)
    except OSError:
        return 0
