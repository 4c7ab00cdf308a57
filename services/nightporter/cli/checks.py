"""What `doctor` checks. Each check says what it found and, where that is not well, what to do."""

import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from nightporter.cli.report import appliance
from nightporter.errors import NightporterError
from nightporter.settings import Settings
from nightporter.store.client import connect, open_client, translated
from nightporter.store.disk import room
from nightporter.store.hosts import look
from nightporter.store.migrate import pending

ENOUGH_DISK = 2 << 30  # bytes
CLOCK_SLACK = 5.0  # seconds between this machine and the store


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `bad`: something does not work; without it, `next_step` is advice."""

    name: str
    found: str
    bad: bool = False
    next_step: str = ""

    def row(self) -> dict[str, str]:
        """For the table."""
        return {
            "check": self.name,
            "result": "not well" if self.bad else "ok",
            "found": self.found,
            "next_step": self.next_step,
        }


def examine(settings: Settings) -> list[Check]:
    """Run all checks; one that fails does not stop the others."""
    checks: list[tuple[str, Callable[[Settings], Check]]] = [
        ("python", _python),
        ("disk", _disk),
        ("store", _store),
        ("schema", _schema),
        ("clock", _clock),
        ("appliance", _appliance),
        ("hosts", _hosts),
    ]
    found = []
    for name, check in checks:
        try:
            found.append(check(settings))
        except NightporterError as error:
            cause, _, advice = str(error).partition("; ")
            found.append(Check(name, cause, True, advice))
    return found


def _python(_: Settings) -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    old = sys.version_info < (3, 11)
    return Check("python", version, old, "install Python 3.11 or newer and run services/setup again" if old else "")


def _disk(settings: Settings) -> Check:
    folder = next(place for place in (settings.home, *settings.home.parents) if place.exists())
    free = shutil.disk_usage(folder).free
    little = free < ENOUGH_DISK
    return Check(
        "disk",
        f"{free / 1e9:,.1f} GB free in {folder}",
        little,
        "free some space, or keep raw entries for fewer days" if little else "",
    )


def _store(settings: Settings) -> Check:
    client = open_client(settings)
    with translated(settings):
        version = client.command("SELECT version()")
        left = room(client)
    return Check(
        "store",
        f"ClickHouse {version} at {settings.clickhouse_url or settings.home}, {left}",
        left.little,
        "free some space there, or keep raw entries for fewer days" if left.little else "",
    )


def _schema(settings: Settings) -> Check:
    client = open_client(settings)
    with translated(settings):
        behind = [step.name for step in pending(client)]
    if not behind:
        return Check("schema", "up to date")
    return Check("schema", f"to apply: {', '.join(behind)}", bool(settings.clickhouse_url), "run nightporter migrate")


def _clock(settings: Settings) -> Check:
    client = open_client(settings)
    with translated(settings):
        theirs = float(str(client.command("SELECT toFloat64(now64(3))")))
    apart = abs(time.time() - theirs)
    late = apart > CLOCK_SLACK
    return Check(
        "clock",
        f"{apart:.1f} s between this machine and the store",
        late,
        "let both set their clocks by NTP" if late else "",
    )


def _appliance(settings: Settings) -> Check:
    up = appliance(settings)
    if not up["address"]:
        return Check(
            "appliance", "not running", False, "start it with nightporter up, if nights are to run by themselves"
        )
    missing = {"worker", "console"} - set(up["children"])
    if missing:
        return Check(
            "appliance", f"without its {' and '.join(sorted(missing))}", True, "stop nightporter up and start it again"
        )
    return Check("appliance", f"console at {up['address']}")


def _hosts(settings: Settings) -> Check:
    with connect(settings) as client:
        hosts = look(client)
    ill = [host for host in hosts if host["state"] != "reports"]
    if not ill:
        return Check("hosts", f"{len(hosts)} report" if hosts else "none is expected to report")
    more = f", and {len(ill) - 1} more of {len(hosts)} (nightporter hosts list)" if len(ill) > 1 else ""
    return Check("hosts", ill[0]["sentence"] + more, True, ill[0]["next_step"])
