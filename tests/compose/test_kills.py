"""Each service is killed, paused and restarted while a server delivers: nothing is lost, nothing is doubled.

Here the server waits while it is refused; test_away.py has longer absences, and servers that do not wait.
"""

import json
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from appliance import Appliance

pytestmark = pytest.mark.heavy

SERVICES = ("receiver", "clickhouse", "caddy", "merge", "valkey", "worker", "beat", "console", "backup")
HARMS = {"kill": ("kill", "start"), "pause": ("pause", "unpause"), "restart": ("restart",)}
"""Harm → what is asked of the engine; the first is followed by a while of absence."""
HOST = "load01"
RATE = 200  # lines a second
AWAY = 2.0  # seconds
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


def test_nothing_is_lost_or_doubled_when_services_are_harmed(appliance: Appliance) -> None:
    appliance.enroll(HOST)
    load = Load(appliance, RATE)
    load.start()
    for harm in HARMS:
        for service in SERVICES:
            refused = load.refused
            container = appliance.containers()[service]
            for order in HARMS[harm]:
                appliance.engine.run("docker", order, container)
                if order in ("kill", "pause"):
                    time.sleep(AWAY)
            back, taken = time.monotonic(), load.sent
            while load.sent < taken + 2 * RATE:
                assert time.monotonic() < back + PATIENCE, f"nothing is taken any more after {harm} {service}"
                time.sleep(0.5)
            print(f"{harm} {service}: {load.refused - refused} batches refused meanwhile", flush=True)
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
    print(f"{sent} lines sent, stored and merged, each once", flush=True)
    while not all(state.endswith(" running healthy") for state in appliance.states()):
        assert time.monotonic() < deadline + PATIENCE, appliance.states()
        time.sleep(1)
    for service in ("receiver", "caddy", "clickhouse", "merge", "console"):
        [found_state] = json.loads(appliance.engine.run("docker", "inspect", appliance.containers()[service]))
        assert found_state["RestartCount"] == 0, f"{service} ended by itself"
