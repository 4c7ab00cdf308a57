"""Rules of the parse: read from the .sql lists of this folder and turned into expressions of the one parse SELECT.

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
SIMPLE_GROUP = re.compile(r"\((?:\[\^[^\]]+\]|\\d)[+*]\)")


@dataclass(frozen=True)
class Rule:
    """One row of a list: `pattern` is anchored at the start and names the fields it reads."""

    family: str
    kind: str
    pattern: str
    constants: tuple[tuple[str, str], ...]

    @property
    def groups(self) -> list[str]:
        """Names of the fields that the pattern reads from the text."""
        return GROUP.findall(self.pattern)

    @property
    def plain(self) -> str:
        """The pattern without names: what hyperscan takes."""
        return GROUP.sub("(?:", self.pattern)

    def extraction(self, name: str) -> str:
        """The pattern with `name` as its only capturing group, cut behind the group where the rest cannot matter."""
        head, tail = re.split(rf"\(\?<{name}>", self.pattern, maxsplit=1)
        head, tail = GROUP.sub("(?:", head), GROUP.sub("(?:", tail)
        group = SIMPLE_GROUP.match("(" + tail)
        if group and not re.search(r"\.[*+]|[)?*+]\?|\)\*|\|", head):
            rest = tail[group.end() - 1 :]
            if rest[:1] in (" ", "$") or (rest[:2] == r"\(" and "(" in group.group()[1:]):
                tail = tail[: group.end() - 1]
        return f"(?s){head}({tail}"


@lru_cache
def rules_of(family: str) -> tuple[Rule, ...]:
    """The rules of one list, in order. Raises StoreError for a row that does not read."""
    rules = []
    for number, row in enumerate(files(__package__).joinpath(f"{family}.sql").read_text("utf-8").splitlines(), 1):
        if not row.startswith("('"):
            continue
        found = ROW.match(row)
        if not found:
            raise StoreError(f"parse/{family}.sql, line {number}, is no rule: write ('kind', $r$^pattern$r$, 'field=value'),")
        constants = (pair.split("=", 1) for pair in found["constants"].split(", ") if pair)
        rules.append(Rule(family, found["kind"], found["pattern"], tuple((key, value) for key, value in constants)))
    return tuple(rules)


def literal(text: str) -> str:
    """A ClickHouse string literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def first_match(rules: tuple[Rule, ...], subject: str) -> str:
    """Expression: place of the first rule that matches `subject`, from 1, or 0."""
    patterns = ", ".join(literal(rule.plain) for rule in rules)
    return f"arrayMin(multiMatchAllIndices({subject}, [{patterns}]))"


def field(rules: tuple[Rule, ...], name: str, subject: str, number: str, first: int = 1) -> str:
    """Expression: what the rule `number` reads as field `name` from `subject`; '' where it does not name it.

    `first` is the number of the first of `rules`. Rules with the same extraction share one branch.
    """
    branches: dict[str, list[int]] = {}
    for place, rule in enumerate(rules, first):
        constants = dict(rule.constants)
        if name in constants:
            branches.setdefault(literal(constants[name]), []).append(place)
        elif name in rule.groups:
            branches.setdefault(f"extract({subject}, {literal(rule.extraction(name))})", []).append(place)
    if not branches:
        return "''"
    arms = []
    for expression, places in branches.items():
        test = f"= {places[0]}" if len(places) == 1 else f"IN ({', '.join(map(str, places))})"
        arms.append(f"{number} {test}, {expression}")
    return f"multiIf({', '.join(arms)}, '')"
