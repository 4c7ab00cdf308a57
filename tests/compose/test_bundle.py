"""The archive for machines without internet: packed here, installed from on an engine that has never had an image."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import docker_engine
import pytest
from appliance import Appliance, check_out

pytestmark = pytest.mark.heavy

LINE = b"2026-11-20T06:00:00+00:00 first sshd[1]: Failed password for bob from 192.0.2.9 port 40003 ssh2\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Some GB that are gone afterwards."""
    made = tmp_path_factory.mktemp("bundle")
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def bundle(appliance: Appliance, folder: Path) -> Path:
    """A signed bundle, unpacked; the public key lies beside it."""
    source = check_out(folder / "source")
    for order in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *order], cwd=source, check=True)
    (source / "compose" / "mine").write_text("nobody's business")
    for name in ("ours", "theirs"):
        key = folder / f"{name}.key"
        run("openssl", "genpkey", "-algorithm", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
        run("openssl", "pkey", "-in", key, "-pubout", "-out", folder / f"{name}.pem")
    archive = folder / "bundle.tar"
    packer = Appliance(appliance.engine, source)
    packer.script("bundle.sh", archive, SIGNING_KEY=str(folder / "ours.key"))
    assert sorted(path.name for path in source.parent.glob("bundle*")) == ["bundle.tar"]
    assert not (source / "compose" / ".env").exists()
    run("tar", "--extract", "--file", archive, "--directory", folder)
    archive.unlink()
    return folder / "nightporter-0.1.0"


def run(*command: str | Path) -> None:
    subprocess.run(list(map(str, command)), check=True, capture_output=True)


def test_it_holds_the_checkout_and_says_what_is_in_each_image(bundle: Path) -> None:
    assert (bundle / "ansible" / "collector.yml").exists() and (bundle / "docs" / "operate.md").exists()
    assert not (bundle / "compose" / "mine").exists() and not (bundle / "compose" / ".env").exists()
    inside = {}
    for path in bundle.glob("sbom-*.json"):
        bill = json.loads(path.read_text())
        assert bill["bomFormat"] == "CycloneDX"
        inside[bill["metadata"]["component"]["name"]] = {part["name"] for part in bill["components"]}
    assert len(inside) == 6 and all(inside.values())
    assert "torch" in inside["nightporter/worker:0.1.0"] and "torch" not in inside["nightporter/receiver:0.1.0"]


def test_what_was_altered_is_refused(bundle: Path, folder: Path) -> None:
    nowhere = {"PATH": "/usr/bin:/bin", "DOCKER_HOST": "unix:///nowhere"}

    def load(*arguments: Path) -> str:
        line = ["./load.sh", *map(str, arguments)]
        done = subprocess.run(line, cwd=bundle, env=nowhere, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        return done.stdout + done.stderr

    assert "found another; do not install it" in load(folder / "theirs.pem")
    for name in ("images.tar", "compose/install.sh"):
        with (bundle / name).open("r+b") as file:
            file.seek(100)
            byte = file.read(1)
            file.seek(100)
            file.write(bytes([byte[0] ^ 1]))
            file.flush()
            said = load(folder / "ours.pem")
            file.seek(100)
            file.write(byte)
        assert f"./{name}: FAILED" in said, said
    (bundle / "compose" / ".env").write_text("CLICKHOUSE_IMAGE=somebody/elses\n")
    assert "found also ./compose/.env" in load(folder / "ours.pem")
    # with the sums made to fit, the signature no longer does
    sums = (bundle / "SHA256SUMS").read_bytes()
    added = subprocess.run(["sha256sum", "./compose/.env"], cwd=bundle, capture_output=True, check=True).stdout
    (bundle / "SHA256SUMS").write_bytes(sums + added)
    assert "do not install it" in load(folder / "ours.pem")
    (bundle / "SHA256SUMS").write_bytes(sums)
    (bundle / "compose" / ".env").unlink()


def test_an_appliance_is_installed_from_it_without_a_network(bundle: Path, folder: Path) -> None:
    with docker_engine.empty(folder / "engine") as engine:
        assert not engine.run("docker", "images", "--quiet").strip()
        engine.run(bundle / "load.sh", folder / "ours.pem")
        images = set(engine.run("docker", "images", "--quiet").split())
        appliance = Appliance(engine, bundle)
        appliance.script("install.sh")
        assert set(engine.run("docker", "images", "--quiet").split()) == images, "nothing was built"
        assert all(state.endswith(" running healthy") for state in appliance.states())
        appliance.enroll("first")
        status, answer = appliance.send("first", LINE)
        assert status == 200 and answer["stored"] == 1, answer
        assert "password" in appliance.page("/sign-in")[1]
        appliance.script("uninstall.sh", "--data")


def test_ansible_comes_out_of_it(appliance: Appliance, bundle: Path, folder: Path) -> None:
    appliance.engine.run(sys.executable, "-m", "venv", folder / "ansible")
    program = folder / "ansible" / "bin"
    wheels = ["--no-index", "--find-links", bundle / "wheels"]
    appliance.engine.run(program / "python", "-m", "pip", "install", "--quiet", *wheels, "ansible-core")
    assert "core" in appliance.engine.run(program / "ansible-playbook", "--version")
