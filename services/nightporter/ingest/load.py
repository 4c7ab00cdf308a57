"""One load: read the inputs, send their lines to the store block by block, count what was new, merge.

A load can be cut off at any moment and repeated: a block is stored once (its token is made of its content), an entry
once (its identity is its content), and the merge looks only at what is stored.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from clickhouse_connect.driver.client import Client

from nightporter.ingest import decompress, files, lines
from nightporter.ingest.block import Reading, send
from nightporter.ingest.progress import Progress, Silent, position
from nightporter.settings import Settings
from nightporter.settings import load as load_settings
from nightporter.store.merge import merge
from nightporter.store.query import sql

AGAIN = "load it again when it is whole, nothing counts twice"

IN_FLIGHT = 2  # requests under way while the next block is read
BLOCK = 8 << 20
"""Bytes of lines in a request; small files share one. The store needs 14 times as much to parse them, 0.2 s to plan."""


@dataclass(slots=True)
class IngestSummary:
    """What a load did. Counts are of entries; `stored` + `already_known` = `read`; `unparsed` is a part of `stored`."""

    read: int = 0
    stored: int = 0
    already_known: int = 0
    unparsed: int = 0
    problems: list[str] = field(default_factory=list)  # a sentence for each input that was not read, or not to its end
    notes: list[str] = field(default_factory=list)  # a sentence for each thing left out that is no reason to worry


def ingest(
    client: Client,
    paths: Sequence[str],
    year: int | None = None,
    zone: str | None = None,
    progress: Progress | None = None,
    block_size: int = BLOCK,
    settings: Settings | None = None,
) -> IngestSummary:
    """Load files, folders (recursively) and `-` (standard input); return what was new once the logins are merged.

    `year` and `zone` are for headers that name none; without `zone` the settings say it, also for single hosts. An
    input that cannot be read is listed in the summary and does not stop the others. Raises ClickHouseError, which
    `connect` turns into a sentence, when the store does not take the lines.
    """
    settings = settings or load_settings()
    reading = Reading.now(year, zone or settings.timezone, {} if zone else settings.host_timezones)
    summary = IngestSummary()
    progress = progress or Silent()
    deliver(client, reading, paths, summary, progress, block_size)
    if summary.read:
        progress.phase("Merging")
        merge(client)
        progress.phase("Counting")
        _count(client, reading, summary)
    return summary


def deliver(
    client: Client, reading: Reading, paths: Sequence[str], summary: IngestSummary, progress: Progress, block_size: int
) -> None:
    """Send all lines to the table `blocks`, the next block being read while the last ones are stored."""
    under_way: deque[tuple[int, Future[None]]] = deque()
    with ThreadPoolExecutor(IN_FLIGHT) as senders:
        try:
            for count, block in _blocks(paths, summary, progress, block_size):
                if len(under_way) == IN_FLIGHT:
                    _finish(under_way, summary, progress)
                under_way.append((count, senders.submit(send, client, reading, block)))
            while under_way:
                _finish(under_way, summary, progress)
        except BaseException:
            senders.shutdown(wait=False, cancel_futures=True)
            raise


def _finish(under_way: deque[tuple[int, Future[None]]], summary: IngestSummary, progress: Progress) -> None:
    count, request = under_way.popleft()
    request.result()
    summary.read += count
    progress.sent(count)


def _blocks(paths: Sequence[str], summary: IngestSummary, progress: Progress, size: int) -> Iterator[tuple[int, bytes]]:
    """Blocks of whole lines with their number of lines; the pieces of several inputs share a block."""
    gathered: list[bytes] = []
    length = 0
    for piece in _pieces(paths, summary, progress, size // 2):
        if length + len(piece) > size:
            yield _joined(gathered)
            gathered, length = [], 0
        gathered.append(piece)
        length += len(piece)
    if gathered:
        yield _joined(gathered)


def _joined(pieces: list[bytes]) -> tuple[int, bytes]:
    block = b"".join(pieces)
    return block.count(b"\n"), block


def _pieces(paths: Sequence[str], summary: IngestSummary, progress: Progress, size: int) -> Iterator[bytes]:
    found = list(files.find(paths))
    progress.begin(sum(f.size for f in found if isinstance(f, files.LogFile)))
    before = 0
    for file in found:
        if isinstance(file, files.Unreadable):
            summary.problems.append(f"{file.name} was not read: {file.reason}; correct the path, or its rights.")
            continue
        try:
            yield from _pieces_of(file, summary, progress, before, size)
        except lines.NotText:
            refusal = f"{file.name} was not read: it is not a text log; name logs, or .gz, .xz, .zst of them."
            (summary.problems if file.named else summary.notes).append(refusal)
        except decompress.BrokenArchive as broken:
            summary.problems.append(f"{file.name} was read only in part: {broken}; {AGAIN}.")
        except OSError as error:
            summary.problems.append(f"{file.name} was not read to its end: {error.strerror}; {AGAIN}.")
        before += file.size


def _pieces_of(
    file: files.LogFile, summary: IngestSummary, progress: Progress, before: int, size: int
) -> Iterator[bytes]:
    skipped: list[int] = []
    with file.open() as opened:
        for piece in lines.pieces(decompress.read(opened), skipped.append, size):
            yield piece
            progress.read(before + position(opened.fileno()))
    if skipped:
        summary.notes.append(f"{file.name}: {sum(skipped):,} bytes of binary data were left out.")


def _count(client: Client, reading: Reading, summary: IngestSummary) -> None:
    """Ask the store which entries this load was the first to bring."""
    parameters = {"received": reading.milliseconds}
    summary.stored, summary.unparsed = client.query(sql("queries/load_counts.sql"), parameters=parameters).result_rows[
        0
    ]
    summary.already_known = summary.read - summary.stored
