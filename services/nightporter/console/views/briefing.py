"""Not yet."""

from nightporter.console.visit import Visit


def show(visit: Visit) -> None:
    """The page."""
