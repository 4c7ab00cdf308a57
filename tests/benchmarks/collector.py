"""What a collector costs a server, and how long a login takes to be seen: on three real servers, booted for it.

    python tests/benchmarks/collector.py [--rate 50] [--seconds 60] [--lines 50000] [--logins 15]

As root on Debian, like tests/farm. Printed per server (farm1 and farm3 read the journal, farm2 log files): CPU of the
collector and of the journalctl it starts as a share of one core, at rest, while other programs log, and while so many
lines a second are logged; its memory; how fast it catches up; the seconds from a login to its event in an idle farm.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from farm.beside import Appliance
from farm.machines import SUITES, Machine, Machines

TICK = os.sysconf("SC_CLK_TCK")


def read(machine: Machine, name: str) -> str:
    """A file of /proc about its collector."""
    number = machine.do("systemctl", "show", "-P", "MainPID", "nightporter-collector").strip()
    return machine.do("cat", f"/proc/{number}/{name}")


def cpu(machine: Machine) -> float:
    """Seconds used so far, by the collector and by the children it has waited for."""
    fields = read(machine, "stat").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICK


def memory(machine: Machine) -> dict[str, float]:
    """MB now and at most."""
    rows = dict(row.split(":", 1) for row in read(machine, "status").splitlines())
    return {name: round(int(rows[key].split()[0]) / 1024, 1) for name, key in (("MB", "VmRSS"), ("MB peak", "VmHWM"))}


def log(machine: Machine, facility: str, rate: int, seconds: float) -> None:
    """So many lines a second, in the background."""
    script = (
        "import syslog, time\n"
        f"syslog.openlog('sshd', 0, syslog.LOG_{facility})\n"
        f"end = time.monotonic() + {seconds}\n"
        "while time.monotonic() < end:\n"
        "    syslog.syslog('Failed password for root from 192.0.2.7 port 50122 ssh2 %f' % time.time())\n"
        f"    time.sleep({1 / rate})\n"
    )
    machine.do("sh", "-c", f"cat > /tmp/log.py <<'END'\n{script}END\nnohup python3 /tmp/log.py >/dev/null 2>&1 &")


def shares(machines: list[Machine], seconds: float) -> dict[str, float]:
    """Per server, % of a core over the next seconds."""
    before = {machine.name: cpu(machine) for machine in machines}
    time.sleep(seconds)
    return {machine.name: round(100 * (cpu(machine) - before[machine.name]) / seconds, 2) for machine in machines}


def count(appliance: Appliance, machine: Machine, text: str) -> int:
    """Stored entries whose message begins with `text`."""
    query = "SELECT count() FROM entries FINAL WHERE host = {host:String} AND startsWith(message, {text:String})"
    return int(str(appliance.client.command(query, parameters={"host": machine.name, "text": text})))


def catch_up(appliance: Appliance, machine: Machine, lines: int) -> float:
    """Lines a second with which a collector of log files sends what was logged while it was stopped."""
    machine.do("systemctl", "stop", "nightporter-collector")
    stamp = machine.do("date", "+%Y-%m-%dT%H:%M:%S.000000+00:00").strip()
    row = f"s/^/{stamp} {machine.name} sshd[7]: behind /"
    machine.do("sh", "-c", f"seq {lines} | sed '{row}' >> /var/log/auth.log")
    machine.do("systemctl", "start", "nightporter-collector")
    began = time.monotonic()
    while count(appliance, machine, "behind ") < lines:
        time.sleep(0.2)
    return lines / (time.monotonic() - began)


def delays(appliance: Appliance, machines: list[Machine], logins: int) -> list[float]:
    """Seconds from the start of each login to its event, ascending."""
    found = []
    for turn in range(logins):
        time.sleep(8)
        machine, since = machines[turn % len(machines)], time.time()
        assert machine.ssh("alice", "true") == 0
        while not [event for event in appliance.events(since) if event["user"] == "alice"]:
            time.sleep(0.1)
        found.append(round(time.time() - since, 1))
    return sorted(found)


def main() -> None:
    """Boot, install, measure, take everything away."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rate", type=int, default=50)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--lines", type=int, default=50_000)
    options.add_argument("--logins", type=int, default=15)
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="collector-"))
    (folder / "machines").mkdir()
    with Machines(folder / "machines", SUITES) as machines:
        appliance = Appliance(folder / "appliance")
        try:
            appliance.enlist(machines)
            appliance.receive()
            code, text = appliance.playbook("collector.yml", "-e", "rollout=100%")
            assert code == 0, text
            time.sleep(10)
            print("at rest, % of a core:", json.dumps(shares(machines, chosen.seconds)))
            for facility, said in (("DAEMON", "other programs'"), ("AUTH", "login")):
                for machine in machines:
                    log(machine, facility, chosen.rate, chosen.seconds + 10)
                time.sleep(5)
                found = json.dumps(shares(machines, chosen.seconds))
                print(f"with {chosen.rate} {said} lines a second, % of a core:", found)
                time.sleep(6)
            print("memory:", json.dumps({machine.name: memory(machine) for machine in machines}))
            waits = delays(appliance, machines, chosen.logins)
            middle, late = waits[len(waits) // 2], waits[len(waits) * 95 // 100]
            print(f"from a login to its event, s: p50 {middle}, p95 {late}, all {waits}")
            rate = catch_up(appliance, machines[1], chosen.lines)
            print(f"farm2 caught up with {rate:,.0f} lines a second;", json.dumps(memory(machines[1])))
        finally:
            appliance.close()


if __name__ == "__main__":
    main()
