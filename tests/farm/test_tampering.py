"""Who hides what they did from the appliance is noticed, on servers where it is really done."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from nightporter.store.hosts import findings

from .beside import Appliance, until
from .machines import Machine

pytestmark = pytest.mark.heavy

FACILITIES = [f"SYSLOG_FACILITY={number}" for number in (4, 9, 10, 11)]
STATE = "/var/lib/nightporter-collector/state.json"


def kinds(appliance: Appliance, machine: Machine) -> set[str]:
    """The kinds of what was found on a server."""
    now = datetime.now(UTC)
    found = findings(appliance.client, now - timedelta(hours=3), now + timedelta(hours=1))
    return {str(row["kind"]) for row in found if row["host"] == machine.name}


def write(machine: Machine, text: str, count: int) -> None:
    """Log so many lines as sshd would."""
    machine.do("sh", "-c", f"seq -f '{text} %g' {count} | logger -p authpriv.info -t sshd -i")


@pytest.mark.usefixtures("installed")
def test_a_log_from_which_lines_were_removed(appliance: Appliance, machines: list[Machine]) -> None:
    machine = machines[1]
    write(machine, "what they did", 20)
    query = "SELECT count() FROM entries FINAL WHERE host = {host:String} AND message LIKE 'what they did %'"

    def stored() -> int:
        return int(str(appliance.client.command(query, parameters={"host": machine.name})))

    def logged() -> int:
        return int(machine.do("grep", "-c", "what they did", "/var/log/auth.log", check=False))

    # journald passes on to rsyslog what that has room for: the file says how many there are
    until(lambda: 0 < logged() == stored(), tell=lambda: (logged(), stored()))
    before = stored()
    assert "emptied" not in kinds(appliance, machine)
    machine.do("sed", "-i", "/what they did/d", "/var/log/auth.log")
    machine.do("systemctl", "restart", "rsyslog")
    until(lambda: "emptied" in kinds(appliance, machine), tell=lambda: kinds(appliance, machine))
    assert stored() >= before > logged()


@pytest.mark.usefixtures("installed")
def test_a_collector_that_was_made_to_pass_over_lines(appliance: Appliance, machines: list[Machine]) -> None:
    machine = machines[0]
    write(machine, "before", 5)

    def newest() -> dict[str, str]:
        return dict(json.loads(machine.do("journalctl", "-q", "-n", "1", "-o", "json", *FACILITIES)))

    def state() -> dict[str, Any]:
        return dict(json.loads(machine.do("cat", STATE)))

    until(lambda: "before 5" in {message for _, _, message in appliance.entries(machine)})
    until(lambda: state()["positions"]["journal"]["cursor"] == newest()["__CURSOR"], tell=state)
    assert "skipped" not in kinds(appliance, machine)
    machine.do("systemctl", "stop", "nightporter-collector")
    write(machine, "what they did", 50)
    until(lambda: "what they did 50" in machine.do("journalctl", "-q", "-n", "100", *FACILITIES))
    moved = state()
    moved["positions"]["journal"]["cursor"] = newest()["__CURSOR"]
    machine.do("sh", "-c", f"cat > {STATE} <<'END'\n{json.dumps(moved)}\nEND")
    machine.do("systemctl", "start", "nightporter-collector")
    write(machine, "afterwards", 5)
    until(lambda: "skipped" in kinds(appliance, machine), tell=lambda: kinds(appliance, machine))


@pytest.mark.usefixtures("installed")
def test_a_clock_that_was_set(appliance: Appliance, machines: list[Machine]) -> None:
    """The servers share this machine's clock, so it is set for the collector alone, which is who tells of it."""
    machine = machines[2]
    assert "clock" not in kinds(appliance, machine)
    library = machine.do("sh", "-c", "ls /usr/lib/*/faketime/libfaketime.so.1").strip()
    folder = "/run/systemd/system/nightporter-collector.service.d"
    setting = f"[Service]\\nEnvironment=LD_PRELOAD={library} FAKETIME=+2h\\n"
    machine.do("sh", "-ec", f"mkdir -p {folder}; printf '{setting}' > {folder}/clock.conf; systemctl daemon-reload")
    machine.do("systemctl", "restart", "nightporter-collector")
    until(lambda: "clock" in kinds(appliance, machine), tell=lambda: kinds(appliance, machine))
    machine.do("sh", "-ec", f"rm -r {folder}; systemctl daemon-reload; systemctl restart nightporter-collector")
