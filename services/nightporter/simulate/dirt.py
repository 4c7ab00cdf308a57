"""Makes a log folder hostile: duplicated lines, lines out of order, and garbage between them."""

import random
from pathlib import Path

DUPLICATES = 0.02  # share of lines that come twice, the second time up to 200 lines later
GARBAGE = 0.005
_WINDOW = 40  # lines; a local shuffle moves a line at most this far

_TEXTS = (
    b"\x00\x00\x00\x00\x00\x00",
    b"\xff\xfe\xfa binary \x80\x81",
    b"",
    b"-- MARK --",
    b"Oct 99 25:61:61 nowhere sshd[1]: Accepted password for root from 10.0.0.1 port 22 ssh2",
    b"<script>alert(1)</script>",
    b"'; DROP TABLE entries; --",
    b"Accepted password for root from 10.9.9.9 port 22 ssh2",
    b'{"__REALTIME_TIMESTAMP":"17',
    b"<34>1 - - - - - -",
    b"x" * 3000,
    b"\tat java.lang.Thread.run(Thread.java:829)",
)


def soil(logs: Path, out: Path, seed: int) -> int:
    """Writes a hostile copy of every *.log of folder `logs` to folder `out` (may be the same); returns lines written.

    Every original line is still there, whole, at least once. Deterministic by seed and file name; one file at a time.
    """
    out.mkdir(parents=True, exist_ok=True)
    count = 0
    for path in sorted(logs.glob("*.log")):
        rng = random.Random(f"{seed}/dirt/{path.name}")
        lines = soiled(path.read_bytes().splitlines(), rng)
        (out / path.name).write_bytes(b"\n".join(lines) + b"\n")
        count += len(lines)
    return count


def soiled(lines: list[bytes], rng: random.Random) -> list[bytes]:
    """Lines with duplicates, garbage and local disorder added."""
    places = [(float(number), line) for number, line in enumerate(lines)]
    for number, line in enumerate(lines):
        chance = rng.random()
        if chance < DUPLICATES:
            places.append((number + rng.uniform(0.1, 200), line))
        elif chance < DUPLICATES + GARBAGE:
            places.append((number + 0.5, _garbage(line, rng)))
    begin = 0
    while begin < len(lines):
        begin += rng.randrange(200, 2000)
        for place in range(begin, min(begin + _WINDOW, len(lines))):
            places[place] = (begin + rng.uniform(0, _WINDOW), places[place][1])
    places.sort(key=lambda place: place[0])
    return [line for _, line in places]


def _garbage(line: bytes, rng: random.Random) -> bytes:
    """A hostile text, or the head of a line that was cut inside its time stamp, so that it names no process."""
    if rng.random() < 0.3:
        return line[: rng.randrange(4, 12)]
    return rng.choice(_TEXTS)
