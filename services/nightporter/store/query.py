"""The SQL files of the store."""

from functools import cache
from importlib.resources import files


@cache
def sql(name: str) -> str:
    """The text of one SQL file, e.g. `sql("queries/events.sql")`; the path is relative to nightporter/store."""
    return files("nightporter.store").joinpath(name).read_text(encoding="utf-8")
