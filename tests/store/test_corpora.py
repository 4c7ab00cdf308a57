"""Log lines that other projects collected, where the checkout has them beside it: ../shared/corpora, of many licences.

They show that the parse reads what real hosts write; the project holds none of them, and its own samples stand alone.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from asked_lines import LINES, ask
from clickhouse_connect.driver.client import Client
from nightporter.store.parse import parse_select

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
LOGIN_SERVICES = {"sshd", "sudo", "su", "login", "cron", "logind", "systemd-user"}
HONEYPOTS = ("cowrie", "endlessh", "sshesame", "opencanary")
ACCEPTED = {"crowdsec": 7, "loghub_openssh": 1, "plaso": 1, "sshguard": 1}
"""Lines that let somebody in, by corpus, counted by hand."""

GARBLED = 1
"""Lines of a login program that no program wrote: "Disconnected from totobad user ftp …"."""


def read_corpora() -> list[tuple[dict[str, Any], str]]:
    """Case and line."""
    found = []
    for path in sorted(CORPORA.glob("*.jsonl")):
        for row in path.read_text(encoding="utf-8").splitlines():
            case = json.loads(row)
            texts = [case["raw"]] if "raw" in case else case.get("raw_lines", [])
            found += [(case, line) for text in texts for line in text.split("\n") if line.strip()]
    return found


if CORPORA.is_dir():

    def test_lines_of_other_projects_are_read(client: Client) -> None:
        cases = read_corpora()
        rows = ask(client, [line for _, line in cases], parse_select(LINES))
        assert len(rows) == len(cases) > 5000
        unread = []
        accepted: Counter[str] = Counter()
        for (case, line), row in zip(cases, rows, strict=True):
            if row["host"] and row["service"] in LOGIN_SERVICES and row["kind"] == "unparsed":
                unread.append(line)
            if row["kind"] == "accepted":
                accepted[case["source"]] += 1
                assert not any(name in line for name in HONEYPOTS), line
            if case["source"] == "loghub_openssh":
                expected = case["expected"]
                assert (row["host"], row["pid"]) == (expected["host"], expected["pid"]), line
                assert row["message"] == line.split(": ", 1)[1].lstrip(" "), line
        assert len(unread) <= GARBLED, unread
        assert accepted == ACCEPTED
