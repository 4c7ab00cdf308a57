"""The parse, on sample lines of every rule, every header and every name that tries to look like something else.

tests/formats/<family>.log: a line, a tab, and the fields read from it besides the empty ones.
"""

import json
from pathlib import Path
from typing import Any

from asked_lines import LINES, ask
from clickhouse_connect.driver.client import Client
from nightporter.store.parse import numbers_select, parse_select
from nightporter.store.parse.expressions import numbered_rules
from nightporter.store.parse.rules import rules_of

FORMATS = Path(__file__).parent.parent / "formats"
MESSAGE_FIELDS = (
    "kind", "user", "invalid_user", "target_user", "source_ip", "source_port", "method", "key_fingerprint", "tty",
    "command", "outcome", "repeats", "ref_pid", "session",
)  # fmt: skip
HEADER_FIELDS = ("time", "host", "program", "service", "pid")
NOTHING = {"repeats": 1}


def read_samples() -> list[tuple[str, str, dict[str, Any]]]:
    """Family, line, expected fields."""
    samples = []
    for path in sorted(FORMATS.glob("*.log")):
        for row in path.read_text(encoding="utf-8").splitlines():
            line, _, fields = row.rpartition("\t")
            samples.append((path.stem, line, json.loads(fields)))
    return samples


def filled(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The fields of a row besides the empty ones."""
    return {name: row[name] for name in names if row[name] not in ("", 0, NOTHING.get(name))}


def test_every_sample_is_read_as_it_says(client: Client) -> None:
    samples = read_samples()
    rows = ask(client, [line for _, line, _ in samples], parse_select(LINES))
    assert len(rows) == len(samples)
    wrong = []
    for (family, line, expected), row in zip(samples, rows, strict=True):
        names = HEADER_FIELDS + MESSAGE_FIELDS if family == "headers" else MESSAGE_FIELDS
        found = filled(row, names)
        if found != expected:
            wrong.append(f"{family}: {line}\n  expected {json.dumps(expected)}\n  found    {json.dumps(found)}")
    assert not wrong, "\n".join(wrong)


def test_every_rule_has_a_sample(client: Client) -> None:
    rows = ask(client, [line for _, line, _ in read_samples()], numbers_select(LINES))
    numbered = numbered_rules()
    hit = {numbered[row["rule"] - 1] for row in rows if row["rule"]}
    forms = rules_of("headers")
    hit |= {forms[row["form"] - 1] for row in rows if row["form"]}
    missing = [f"{rule.family}: {rule.kind}, {rule.pattern}" for rule in (*forms, *numbered) if rule not in hit]
    assert not missing, "no sample in tests/formats for\n" + "\n".join(missing)


def test_header_and_message_are_the_line(client: Client) -> None:
    lines = [line for _, line, _ in read_samples() if not line.startswith("{")]
    rows = ask(client, lines, parse_select(LINES))
    assert [row["header"] + row["message"] for row in rows] == lines
