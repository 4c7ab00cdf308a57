"""The expressions that entries.sql leaves open, made from the rules, their recipes and the table of services."""

from collections.abc import Iterable
from functools import cache

from nightporter.store.parse.recipes import GROUPS, JOINED, Place, Recipe, recipes
from nightporter.store.parse.rules import GROUP, Rule, extractor, matcher, rules_of
from nightporter.store.parse.services import OTHERS, OWN_LINES, PAM_ELSEWHERE, PAM_LINES, PROGRAMS, SERVICES

FAMILIES = tuple(dict.fromkeys([*OWN_LINES.values(), PAM_ELSEWHERE, *PAM_LINES.values()]))
FIELDS = (
    "user", "target_user", "source_ip", "source_port", "method", "key_fingerprint", "tty", "command", "repeats",
    "ref_pid", "session",
)  # fmt: skip
# RFC 3164 and ISO 8601, with and without pid: the headers of nearly every line, which entries.sql reads by position.
RFC3164 = r"[A-Z][a-z][a-z] (?: \d|\d\d|\d) [0-2]\d:[0-5]\d:[0-6]\d"
ISO8601 = r"\d{4}-\d\d-\d\dT[0-2]\d:[0-5]\d:[0-6]\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"
TAG = r" [^ \[\]]*[^ \[\]:] [^ \[\]():]+"
EVERYDAY = rf"^(?:{RFC3164}|{ISO8601}){TAG}(?:\[\d+\])?: "
HEADER_FIELDS = ("host", "program", "pid", "stamp", "date", "clock", "offset", "month", "day", "year")
OUTCOMES = {
    "accepted": "success",
    "session_opened": "success",
    "session_closed": "success",
    "command": "success",
    "failed": "failure",
    "invalid_user": "failure",
    "not_allowed": "failure",
    "auth_failure": "failure",
    "connection": "no_auth",
}

Reading = tuple[Rule, str, Recipe]


def literal(text: str) -> str:
    """A ClickHouse string literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


@cache
def readings(family: str) -> tuple[Reading, ...]:
    """What is matched for a list, in order: rule, pattern, recipe. A rule with optional words appears several times."""
    return tuple((rule, pattern, recipe) for rule in rules_of(family) for pattern, recipe in recipes(rule))


def numbered_rules() -> tuple[Rule, ...]:
    """The rules by their number in the parse, from 1: a rule that is matched in several ways has as many."""
    return tuple(rule for family in FAMILIES for rule, _, _ in readings(family))


@cache
def expressions() -> dict[str, str]:
    """Name in entries.sql → expression."""
    lists = [readings(family) for family in FAMILIES]
    numbered = [reading for listed in lists for reading in listed]
    starts = [sum(map(len, lists[:place])) for place in range(len(lists))]
    family = {name: place for place, name in enumerate(FAMILIES, 1)}
    made = {
        "match_family": ", ".join(
            f"family = {at}, {_first_match(listed, 'text')}" for at, listed in enumerate(lists, 1)
        ),
        "family_starts": _numbers(starts),
        "kind_of_rule": _word_by_rule([rule.kind for rule, _, _ in numbered]),
        "outcome_of_rule": _word_by_rule([_outcome(rule) for rule, _, _ in numbered]),
        "invalid_user": _by_rule([int(dict(rule.constants).get("invalid_user", 0)) for rule, _, _ in numbered]),
        "source_of_rule": _by_rule([recipe.source for _, _, recipe in numbered]),
        "words_before": _by_rule([recipe.before for _, _, recipe in numbered]),
        "words_after": _by_rule([recipe.after for _, _, recipe in numbered]),
        "rule_groups": _groups(
            [(at, pattern) for at, (_, pattern, recipe) in enumerate(numbered, 1) if recipe.source == GROUPS]
        ),
        "joined": str(JOINED),
        "groups": str(GROUPS),
        "other_programs": _strings(OTHERS),
        "service_names": _strings([name for names in SERVICES.values() for name in names]),
        "service_values": _strings([service for service, names in SERVICES.items() for _ in names]),
        "program_names": _strings([name for names in PROGRAMS.values() for name in names]),
        "program_values": _strings([program for program, names in PROGRAMS.items() for _ in names]),
        "service_families": _strings(OWN_LINES),
        "service_family_values": _numbers([family[name] for name in OWN_LINES.values()]),
        "pam_families": _strings(PAM_LINES),
        "pam_family_values": _numbers([family[name] for name in PAM_LINES.values()]),
        "pam_family": str(family[PAM_ELSEWHERE]),
    }
    made["offset_later"] = _offset(f"(local - {_offset('local')})")
    made |= {name: _field(name, numbered) for name in FIELDS}
    return made | _header_expressions()


def _header_expressions() -> dict[str, str]:
    forms = rules_of("headers")
    patterns = []
    columns: dict[str, list[int]] = {name: [] for name in HEADER_FIELDS}
    for form in forms:
        pattern = form.pattern if "header" in form.groups else f"^(?<header>{form.pattern[1:]})"
        patterns.append(pattern)
        names = GROUP.findall(pattern)
        for name, column in columns.items():
            column.append(names.index(name) + 1 if name in names else 0)
    made = {
        "everyday": literal(EVERYDAY),
        "match_form": "arrayMin(multiMatchAllIndices(text, ["
        + _strings([matcher(form.pattern) for form in forms])
        + "]))",
        "form_groups": _groups(list(enumerate(patterns, 1))),
        "form_constants": _strings([dict(form.constants).get("program", "") for form in forms]),
    }
    return made | {f"form_{name}": f"groups[[{_numbers(column)}][form]]" for name, column in columns.items()}


def _outcome(rule: Rule) -> str:
    """What a line says by itself: a close before login is a failure if it names somebody."""
    if "outcome" in dict(rule.constants):
        return dict(rule.constants)["outcome"]
    if rule.kind == "preauth_closed":
        return "failure" if "user" in rule.groups else "no_auth"
    return OUTCOMES.get(rule.kind, "")


def _field(name: str, numbered: list[Reading]) -> str:
    """Expression: the field `name` by the recipe of `rule`, from the words or groups in `parts`."""
    places = [recipe.places.get(name, Place(0)) for _, _, recipe in numbered]
    value = f"parts[{_by_rule([place.index for place in places])}]"
    skips, drops = [place.skip for place in places], [place.drop for place in places]
    if any(skips):
        value = f"substring({value}, {_by_rule(skips)} + 1)"
    if any(drops):
        value = f"substring({value}, 1, length({value}) - {_by_rule(drops)})"
    if any(place.cut for place in places):
        cuts = [int(place.cut) for place in places]
        value = f"if({_by_rule(cuts)} = 1, substringIndex({value}, '(', 1), {value})"
    if name == "source_port":
        value = f"substringIndex({value}, ':', 1)"
    constants = [dict(rule.constants).get(name, "") for rule, _, _ in numbered]
    return f"concat({_word_by_rule(constants)}, {value})" if any(constants) else value


def _first_match(listed: tuple[Reading, ...], subject: str) -> str:
    return f"arrayMin(multiMatchAllIndices({subject}, [{_strings([matcher(pattern) for _, pattern, _ in listed])}]))"


def _groups(patterns: list[tuple[int, str]]) -> str:
    """Arms of a multiIf over `number`: the groups of the pattern with that number, from `text`."""
    return ", ".join(f"number = {at}, extractGroups(text, {literal(extractor(pattern))})" for at, pattern in patterns)


def _strings(values: Iterable[str]) -> str:
    return ", ".join(map(literal, values))


def _numbers(values: list[int]) -> str:
    return ", ".join(map(str, values))


def _by_rule(values: list[int]) -> str:
    """Expression: the number that belongs to `rule`, 0 for none; one character a rule, which the planner likes best."""
    return f"(ascii(substring({literal(''.join(chr(64 + value) for value in [0, *values]))}, rule + 1, 1)) - 64)"


def _word_by_rule(values: list[str]) -> str:
    """Expression: the word that belongs to `rule`, '' for none."""
    words = sorted({*values} - {""})
    return f"[{_strings(words)}][{_by_rule([words.index(value) + 1 if value else 0 for value in values])}]"


def _offset(moment: str) -> str:
    """Expression: seconds that the zone `tz` is ahead of UTC at `moment`."""
    text = f"formatDateTime({moment}, '%z', tz)"
    minutes = f"concat(left({text}, 1), substring({text}, 4, 2))"
    return f"(toInt32OrZero(left({text}, 3)) * 3600 + toInt32OrZero({minutes}) * 60)"
