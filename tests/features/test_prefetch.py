"""What is fetched ahead is the same, errors come where they belong, and nobody who stops early leaves a thread."""

import threading
from collections.abc import Iterator

import pytest
from nightporter.features.prefetch import prefetched


def test_order_is_kept_and_at_most_two_items_wait() -> None:
    fetched: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(50):
            fetched.append(number)
            yield number

    for number in prefetched(numbers()):
        assert len(fetched) <= number + 5  # two in the queue, one on each side of it, and one being fetched
    assert fetched == list(range(50))


def test_an_error_is_raised_after_what_came_before_it() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise OSError("the store has gone")

    seen = []
    with pytest.raises(OSError, match="has gone"):
        for number in prefetched(broken()):
            seen.append(number)
    assert seen == [1]


def test_stopping_early_ends_the_thread_and_closes_the_source() -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    ahead = prefetched(endless())
    assert next(ahead) == 1
    ahead.close()  # type: ignore[attr-defined]
    assert "prefetch" not in {thread.name for thread in threading.enumerate()}
    assert closed.wait(1)
