"""Bytes of a log file, decompressed as a stream. The format is told by the first bytes, not by the name.

Memory is bounded whatever the file claims: output comes in pieces; archives that ask for a giant window are refused.
"""

import lzma
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Protocol

import zstandard

PIECE = 1 << 20  # bytes asked of a file, and of a decompressor, at a time
WINDOW = 128 << 20  # most memory an archive's dictionary may take, in bytes
ZSTD_INPUT = 1 << 12  # zstandard cannot limit its output, and four bytes can stand for 128 KiB: feed it little

GZIP, XZ, ZSTD = b"\x1f\x8b", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"


class BrokenArchive(Exception):
    """What could be read has been yielded; the text says what is wrong with the rest."""


class Member(Protocol):
    """One gzip member, xz stream or zstd frame; an archive may hold several, one after the other."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` decompresses to, in pieces of at most a few MiB."""

    def rest(self) -> bytes | None:
        """None while the member goes on, else the bytes after its end."""


class GzipMember:
    """RFC 1952, header and checksum included."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    def feed(self, data: bytes) -> Iterator[bytes]:
        full = True  # a full piece: there may be more output even when all input is taken
        while not self._inner.eof and (data or full):
            piece = self._inner.decompress(data, PIECE)
            data, full = self._inner.unconsumed_tail, len(piece) == PIECE
            yield piece

    def rest(self) -> bytes | None:
        return self._inner.unused_data if self._inner.eof else None


class XzMember:
    """An .xz stream."""

    def __init__(self) -> None:
        self._inner = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=WINDOW)

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield self._inner.decompress(data, PIECE)
        while not self._inner.eof and not self._inner.needs_input:
            yield self._inner.decompress(b"", PIECE)

    def rest(self) -> bytes | None:
        return self._inner.unused_data if self._inner.eof else None


class ZstdMember:
    """A zstd frame."""

    def __init__(self) -> None:
        self._inner = zstandard.ZstdDecompressor(max_window_size=WINDOW).decompressobj()
        self._unfed = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), ZSTD_INPUT):
            if self._inner.eof:
                self._unfed = data[start:]
                return
            yield self._inner.decompress(data[start : start + ZSTD_INPUT])

    def rest(self) -> bytes | None:
        return self._inner.unused_data + self._unfed if self._inner.eof else None


MEMBERS: dict[bytes, type[Member]] = {GZIP: GzipMember, XZ: XzMember, ZSTD: ZstdMember}


def read(file: BinaryIO) -> Iterator[bytes]:
    """Yield the decompressed content of `file` in pieces. Raises OSError, BrokenArchive."""
    data = b""
    while len(data) < len(XZ) and (more := file.read(PIECE)):
        data += more
    member = next((kind for magic, kind in MEMBERS.items() if data.startswith(magic)), None)
    if member is not None:
        yield from _members(member, data, file)
        return
    while data:
        yield data
        data = file.read(PIECE)


def _members(kind: type[Member], data: bytes, file: BinaryIO) -> Iterator[bytes]:
    member = kind()
    while True:
        try:
            yield from member.feed(data)
        except (zlib.error, lzma.LZMAError, zstandard.ZstdError, MemoryError) as error:
            raise BrokenArchive(f"the archive is damaged: {error}") from error
        rest = member.rest()
        if rest is None:
            data = file.read(PIECE)
            if not data:
                raise BrokenArchive("the archive ends too early")
            continue
        data = rest.lstrip(b"\0")  # archives may be padded with zeros
        while not data and (more := file.read(PIECE)):
            data = more.lstrip(b"\0")
        if not data:
            return
        member = kind()
