"""The appliance in containers, from installation to restoration, as real as it gets without a registry.

The tests share one appliance and go in this order.
"""

import json
import shutil
import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from appliance import Appliance
from command import nightporter

pytestmark = pytest.mark.heavy

PATIENCE = 120.0


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The logs of three servers over five days."""
    folder = tmp_path_factory.mktemp("farm") / "out"
    done = nightporter("simulate", str(folder), "--hosts", "3", "--users", "8", "--days", "5", "--seed", "4")
    assert done.code == 0, done.err
    return folder


@pytest.fixture(scope="module")
def last_night(farm: Path) -> str:
    """The last day that has logins."""
    with (farm / "events.jsonl").open() as events:
        return str(max(json.loads(line)["start"] for line in events))[:10]


def test_a_second_run_changes_nothing(appliance: Appliance) -> None:
    before = appliance.containers(), {k: v for k, v in appliance.secrets().items() if k != "sealed.cms"}
    appliance.script("install.sh")
    after = appliance.containers(), {k: v for k, v in appliance.secrets().items() if k != "sealed.cms"}
    assert before == after


def test_two_ports_answer_and_no_other(appliance: Appliance) -> None:
    open_ports = []
    with appliance.engine.network():
        for port in range(1, 65536):
            with socket.socket() as probe:
                # a port from which one asks can be the very one that is asked, which then answers itself
                if probe.connect_ex(("127.0.0.1", port)) == 0 and probe.getsockname()[1] != port:
                    open_ports.append(port)
    assert open_ports == [443, 8514]


def test_nothing_runs_as_root_writes_to_its_image_or_keeps_a_capability(appliance: Appliance) -> None:
    for service, container in appliance.containers().items():
        [found] = json.loads(appliance.engine.run("docker", "inspect", container))
        host = found["HostConfig"]
        assert found["Config"]["User"].partition(":")[0] not in ("", "0", "root"), service
        assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and host["Memory"] > 0, service
        assert host["CapAdd"] in (None, ["NET_BIND_SERVICE"] if service == "caddy" else None), service
        assert "no-new-privileges:true" in host["SecurityOpt"] and found["HostConfig"]["Privileged"] is False, service
        words = json.dumps(found["Config"]["Env"]) + json.dumps(found["Config"]["Cmd"])
        for path in (appliance.compose / "secrets").glob("*_password"):
            assert path.read_text().strip() not in words, (service, path.name)


def test_lines_of_the_farm_become_the_events_that_a_loaded_file_has(
    appliance: Appliance, farm: Path, tmp_path: Path
) -> None:
    logs = sorted((farm / "logs").glob("*.log"))
    appliance.enroll(*(log.stem for log in logs))
    for log in logs:
        status, answer = appliance.send(log.stem, log.read_bytes())
        assert status == 200, answer
    home = {"NIGHTPORTER_HOME": str(tmp_path), "NIGHTPORTER_CLICKHOUSE_URL": ""}
    assert nightporter("ingest", str(farm / "logs"), **home).code == 0
    wanted = nightporter("events", **home).out.decode()
    deadline = time.monotonic() + PATIENCE
    while (found := appliance.inside("worker", "nightporter", "events")) != wanted:
        assert time.monotonic() < deadline, (len(found), len(wanted))
        time.sleep(1)
    assert wanted.count("\n") > 1000


def test_a_server_writes_under_its_own_name_only(appliance: Appliance, farm: Path) -> None:
    first, second = (log.stem for log in sorted((farm / "logs").glob("*.log"))[:2])
    hosts = appliance.compose / "farm" / "hosts"
    for kind in ("pem", "key"):
        shutil.copy(hosts / f"{first}.{kind}", hosts / f"liar.{kind}")
        shutil.copy(hosts / f"{second}.{kind}", hosts / f"kept.{kind}")
    line = b"2026-03-02T06:00:00+00:00 liar sshd[1]: Server listening on 0.0.0.0 port 22.\n"
    assert appliance.send("liar", line)[0] == 403
    assert appliance.send(second, b"")[0] == 200
    appliance.docker("run", "--rm", "--no-TTY", "hosts", "remove", second)
    deadline = time.monotonic() + PATIENCE
    while appliance.send("kept", b"", claimed=second)[0] != 403:
        assert time.monotonic() < deadline
        time.sleep(2)


def test_without_a_certificate_nobody_gets_past_the_door(appliance: Appliance) -> None:
    stranger = ssl.create_default_context(cafile=str(appliance.compose / "farm" / "ca.pem"))
    with appliance.engine.network(), pytest.raises((ssl.SSLError, ConnectionError)):
        with stranger.wrap_socket(socket.create_connection(("localhost", 8514)), server_hostname="localhost") as bare:
            bare.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            raise ConnectionError if not bare.recv(100) else AssertionError("the door was open")


def test_a_night_is_run_shown_and_judged(appliance: Appliance, last_night: str) -> None:
    appliance.inside("worker", "nightporter", "night", "--date", last_night, "--budget", "5")
    printed = appliance.inside("worker", "nightporter", "flags", "--date", last_night, "--format", "jsonl")
    flags = [json.loads(line) for line in printed.splitlines()]
    assert flags
    status, page = appliance.page("/")
    assert status == 303 and not page, "nobody sees a page without signing in"
    status, page = appliance.page("/sign-in")
    assert status == 200 and "password" in page
    appliance.inside("console", "nightporter", "verdict", flags[0]["flag_id"], "benign", "--reason", "a test")
    assert "benign" in appliance.contents(last_night)["verdicts"]


def test_every_service_is_well(appliance: Appliance) -> None:
    states = appliance.states()
    assert len(states) == 9 and all(state.endswith(" running healthy") for state in states), states


def test_a_copy_is_made_at_its_hour_and_the_oldest_goes(appliance: Appliance) -> None:
    first = appliance.script("backup.sh").split()[-1]
    assert first in appliance.backups()
    at = datetime.now(UTC) + timedelta(minutes=2)  # a minute at the least, for the container to start in
    appliance.docker("up", "--detach", "--wait", "backup", BACKUP_AT=f"{at:%H:%M}", BACKUPS_KEPT="1")
    deadline = time.monotonic() + 120 + PATIENCE
    while first in appliance.backups():
        assert time.monotonic() < deadline, appliance.docker("logs", "--tail", "5", "backup")
        time.sleep(1)
    assert [name[:16] for name in appliance.backups()] == [f"{at:%Y-%m-%dT%H-%M}"]
    appliance.docker("up", "--detach", "--wait", "backup")


def test_a_copy_comes_back_on_an_empty_machine(appliance: Appliance, last_night: str, tmp_path: Path) -> None:
    pseudonyms = appliance.pseudonyms()
    before = appliance.contents(last_night)
    name = appliance.script("backup.sh").split()[-1]
    kept = tmp_path / "elsewhere"
    kept.mkdir()
    shutil.copytree(appliance.compose / "backups" / name, kept / name, symlinks=True)
    shutil.copy(appliance.compose / "secrets" / "recovery.key", tmp_path / "recovery.key")
    passwords = {k: v for k, v in appliance.secrets().items() if k.endswith("_password")}
    for path in (kept / name).rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for secret in (appliance.compose / "secrets").glob("*_password"):
                assert secret.read_bytes().strip() not in content, path.name
            assert pseudonyms.encode() not in content, path.name

    assert "found one" in appliance.script("restore.sh", kept / name, tmp_path / "recovery.key", check=False)
    appliance.script("uninstall.sh", "--data")
    shutil.rmtree(appliance.compose / "backups")
    assert not appliance.engine.run("docker", "volume", "ls", "--quiet").strip()

    (kept / name / "store.tar").rename(tmp_path / "store.tar")
    (kept / name / "store.tar").write_bytes(b"something else")
    assert "as it was written" in appliance.script("restore.sh", kept / name, check=False)
    (tmp_path / "store.tar").rename(kept / name / "store.tar")
    appliance.script("restore.sh", kept / name, tmp_path / "recovery.key")
    assert {k: v for k, v in appliance.secrets().items() if k.endswith("_password")} == passwords
    assert appliance.contents(last_night) == before
    assert appliance.pseudonyms() == pseudonyms
    assert "admin" in appliance.inside("console", "nightporter", "account", "list")

    appliance.enroll("late")
    line = b"2026-03-02T06:00:00+00:00 late sshd[1]: Failed password for bob from 192.0.2.9 port 40003 ssh2\n"
    assert appliance.send("late", line)[0] == 200
    deadline = time.monotonic() + PATIENCE
    while appliance.ask("worker", "SELECT count() FROM login_events FINAL WHERE host = 'late'")[1].strip() != "1":
        assert time.monotonic() < deadline, "what arrives after a restore waits for ever"
        time.sleep(1)


def test_what_was_uninstalled_without_its_data_comes_back_with_install(appliance: Appliance, last_night: str) -> None:
    before = appliance.contents(last_night)
    appliance.script("uninstall.sh")
    assert not appliance.engine.run("docker", "ps", "--all", "--quiet").strip()
    appliance.script("install.sh")
    assert appliance.contents(last_night) == before


def test_an_upgrade_that_fails_ends_where_it_began(appliance: Appliance, last_night: str, tmp_path: Path) -> None:
    before = appliance.contents(last_night)
    newer = appliance.later("0.3.0", tmp_path, broken="receiver")
    said = newer.script("upgrade.sh", appliance.compose, check=False)
    assert "applied: 9998_later.sql" in said and "receiver said last" in said, said[-3000:]
    assert "the old version runs again" in said, said[-3000:]
    assert not (newer.compose / ".env").exists() and not (newer.compose / "secrets").exists()
    assert set(appliance.images()) == {"0.1.0"}
    assert appliance.contents(last_night) == before
    assert "later" not in appliance.ask("worker", "SELECT name FROM system.tables")[1].split()


def test_an_upgrade_keeps_everything(appliance: Appliance, last_night: str, tmp_path: Path) -> None:
    before, copies = appliance.contents(last_night), set(appliance.backups())
    newer = appliance.later("0.2.0", tmp_path)
    newer.script("upgrade.sh", appliance.compose)
    assert set(newer.images()) == {"0.2.0"}
    assert newer.contents(last_night) == before
    assert "later" in newer.ask("worker", "SELECT name FROM system.tables")[1].split()
    assert len(set(appliance.backups()) - copies) == 1
    newer.script("uninstall.sh", "--data")
    appliance.script("uninstall.sh", "--data")
    appliance.script("install.sh")  # for the tests that come after
