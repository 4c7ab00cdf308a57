"""Each service is killed while a server delivers: nothing is lost, nothing is doubled.

As a command, `python tests/compose/test_kills.py SECONDS` keeps each service away for so long, under 2,000 lines/s.
"""

import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import docker_engine
import pytest
from appliance import Appliance

pytestmark = pytest.mark.heavy

SERVICES = ("receiver", "clickhouse", "caddy", "merge", "valkey", "worker")
HOST = "load01"
PATIENCE = 180.0


class Load(threading.Thread):
    """A collector: a batch each second, sent again until it is answered with 200."""

    def __init__(self, appliance: Appliance, lines_a_second: int) -> None:
        super().__init__(daemon=True)
        self._appliance, self._size = appliance, lines_a_second
        self._end = threading.Event()
        self.sent = self.refused = 0

    def run(self) -> None:
        """Until `finish`."""
        first = datetime.now(UTC) - timedelta(hours=12)
        while not self._end.is_set():
            began, batch = time.monotonic(), b""
            for number in range(self.sent, self.sent + self._size):
                at = (first + timedelta(milliseconds=number)).isoformat(timespec="microseconds")
                said = f"Failed password for invalid user n{number} from 192.0.2.1 port {1024 + number % 60000} ssh2"
                batch += f"{at} {HOST} sshd[{1 + number}]: {said}\n".encode()
            while not self._taken(batch):
                self.refused += 1
                time.sleep(0.5)
            self.sent += self._size
            time.sleep(max(0.0, 1 - (time.monotonic() - began)))

    def _taken(self, batch: bytes) -> bool:
        try:
            return self._appliance.send(HOST, batch)[0] == 200
        except (OSError, ValueError):
            return False

    def finish(self) -> int:
        """Stop after the batch in hand; the number of lines that were acknowledged."""
        self._end.set()
        self.join()
        return self.sent


def kill_each(appliance: Appliance, away: float, lines_a_second: int) -> None:
    """Kill the services in turn, start each again after `away` seconds, compare what is stored with what was sent."""
    appliance.enroll(HOST)
    load = Load(appliance, lines_a_second)
    load.start()
    for service in SERVICES:
        appliance.docker("kill", "--signal", "KILL", service)
        time.sleep(away)
        appliance.docker("up", "--detach", "--wait", "--wait-timeout", "180", service)
        print(
            f"{service} was away for {away:.0f} s: {load.sent} lines taken, {load.refused} batches refused", flush=True
        )
    sent = load.finish()
    asked = (
        f"SELECT (SELECT count() FROM entries FINAL WHERE host = '{HOST}'), "
        f"(SELECT count() FROM login_events FINAL WHERE host = '{HOST}'), "
        f"(SELECT uniqExact(user) FROM login_events FINAL WHERE host = '{HOST}') FORMAT TSV"
    )
    deadline = time.monotonic() + PATIENCE
    while (found := appliance.ask("worker", asked)[1].split()) != [str(sent)] * 3:
        assert time.monotonic() < deadline, (sent, found)
        time.sleep(1)


def test_nothing_is_lost_or_doubled_when_services_are_killed(appliance: Appliance) -> None:
    kill_each(appliance, 2, 200)


if __name__ == "__main__":
    with docker_engine.running() as engine, tempfile.TemporaryDirectory() as folder:
        made = Appliance(engine, Path(folder))
        made.script("install.sh")
        kill_each(made, float(sys.argv[1]), 2000)
        made.script("uninstall.sh", "--data")
