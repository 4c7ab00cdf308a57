"""A simulated thousand: one process speaks for 1,000 collectors against a real receiver and store.

    python tests/benchmarks/receiver.py [--hosts 1000] [--lines 1000 10000] [--seconds 30]

Each host has a certificate and a connection of its own and sends a batch every four seconds, as collectors do. Printed
per rate: latency of the acknowledged answers (an answer comes when the lines are stored), answers that asked to come
back, how long after its line was written a login can be queried, CPU of each part as a share of one core, and whether
every line is in the store, once.
"""

import argparse
import asyncio
import gzip
import json
import os
import random
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from clickhouse_connect.driver.client import Client
from nightporter.receiver.authority import Authority
from nightporter.settings import load
from nightporter.store import embedded
from nightporter.store.client import open_client
from nightporter.store.merge import merge
from nightporter.store.migrate import migrate

PERIOD = 4.0  # seconds between a host's batches
PROBE = "probe"  # the host whose logins are looked for


def cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Host:
    """What a collector does on the wire."""

    def __init__(self, name: str, authority: Authority, port: int) -> None:
        authority.host(name)
        self.name, self.port, self.number = name, port, 0
        self.tls = ssl.create_default_context(cafile=str(authority.certificate))
        folder = authority.folder / "hosts"
        self.tls.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
        self.answers: list[tuple[float, int]] = []

    async def connect(self) -> None:
        """Open the connection."""
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", self.port, ssl=self.tls, server_hostname="localhost"
        )

    async def send(self, lines: int) -> None:
        """A batch of so many lines; repeated until it is stored."""
        now = datetime.now(UTC).isoformat()
        rows = []
        for _ in range(lines):
            self.number += 1
            what = f"Accepted publickey for user{self.number % 50} from 10.1.2.3 port {1024 + self.number % 60000} ssh2"
            rows.append(f"{now} {self.name} sshd[{self.number}]: {what}\n")
        body = gzip.compress("".join(rows).encode(), 4)
        head = f"POST /v1/lines HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
        status = 0
        while status != 200:
            began = time.monotonic()
            self.writer.write(head.encode() + body)
            answer = await self.reader.readuntil(b"\r\n\r\n")
            status = int(answer.split(b" ", 2)[1])
            length = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await self.reader.readexactly(length)
            self.answers.append((time.monotonic() - began, status))
            if status != 200:
                await asyncio.sleep(random.uniform(5, 10))

    async def live(self, rate: float, until: float) -> None:
        """Send `rate` lines a second on average, in a batch each period."""
        paid = time.monotonic()
        await asyncio.sleep(random.uniform(0, PERIOD))
        owed = 0.0
        while (now := time.monotonic()) < until:
            owed, paid = owed + rate * (now - paid), now  # a server logs on while it waits for an answer
            if owed >= 1:
                await self.send(int(owed))
                owed -= int(owed)
            await asyncio.sleep(PERIOD)


def look(client: Client, known: int, until: float) -> list[float]:
    """Merge and query as `nightporter events` does; how long after its line each new login of the probe was there."""
    delays: list[float] = []
    while time.monotonic() < until:
        merge(client)
        query = "SELECT toFloat64(start) FROM login_events FINAL WHERE host = {host:String} ORDER BY start"
        seen = client.query(query, parameters={"host": PROBE}).result_rows
        delays += [time.time() - start for (start,) in seen[known + len(delays) :]]
        time.sleep(0.5)
    return delays


async def measure(
    hosts: list[Host], rate: int, seconds: float, pids: dict[str, int], client: Client
) -> dict[str, object]:
    """One rate. A login of the probe comes about every PERIOD; the others fill the store meanwhile."""
    for host in hosts:
        host.answers.clear()
    before = {name: cpu(pid) for name, pid in pids.items()}
    began = time.monotonic()
    known = int(str(client.command(f"SELECT count() FROM login_events FINAL WHERE host = '{PROBE}'")))
    looking = asyncio.create_task(asyncio.to_thread(look, client, known, began + seconds + 30))
    rates = [1 / PERIOD if host.name == PROBE else rate / len(hosts) for host in hosts]
    await asyncio.gather(*(host.live(own, began + seconds) for host, own in zip(hosts, rates, strict=True)))
    took = time.monotonic() - began
    used = {name: cpu(pid) - before[name] for name, pid in pids.items()}
    delays = sorted(await looking)
    waits = sorted(wait for host in hosts for wait, status in host.answers if status == 200)
    return {
        "lines a second": rate,
        "answers": len(waits),
        "asked to come back": sum(status != 200 for host in hosts for _, status in host.answers),
        "p50 s": round(waits[len(waits) // 2], 2),
        "p99 s": round(waits[len(waits) * 99 // 100], 2),
        f"s to the login, p95 of {len(delays)}": round(delays[len(delays) * 95 // 100], 1) if delays else None,
        **{f"{name}, % of a core": round(100 * seconds / took, 1) for name, seconds in used.items()},
    }


async def main() -> None:
    """Set up, measure each rate, compare counts."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--hosts", type=int, default=1000)
    options.add_argument("--lines", type=int, nargs="+", default=[1000, 10_000])
    options.add_argument("--seconds", type=float, default=30)
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="receiver-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "NIGHTPORTER_HOME": str(folder), "NIGHTPORTER_RECEIVER_PORT": str(port)}
    environment["NIGHTPORTER_CLICKHOUSE_URL"] = ""
    settings = load(environment)
    client = open_client(settings)
    migrate(client, settings)
    authority = Authority(folder / "secrets" / "farm")
    hosts = [Host(f"host{number}", authority, port) for number in range(chosen.hosts)] + [Host(PROBE, authority, port)]
    receiver = subprocess.Popen([sys.executable, "-m", "nightporter.receiver.server"], env=environment)
    store = embedded.state(settings)
    assert store is not None
    try:
        while True:
            try:
                await hosts[0].connect()
                break
            except OSError:
                await asyncio.sleep(0.2)
        began = time.monotonic()
        for start in range(1, len(hosts), 50):
            await asyncio.gather(*(host.connect() for host in hosts[start : start + 50]))
        print(f"{len(hosts)} connections in {time.monotonic() - began:.1f} s")
        pids = {"receiver": receiver.pid, "store": store["pid"], "the thousand": os.getpid()}
        for rate in chosen.lines:
            print(json.dumps(await measure(hosts, rate, chosen.seconds, pids, client)))
        sent = sum(host.number for host in hosts)
        stored = client.command(f"SELECT count() FROM entries FINAL WHERE host LIKE 'host%' OR host = '{PROBE}'")
        memory = Path(f"/proc/{receiver.pid}/status").read_text().split("VmHWM:")[1].split("kB")[0].strip()
        print(f"sent {sent:,}, stored {stored:,}; the receiver's memory was at most {int(memory) / 1024:.0f} MB")
    finally:
        receiver.terminate()
        receiver.wait()
        client.close()
        embedded.close_store(settings)
        os.kill(store["pid"], signal.SIGTERM)


if __name__ == "__main__":
    asyncio.run(main())
