"""Whatever fails: every entry that a server logged is in the store, once; compared with its own log, entry by entry."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from nightporter.store.hosts import findings

from .beside import Appliance, until
from .machines import Machine

STATE = "/var/lib/nightporter-collector"
SAID = ("journalctl", "--no-pager", "-n", "30", "-u", "nightporter-collector")
FACILITIES = [f"SYSLOG_FACILITY={number}" for number in (4, 9, 10, 11)]


def logged(machine: Machine) -> set[tuple[int, int, str]]:
    """Time, pid and message of every entry in the server's journal; of its log files, where these are what is read."""
    if machine.name == "farm2":
        return {(0, 0, line) for line in machine.do("sh", "-c", "zcat -f /var/log/auth.log*").splitlines()}
    found = set()
    for line in machine.do("journalctl", "-ojson", "--all", "-q", *FACILITIES).splitlines():
        entry = json.loads(line)
        at = int(entry.get("_SOURCE_REALTIME_TIMESTAMP") or entry["__REALTIME_TIMESTAMP"])
        message = entry["MESSAGE"]
        text = bytes(message).decode("utf-8", "replace") if isinstance(message, list) else message
        found.add((at, int(entry.get("SYSLOG_PID") or entry.get("_PID") or 0), text.lstrip()))
    return found


def stored(appliance: Appliance, machine: Machine) -> set[tuple[int, int, str]]:
    """The same of the store."""
    if machine.name != "farm2":
        return appliance.entries(machine)
    query = "SELECT concat(header, message) FROM entries FINAL WHERE host = {host:String}"
    return {(0, 0, line) for (line,) in appliance.client.query(query, parameters={"host": machine.name}).result_rows}


def write(machine: Machine, name: str, count: int) -> None:
    """Log so many lines as a program of the login facilities would."""
    script = f"seq -f '{name} %g' {count} | logger -p authpriv.info -t sshd -i"
    machine.do("sh", "-c", script)


def pull_the_cable(_: Appliance, machine: Machine) -> None:
    machine.network(False)
    write(machine, "without network", 300)
    time.sleep(4)  # some of them are on their way
    machine.network(True)


def kill_the_collector(_: Appliance, machine: Machine) -> None:
    for turn in range(3):
        write(machine, f"killed {turn}", 200)
        machine.do("systemctl", "kill", "-s", "KILL", "nightporter-collector", check=False)
        write(machine, f"without collector {turn}", 200)


def pull_the_plug(_: Appliance, machine: Machine) -> None:
    write(machine, "before the crash", 200)
    machine.power_off(hard=True)
    machine.boot()
    machine.wait()
    write(machine, "after the crash", 200)


def restart(_: Appliance, machine: Machine) -> None:
    write(machine, "before the reboot", 200)
    machine.power_off()
    machine.boot()
    machine.wait()
    write(machine, "after the reboot", 200)


def rotate_the_logs(_: Appliance, machine: Machine) -> None:
    for turn in range(3):
        write(machine, f"rotated {turn}", 1000)
        if machine.name == "farm2":
            machine.do("logrotate", "--force", "/etc/logrotate.d/rsyslog", check=False)  # nspawn: "auxiliary processes"
        else:
            machine.do("journalctl", "--rotate")
        write(machine, f"after rotation {turn}", 1000)


def fill_the_disk(_: Appliance, machine: Machine) -> None:
    machine.do("systemctl", "stop", "nightporter-collector")
    full = (
        f"mkdir -p /run/kept && cp -a {STATE}/. /run/kept/ && mount -t tmpfs -o size=64k,mode=700 tmpfs {STATE} && "
        f"cp -a /run/kept/. {STATE}/ && chown nightporter-collector: {STATE}; "
        f"dd if=/dev/zero of={STATE}/full bs=1k 2>/dev/null; systemctl start nightporter-collector"
    )
    machine.do("sh", "-c", full)
    since = machine.do("date", "+%s").strip()
    write(machine, "on a full disk", 500)
    until(lambda: "cannot be saved" in machine.do(*SAID, "--since", f"@{since}"), tell=lambda: machine.do(*SAID))
    machine.do(
        "sh", "-c", f"systemctl stop nightporter-collector; umount {STATE}; systemctl start nightporter-collector"
    )


def burst(_: Appliance, machine: Machine) -> None:
    write(machine, "burst", 5000)


SHORT = [pull_the_cable, kill_the_collector]
LONG = [rotate_the_logs, fill_the_disk, burst, restart, pull_the_plug]
FAULTS = [*(pytest.param(fault) for fault in SHORT), *(pytest.param(fault, marks=pytest.mark.heavy) for fault in LONG)]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_no_entry_is_lost_or_doubled(
    appliance: Appliance, machines: list[Machine], fault: Callable[[Appliance, Machine], None]
) -> None:
    with ThreadPoolExecutor() as work:
        list(work.map(lambda machine: fault(appliance, machine), machines))
    assert_all_there(appliance, machines)


@pytest.mark.usefixtures("installed")
def test_no_entry_is_lost_while_the_receiver_is_down(appliance: Appliance, machines: list[Machine]) -> None:
    for machine in machines:
        write(machine, "before", 200)
    appliance.kill()
    for machine in machines:
        write(machine, "meanwhile", 500)
    time.sleep(5)
    appliance.receive()
    assert_all_there(appliance, machines)


def assert_all_there(appliance: Appliance, machines: list[Machine]) -> None:
    """Wait until the store has caught up; then the two sets are the same."""
    for machine in machines:
        until(
            lambda m=machine: logged(m) <= stored(appliance, m),
            tell=lambda m=machine: (m.name, sorted(logged(m) - stored(appliance, m))[:20], m.do(*SAID)),
        )
        assert stored(appliance, machine) - logged(machine) == set()
    health = "host_health(from = '2020-01-01 00:00:00')"
    rows = f"SELECT sum(given_up), sum(lost_bytes), sum(truncations), sum(gaps) FROM {health}"
    assert appliance.client.query(rows).result_rows == [(0, 0, 0, 0)]
    now = datetime.now(UTC)
    found = findings(appliance.client, now - timedelta(hours=3), now + timedelta(hours=1))
    assert [row for row in found if row["kind"] in ("emptied", "gap", "skipped", "clock")] == []
