"""The parse: from raw log lines to entries, in SQL made from the lists of rules in this folder."""

from functools import cache
from importlib.resources import files
from string import Template

from nightporter.store.parse.expressions import expressions


def parse_select(source: str) -> str:
    """One SELECT that yields the columns of `entries` from `source`, a relation with the columns of `lines`."""
    return Template(_template()).substitute(expressions(), source=source)


def numbers_select(source: str) -> str:
    """One SELECT of the `rule` and the `form` of headers.sql that read each line: numbers from 1, 0 for none."""
    steps, _, _ = _template().rpartition("\nSELECT\n")
    return Template(f"{steps}\nSELECT rule, form FROM rules").substitute(expressions(), source=source)


@cache
def _template() -> str:
    text = files(__package__).joinpath("entries.sql").read_text("utf-8")
    return "\n".join(row for row in text.splitlines() if not row.lstrip().startswith("--"))
