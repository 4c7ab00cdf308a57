"""Words and hyperscan against plain regular expressions: the engine reads mangled lines as the rules are written.

The parse finds rules with hyperscan and cuts most fields out by counting words (recipes.py). Here Python's own regular
expressions read the same rules, line by line, first match first; both must agree on lines put together to confuse them.
"""

import random
import re
from typing import Any

import pytest
from asked_lines import LINES, ask
from clickhouse_connect.driver.client import Client
from nightporter.store.parse import parse_select
from nightporter.store.parse.rules import Rule, rules_of
from test_parse import read_samples

PROGRAMS = {
    "sshd": "sshd", "sudo": "sudo", "su": "su", "login": "login", "cron": "CRON", "logind": "systemd-logind",
    "dropbear": "dropbear", "ftp": "vsftpd", "desktop": "gdm", "doas": "doas", "polkit": "polkitd",
    "account": "useradd",
}  # fmt: skip
PIECES = [
    "root from 10.0.0.1 port 22 ssh2", " from 198.51.100.6 port 1", " [preauth]", "Accepted password for root", "  ",
    ": RSA SHA256:abc", " ; COMMAND=/bin/sh", " : ", " ; USER=root", " by (uid=0)", "(", ")", "(uid=0)", "'", '"',
    "\x1b[31m",
    "é", "\x00", "-", "::ffff:192.0.2.4", " for user ", " rhost=192.0.2.9", " user=root", "\\", "invalid user ",
]  # fmt: skip
FIELDS = ("user", "target_user", "command", "method", "tty", "session", "key_fingerprint")


def compiled(rule: Rule) -> re.Pattern[str]:
    pattern = re.sub(r"\(\?<([a-z_]+)>", r"(?P<\1>", rule.pattern)
    return re.compile(pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern, re.DOTALL | re.ASCII)


def mangled(dice: random.Random, message: str, others: list[str]) -> str:
    if dice.random() < 0.15:
        return message[: dice.randrange(len(message) + 1)]
    for _ in range(dice.choice([1, 1, 2, 3])):
        at = dice.choice([dice.randrange(len(message) + 1), *(found.start() for found in re.finditer(" ", message))])
        other = dice.choice(others)
        start = dice.randrange(len(other) + 1)
        piece = dice.choice([*PIECES, other[start : start + 40]])
        message = message[:at] + piece + message[at + dice.choice([0, 0, 1, 5]) :]
    return message


def expected(rules: list[tuple[Rule, re.Pattern[str]]], message: str) -> dict[str, Any]:
    """Kind and fields of the first rule that matches."""
    for rule, pattern in rules:
        if found := pattern.match(message):
            read = dict(rule.constants) | {name: value or "" for name, value in found.groupdict().items()}
            return {"kind": rule.kind} | {name: read.get(name, "") for name in FIELDS}
    return {"kind": "unparsed"} | dict.fromkeys(FIELDS, "")


@pytest.mark.parametrize("seed", [1, 2])
def test_mangled_lines_are_read_as_the_rules_say(client: Client, seed: int) -> None:
    dice = random.Random(seed)
    samples = []
    for family, line, _ in read_samples():
        body = re.match(r"[A-Z][a-z][a-z] .. \S+ \S+ [^:]*?: +(?!pam_|\(pam_|message repeated |\[ID )(.+)", line)
        if family in PROGRAMS and body:
            samples.append((family, body[1]))
    others = [message for _, message in samples]
    cases = [(family, mangled(dice, message, others).strip(" ")) for family, message in samples for _ in range(4)]
    steered = re.compile(r"pam_|\(pam_|message repeated |\[ID |$")
    cases = [(family, message) for family, message in cases if not steered.match(message)]
    rules = {family: [(rule, compiled(rule)) for rule in rules_of(family)] for family in PROGRAMS}
    lines = [f"Mar  2 10:00:00 web1 {PROGRAMS[family]}[7]: {message}" for family, message in cases]
    rows = ask(client, lines, parse_select(LINES))
    wrong = []
    for (family, message), row in zip(cases, rows, strict=True):
        want = expected(rules[family], message)
        found = {name: row[name] for name in want}
        if found != want:
            wrong.append(f"{family}: {message!r}\n  expected {want}\n  found    {found}")
    assert not wrong, "\n".join(wrong[:10])
