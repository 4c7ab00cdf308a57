"""From a stream of bytes to pieces of whole lines that the store can take as they are.

Work is done per piece, never per line. A piece ends with a newline, holds no empty line and none longer than LONGEST.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from nightporter.ingest.decompress import BrokenArchive

LONGEST = 64 << 10  # bytes of a line that are kept whole
HEAD = (
    LONGEST - 128
)  # bytes that are kept of a longer one, so that with the note of its length it is not longer than LONGEST
PIECE = 4 << 20  # bytes after which a piece is cut at its last newline; more than LONGEST
SAMPLE = 64 << 10  # bytes of a piece that are looked at to tell text from binary data
BINARY_SHARE = 0.05  # control characters above this share of the sample make a piece a suspect

# A crash leaves NUL bytes where the file system had made room for lines never written; a real line may follow at once.
NULS = re.compile(rb"\0{8,}|(?:\A|(?<=\n))\0+")
BLANK_LINES = re.compile(rb"\n(?:\r*\n)+")
LEADING_BLANK_LINES = re.compile(rb"(?:\r*\n)+")
CONTROL = bytes(c for c in range(32) if c not in b"\t\n\r\x1b") + b"\x7f"
# How a line begins that a log daemon wrote: RFC 3164, ISO 8601, RFC 5424, or journald's JSON.
LOG_LINE = re.compile(
    rb"^(?:(?:<\d{1,3}>)?(?:1 )?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d |\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)|\{\s*\")",
    re.MULTILINE,
)


class NotText(Exception):
    """The input does not begin with text; nothing of it has been yielded."""


def pieces(stream: Iterable[bytes], skipped: Callable[[int], None], size: int = PIECE) -> Iterator[bytes]:
    """Cut `stream` into clean pieces of about `size` bytes; `skipped` is told the bytes of binary data left out.

    Raises NotText, and OSError or BrokenArchive of `stream` after yielding what came before.
    """
    first = True
    for whole in _whole_lines(stream, size):
        piece = _without_blank_lines(whole)
        if not piece:
            continue
        if is_binary(piece):
            if first:
                raise NotText
            skipped(len(piece))
        else:
            yield _shortened(piece)
        first = False


def is_binary(piece: bytes) -> bool:
    """Many control characters, and not one line that looks like a log's: not worth keeping, even as unparsed lines."""
    sample = piece[:SAMPLE]
    text = sample.translate(None, CONTROL)
    return len(sample) - len(text) > BINARY_SHARE * len(sample) and LOG_LINE.search(piece) is None


def _whole_lines(stream: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Cut at the last newline of every `size` bytes, whatever sizes `stream` delivers: a file is always cut alike."""
    held = bytearray()
    dropped = 0  # bytes taken out of the middle of the line that `held` begins with, because it is longer than `size`
    failure: OSError | BrokenArchive | None = None
    reads = iter(stream)
    ended = False
    while not ended:
        try:
            read = next(reads, b"")
        except (OSError, BrokenArchive) as error:
            failure, read = error, b""
        ended = not read
        held += read
        while len(held) >= size or (ended and held):
            window = bytes(held[:size])
            if b"\0" in window:
                cleaned = NULS.sub(b"\n", window)
                held[:size] = cleaned
                if len(cleaned) < len(window):
                    continue
                window = cleaned
            cut = window.rfind(b"\n") + 1
            if cut == 0 and not (ended and len(window) == len(held)):
                dropped += len(window) - HEAD
                del held[HEAD : len(window)]
                continue
            if cut == 0:
                cut, window = len(window), window + b"\n"  # the last line has no newline
            del held[:cut]
            piece = window[: window.rfind(b"\n") + 1]
            if dropped:
                end = piece.index(b"\n")
                piece = piece[: min(end, HEAD)] + _note(dropped + end) + piece[end:]
                dropped = 0
            yield piece
    if failure is not None:
        raise failure


def _without_blank_lines(piece: bytes) -> bytes:
    if b"\n\n" in piece or b"\n\r" in piece:
        piece = BLANK_LINES.sub(b"\n", piece)
    leading = LEADING_BLANK_LINES.match(piece)
    return piece[leading.end() :] if leading else piece


def _shortened(piece: bytes) -> bytes:
    """Cut lines longer than LONGEST, noting their length. Looks at one place in LONGEST bytes, not at every line."""
    kept: list[bytes] = []
    copied = start = 0  # `start` is always the start of a line
    while len(piece) - start > LONGEST:
        newline = piece.rfind(b"\n", start, start + LONGEST + 1)
        if newline < 0:
            newline = piece.index(b"\n", start)
            kept += [piece[copied : start + HEAD], _note(newline - start)]
            copied = newline
        start = newline + 1
    return b"".join([*kept, piece[copied:]]) if kept else piece


def _note(length: int) -> bytes:
    return b" [nightporter: cut here, the line was %d bytes long]" % length
