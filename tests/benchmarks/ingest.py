"""How fast lines become merged logins, and what they cost on disk and in memory.

    python tests/benchmarks/ingest.py            0.5, 2 and 8 million lines (half an hour on two cores)
    python tests/benchmarks/ingest.py 500000     one size

On the same lines of a simulated farm: (a) only storing them verbatim, by the same code; (b) the full pipeline until
login_events is up to date; (c) fail2ban-regex with its sshd filter; (d) a plain script of regular expressions and
dictionaries.
Not a test: nothing fails on a slow machine. The bars are printed beside the figures.
"""

import argparse
import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from clickhouse_connect.driver.client import Client
from nightporter.ingest.block import Reading
from nightporter.ingest.load import BLOCK, IngestSummary, deliver, ingest
from nightporter.ingest.progress import Silent
from nightporter.settings import Settings, load
from nightporter.store import embedded
from nightporter.store.client import connect, open_client
from nightporter.store.query import sql
from plain import merge as plain_merge
from rich.console import Console
from rich.table import Table

SIZES = (500_000, 2_000_000, 8_000_000)
HOSTS, USERS, SEED = 80, 240, 7
LINES_A_DAY = 250_000  # of this farm, roughly; days are chosen by it
SAMPLE = 20_000  # lines for (c), which is slow
PLAIN_SAMPLE = 300_000  # lines for (d)
COMMAND = "from nightporter.cli import app; app()"

RAW_TABLES = """
CREATE TABLE raw_lines (received DateTime64(3, 'UTC'), line String CODEC(ZSTD(3))) ENGINE = MergeTree ORDER BY received;
CREATE TABLE blocks (received DateTime64(3, 'UTC'), year UInt16, zone String, zones Map(String, String), block String)
ENGINE = Null;
CREATE MATERIALIZED VIEW split TO raw_lines AS
SELECT received, arrayJoin(splitByChar('\\n', block)) AS line FROM blocks WHERE line != ''
"""


@dataclass
class Run:
    """One size; rates in lines per second, sizes in bytes, memory in MB."""

    lines: int
    raw: float
    full: float
    line_bytes: float
    event_bytes: float
    client_memory: int
    store_memory: int


def farm(folder: Path, lines: int) -> list[str]:
    """Simulate about `lines` lines; the same hosts and people for every size, only more days. Returns the log files."""
    shape = {"hosts": HOSTS, "users": USERS, "days": max(2, round(lines / LINES_A_DAY)), "seed": SEED}
    options = [text for name, value in shape.items() for text in (f"--{name}", str(value))]
    # in a process of its own: its memory is not the loader's
    subprocess.run([sys.executable, "-c", COMMAND, "simulate", str(folder), *options], check=True)
    return [str(log) for log in sorted((folder / "logs").iterdir())]


def timed(work: Callable[[], int]) -> float:
    """Lines per second of `work`, which returns the number of lines it did."""
    started = time.perf_counter()
    lines = work()
    return lines / (time.perf_counter() - started)


def raw_rate(settings: Settings, logs: list[str]) -> float:
    """(a): the same reading and sending, into a table that only keeps the line."""
    client = open_client(settings, "raw")
    for statement in RAW_TABLES.split(";"):
        client.command(statement)

    def work() -> int:
        summary = IngestSummary()
        deliver(client, Reading.now(None, "UTC", {}), logs, summary, Silent(), BLOCK)
        return summary.read

    rate = timed(work)
    client.command("DROP DATABASE raw SYNC")
    client.close()
    return rate


def peak_memory(pid: int) -> int:
    """The most memory a process has had, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def size(client: Client, *tables: str) -> int:
    """Bytes on disk of `tables` when merged in the background to the end."""
    for table in tables:
        client.command(f"OPTIMIZE TABLE {table} FINAL")
    return sum(
        row["bytes"] for row in client.query(sql("queries/store_sizes.sql")).named_results() if row["table"] in tables
    )


def run(lines: int, logs: list[str], folder: Path) -> Run:
    """(a) and (b) on fresh stores."""
    environment = {**os.environ, "NIGHTPORTER_EVENT_RETENTION_MONTHS": "0", "NIGHTPORTER_CLICKHOUSE_URL": ""}
    settings = dataclasses.replace(load(environment), home=folder / f"home-{lines}")
    with connect(settings) as client:
        raw = raw_rate(settings, logs)
        summary = IngestSummary()

        def work() -> int:
            nonlocal summary
            summary = ingest(client, logs, settings=settings)
            return summary.read

        full = timed(work)
        found = embedded.state(settings)
        assert found is not None
        client_memory, store_memory = peak_memory(os.getpid()), peak_memory(found["pid"])
        events = int(str(client.command("SELECT count() FROM login_events FINAL")))
        done = Run(
            lines=summary.read,
            raw=raw,
            full=full,
            line_bytes=size(client, "entries", "links") / summary.stored,
            event_bytes=size(client, "login_events") / events,
            client_memory=client_memory,
            store_memory=store_memory,
        )
    embedded.close_store(settings)
    os.kill(found["pid"], signal.SIGTERM)
    shutil.rmtree(settings.home, ignore_errors=True)
    return done


def sample(logs: list[str], lines: int, into: Path) -> Path:
    """The first lines of each log, as many as there are to be in all."""
    each = lines // len(logs) + 1
    with into.open("wb") as out:
        for log in logs:
            with Path(log).open("rb") as source:
                out.writelines(islice(source, each))
    return into


def fail2ban_rate(logs: list[str], folder: Path) -> float | None:
    """(c), without the time it takes to start; None where fail2ban is missing."""
    command = shutil.which("fail2ban-regex")
    if command is None:
        return None

    def seconds(log: Path) -> float:
        started = time.perf_counter()
        subprocess.run([command, str(log), "sshd"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        return time.perf_counter() - started

    many, few = sample(logs, SAMPLE, folder / "many.log"), sample(logs, len(logs), folder / "few.log")
    difference = sum(1 for _ in many.open("rb")) - sum(1 for _ in few.open("rb"))
    return difference / (seconds(many) - seconds(few))


def plain_rate(logs: list[str], folder: Path) -> float:
    """(d)."""
    log = sample(logs, PLAIN_SAMPLE, folder / "plain.log")

    def work() -> int:
        plain_merge(log)
        with log.open("rb") as lines:
            return sum(1 for _ in lines)

    return timed(work)


def show(runs: list[Run], fail2ban: float | None, plain: float) -> None:
    """Print everything beside the bars."""
    table = Table("", "bar", *(f"{run.lines:,} lines" for run in runs))

    def row(name: str, bar: str, value: Callable[[Run], str]) -> None:
        table.add_row(name, bar, *(value(run) for run in runs))

    row("(a) raw insert, lines/s", "", lambda r: f"{r.raw:,.0f}")
    row("(b) full pipeline, lines/s", "", lambda r: f"{r.full:,.0f}")
    row("(c) fail2ban-regex sshd, lines/s", "", lambda _: f"{fail2ban:,.0f}" if fail2ban else "not installed")
    row("(d) plain script, lines/s", "", lambda _: f"{plain:,.0f}")
    row("b / a", "≥ 0.35", lambda r: f"{r.full / r.raw:.2f}")
    row("b / c", "≥ 20", lambda r: f"{r.full / fail2ban:.1f}" if fail2ban else "")
    row("b / d", "", lambda r: f"{r.full / plain:.2f}")
    row("entries and links, bytes a line", "≤ 30", lambda r: f"{r.line_bytes:.1f}")
    row("login_events, bytes an event", "≤ 60", lambda r: f"{r.event_bytes:.1f}")
    row("peak memory of the loader, MB", "", lambda r: f"{r.client_memory}")
    row("peak memory of the store, MB", "both ≤ 600", lambda r: f"{r.store_memory}")
    row("cost of a line beside the smallest run", "≤ 1.2", lambda r: f"{runs[0].full / r.full:.2f}")
    Console(width=max(120, 50 + 20 * len(runs))).print(table)


def main() -> None:
    """Run all sizes and print one table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("lines", nargs="*", type=int, default=list(SIZES), help="numbers of lines, smallest first")
    sizes = parser.parse_args().lines
    runs = []
    with tempfile.TemporaryDirectory(prefix="nightporter-benchmark-") as place:
        folder = Path(place)
        for lines in sizes:
            logs = farm(folder / f"farm-{lines}", lines)
            runs.append(run(lines, logs, folder))
            print(runs[-1], file=sys.stderr)
        show(runs, fail2ban_rate(logs, folder), plain_rate(logs, folder))


if __name__ == "__main__":
    main()
