"""A delivery: one batch of log lines of one host, as the store's table `deliveries` takes it."""

import hashlib
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import available_timezones

from nightporter.ingest.lines import NotText, pieces
from nightporter.store.rowbinary import length, string

COLUMNS = ("received", "host", "zone", "boot_id", "origin", "stream", "read_from", "read_to", "lines", "block")

LARGEST_BLOCK = 8 << 20
"""Bytes of lines in one delivery, after decompression."""

HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?")
NUMBER = re.compile(r"[0-9]{1,18}")
LONGEST_STREAM = 128
ZONES = available_timezones()


class TooLarge(Exception):
    """More than LARGEST_BLOCK bytes of lines, or a body that says it is compressed and is not whole."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Lines of one host. `block` ends with a newline, and has been cleaned like a loaded file.

    `stretch`: the part of a log that the block covers, as (stream, from, to); see the table host_stretches.
    """

    host: str
    zone: str
    boot_id: str
    origin: str
    block: bytes
    stretch: tuple[str, int, int] = ("", 0, 0)

    @property
    def token(self) -> bytes:
        """The same for the same lines of the same host."""
        name = hashlib.blake2b(f"{self.host}\0{self.zone}".encode(), digest_size=16).digest()
        return hashlib.blake2b(self.block, digest_size=16, person=name).digest()

    def row(self, received: datetime) -> bytes:
        """One row of COLUMNS in ClickHouse's RowBinary format."""
        stream, start, end = self.stretch
        texts = b"".join(string(text) for text in (self.host, self.zone, self.boot_id, self.origin, stream))
        moment = struct.pack("<q", milliseconds(received))
        numbers = struct.pack("<QQI", start, end, self.block.count(b"\n"))
        return moment + texts + numbers + length(len(self.block)) + self.block

    def halves(self) -> tuple["Delivery", "Delivery"] | None:
        """The same lines in two deliveries; None when there is only one line."""
        cut = self.block.find(b"\n", len(self.block) // 2) + 1
        if cut in (0, len(self.block)):
            cut = self.block.rfind(b"\n", 0, len(self.block) // 2) + 1
        if cut == 0:
            return None
        return replace(self, block=self.block[:cut]), replace(self, block=self.block[cut:])


def stretch(headers: Mapping[str, str]) -> tuple[str, int, int]:
    """What a host says which part of its log it sends; ("", 0, 0) where it says nothing that can be understood."""
    stream, start, end = (headers.get(f"nightporter-{name}", "") for name in ("stream", "from", "to"))
    if not stream or len(stream) > LONGEST_STREAM or not (NUMBER.fullmatch(start) and NUMBER.fullmatch(end)):
        return "", 0, 0
    return stream, int(start), max(int(start), int(end))


def milliseconds(moment: datetime) -> int:
    """Since 1970."""
    return round(moment.timestamp() * 1000)


def unpacked(body: bytes, encoding: str) -> bytes:
    """The body as it was before compression, at most LARGEST_BLOCK bytes of it. Raises TooLarge."""
    if encoding in ("", "identity"):
        if len(body) > LARGEST_BLOCK:
            raise TooLarge(f"more than {LARGEST_BLOCK} bytes")
        return body
    if encoding not in ("gzip", "deflate"):
        raise TooLarge(f"content encoding {encoding!r}; send gzip, deflate or identity")
    inflate = zlib.decompressobj(47)  # gzip's header or zlib's
    try:
        block = inflate.decompress(body, LARGEST_BLOCK)
    except zlib.error as error:
        raise TooLarge(f"the body cannot be decompressed ({error})") from error
    if inflate.unconsumed_tail:
        raise TooLarge(f"more than {LARGEST_BLOCK} bytes after decompression")
    if not inflate.eof:
        raise TooLarge("the compressed body is cut off")
    return block


def cleaned(block: bytes) -> tuple[bytes, str]:
    """The lines of `block` as a loaded file would have them, and why some were left out ("" when none were)."""
    left_out: list[int] = []
    try:
        kept = b"".join(pieces([block], left_out.append, LARGEST_BLOCK * 2))
    except NotText:
        return b"", "not text"
    return kept, f"{sum(left_out)} bytes of binary data" if left_out else ""
