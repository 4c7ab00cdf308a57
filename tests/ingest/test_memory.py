"""Memory does not grow with the input: loader and store stay below 600 MB of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_logs import LINES_PER_LOGIN, log_lines
from nightporter.settings import Settings, load
from nightporter.store import embedded

COMMAND = "from nightporter.cli import app; app()"
LIMIT = 600  # MB, of memory that nobody shares; the engine's own 200 MB of program text are not counted
REPEATS, LOGINS = 12, 10_000


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Settings]:
    """An embedded store of this test alone."""
    settings = load({"NIGHTPORTER_HOME": str(tmp_path / "home"), "NIGHTPORTER_RAW_RETENTION_DAYS": "0"})
    yield settings
    running = embedded.state(settings)
    if running:
        os.kill(running["pid"], signal.SIGTERM)


def private_memory(pid: int) -> int:
    """MB that only this process uses."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return int(status.partition("RssAnon:")[2].split()[0] or 0) // 1024 if "RssAnon" in status else 0


def test_memory_does_not_grow_with_the_input(home: Settings) -> None:
    """75 MB of distinct lines, many times what one request carries, come through a pipe."""
    environment = {
        **os.environ,
        "NIGHTPORTER_HOME": str(home.home),
        "NIGHTPORTER_CLICKHOUSE_URL": "",
        "NIGHTPORTER_RAW_RETENTION_DAYS": "0",
    }
    lines = b"\n".join(log_lines(LOGINS)) + b"\n"
    highest = [0, 0]
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, "ingest", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as loader:
        assert loader.stdin is not None and loader.stdout is not None

        def look() -> None:
            store = embedded.state(home)
            for place, pid in enumerate((loader.pid, store["pid"] if store else 0)):
                highest[place] = max(highest[place], private_memory(pid))

        for copy in range(REPEATS):
            loader.stdin.write(lines.replace(b" host", b" copy%d-host" % copy))
            look()
        loader.stdin.close()
        while loader.poll() is None:
            look()
            time.sleep(0.05)
        told = loader.stdout.read()
    assert loader.returncode == 0
    count = f"{REPEATS * LOGINS * LINES_PER_LOGIN:,}"
    assert told.decode() == f"read {count}, stored {count}, already known 0, unparsed 0 entries\n"
    assert 0 < highest[0] < LIMIT // 2 and 0 < highest[1] < LIMIT, highest
