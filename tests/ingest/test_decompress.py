"""Archives: whole, concatenated, padded, truncated, damaged, and those that mean harm."""

import gzip
import io
import lzma
from collections.abc import Callable

import pytest
import zstandard
from nightporter.ingest.decompress import BrokenArchive, read

TEXT = b"".join(
    b"Mar  2 15:44:%02d web%d sshd[%d]: Connection closed by 192.0.2.%d port %d\n" % (i % 60, i % 7, i, i % 250, i)
    for i in range(30_000)
)
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,  # as the command zstd does
}
packed = pytest.mark.parametrize("pack", list(PACKERS.values()), ids=list(PACKERS))
archived = pytest.mark.parametrize("pack", list(PACKERS.values())[1:], ids=list(PACKERS)[1:])


@packed
def test_content_is_read_back(pack: Callable[[bytes], bytes]) -> None:
    assert b"".join(read(io.BytesIO(pack(TEXT)))) == TEXT


@archived
def test_archives_laid_end_to_end_are_one(pack: Callable[[bytes], bytes]) -> None:
    assert b"".join(read(io.BytesIO(pack(TEXT) + pack(b"") + b"\0" * 512 + pack(TEXT)))) == TEXT + TEXT


@archived
def test_a_truncated_archive_yields_what_it_has_and_says_so(pack: Callable[[bytes], bytes]) -> None:
    whole = pack(TEXT)
    got = b""
    with pytest.raises(BrokenArchive, match="ends too early"):
        for piece in read(io.BytesIO(whole[: len(whole) * 3 // 4])):
            got += piece
    assert TEXT.startswith(got)
    assert len(got) > 0 or pack is PACKERS["xz"]  # xz's first block may be the whole file


@archived
def test_a_damaged_archive_is_an_error_not_a_crash(pack: Callable[[bytes], bytes]) -> None:
    whole = bytearray(pack(TEXT))
    middle = len(whole) // 2
    whole[middle : middle + 64] = b"\xff" * 64
    with pytest.raises(BrokenArchive):
        list(read(io.BytesIO(bytes(whole))))


@archived
def test_a_bomb_is_read_in_small_pieces(pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(bytes(200 << 20))
    assert max(len(piece) for piece in read(io.BytesIO(bomb))) < 140 << 20
    assert sum(len(piece) for piece in read(io.BytesIO(bomb))) == 200 << 20
