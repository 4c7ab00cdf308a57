"""The parse: from raw log lines to entries, in SQL made from the lists of rules in this folder."""

from functools import cache
from importlib.resources import files
from string import Template

from nightporter.store.parse.rules import Rule, field, first_match, literal, rules_of
from nightporter.store.parse.services import OTHERS, OWN_LINES, PAM_ELSEWHERE, PAM_LINES, PROGRAMS, SERVICES

FAMILIES = tuple(dict.fromkeys([*OWN_LINES.values(), PAM_ELSEWHERE, *PAM_LINES.values()]))
FIELDS = (
    "user", "invalid_user", "target_user", "source_ip", "source_port", "method", "key_fingerprint", "tty", "command",
    "repeats", "ref_pid", "session",
)  # fmt: skip
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


def parse_select(source: str) -> str:
    """One SELECT that yields the columns of `entries` from `source`, a relation with the columns of `lines`."""
    return Template(_template()).substitute(_expressions(), source=source)


def _outcome(rule: Rule) -> str:
    """What a line says by itself: a close before login is a failure if it names somebody."""
    if "outcome" in dict(rule.constants):
        return dict(rule.constants)["outcome"]
    if rule.kind == "preauth_closed":
        return "failure" if "user" in rule.groups else "no_auth"
    return OUTCOMES.get(rule.kind, "")


@cache
def _template() -> str:
    text = files(__package__).joinpath("entries.sql").read_text("utf-8")
    return "\n".join(row for row in text.splitlines() if not row.lstrip().startswith("--"))


def _listed(values: list[str]) -> str:
    return ", ".join(map(literal, values))


@cache
def _expressions() -> dict[str, str]:
    lists = [rules_of(family) for family in FAMILIES]
    starts = [sum(map(len, lists[:place])) for place in range(len(lists) + 1)]
    everything = [rule for rules in lists for rule in rules]
    number = {family: place for place, family in enumerate(FAMILIES, 1)}
    service_of = {name: service for service, names in SERVICES.items() for name in names}
    program_of = {name: program for program, names in PROGRAMS.items() for name in names}
    expressions = {
        "rule_numbers": ", ".join(map(str, range(1, len(everything) + 1))),
        "family_numbers": ", ".join(map(str, range(1, len(FAMILIES) + 1))),
        "kinds": _listed([rule.kind for rule in everything]),
        "outcomes": _listed([_outcome(rule) for rule in everything]),
        "family_starts": ", ".join(map(str, starts[:-1])),
        "match_family": ", ".join(f"family = {place}, {first_match(rules, 'body')}" for place, rules in enumerate(lists, 1)),
        "other_programs": _listed(list(OTHERS)),
        "service_names": _listed(list(service_of)),
        "service_values": _listed(list(service_of.values())),
        "program_names": _listed(list(program_of)),
        "program_values": _listed(list(program_of.values())),
        "service_families": _listed(list(OWN_LINES)),
        "service_family_values": ", ".join(str(number[family]) for family in OWN_LINES.values()),
        "pam_families": _listed(list(PAM_LINES)),
        "pam_family_values": ", ".join(str(number[family]) for family in PAM_LINES.values()),
        "pam_family": str(number[PAM_ELSEWHERE]),
        "leap_year": _leap_year(),
        "offset_guess": _offset("written"),
        "offset": _offset("written - guess"),
    }
    for name in FIELDS:
        arms = [
            f"rule <= {start + len(rules)}, {field(rules, name, 'body', 'rule', start + 1)}"
            for start, rules in zip(starts, lists, strict=False)
        ]
        expressions[name] = f"multiIf(rule = 0, '', {', '.join(arms)}, '')"
    expressions["invalid_user"] = f"rule IN ({', '.join(str(place) for place, rule in enumerate(everything, 1) if ('invalid_user', '1') in rule.constants)})"
    for name in ("host", "program", "header", "message", "user", "target_user", "peer", "method", "tty", "command"):
        expressions[f"bytes_of_{name}"] = f"convertCharset({name}, 'UTF-8', 'ISO-8859-1')"
    forms = rules_of("headers")
    expressions["match_form"] = first_match(forms, "text")
    for name in ("host", "program", "pid", "stamp", "date", "clock", "offset", "month", "day", "year"):
        expressions[f"form_{name}"] = field(forms, name, "text", "form")
    heads = []
    for place, form in enumerate(forms, 1):
        pattern = form.extraction("header") if "header" in form.groups else f"(?s)({form.plain})"
        heads.append(f"form = {place}, extract(text, {literal(pattern)})")
    expressions["form_header"] = f"multiIf({', '.join(heads)}, '')"
    return expressions


def _offset(moment: str) -> str:
    """Expression: seconds that the zone `tz` is ahead of UTC at `moment`."""
    text = f"formatDateTime({moment}, '%z', tz)"
    return f"(toInt32OrZero(left({text}, 3)) * 3600 + toInt32OrZero(concat(left({text}, 1), substring({text}, 4, 2))) * 60)"


def _leap_year() -> str:
    """Expression: the year of the last 29 February before `latest`; leap days are four years apart until 2100."""
    this = "intDiv(toYear(latest), 4) * 4"
    return f"{this} - if(makeDateTime({this}, 2, 29, hour, minute, second, 'UTC') > latest, 4, 0)"
