"""Help, wrong usage and failures: codes 0, 2 and 1, one sentence, never a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest
from command import nightporter

COMMANDS = [
    "up", "ingest", "parse", "events", "night", "flags", "explain", "verdict", "simulate", "evaluate", "status",
    "doctor", "backup", "restore", "migrate",
]  # fmt: skip


def test_every_command_of_the_contract_has_help() -> None:
    told = nightporter("--help").out.decode()
    for name in COMMANDS:
        assert f" {name} " in told
        one = nightporter(name, "--help")
        assert one.code == 0
        assert b"Usage: " in one.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["ingest"],
        ["ingest", "--timezone", "Mars/Olympus", "x"],
        ["ingest", "--year", "soon", "x"],
        ["parse", "file.log"],
        ["events", "--since", "yesterday"],
        ["events", "--format", "xml"],
        ["night"],
        ["night", "--date", "2026-13-01"],
        ["flags", "--date", "2026-01-01", "--format", "csv"],
        ["verdict", "f1", "maybe", "--reason", "x"],
        ["verdict", "f1", "benign"],
        ["simulate", "out", "--hosts", "0"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    done = nightporter(*arguments)
    assert done.code == 2
    assert "Traceback" not in done.err
    assert done.out == b""


def is_one_sentence(text: str) -> bool:
    """One line that ends as a sentence does, without a traceback."""
    return text.count("\n") == 1 and text.endswith(".\n") and "Traceback" not in text


@pytest.mark.parametrize(
    ("environment", "arguments"),
    [
        ({"NIGHTPORTER_CLICKHOUSE_URL": "http://127.0.0.1:9"}, ["events"]),
        ({"NIGHTPORTER_CLICKHOUSE_URL": "ftp://somewhere"}, ["status"]),
        ({"NIGHTPORTER_HOME": "/proc/nobody"}, ["events"]),
        ({"NIGHTPORTER_REVIEW_BUDGET": "many"}, ["flags", "--date", "2026-01-01"]),
        ({"NIGHTPORTER_CLICKHOUSE_URL": "http://127.0.0.1:9"}, ["backup", "/tmp/never"]),
    ],
    ids=["no server", "no such scheme", "no home", "bad setting", "server's backup"],
)
def test_a_failure_is_one_sentence_and_exits_with_1(environment: dict[str, str], arguments: list[str]) -> None:
    done = nightporter(*arguments, **environment)
    assert done.code == 1
    assert is_one_sentence(done.err), done.err


def test_a_traceback_is_there_for_those_who_ask(tmp_path: Path) -> None:
    done = nightporter(
        "status", NIGHTPORTER_CLICKHOUSE_URL="ftp://x", NIGHTPORTER_HOME=str(tmp_path), NIGHTPORTER_DEBUG="1"
    )
    assert done.code == 1
    assert "Traceback" in done.err


def test_events_loads_neither_the_engine_nor_torch_celery_or_streamlit() -> None:
    code = (
        "import sys, nightporter.cli.events, nightporter.cli.tables, nightporter.store.client\n"
        "import nightporter.store.events, nightporter.store.merge\n"
        "print([name for name in ('chdb', 'torch', 'celery', 'streamlit', 'sklearn') if name in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code]) == b"[]\n"
