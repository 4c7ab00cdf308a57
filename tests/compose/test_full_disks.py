"""The disk of each service fills up under work: somebody says so, and with room again nothing is lost or doubled."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from appliance import Appliance
from command import nightporter
from docker_engine import STANDINS
from servers import Servers, until

pytestmark = pytest.mark.heavy

VOLUMES = {"store": "clickhouse", "broker": "valkey", "worker": "worker", "console": "console", "copies": "backup"}
"""Volume → the service that lives on it."""
Fill = Callable[[str, bool], None]


@pytest.fixture(scope="module")
def small(appliance: Appliance) -> Iterator[Appliance]:
    """An appliance of its own, on small disks, in the place of the usual one."""
    appliance.script("uninstall.sh", "--data")
    found = Appliance(appliance.engine, appliance.folder, STANDINS / "small.yaml")
    found.script("install.sh")
    yield found
    found.script("uninstall.sh", "--data")
    appliance.script("install.sh")


@pytest.fixture(scope="module")
def fill(small: Appliance) -> Iterator[Fill]:
    """fill(VOLUME, True) takes all room that a volume has left, fill(VOLUME, False) gives it back."""
    volumes = [word for name in VOLUMES for word in ("--volume", f"nightporter_{name}:/{name}")]
    run = ["docker", "run", "--detach", "--network", "none", "--user", "0", *volumes, "localhost/trixie"]
    container = small.engine.run(*run, "sleep", "infinity").split()[-1]

    def change(volume: str, full: bool) -> None:
        take = f"dd if=/dev/zero of=/{volume}/taken bs=4k 2>&1 | grep 'No space left'"
        small.engine.run("docker", "exec", container, "sh", "-c", take if full else f"rm /{volume}/taken")

    yield change
    small.engine.run("docker", "rm", "--force", container)


def well(appliance: Appliance) -> None:
    """Wait until every service is well again, and nobody complains of a disk."""
    until(lambda: all(state.endswith(" running healthy") for state in appliance.states()), appliance.states)
    assert "NOT WELL" not in appliance.script("doctor.sh", check=False)


@pytest.mark.parametrize("volume", VOLUMES)
def test_the_doctor_names_the_full_disk(small: Appliance, fill: Fill, volume: str) -> None:
    well(small)
    fill(volume, True)
    said = small.script("doctor.sh", check=False)
    fill(volume, False)
    assert re.search(f"NOT WELL: the volume of {VOLUMES[volume]} has [0-9] of [0-9]+ MB left", said), said
    well(small)


def test_lines_wait_until_the_store_has_room(small: Appliance, fill: Fill, tmp_path: Path) -> None:
    with Servers(small, tmp_path, 1000, 40, datetime.now(UTC).date()) as servers:
        until(lambda: servers.delivered() > 0, servers.said)
        fill("store", True)
        until(lambda: "not delivered (503" in servers.said(), servers.said)
        checked = small.inside("merge", "nightporter", "doctor", check=False)
        fill("store", False)
        servers.join()
        until(lambda: servers.delivered() == servers.logged(), servers.said)
    assert "free some space there" in checked, checked
    servers.compare()
    well(small)


def test_a_night_that_has_no_room_is_run_again(small: Appliance, fill: Fill, tmp_path: Path) -> None:
    made = nightporter("simulate", str(tmp_path), "--hosts", "3", "--users", "8", "--days", "5", "--seed", "4")
    assert made.code == 0, made.err
    logs = sorted((tmp_path / "logs").glob("*.log"))
    small.enroll(*(log.stem for log in logs))
    for log in logs:
        assert small.send(log.stem, log.read_bytes())[0] == 200
    with (tmp_path / "events.jsonl").open() as events:
        night = str(max(json.loads(line)["start"] for line in events))[:10]
    small.inside("merge", "nightporter", "merge")
    fill("worker", True)
    said = small.inside("worker", "nightporter", "night", "--date", night, "--budget", "5", check=False)
    fill("worker", False)
    assert "No space left" in said or "is full" in said, said
    assert "Traceback" not in said, said
    small.inside("worker", "nightporter", "night", "--date", night, "--budget", "5")
    flags = small.inside("worker", "nightporter", "flags", "--date", night, "--format", "jsonl").splitlines()
    assert flags and len({json.loads(flag)["flag_id"] for flag in flags}) == len(flags)


def test_a_copy_that_has_no_room_leaves_nothing(small: Appliance, fill: Fill) -> None:
    kept = small.script("backup.sh").split()[-1]
    fill("copies", True)
    said = small.script("backup.sh", check=False)
    assert "is full" in said or "No space left" in said, said
    assert small.inside("backup", "ls", "-A", "/backups").split() == [kept, "taken"]
    fill("copies", False)
    small.script("backup.sh")
