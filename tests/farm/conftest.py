"""Three real servers, an appliance beside them, and Ansible between the two."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from machines import GATEWAY, Machine, Machines, cannot
from nightporter.settings import Settings, load
from nightporter.store import embedded
from nightporter.store.client import open_client
from nightporter.store.events import Selection, stream
from nightporter.store.merge import merge
from nightporter.store.migrate import migrate

ROOT = Path(__file__).parents[2]
PORT = 18514
SUITES = ("bookworm", "bookworm", "trixie")


class Appliance:
    """Store and receiver, and what is asked of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "NIGHTPORTER_HOME": str(folder / "home"),
            "NIGHTPORTER_CLICKHOUSE_URL": "",
            "NIGHTPORTER_RECEIVER_ADDRESS": GATEWAY,
            "NIGHTPORTER_RECEIVER_PORT": str(PORT),
            "NIGHTPORTER_RECEIVER_NAMES": f"{GATEWAY},appliance",
            "ANSIBLE_HOST_KEY_CHECKING": "False",
            "ANSIBLE_SSH_ARGS": "-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ControlMaster=auto "
            "-o ControlPersist=60",
        }
        self.settings: Settings = load(self.environment)
        self.client: Client = open_client(self.settings)
        migrate(self.client, self.settings)
        self.receiver: subprocess.Popen[bytes] | None = None

    def enlist(self, machines: list[Machine]) -> None:
        """Write an inventory of them; the second keeps its logs in files."""
        common = {
            "ansible_user": "deploy",
            "ansible_ssh_private_key_file": str(machines[0].key),
            "collector_url": f"https://{GATEWAY}:{PORT}",
            "collector_nightporter": str(Path(sys.executable).with_name("nightporter")),
        }
        hosts: dict[str, dict[str, str]] = {machine.name: {"ansible_host": machine.address} for machine in machines}
        hosts[machines[1].name]["collector_source"] = "files"
        (self.folder / "inventory.json").write_text(json.dumps({"collectors": {"hosts": hosts, "vars": common}}))

    def receive(self) -> None:
        """Start the receiver."""
        with (self.folder / "receiver.log").open("ab") as output:
            command = [sys.executable, "-m", "nightporter.receiver.server"]
            self.receiver = subprocess.Popen(command, env=self.environment, stderr=output)

    def kill(self) -> None:
        """kill -9 the receiver."""
        if self.receiver:
            self.receiver.kill()
            self.receiver.wait()
            self.receiver = None

    def close(self) -> None:
        """End everything."""
        self.kill()
        self.client.close()
        running = embedded.state(self.settings)
        embedded.close_store(self.settings)
        if running:
            os.kill(running["pid"], 15)

    def events(self, since: float) -> list[dict[str, Any]]:
        """What `nightporter events` prints."""
        from datetime import UTC, datetime

        merge(self.client)
        text = b"".join(stream(self.client, Selection(since=datetime.fromtimestamp(since, UTC)), "jsonl"))
        return [json.loads(row) for row in text.splitlines()]

    def entries(self, machine: Machine) -> set[tuple[int, int, str]]:
        """Time in microseconds, pid and message of all entries of a server."""
        query = "SELECT toUnixTimestamp64Micro(time), pid, message FROM entries FINAL WHERE host = {host:String}"
        return set(self.client.query(query, parameters={"host": machine.name}).result_rows)

    def playbook(self, name: str, *options: str, inventory: str = "inventory.json") -> tuple[int, str]:
        """Run one of our playbooks on the servers; exit code and output."""
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(self.folder / inventory), name]
        done = subprocess.run(
            [*command, *options],
            cwd=ROOT / "ansible",
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=900,
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="session")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Machine]]:
    """Three servers: two bookworm, one trixie; the second keeps its logs in files."""
    reason = cannot()
    if reason:
        pytest.skip(reason)
    with Machines(tmp_path_factory.mktemp("machines"), SUITES) as up:
        yield up


@pytest.fixture(scope="session")
def appliance(machines: list[Machine], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    """An appliance that listens where the servers can reach it, and an inventory of them."""
    made = Appliance(tmp_path_factory.mktemp("appliance"))
    made.enlist(machines)
    made.receive()
    yield made
    made.close()


@pytest.fixture(scope="session")
def installed(appliance: Appliance, machines: list[Machine]) -> None:
    """The collector runs everywhere, as it does after test_install."""
    if "nightporter-collector" not in machines[-1].do("ls", "/etc"):
        code, text = appliance.playbook("collector.yml", "-e", "rollout=100%")
        assert code == 0, text


def until(true: Callable[[], object], seconds: float = 300, tell: Callable[[], object] = lambda: "") -> None:
    """Wait; long enough for a machine that is busy with other things. `tell`: what to show when it was not enough."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, tell()
        time.sleep(0.3)
