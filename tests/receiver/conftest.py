"""A receiver of its own for each test."""

from collections.abc import Iterator

import pytest
from nightporter.settings import Settings
from sending import Farm


@pytest.fixture
def farm(store: Settings) -> Iterator[Farm]:
    """A receiver with its own TLS, on the test's store."""
    running = Farm(store.home)
    yield running
    running.close()
