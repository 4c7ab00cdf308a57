"""Runs the simulation day by day and writes logs, true events, attacks and the farm's description."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from pathlib import Path

from nightporter.errors import SimulationError
from nightporter.simulate.attacks import plan_attacks
from nightporter.simulate.build import build_farm
from nightporter.simulate.cast import Farm, Host
from nightporter.simulate.clock import DAY, SECOND, Clocks
from nightporter.simulate.dirt import soil
from nightporter.simulate.hostlog import HostLog, Tally
from nightporter.simulate.local import Reboot
from nightporter.simulate.people import Plan, people_day
from nightporter.simulate.routine import host_day
from nightporter.simulate.ssh import Doing
from nightporter.simulate.stage import Attack
from nightporter.simulate.twins import change_cast, patch_days, twins_day

LAST_DAY = dt.date(
    2026, 11, 1
)  # the day after the last simulated one, unless a start is given; Europe's clocks change a week before


@dataclass(slots=True)
class Summary:
    """What was written."""

    lines: int = 0
    events: int = 0
    attack_events: int = 0
    attacks: int = 0
    hosts: int = 0
    first: str = ""
    last: str = ""


def simulate(
    out: Path,
    hosts: int,
    users: int,
    days: int,
    seed: int,
    *,
    start: dt.date | None = None,
    progress: Callable[[int, int], None] | None = None,
    dirt: bool = False,
    pid_space: int = 0,
    local_zones: bool = False,
    with_attacks: bool = True,
) -> Summary:
    """Writes a labelled farm to the folder `out`: logs/<host>.log, events.jsonl, attacks.jsonl, farm.json.

    The same arguments give the same bytes. `start` is the first day (UTC), by default so that the last one is
    2026-10-31. `progress` is called after each day with the days done and their number. `dirt` adds duplicates, local
    shuffles and garbage to the logs; the truth stays. `pid_space` makes process ids scarce (700 is hostile).
    `local_zones` lets some hosts with RFC 3164 logs write local time; farm.json names their zones.
    Without `with_attacks` all that happens is harmless. Raises SimulationError for impossible arguments.
    """
    check_arguments(hosts, users, days, pid_space)
    start = start or LAST_DAY - dt.timedelta(days=days)
    farm = build_farm(hosts, users, days, seed, start, pid_space=pid_space, local_zones=local_zones)
    change_cast(farm)
    attacks = plan_attacks(farm) if with_attacks else []
    logs = out / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    for old in logs.glob("*.log"):
        old.unlink()
    clocks, tallies = Clocks(), dict[str, Tally]()
    writers = [HostLog(host, clocks, farm.seed, farm.horizon, tallies) for host in farm.hosts]
    later: Plan = {number: [] for number in range(hosts)}
    summary = Summary(hosts=hosts, first=start.isoformat(), last=farm.date(days - 1).isoformat())
    with (out / "events.jsonl").open("w", encoding="utf-8", newline="\n") as events:
        for day in range(days):
            plan, later = _plan_day(farm, day, later, attacks)
            truth: list[tuple[int, str]] = []
            tasks = 14 if day in patch_days(farm) else 4
            for number, log in enumerate(writers):
                doings = plan[number] + host_day(farm, number, day, tasks)
                summary.lines += _write_host_day(log, doings, farm, day, logs)
                truth += log.truth
                log.truth = []
            truth.sort()
            events.write("".join([text for _, text in truth]))
            summary.events += len(truth)
            clocks.forget()
            if progress:
                progress(day + 1, days)
    summary.attacks, summary.attack_events = _write_attacks(out, attacks, tallies)
    _write_farm(out, farm)
    if dirt:
        soil(logs, logs, seed)
    return summary


def check_arguments(hosts: int, users: int, days: int, pid_space: int) -> None:
    """Raises SimulationError where the numbers make no farm."""
    for name, value, most in (("hosts", hosts, 20_000), ("users", users, 200_000), ("days", days, 366)):
        if not 1 <= value <= most:
            raise SimulationError(f"A farm cannot have {value} {name}: give a number from 1 to {most}.")
    if pid_space and not 500 <= pid_space <= 4_194_304:
        raise SimulationError(f"A pid space of {pid_space} is not usable: give a number from 500 to 4194304.")


def _plan_day(farm: Farm, day: int, later: Plan, attacks: list[Attack]) -> tuple[Plan, Plan]:
    """The doings that start on this UTC day per host, and those that were planned today but start later."""
    begin = farm.begin + day * DAY
    plan: Plan = later
    people_day(farm, day, plan)
    twins_day(farm, day, plan)
    for attack in attacks:
        for number, doing in attack.doings.pop(day, ()):
            plan[number].append(doing)
    today: Plan = {}
    rest: Plan = {}
    for number, doings in plan.items():
        today[number] = [doing for doing in doings if begin <= doing.t < begin + DAY]
        rest[number] = [doing for doing in doings if begin + DAY <= doing.t < farm.horizon]
    return today, rest


def _write_host_day(log: HostLog, doings: list[Doing], farm: Farm, day: int, logs: Path) -> int:
    """Writes what one host logs on one day; lines of sessions that go on stay in `log`. Returns the number of lines."""
    host = log.host
    end = farm.begin + (day + 1) * DAY
    if host.reboots or host.silences:
        doings = [doing for doing in doings if not _lost(doing, host)]
    doings.sort(key=attrgetter("t"))
    log.bury(farm.begin + day * DAY)
    for doing in doings:
        doing.write(log)
    lines = log.lines
    lines.sort(key=itemgetter(0))
    if day + 1 < farm.days:
        now = [text for t, text in lines if t < end]
        log.lines = lines[len(now) :]
    else:
        now, log.lines = [text for _, text in lines], []
    with (logs / f"{host.name}.log").open("a", encoding="utf-8", newline="\n") as file:
        file.write("".join(now))
    return len(now)


def _lost(doing: Doing, host: Host) -> bool:
    """Whether nothing of this reaches the log: the host is down, or its log was stopped (by an attacker's last act)."""
    if isinstance(doing, Reboot):
        return False
    early = 0 if doing.attack else 20 * SECOND
    if any(first - early <= doing.t < last for first, last in host.silences):
        return True
    return not doing.attack and any(boot - 30 * SECOND <= doing.t < boot + 60 * SECOND for boot in host.reboots)


def _write_attacks(out: Path, attacks: list[Attack], tallies: dict[str, Tally]) -> tuple[int, int]:
    written = count = 0
    with (out / "attacks.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for attack in attacks:
            tally = tallies.get(attack.attack_id)
            if tally is None:
                continue
            written += 1
            count += tally.events
            file.write(json.dumps(attack.described(tally), ensure_ascii=False) + "\n")
    return written, count


def _write_farm(out: Path, farm: Farm) -> None:
    zones = {host.name: host.zone for host in farm.hosts if host.profile.style == "bsd" and host.zone != "UTC"}
    described = {
        "start": farm.start.isoformat(),
        "days": farm.days,
        "zones": zones,
        "hosts": {
            host.name: {
                "role": host.role, "team": host.team, "format": host.profile.name, "header": host.profile.style,
                "zone": host.zone, "ip": host.ip, "internet": host.internet, "pid_space": host.pid_space,
            }
            for host in farm.hosts
        },
        "users": {
            person.login: {"role": "admin" if person.admin else person.role, "team": person.team, "zone": person.zone}
            for person in farm.people
        } | {login: {"role": "service"} for login in farm.services},
    }  # fmt: skip
    (out / "farm.json").write_text(json.dumps(described, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
