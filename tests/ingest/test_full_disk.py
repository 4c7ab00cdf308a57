"""A disk that fills up during a load: one sentence; with space again, the same command ends as if nothing had been."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_logs import log_lines

COMMAND = "from nightporter.cli import app; app()"
LOGINS = 60_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 14 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=14m", "tmpfs", disk], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("a small disk can only be made where this user may mount one")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def run(*arguments: str, home: Path) -> subprocess.CompletedProcess[bytes]:
    extra = {
        "NIGHTPORTER_HOME": str(home),
        "NIGHTPORTER_CLICKHOUSE_URL": "",
        "NIGHTPORTER_STORE_LINGER_SECONDS": "0",
        "NIGHTPORTER_RAW_RETENTION_DAYS": "0",
    }
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments], capture_output=True, env={**os.environ, **extra}, check=False
    )


def events(home: Path) -> str:
    done = run("events", home=home)
    assert done.returncode == 0 and done.stdout.count(b"\n") == LOGINS, done.stderr
    return hashlib.sha256(done.stdout).hexdigest()


def test_a_load_into_a_full_disk_can_be_repeated(small_disk: Path, tmp_path: Path) -> None:
    log = tmp_path / "auth.log"
    log.write_bytes(b"\n".join(log_lines(LOGINS)) + b"\n")
    home = small_disk / "home"
    full = run("ingest", str(log), home=home)
    assert full.returncode == 1
    said = full.stderr.decode()
    assert "is full; free some space" in said and said.count("\n") == 1, said
    subprocess.run(["mount", "-o", "remount,size=400m", small_disk], check=True)
    again = run("ingest", str(log), home=home)
    assert again.returncode == 0, again.stderr
    assert run("ingest", str(log), home=tmp_path / "roomy").returncode == 0
    assert events(home) == events(tmp_path / "roomy")
