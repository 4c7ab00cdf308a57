"""The doctor names what is wrong and what to do; what it packs for a helper holds no secret and nobody's name."""

import tarfile
from pathlib import Path

import pytest
from appliance import Appliance

pytestmark = pytest.mark.heavy

SAID = b"Failed password for invalid user privateer from 192.0.2.99 port 1 ssh2"
LINE = b"2026-03-02T06:00:00+00:00 secrethost sshd[1]: " + SAID + b"\n"
KNOBS = "NIGHTPORTER_NOTIFY_EMAIL=person@example.org\nNIGHTPORTER_NOTIFY_WEBHOOK_URL=https://u:topsecret@example.org/\n"


def test_a_well_appliance_is_well(appliance: Appliance) -> None:
    assert "NOT WELL" not in appliance.script("doctor.sh")


@pytest.mark.parametrize(
    ("harm", "mend", "sentence"),
    [
        (("stop", "valkey"), ("start", "valkey"), "valkey has stopped; start it with ./install.sh"),
        (("pause", "console"), ("unpause", "console"), "console is paused; let it go on with"),
        (("rm", "--stop", "--force", "beat"), ("up", "--detach", "beat"), "beat is not there; run ./install.sh"),
    ],
)
def test_a_service_that_is_away_is_named(
    appliance: Appliance, harm: tuple[str, ...], mend: tuple[str, ...], sentence: str
) -> None:
    appliance.docker(*harm)
    said = appliance.script("doctor.sh", check=False)
    appliance.docker(*mend)
    assert f"NOT WELL: {sentence}" in said, said


def test_the_installer_lets_go_on_what_is_paused_and_waits_for_it(appliance: Appliance) -> None:
    before = appliance.containers()
    appliance.docker("pause", "console", "merge")
    appliance.script("install.sh")
    assert appliance.containers() == before
    assert "NOT WELL" not in appliance.script("doctor.sh")


def test_without_the_store_the_program_says_where_it_looked(appliance: Appliance) -> None:
    appliance.docker("stop", "clickhouse")
    said = appliance.script("doctor.sh", check=False)
    appliance.docker("up", "--detach", "--wait", "clickhouse")
    assert "clickhouse has stopped" in said and "https://clickhouse:8443" in said, said


def test_a_certificate_that_ends_soon_is_named_and_made_again(appliance: Appliance) -> None:
    secrets = appliance.compose / "secrets"
    before = (secrets / "valkey.pem").read_bytes()
    form = ["-CA", secrets / "authority.pem", "-CAkey", secrets / "authority.key", "-days", "9"]
    request = [
        "openssl",
        "req",
        "-new",
        "-key",
        secrets / "valkey.key",
        "-subj",
        "/CN=valkey",
        "-out",
        secrets / "new.csr",
    ]
    appliance.engine.run(*request)
    appliance.engine.run("openssl", "x509", "-req", "-in", secrets / "new.csr", *form, "-out", secrets / "valkey.pem")
    (secrets / "new.csr").unlink()
    assert "NOT WELL: secrets/valkey.pem ends within 30 days" in appliance.script("doctor.sh", check=False)
    appliance.script("install.sh")
    assert (secrets / "valkey.pem").read_bytes() != before
    assert "NOT WELL" not in appliance.script("doctor.sh")


def test_what_is_packed_for_a_helper_holds_no_secret_and_no_name(appliance: Appliance, tmp_path: Path) -> None:
    appliance.enroll("secrethost")
    assert appliance.send("secrethost", LINE)[0] == 200
    assert appliance.send("secrethost", LINE, claimed="someoneelse")[0] == 403
    settings = appliance.compose / ".env"
    before = settings.read_text()
    settings.write_text(before + KNOBS)
    appliance.script("doctor.sh", "--bundle", tmp_path / "support.tar.gz", check=False)
    settings.write_text(before)
    with tarfile.open(tmp_path / "support.tar.gz") as packed:
        texts = {part.name: packed.extractfile(part).read().decode() for part in packed if part.isfile()}  # type: ignore[union-attr]
    assert {"./containers", "./engine", "./images", "./settings", "./counts", "./log-receiver"} <= set(texts)
    hidden = ["privateer", "192.0.2.99", "secrethost", "someoneelse", "person@", "topsecret"]
    hidden += [path.read_text().strip() for path in (appliance.compose / "secrets").glob("*_password")]
    for name, text in texts.items():
        assert not [word for word in hidden if word in text], name
