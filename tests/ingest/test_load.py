"""Loading: whatever happens on the way, and however often it is done, the store ends up the same."""

import gzip
import hashlib
import random
import subprocess
import sys
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client
from made_logs import LINES_PER_LOGIN, log_lines
from nightporter.ingest.load import IngestSummary, ingest
from nightporter.store.events import Selection, stream
from nightporter.store.merge import WORKING_TABLES

SMALL = 256 << 10  # bytes in a block

LOAD_TELLING = """
import sys
from nightporter.ingest import load
from nightporter.ingest.progress import Silent
from nightporter.store.client import connect

class Telling(Silent):
    def sent(self, lines):
        print(lines, flush=True)

with connect() as client:
    load.ingest(client, [sys.argv[1]], progress=Telling(), block_size=int(sys.argv[2]))
"""


def events(client: Client) -> bytes:
    """What `nightporter events` prints."""
    return b"".join(stream(client, Selection(), "jsonl"))


def counts(summary: IngestSummary) -> tuple[int, int, int, int]:
    """Read, stored, already known, unparsed."""
    return summary.read, summary.stored, summary.already_known, summary.unparsed


def empty(client: Client) -> None:
    """Forget everything."""
    for table in ("entries", "touched", "links", "login_events", "merge_runs", *WORKING_TABLES):
        client.command(f"TRUNCATE TABLE {table}")


def write(path: Path, lines: list[bytes]) -> str:
    """A log file; returns its name."""
    path.write_bytes(b"\n".join(lines) + b"\n")
    return str(path)


def test_loading_again_changes_nothing(client: Client, tmp_path: Path) -> None:
    lines = log_lines(300)
    log = write(tmp_path / "auth.log", lines)
    assert counts(ingest(client, [log])) == (len(lines), len(lines), 0, 0)
    before = events(client)
    assert before.count(b"\n") == 300
    assert counts(ingest(client, [log])) == (len(lines), 0, len(lines), 0)
    assert counts(ingest(client, [str(tmp_path)])) == (len(lines), 0, len(lines), 0)
    assert events(client) == before


def test_order_blocks_and_files_do_not_matter(client: Client, tmp_path: Path) -> None:
    lines = log_lines(3000)
    ingest(client, [write(tmp_path / "auth.log", lines)])
    expected = hashlib.sha256(events(client)).hexdigest()
    empty(client)
    rng = random.Random(5)
    shuffled = lines + rng.sample(lines, 500)
    rng.shuffle(shuffled)
    halves = [write(tmp_path / f"{n}.log", shuffled[n::2]) for n in range(2)]
    Path(halves[1] + ".gz").write_bytes(gzip.compress(Path(halves[1]).read_bytes()))
    first = ingest(client, [halves[0]], block_size=SMALL)
    second = ingest(client, [halves[1] + ".gz"], block_size=SMALL)
    assert first.read + second.read == len(shuffled)
    assert first.stored + second.stored == len(lines)
    assert hashlib.sha256(events(client)).hexdigest() == expected


def test_a_load_that_is_killed_and_repeated_is_exact(client: Client, tmp_path: Path) -> None:
    lines = log_lines(4000)
    log = write(tmp_path / "auth.log", lines)
    ingest(client, [log])
    expected = events(client)
    for kill_after in (1, 3):
        empty(client)
        command = [sys.executable, "-c", LOAD_TELLING, log, str(SMALL)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as load:
            assert load.stdout is not None
            for _ in range(kill_after):
                assert load.stdout.readline()
            load.kill()
        summary = ingest(client, [log], block_size=SMALL)
        assert summary.read == len(lines)
        assert summary.already_known >= kill_after
        assert events(client) == expected
        assert client.command("SELECT count() FROM entries FINAL") == len(lines)
        assert counts(ingest(client, [log]))[1] == 0


def test_dirt_does_not_harm_the_lines_around_it(client: Client, tmp_path: Path) -> None:
    lines = log_lines(60)
    rng = random.Random(7)
    dirt = [
        b"",
        b"not a log line",
        b"caf\xe9 \xff\xfe\x80",
        b"\0" * 5000,
        b"x" * (1 << 20),
        b"Mar  2 15:44:52 host sshd[1]: \x1b[31mred\x07",
        b"9999-99-99T99:99:99 host sshd[1]: Accepted",
        b"{" * 3000,
    ]
    mixed = []
    for place, line in enumerate(lines):
        mixed += [line + (b"\r" if place % 3 == 0 else b""), rng.choice(dirt)]
    log = tmp_path / "dirty.log"
    log.write_bytes(b"\n".join([*mixed, *dirt, *lines[:1]]))  # without a newline at the end
    summary = ingest(client, [str(log)], year=2026)
    assert summary.problems == summary.notes == []
    assert summary.read == summary.stored + summary.already_known
    assert events(client).count(b"\n") >= 60
    clean = b"".join(row + b"\n" for row in events(client).splitlines() if b"host0.example.org" in row)
    empty(client)
    ingest(client, [write(tmp_path / "clean.log", lines)])
    assert clean == b"".join(row + b"\n" for row in events(client).splitlines() if b"host0.example.org" in row)


def test_lines_nobody_can_read_are_stored_and_counted(client: Client, tmp_path: Path) -> None:
    log = write(tmp_path / "odd.log", [b"what is this", b"and this", b"what is this", *log_lines(1)])
    assert counts(ingest(client, [log])) == (3 + LINES_PER_LOGIN, 2 + LINES_PER_LOGIN, 1, 2)


def test_inputs_that_cannot_be_read_are_named_and_the_others_are_loaded(client: Client, tmp_path: Path) -> None:
    good = write(tmp_path / "good.log", log_lines(2))
    binary, cut = tmp_path / "program", tmp_path / "cut.gz"
    binary.write_bytes(random.Random(1).randbytes(100_000))
    cut.write_bytes(gzip.compress(b"\n".join(log_lines(50_00, first=10)))[:-2000])
    summary = ingest(client, [str(tmp_path / "none.log"), str(binary), str(cut), good])
    missing, not_text, truncated = summary.problems
    assert "none.log was not read: No such file" in missing
    assert "program was not read: it is not a text log" in not_text
    assert "cut.gz was read only in part: the archive ends too early" in truncated
    assert summary.stored > 1000
    assert events(client).count(b"\n") > 200


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\0" * 10_000])
def test_an_empty_file_is_no_error(client: Client, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "empty.log").write_bytes(content)
    summary = ingest(client, [str(tmp_path / "empty.log")])
    assert counts(summary) == (0, 0, 0, 0)
    assert summary.problems == []


def test_the_year_and_the_zone_are_what_the_load_says(client: Client, tmp_path: Path) -> None:
    line = b"Mar  2 15:44:52 web1 sshd[411]: Accepted password for ann from 192.0.2.7 port 50122 ssh2"
    ingest(client, [write(tmp_path / "auth.log", [line])], year=2021, zone="Europe/Berlin")
    assert b'"start":"2021-03-02T14:44:52.000000+00:00"' in events(client)
