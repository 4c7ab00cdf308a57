"""`backup` and `restore`: what was copied is what comes back, byte for byte."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import nightporter
from nightporter.settings import load
from nightporter.store import embedded
from nightporter.store.client import connect

LOG = b"""\
2026-03-02T06:00:00.000001+00:00 web1 sshd[501]: Accepted password for ann from 192.0.2.7 port 40001 ssh2
2026-03-02T06:00:00.100000+00:00 web1 sshd[501]: pam_unix(sshd:session): session opened for user ann(uid=1) by (uid=0)
2026-03-02T06:00:02.000000+00:00 web1 sudo[502]:      ann : TTY=pts/0 ; PWD=/root ; USER=root ; COMMAND=/bin/sh \xff
2026-03-02T06:00:03.000000+00:00 web1 sshd[503]: Failed password for invalid user <b> from 192.0.2.8 port 40002 ssh2
nonsense
"""
TABLES = ("entries", "login_events", "flags", "verdicts", "audit", "model_runs")


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[list[Path]]:
    """Two homes that do not exist yet; their stores are stopped at the end."""
    found = [tmp_path / "first", tmp_path / "second"]
    yield found
    for home in found:
        running = embedded.state(load({"NIGHTPORTER_HOME": str(home)}))
        if running:
            os.kill(running["pid"], signal.SIGTERM)


def environment(home: Path) -> dict[str, str]:
    return {
        "NIGHTPORTER_HOME": str(home),
        "NIGHTPORTER_CLICKHOUSE_URL": "",
        "NIGHTPORTER_RAW_RETENTION_DAYS": "0",
        "NIGHTPORTER_EVENT_RETENTION_MONTHS": "0",
        "NIGHTPORTER_STORE_LINGER_SECONDS": "1",
    }


def rows(home: Path) -> dict[str, bytes]:
    """Every row of every table that holds data, in the store's own text form."""
    settings = load(environment(home))
    with connect(settings) as client:
        found = {name: client.raw_query(f"SELECT * FROM {name} FINAL ORDER BY ALL", fmt="TSV") for name in TABLES[:3]}
        found |= {name: client.raw_query(f"SELECT * FROM {name} ORDER BY ALL", fmt="TSV") for name in TABLES[3:]}
    embedded.close_store(settings)
    return found


def test_a_backup_comes_back_as_it_was(homes: list[Path], tmp_path: Path) -> None:
    first, second = homes
    assert nightporter("ingest", "-", stdin=LOG, **environment(first)).code == 0
    settings = load(environment(first))
    with connect(settings) as client:
        client.command("INSERT INTO flags (night, flag_id, rank, sentence) VALUES ('2026-03-02', 'f1', 1, 'it''s ☃')")
    embedded.close_store(settings)
    (first / "models" / "2026-03-02-a").mkdir(parents=True)
    (first / "models" / "2026-03-02-a" / "weights").write_bytes(bytes(range(256)))
    (first / "models" / "current").symlink_to("2026-03-02-a")
    said = nightporter("verdict", "f1", "benign", "--reason", "patch night", **environment(first))
    assert said.code == 0, said.err
    before = rows(first)
    assert all(before[name] for name in TABLES if name != "model_runs")
    assert b"(command line)\tverdict\tflag f1\tbenign patch night" in before["audit"]

    done = nightporter("backup", str(tmp_path / "copy"), **environment(first))
    assert (done.code, done.err) == (0, "")
    done = nightporter("restore", str(tmp_path / "copy"), **environment(second))
    assert (done.code, done.err) == (0, "")

    assert rows(second) == before
    assert (second / "models" / "2026-03-02-a" / "weights").read_bytes() == bytes(range(256))
    assert (second / "models" / "current").readlink() == Path("2026-03-02-a")
    told = [nightporter("events", **environment(home)).out for home in homes]
    assert told[0] == told[1] != b""
    again = nightporter("ingest", "-", stdin=LOG, **environment(second))
    assert again.out.startswith(b"read 5, stored 0, already known 5")


def test_restore_touches_no_store_that_holds_data(homes: list[Path], tmp_path: Path) -> None:
    first, second = homes
    for home in homes:
        assert nightporter("ingest", "-", stdin=LOG, **environment(home)).code == 0
    assert nightporter("backup", str(tmp_path / "copy"), **environment(first)).code == 0
    refused = nightporter("restore", str(tmp_path / "copy"), **environment(second))
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "holds data already" in refused.err
    refused = nightporter("restore", str(tmp_path), **environment(tmp_path / "third"))
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    refused = nightporter("backup", str(tmp_path / "copy"), **environment(first))
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "is not empty" in refused.err
