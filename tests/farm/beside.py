"""The appliance beside the test servers, and Ansible between the two."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clickhouse_connect.driver.client import Client
from nightporter.settings import Settings, load
from nightporter.store import embedded
from nightporter.store.client import open_client
from nightporter.store.events import Selection, stream
from nightporter.store.merge import merge
from nightporter.store.migrate import migrate

from .machines import GATEWAY, Machine

ROOT = Path(__file__).parents[2]
PORT = 18514


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
            # ssh keeps connections open for the next task: not those of an earlier run to servers of the same address
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "ssh"),
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
        """Start the receiver; it ends with this process, however that ends."""
        with (self.folder / "receiver.log").open("ab") as output:
            command = ["setpriv", "--pdeathsig", "KILL", sys.executable, "-m", "nightporter.receiver.server"]
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


def until(true: Callable[[], object], seconds: float = 300, tell: Callable[[], object] = lambda: "") -> None:
    """Wait; long enough for a machine that is busy with other things. `tell`: what to show when it was not enough."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, tell()
        time.sleep(0.3)
