"""Real logins on real servers arrive as the events that they were, within seconds."""

import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from .beside import Appliance, until
from .machines import GATEWAY, Machine

SHOWN = ("service", "user", "target_user", "outcome", "method", "invalid_user", "failures")
DONE = [
    ("sshd", "alice", "", "success", "publickey", False, 0),
    ("sshd", "alice", "", "success", "password", False, 0),
    ("sshd", "alice", "", "failure", "password", False, 1),
    ("sshd", "mallory", "", "failure", "password", True, 1),
    ("sshd", "bob", "", "failure", "password", False, 1),  # the right password of an account that has expired
    ("sshd", "", "", "no_auth", "", False, 0),  # a port scan
    ("sshd", "alice", "", "success", "publickey", False, 0),  # the one that runs sudo
    ("sudo", "alice", "root", "success", "", False, 0),
    ("sshd", "deploy", "", "success", "publickey", False, 0),  # the one that runs su
    ("su", "deploy", "alice", "failure", "", False, 1),
]


def do(machine: Machine) -> None:
    """What DONE says."""
    assert machine.ssh("alice", "true") == 0
    assert machine.ssh("alice", "true", "correct-horse") == 0
    assert machine.ssh("alice", "true", "wrong") != 0
    assert machine.ssh("mallory", "true", "guess") != 0
    assert machine.ssh("bob", "true", "battery") != 0
    socket.create_connection((machine.address, 22)).close()
    assert machine.ssh("alice", "echo correct-horse | sudo -S id") == 0
    assert machine.ssh("deploy", "echo wrong | su alice -c id") != 0


def shown(event: dict[str, Any]) -> tuple[Any, ...]:
    """The fields that were decided by what was done."""
    return tuple(event[name] for name in SHOWN)


@pytest.mark.usefixtures("installed")
def test_logins_become_the_events_they_were(appliance: Appliance, machines: list[Machine]) -> None:
    since = time.time()
    with ThreadPoolExecutor() as people:
        list(people.map(do, machines))

    def seen(machine: Machine) -> list[tuple[Any, ...]]:
        events = [event for event in appliance.events(since) if event["host"] == machine.name]
        assert {event["source_ip"] for event in events if event["service"] == "sshd"} <= {GATEWAY}
        return sorted(shown(event) for event in events if event["service"] in ("sshd", "sudo", "su"))

    for machine in machines:
        until(lambda m=machine: seen(m) == sorted(DONE), tell=lambda m=machine: (m.name, seen(m)))


@pytest.mark.usefixtures("installed")
def test_a_long_session_is_one_event_from_its_login_to_its_end(appliance: Appliance, machines: list[Machine]) -> None:
    since = time.time()
    stay = "while [ ! -e /tmp/enough ]; do sleep 0.2; done"
    threads = [threading.Thread(target=machine.ssh, args=("alice", stay, "", 900)) for machine in machines]
    for thread in threads:
        thread.start()

    def sessions() -> list[dict[str, Any]]:
        return [event for event in appliance.events(since) if event["user"] == "alice"]

    until(
        lambda: len(sessions()) == len(machines) and all(event["session_opened"] for event in sessions()), tell=sessions
    )
    assert all(event["session_closed"] is None for event in sessions())
    for machine in machines:
        machine.do("touch", "/tmp/enough")
    for thread in threads:
        thread.join()
    until(lambda: all(event["session_closed"] for event in sessions()), tell=sessions)
    assert len(sessions()) == len(machines)


@pytest.mark.heavy
@pytest.mark.usefixtures("installed")
def test_a_login_is_an_event_within_seconds(appliance: Appliance, machines: list[Machine]) -> None:
    """No bound is asserted but the patience of `until`; the delays are printed (pytest -s)."""
    delays = []
    for turn in range(20):
        machine = machines[turn % len(machines)]
        since = time.time()
        assert machine.ssh("alice", "true") == 0
        until(lambda s=since: [event for event in appliance.events(s) if event["user"] == "alice"])
        delays.append(time.time() - since)
    delays.sort()
    print(f"seconds from the start of a login to its event: p50 {delays[9]:.1f}, p95 {delays[18]:.1f}, of 20")


@pytest.mark.usefixtures("installed")
def test_the_appliance_knows_how_each_server_reports(appliance: Appliance, machines: list[Machine]) -> None:
    until(lambda: appliance.playbook("verify.yml")[0] == 0)
    command = ["nightporter", "hosts", "list"]
    told = subprocess.run(command, env=appliance.environment, capture_output=True, text=True).stdout
    assert told.count(" reports") >= len(machines)
