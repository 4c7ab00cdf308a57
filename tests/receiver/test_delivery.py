"""Collector and receiver together: nothing is lost and nothing counts twice, whoever is killed, and when."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client
from nightporter.collector.collector import Line
from sending import Farm

HURRIED = (
    "from nightporter.collector import collector as c; import sys; "
    "c.SPOOL_AFTER, c.LONGEST_BACKOFF, c.SETTLE, c.GATHER = 1.0, 1.0, 0.2, 0.5; sys.exit(c.main(sys.argv[1:]))"
)
"""The collector as it is, except that it waits for seconds where it otherwise waits for minutes."""


class Host:
    """A server with a log and a collector."""

    def __init__(self, farm: Farm, folder: Path, **config: object) -> None:
        farm.authority.host("web1")
        self.log = folder / "auth.log"
        self.lines = 0
        self.state = folder / "state"
        secrets = farm.authority.folder
        self.config = folder / "collector.json"
        self.config.write_text(
            json.dumps(
                {
                    "url": f"https://127.0.0.1:{farm.port}",
                    "host": "web1",
                    "ca": str(secrets / "ca.pem"),
                    "cert": str(secrets / "hosts" / "web1.pem"),
                    "key": str(secrets / "hosts" / "web1.key"),
                    "state": str(self.state),
                    "files": [str(self.log)],
                    "source": "files",
                    **config,
                }
            )
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the collector."""
        self.process = subprocess.Popen([sys.executable, "-c", HURRIED, str(self.config)])

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it."""
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait()

    def write(self, count: int) -> None:
        """Log so many lines, each another."""
        with self.log.open("a") as file:
            for number in range(self.lines + 1, self.lines + count + 1):
                file.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S+00:00', time.gmtime())} x sshd[7]: line {number}\n")
        self.lines += count

    def position(self) -> int:
        """Bytes of the log that were delivered."""
        try:
            return int(json.loads((self.state / "state.json").read_text())["positions"][str(self.log)]["offset"])
        except (OSError, KeyError):
            return -1


@pytest.fixture
def host(farm: Farm, tmp_path: Path) -> Iterator[Host]:
    """A host that reports to the test's receiver."""
    made = Host(farm, tmp_path)
    yield made
    if made.process and made.process.poll() is None:
        made.stop()


def until(true: Callable[[], bool], seconds: float = 300) -> None:
    """Wait."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def stored(client: Client) -> int:
    """Distinct lines in the store."""
    return int(str(client.command("SELECT count() FROM entries FINAL WHERE message LIKE 'line %'")))


def test_kills_of_either_side_lose_and_double_nothing(client: Client, farm: Farm, host: Host) -> None:
    host.write(1)
    host.start()
    until(lambda: stored(client) == 1)
    for round_ in range(4):
        host.write(3000)
        time.sleep(0.3 * round_)
        if round_ % 2:
            farm.stop(signal.SIGKILL)
        else:
            host.stop(signal.SIGKILL)
        host.write(2000)
        if round_ % 2:
            farm.start()
        else:
            host.start()
    until(lambda: host.position() == host.log.stat().st_size and not list((host.state / "spool").iterdir()))
    assert stored(client) == host.lines == 20_001


def test_an_outage_longer_than_the_log_lives_is_bridged_by_the_spool(client: Client, farm: Farm, host: Host) -> None:
    farm.stop(signal.SIGKILL)
    host.start()
    for _ in range(3):
        host.write(500)
        until(lambda: host.position() == host.log.stat().st_size)  # what is spooled counts as read
        host.log.unlink()  # rotated away, and gone
    host.stop(signal.SIGKILL)
    assert list((host.state / "spool").iterdir())
    farm.start()
    host.start()
    until(lambda: stored(client) == host.lines == 1500)
    until(lambda: not list((host.state / "spool").iterdir()))


def test_a_spool_that_is_full_leaves_the_lines_in_the_log(client: Client, farm: Farm, tmp_path: Path) -> None:
    farm.stop()
    host = Host(farm, tmp_path, spool_mb=0)
    host.write(5000)
    host.start()
    time.sleep(3)
    assert host.position() == -1
    farm.start()
    until(lambda: stored(client) == 5000)
    host.stop()


def test_a_collector_knows_from_which_address_it_speaks(farm: Farm, tmp_path: Path) -> None:
    host = Host(farm, tmp_path)
    line = Line(json.loads(host.config.read_text()))
    assert line.address() == ""
    line.post("/v1/heartbeat", json.dumps({"at": time.time()}).encode(), {})
    assert line.address() == "127.0.0.1"
    line.close()
    assert line.address() == ""


def test_a_collector_without_the_right_certificate_says_so(farm: Farm, tmp_path: Path) -> None:
    farm.authority.host("db1")
    host = Host(farm, tmp_path, cert=str(farm.authority.folder / "hosts" / "db1.pem"))
    told = json.loads(host.config.read_text())
    told["key"] = str(farm.authority.folder / "hosts" / "db1.key")
    host.config.write_text(json.dumps(told))
    done = subprocess.run([sys.executable, "-c", HURRIED, str(host.config), "--check"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "the certificate is for db1" in done.stdout
