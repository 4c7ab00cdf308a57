"""Lets what comes next be fetched in a thread while what came last is worked on."""

from collections.abc import Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")


def prefetched(items: Iterator[T], ahead: int = 2) -> Iterator[T]:
    """The same items in the same order, at most `ahead` of them fetched before they are asked for.

    An error in `items` is raised where it would have been; a caller who stops early stops the thread.
    """
    queue: Queue[tuple[T | None, BaseException | None, bool]] = Queue(ahead)
    stopped = Event()

    def put(item: T | None, error: BaseException | None, more: bool) -> None:
        while not stopped.is_set():
            try:
                queue.put((item, error, more), timeout=0.1)
                return
            except Full:
                continue

    def fetch() -> None:
        try:
            for item in items:
                put(item, None, True)
                if stopped.is_set():
                    return
            put(None, None, False)
        except BaseException as error:  # noqa: BLE001  it is raised where the items are used
            put(None, error, False)

    thread = Thread(target=fetch, name="prefetch", daemon=True)
    thread.start()
    try:
        while True:
            item, error, more = queue.get()
            if error is not None:
                raise error
            if not more:
                return
            yield item  # type: ignore[misc]
    finally:
        stopped.set()
        thread.join()
