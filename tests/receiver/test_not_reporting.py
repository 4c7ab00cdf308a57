"""When a server does not report: each fault is made, and the answers on the appliance and on the server name it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.client import RemoteDisconnected
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from nightporter.collector import collector
from nightporter.receiver.authority import Authority
from nightporter.store.hosts import expect, look, remove
from sending import Farm, post

Config = dict[str, Any]


def config(farm: Farm, folder: Path) -> Config:
    """Of a collector that would report, as the role writes it."""
    farm.authority.host("web1")
    secrets = farm.authority.folder
    (folder / "auth.log").write_text("2026-03-02T15:44:52+00:00 web1 sshd[1]: Server listening on 0.0.0.0 port 22.\n")
    return {
        "url": f"https://localhost:{farm.port}",
        "host": "web1",
        "ca": str(secrets / "ca.pem"),
        "cert": str(secrets / "hosts" / "web1.pem"),
        "key": str(secrets / "hosts" / "web1.key"),
        "state": str(folder / "state"),
        "source": "files",
        "files": [str(folder / "auth.log")],
    }


def check(said: Config, folder: Path) -> tuple[int, str]:
    """What --check answers on the server."""
    path = folder / "collector.json"
    path.write_text(json.dumps(said))
    command = [sys.executable, collector.__file__, str(path), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


def foreign(folder: Path) -> Authority:
    """Another appliance's CA, which knows the host too."""
    other = Authority(folder / "other")
    other.host("web1")
    return other


FAULTS: dict[str, tuple[Callable[[Config, Path], Config], str]] = {
    "nothing listens": (lambda said, _: said | {"url": "https://localhost:1"}, "Nothing listens on that port"),
    "unknown name": (lambda said, _: said | {"url": "https://nobody.invalid:8514"}, "That name is not known"),
    "name not in certificate": (
        lambda said, _: said | {"url": said["url"].replace("localhost", "127.1")},
        "add the name to receiver_names",
    ),
    "another appliance": (lambda said, folder: said | {"ca": str(foreign(folder).certificate)}, "not of the CA in"),
    "foreign certificate": (
        lambda said, folder: said | {
            "cert": str(foreign(folder).folder / "hosts" / "web1.pem"),
            "key": str(folder / "other" / "hosts" / "web1.key"),
        },
        "It does not accept the certificate in",
    ),
    "cloned": (lambda said, _: said | {"host": "web2"}, "the certificate is for web1, the batch says it is of 'web2'"),
    "no certificate": (lambda said, _: said | {"cert": "/nowhere.pem"}, "A certificate is missing"),
    "no receiver of ours": (lambda said, _: said | {"url": said["url"] + "/elsewhere"}, "404"),
}  # fmt: skip


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("store", ["server"], indirect=True)
def test_the_check_on_the_server_tells_faults_apart(farm: Farm, tmp_path: Path) -> None:
    well = config(farm, tmp_path)
    code, text = check(well, tmp_path)
    assert code == 0
    assert f"reads: {tmp_path}/auth.log" in text
    assert "answers" in text
    for name, (made, told) in FAULTS.items():
        code, text = check(made(well, tmp_path), tmp_path)
        assert (code, told in text) == (1, True), f"{name}: {text}"


@pytest.mark.parametrize("hung_up", [RemoteDisconnected("closed"), ConnectionResetError(), BrokenPipeError()])
def test_a_refusal_that_is_lost_with_its_connection_names_the_certificate_too(hung_up: OSError) -> None:
    away = collector.Away("not delivered")
    away.__cause__ = hung_up
    assert "It does not accept the certificate in /c.pem" in collector.cause_of(away, {"cert": "/c.pem"})


@pytest.mark.parametrize("store", ["server"], indirect=True)
def test_the_appliance_names_who_does_not_report_and_why(client: Client, farm: Farm) -> None:
    until = datetime.now(UTC) + timedelta(days=300)
    expect(client, dict.fromkeys(["never", "well", "late", "ahead", "clone", "left"], until))
    beats = {"well": {}, "late": {"lag": 1200}, "ahead": {"at": time.time() + 3600}}
    for name, said in beats.items():
        body = json.dumps({"at": time.time(), "version": "1", "origins": ["journal"], **said}).encode()
        assert post(farm.connect(name), body, "/v1/heartbeat", Content_Encoding="identity")[0] == 200
    assert post(farm.connect("clone"), b"x\n", Nightporter_Host="well")[0] == 403
    remove(client, ["left"])
    wanted = {
        "never": ("never", "has never reported"),
        "late": ("late", "20 minutes behind"),
        "ahead": ("clock", " s off"),
        "clone": ("refused", "is refused: the certificate is for clone"),
        "left": ("refused", "left has been removed from the farm"),
    }
    deadline = time.monotonic() + 120
    while True:  # the receiver looks now and then who was removed, and notes whom it has refused
        post(farm.connect("left"), b"Mar  2 15:44:52 left sshd[1]: again\n")
        found = {row["host"]: row for row in look(client) if row["state"] != "reports"}
        if found.keys() == wanted.keys() or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    assert {host: row["state"] for host, row in found.items()} == {host: state for host, (state, _) in wanted.items()}
    assert [host for host, (_, text) in wanted.items() if text not in found[host]["sentence"]] == []
    assert all(row["next_step"] for row in found.values())


@pytest.mark.parametrize("store", ["server"], indirect=True)
def test_doctor_names_the_first_and_what_to_do(client: Client) -> None:
    expect(client, {"web1": datetime.now(UTC) + timedelta(days=300)})
    command = [str(Path(sys.executable).with_name("nightporter")), "doctor"]
    done = subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "web1 has never reported: no request with its certificate has arrived" in done.stdout
    assert "systemctl status nightporter-collector" in done.stdout
