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
NEGATED = re.compile(r"\[\^((?:\\.|[^\]])+)\]")


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


@lru_cache
def rules_of(family: str) -> tuple[Rule, ...]:
    """The rules of one list, in order. Raises StoreError for a row that does not read."""
    rules = []
    for number, row in enumerate(files(__package__).joinpath(f"{family}.sql").read_text("utf-8").splitlines(), 1):
        if not row.startswith("('"):
            continue
        found = ROW.match(row)
        if not found:
            raise StoreError(
                f"parse/{family}.sql, line {number}, is no rule; write it as ('kind', $r$^pattern$r$, 'field=value')."
            )
        constants = (pair.split("=", 1) for pair in found["constants"].split(", ") if pair)
        rules.append(Rule(family, found["kind"], found["pattern"], tuple((key, value) for key, value in constants)))
    return tuple(rules)


def matcher(pattern: str) -> str:
    """The pattern for hyperscan: without groups, and with "none of these characters" written as ranges.

    The engine's hyperscan forgets characters of a negated class in UTF-8 mode: its [^ (] lets "(" through.
    """
    return NEGATED.sub(lambda found: _ranges(found[1]), GROUP.sub("(?:", pattern))


def extractor(pattern: str) -> str:
    """The pattern for RE2: numbered groups in the order of their names; a dot matches a line break too."""
    return "(?s)" + GROUP.sub("(", pattern)


def _ranges(excluded: str) -> str:
    start, ranges = 0, ""
    for code in sorted({ord(sign) for sign in re.sub(r"\\(.)", r"\1", excluded.replace(r"\t", "\t"))}):
        if code > start:
            ranges += rf"\x{start:02x}-\x{code - 1:02x}"
        start = code + 1
    return rf"[{ranges}\x{start:02x}-\x{{10ffff}}]"
