"""Rules of the parse: rows of the .sql lists in this folder.

A list is one program family (or the header forms): rows of kind, pattern with named groups, and constants. A rule's
number is its place in the lists laid end to end, from 1; 0 means that no rule matched.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from nightporter.errors import StoreError

ROW = re.compile(r"^\('(?P<kind>[a-z0-9_]+)', \$r\$(?P<pattern>.*)\$r\$, '(?P<constants>[^']*)'\),?$")
GROUP = re.compile(r"\(\?<([a-z_]+)>")


@dataclass(frozen=True)
class Rule:
    """One row of a list: `pattern` is anchored at the start and names the fields it reads."""

    family: str
    kind: str
    pattern: str
    constants: tuple[tuple[str, str], ...]

    @property
    def groups(self) -> list[str]:
        """Names of the fields that the pattern reads from the text, in order."""
        return GROUP.findall(self.pattern)

    @property
    def plain(self) -> str:
        """The pattern without groups: what hyperscan takes."""
        return GROUP.sub("(?:", self.pattern)

    @property
    def grouped(self) -> str:
        """The pattern with numbered groups in the order of `groups`: what RE2 takes."""
        return "(?s)" + GROUP.sub("(", self.pattern)


@lru_cache
def rules_of(family: str) -> tuple[Rule, ...]:
    """The rules of one list, in order. Raises StoreError for a row that does not read."""
    rules = []
    for number, row in enumerate(files(__package__).joinpath(f"{family}.sql").read_text("utf-8").splitlines(), 1):
        if not row.startswith("('"):
            continue
        found = ROW.match(row)
        if not found:
            raise StoreError(f"parse/{family}.sql, line {number}, is no rule; write ('kind', $r$^pattern$r$, 'field=value').")
        constants = (pair.split("=", 1) for pair in found["constants"].split(", ") if pair)
        rules.append(Rule(family, found["kind"], found["pattern"], tuple((key, value) for key, value in constants)))
    return tuple(rules)
