"""Reading log files: each line once, in order, whatever rotates, empties, copies, compresses them, and after kills."""

import bz2
import gzip
import lzma
import os
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from nightporter.collector import collector
from nightporter.collector.collector import COUNTERS, LogFile


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A rotated file counts as finished at once: nothing here writes to it later, unless a test says so."""
    monkeypatch.setattr(collector, "SETTLE", -1.0)
    yield
    while opened:
        opened.pop().log.close()


opened: list["Reader"] = []


class Reader:
    """A collector of one file that can be killed: what was saved survives, what was read since is read again."""

    def __init__(self, path: Path, since: float = 0.0) -> None:
        self.path = path
        self.since = since
        self.counters = dict.fromkeys(COUNTERS, 0)
        self.saved: dict[str, object] | None = None
        self.got: list[bytes] = []
        self.log = LogFile(str(path), None, since, self.counters)
        opened.append(self)

    def read(self, save: bool = True) -> list[bytes]:
        """Everything there is; returns what was new."""
        new: list[bytes] = []
        while found := self.log.read():
            block, position = found
            lines = [line for line in block.split(b"\n") if line]
            new += lines
            if save:
                self.got += lines
                self.saved = position
        return new

    def kill(self) -> None:
        """Begin again from what was saved."""
        self.log.close()
        self.log = LogFile(str(self.path), self.saved, self.since, self.counters)


class Log:
    """A log daemon and logrotate."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[bytes] = []
        self.clock = time.time() - 100_000

    def write(self, count: int = 5) -> None:
        """Append lines, each another."""
        new = [b"2026-03-02T15:44:52+00:00 web1 sshd[1]: line %d" % (len(self.lines) + n) for n in range(count)]
        self.lines += new
        with self.path.open("ab") as file:
            file.write(b"".join(line + b"\n" for line in new))
        self.touch(self.path)

    def touch(self, path: Path) -> None:
        """Files are changed one after the other, in a time that tests do not have."""
        self.clock += 10
        os.utime(path, (self.clock, self.clock))

    def shift(self) -> None:
        """Rename what was rotated before: .1 becomes .2 and so on."""
        for number in range(9, 0, -1):
            for suffix in ("", ".gz", ".xz", ".bz2"):
                old = self.path.with_name(f"{self.path.name}.{number}{suffix}")
                if old.exists():
                    old.rename(self.path.with_name(f"{self.path.name}.{number + 1}{suffix}"))

    def rotate(self) -> None:
        """Rename and begin a new file."""
        self.shift()
        self.path.rename(self.first)
        self.path.touch()

    def copytruncate(self) -> None:
        """Copy and empty in place."""
        self.shift()
        shutil.copy2(self.path, self.first)
        with self.path.open("r+b") as file:
            file.truncate(0)

    def compress(self, number: int = 1, suffix: str = ".gz") -> None:
        """Compress a rotated file; like gzip, keep its time."""
        plain = self.path.with_name(f"{self.path.name}.{number}")
        if plain.exists():
            made = plain.with_name(plain.name + suffix)
            pack = {".gz": gzip.compress, ".xz": lzma.compress, ".bz2": bz2.compress}[suffix]
            made.write_bytes(pack(plain.read_bytes()))
            os.utime(made, (plain.stat().st_mtime, plain.stat().st_mtime))
            plain.unlink()

    @property
    def first(self) -> Path:
        """The youngest rotated file."""
        return self.path.with_name(f"{self.path.name}.1")


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """A log with some lines."""
    made = Log(tmp_path / "auth.log")
    made.write()
    return made


def test_lines_are_read_once_and_only_when_they_are_whole(log: Log) -> None:
    reader = Reader(log.path)
    assert reader.read() == log.lines
    with log.path.open("ab") as file:
        file.write(b"half a ")
    assert reader.read() == []
    with log.path.open("ab") as file:
        file.write(b"line\n")
    assert reader.read() == [b"half a line"]
    assert reader.read() == []


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".bz2"])
def test_files_rotated_and_compressed_while_the_collector_was_off_are_read_to_their_end(log: Log, suffix: str) -> None:
    reader = Reader(log.path)
    reader.read()
    for _ in range(3):
        log.write()
        log.rotate()
        log.compress(1, suffix)
        log.write(3)
    reader.kill()
    reader.read()
    assert reader.got == log.lines
    assert reader.counters["gaps"] == reader.counters["truncations"] == 0


def test_each_block_names_the_bytes_it_covers_and_blocks_follow_each_other(log: Log) -> None:
    reader = Reader(log.path)
    end, inode = 0, ""
    for turn in range(4):
        log.write(3)
        reader.read()
        stream, start, after = reader.log.covers
        assert (start, after) == (end, log.path.stat().st_size)
        assert stream == (inode or stream) == str(log.path.stat().st_ino)
        end, inode = after, stream
        if turn % 2:
            reader.kill()
    log.rotate()
    log.write(2)
    reader.read()
    assert reader.log.covers == (str(log.path.stat().st_ino), 0, log.path.stat().st_size)


def test_a_file_emptied_in_place_is_read_on_from_its_copy(log: Log) -> None:
    reader = Reader(log.path)
    reader.read()
    log.write()
    log.copytruncate()
    log.write(2)
    reader.read()
    assert reader.got == log.lines
    assert reader.counters["truncations"] == 0


def test_a_file_emptied_without_a_copy_is_counted(log: Log) -> None:
    reader = Reader(log.path)
    reader.read()
    unread = b"2026-03-02T15:44:53+00:00 web1 sshd[1]: somebody wants this gone\n"
    with log.path.open("ab") as file:
        file.write(unread)
    assert not reader.log._emptied()  # the collector has seen that there is more, and does not get to read it
    log.path.write_bytes(b"")
    assert reader.read() == []
    assert (reader.counters["truncations"], reader.counters["lost_bytes"]) == (1, len(unread))
    log.write(1)
    assert reader.read() == log.lines[-1:]


def test_a_file_from_which_an_editor_removed_lines_is_counted_and_read_again(log: Log) -> None:
    reader = Reader(log.path)
    log.write(40)
    reader.read()
    kept = b"".join(line for line in log.path.read_bytes().splitlines(keepends=True) if not line.endswith(b"line 30\n"))
    edited = log.path.with_name("sedAB12")
    edited.write_bytes(kept)
    edited.rename(log.path)
    log.write(3)
    new = reader.read()
    assert set(log.lines[-3:]) <= set(new)
    assert (reader.counters["truncations"], reader.counters["lost_bytes"]) == (1, 0)


def test_a_new_file_that_got_the_inode_of_the_old_is_a_new_file(log: Log) -> None:
    reader = Reader(log.path)
    reader.read()
    content = b"2026-03-03T00:00:00+00:00 web1 sshd[1]: another day, and longer than what was there before\n" * 20
    log.path.write_bytes(content)  # the same inode, other first bytes
    assert len(reader.read()) == 20


def test_what_is_still_written_to_a_renamed_file_is_read(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "SETTLE", 0.3)
    reader = Reader(log.path)
    reader.read()
    with log.path.open("ab") as daemon:
        log.rotate()
        assert reader.read() == []
        daemon.write(b"the daemon does not know yet\n")
    assert reader.read() == [b"the daemon does not know yet"]
    log.write(1)
    deadline = time.monotonic() + 20
    while reader.read() != log.lines[-1:]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_first_start_goes_back_so_far_and_no_further(tmp_path: Path) -> None:
    days = [b"2026-03-%02dT00:00:00+00:00 web1 sshd[1]: day %d\n" % (day, day) for day in range(1, 31)]
    log = tmp_path / "auth.log"
    (tmp_path / "auth.log.2.gz").write_bytes(gzip.compress(b"".join(days[:10])))
    (tmp_path / "auth.log.1").write_bytes(b"".join(days[10:20]))
    log.write_bytes(b"".join(days[20:]))
    for name, day in (("auth.log.2.gz", 10), ("auth.log.1", 20), ("auth.log", 30)):
        when = time.mktime((2026, 3, day, 12, 0, 0, 0, 0, 0))
        os.utime(tmp_path / name, (when, when))
    since = time.mktime((2026, 3, 15, 12, 0, 0, 0, 0, 0))
    assert Reader(log, since).read() == [day.rstrip(b"\n") for day in days[15:]]


@pytest.mark.parametrize("seed", range(60))
def test_nothing_is_lost_or_disordered_whatever_happens(tmp_path: Path, seed: int) -> None:
    """Writes, rotations, compressions, kills before and after saving, in any order: all lines are saved, once each."""
    chance = random.Random(seed)
    log = Log(tmp_path / "secure")
    reader = Reader(log.path)
    for _ in range(60):
        what = chance.choice(
            ["write", "write", "write", "read", "read", "rotate", "copytruncate", "compress", "kill", "lose"]
        )
        if what == "write":
            log.write(chance.randint(1, 30))
        elif what == "read":
            reader.read()
        elif what in ("rotate", "copytruncate") and log.path.exists() and log.path.stat().st_size:
            getattr(log, what)()
            if what == "copytruncate":
                reader.read()  # twice in a row between two looks, nobody can tell the copies apart in time
        elif what == "compress":
            log.compress(chance.randint(1, 2), chance.choice([".gz", ".xz", ".bz2"]))
        elif what == "kill":
            reader.kill()
        elif what == "lose":
            reader.read(save=False)
            reader.kill()
    reader.read()
    reader.read()
    assert reader.got == log.lines
    assert reader.counters["truncations"] == reader.counters["gaps"] == 0
