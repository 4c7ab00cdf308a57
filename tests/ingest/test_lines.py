"""Cutting bytes into whole lines: compared with the plain way, line by line, that would be too slow to ship."""

import random
import re
from collections.abc import Iterator

import pytest
from nightporter.ingest import lines
from nightporter.ingest.decompress import BrokenArchive

LINE = b"Mar  2 15:44:52 web1 sshd[411]: Accepted publickey for ann from 192.0.2.7 port 50122 ssh2"
SMALL = 2 * lines.LONGEST


def plain(data: bytes) -> list[bytes]:
    """What is to be kept of `data`, one line at a time."""
    kept = []
    for line in re.sub(rb"\0{8,}", b"\n", data).split(b"\n"):
        line = line.lstrip(b"\0")
        if len(line) > lines.LONGEST:
            line = line[: lines.HEAD] + b" [nightporter: cut here, the line was %d bytes long]" % len(line)
        if line.strip(b"\r"):
            kept.append(line)
    return kept


def cut(data: bytes, read: int = 1 << 20, size: int = SMALL) -> list[bytes]:
    """The lines that ingest keeps of `data` when it arrives in reads of `read` bytes."""
    stream = (data[start : start + read] for start in range(0, len(data), read))
    found = list(lines.pieces(stream, lambda _: None, size))
    assert all(piece.endswith(b"\n") for piece in found)
    return b"".join(found).split(b"\n")[:-1]


def messy(rng: random.Random) -> bytes:
    """Good lines among everything that a disk can do to a log."""
    parts = [LINE + b"\n"]
    for _ in range(rng.randrange(30)):
        parts.append(
            rng.choice(
                [
                    LINE + b"\n",
                    LINE + b"\r\n",
                    b"\n" * rng.randrange(1, 5),
                    b"\r\n\r\n",
                    b"\0" * rng.choice([1, 7, 8, 9, 200, 300_000]),
                    b"x" * rng.choice([lines.LONGEST - 1, lines.LONGEST, lines.LONGEST + 1, 70_000, 900_000]) + b"\n",
                    b"caf\xe9 \xff\xfe\n",
                    b" \t \n",
                ]
            )
        )
    return b"".join([*parts, rng.choice([b"", LINE])])


@pytest.mark.parametrize("seed", range(40))
def test_keeps_what_the_plain_way_keeps_however_it_arrives(seed: int) -> None:
    rng = random.Random(seed)
    data = messy(rng)
    for read in (977 if len(data) < 200_000 else 60_001, 1 << 20):
        for size in (SMALL, 1 << 20):
            assert cut(data, read, size) == plain(data)


def test_pieces_do_not_depend_on_the_sizes_of_reads() -> None:
    data = (LINE + b"\n") * 20_000
    whole = list(lines.pieces([data], lambda _: None, SMALL))
    dripping = list(lines.pieces((data[i : i + 1000] for i in range(0, len(data), 1000)), lambda _: None, SMALL))
    assert whole == dripping
    assert len(whole) > 10


def test_a_line_of_gigabytes_is_cut_and_its_neighbours_stay() -> None:
    def stream() -> Iterator[bytes]:
        yield LINE + b"\n"
        for _ in range(64):
            yield b"A" * (1 << 20)
        yield b"\n" + LINE + b"\n"

    before, long, after = b"".join(lines.pieces(stream(), lambda _: None, SMALL)).splitlines()
    assert before == after == LINE
    assert len(long) <= lines.LONGEST
    assert long.endswith(b"the line was 67108864 bytes long]")


def test_a_real_line_behind_a_hole_of_zeros_is_found() -> None:
    hole = b"\0" * (3 * SMALL)
    assert cut(LINE + b"\n" + hole + LINE) == [LINE, LINE]
    assert cut(hole + LINE + b"\n") == [LINE]


@pytest.mark.parametrize("empty", [b"", b"\n", b"\r\n\n", b"\0" * 100_000])
def test_nothing_comes_of_nothing(empty: bytes) -> None:
    assert cut(empty) == []


@pytest.mark.parametrize(
    "binary",
    [
        random.Random(1).randbytes(500_000),
        b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 400,
        "log\n".encode("utf-16") * 90,
    ],
    ids=["random", "program", "utf-16"],
)
def test_a_binary_file_is_refused_whole(binary: bytes) -> None:
    with pytest.raises(lines.NotText):
        cut(binary)


@pytest.mark.parametrize(
    "line",
    [
        LINE,
        b"<38>1 2026-03-02T15:44:52Z web1 sshd 411 - - hello",
        b"2026-03-02T15:44:52.1+01:00 web1 x: y",
        b'{"MESSAGE": "x"}',
    ],
)
def test_one_log_line_in_garbage_saves_its_piece(line: bytes) -> None:
    garbage = random.Random(2).randbytes(90_000)
    assert line in cut(garbage + b"\n" + line + b"\n" + garbage, size=1 << 20)


def test_binary_data_behind_text_is_left_out_and_counted() -> None:
    skipped: list[int] = []
    text, garbage = (LINE + b"\n") * 3000, (random.Random(3).randbytes(1000).replace(b"\n", b"") + b"\n") * 800
    kept = b"".join(lines.pieces([text, garbage, text], skipped.append, SMALL))
    assert kept.count(LINE) == 6000
    assert sum(skipped) > 0.4 * len(garbage)


def test_what_came_before_a_failure_is_kept() -> None:
    def stream() -> Iterator[bytes]:
        yield LINE + b"\n" + LINE
        raise BrokenArchive("the archive ends too early")

    found = b""
    with pytest.raises(BrokenArchive):
        for piece in lines.pieces(stream(), lambda _: None):
            found += piece
    assert found == (LINE + b"\n") * 2
