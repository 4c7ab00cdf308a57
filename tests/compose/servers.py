"""Servers that log at a constant rate, come what may: a simulated farm's lines, written into files as time goes by.

Each server has its collector, the one that Ansible installs. What the appliance does not take waits in the file.
"""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from appliance import Appliance
from command import nightporter
from docker_engine import ROOT

COLLECTOR = ROOT / "services" / "nightporter" / "collector" / "collector.py"
HOSTS = 20
PATIENCE = 600.0
LINES_A_DAY = 58_000  # of so many simulated servers, at the least


class Servers(threading.Thread):
    """Twenty servers that log `rate` lines a second together for `seconds`, as of the days before `until`."""

    def __init__(
        self, appliance: Appliance, farm: Path, rate: int, seconds: float, until: date, seed: int = 11
    ) -> None:
        super().__init__(daemon=True)
        self._appliance, self._farm, self._rate, self._seconds = appliance, farm, rate, seconds
        days = int(rate * seconds / LINES_A_DAY) + 1
        self.until, self.since = until, until - timedelta(days=days)
        size = f"--hosts {HOSTS} --users 60 --days {days} --start {self.since} --seed {seed}".split()
        done = nightporter("simulate", str(farm), *size)
        assert done.code == 0, done.err
        self.hosts = sorted(log.stem for log in (farm / "logs").glob("*.log"))
        self._collectors: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Servers":
        self._appliance.enroll(*self.hosts)
        for host in self.hosts:
            self._collectors.append(self._collector(host))
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        for collector in self._collectors:
            collector.terminate()
        for collector in self._collectors:
            collector.wait()

    def _collector(self, host: str) -> "subprocess.Popen[bytes]":
        keys, own = self._appliance.compose / "farm", self._farm / host
        own.mkdir()
        (own / "auth.log").touch()
        said = {
            "url": "https://localhost:8514",
            "host": host,
            "ca": str(keys / "ca.pem"),
            "cert": str(keys / "hosts" / f"{host}.pem"),
            "key": str(keys / "hosts" / f"{host}.key"),
            "state": str(own / "state"),
            "source": "files",
            "files": [str(own / "auth.log")],
            "history_days": 3650,
            "zone": "UTC",
        }
        (own / "collector.json").write_text(json.dumps(said))
        with (own / "said").open("wb") as journal:
            inside = ["nsenter", f"--net=/run/netns/{self._appliance.engine.namespace}"]
            return subprocess.Popen([*inside, sys.executable, COLLECTOR, own / "collector.json"], stderr=journal)

    def run(self) -> None:
        """Log line after line, by the clock alone, until all have been logged."""
        logs = [(self._farm / "logs" / f"{host}.log").read_bytes() for host in self.hosts]
        ends = [np.r_[0, np.flatnonzero(np.frombuffer(log, np.uint8) == ord("\n")) + 1] for log in logs]
        total = sum(len(end) - 1 for end in ends)
        began, before = time.monotonic(), 0
        while before < total:
            time.sleep(0.1)
            due = min(int((time.monotonic() - began) * self._rate), total)
            for host, log, end in zip(self.hosts, logs, ends, strict=True):
                first, last = (end[(len(end) - 1) * count // total] for count in (before, due))
                with (self._farm / host / "auth.log").open("ab") as file:
                    file.write(log[first:last])
            self.written = before = due

    def delivered(self) -> int:
        """Bytes that the appliance has acknowledged; what lies in a spool has not been."""
        found = 0
        for host in self.hosts:
            state = self._farm / host / "state"
            if (state / "state.json").exists():
                position = json.loads((state / "state.json").read_text())["positions"]
                spooled = any((state / "spool").iterdir())
                found += 0 if spooled else sum(one["offset"] for one in position.values())
        return found

    def logged(self) -> int:
        """Bytes of all logs so far."""
        return sum((self._farm / host / "auth.log").stat().st_size for host in self.hosts)

    def said(self) -> str:
        """What the collectors said last."""
        return "\n".join((self._farm / host / "said").read_text()[-500:] for host in self.hosts)

    def lines(self) -> int:
        """How many lines there are in all logs; a line that is there twice counts once."""
        return sum(len(set((self._farm / host / "auth.log").read_bytes().splitlines())) for host in self.hosts)

    def compare(self) -> int:
        """Assert that the appliance has each line once, and the logins that truly happened; how many."""
        after = self.until + timedelta(days=1)
        window = f"host IN {(*self.hosts,)} AND time >= '{self.since}' AND time < '{after}'"
        stored = self._appliance.ask("worker", f"SELECT count() FROM entries FINAL WHERE {window} FORMAT TSV")[1]
        assert stored.strip() == str(self.lines())
        hosts = [word for host in self.hosts for word in ("--host", host)]
        span = ("--since", str(self.since), "--until", str(after))
        found = events(self._appliance.inside("worker", "nightporter", "events", *span, *hosts))
        truth = events((self._farm / "events.jsonl").read_text())
        assert found == truth, (truth - found, found - truth)
        return sum(found.values())


def events(text: str) -> Counter[str]:
    """Events without what only one side knows: the id, the attack they belong to."""
    rows = map(json.loads, text.splitlines())
    return Counter(
        json.dumps({name: value for name, value in row.items() if name not in ("event_id", "attack")}, sort_keys=True)
        for row in rows
    )


def until(reached: Callable[[], bool], tell: Callable[[], object], patience: float = PATIENCE) -> None:
    """Wait for it, with patience: the machine may be busy."""
    deadline = time.monotonic() + patience
    while not reached():
        assert time.monotonic() < deadline, tell()
        time.sleep(1)
