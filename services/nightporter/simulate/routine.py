"""What machines do by themselves on one host in one day: cron, monitoring, configuration, backups, scanners."""

import random
import string
from collections.abc import Callable

from nightporter.simulate.build import outside_address
from nightporter.simulate.cast import Farm, Host
from nightporter.simulate.clock import DAY, HOUR, MINUTE, SECOND
from nightporter.simulate.local import CronJob, Sudo
from nightporter.simulate.names import HOSTILE, SCANNED
from nightporter.simulate.refused import SshFailure, SshNobody
from nightporter.simulate.ssh import Doing, SshLogin

_CRON_USERS = {"db": "postgres", "web": "www-data", "app": "www-data", "build": "git"}
_MODULES = ("setup", "apt", "copy", "template", "service", "stat", "command", "systemd", "file", "user")
MONITOR_EVERY = 5 * MINUTE
CRON_EVERY = 10 * MINUTE


def host_day(farm: Farm, number: int, day: int, estate_tasks: int) -> list[Doing]:
    """A host's own doings on one day (UTC), in no order.

    estate_tasks: how many tasks configuration management runs that day; a patch night has more.
    """
    host = farm.hosts[number]
    rng = random.Random(f"{farm.seed}/routine/{host.name}/{day}")
    begin = farm.begin + day * DAY
    doings: list[Doing] = []
    _cron(doings, host, rng.random, begin)
    _monitoring(doings, farm, number, rng.random, begin)
    _configuration(doings, farm, number, rng, begin, estate_tasks)
    _backup(doings, farm, host, rng.random, begin)
    if host.role in ("web", "app") and farm.date(day).weekday() < 5:
        _releases(doings, farm, rng, begin)
    if host.internet:
        _scanners(doings, farm, host, day, rng, begin)
    return doings


def _cron(doings: list[Doing], host: Host, r: Callable[[], float], begin: int) -> None:
    user = _CRON_USERS.get(host.role, "root")
    for at in range(begin, begin + DAY, CRON_EVERY):
        doings.append(CronJob(at + SECOND + int(r() * 900_000), user, 0.05 + r()))
    for at in range(begin + 17 * MINUTE, begin + DAY, HOUR):
        doings.append(CronJob(at + SECOND + int(r() * 300_000), "root", 0.02 + r() * 0.1))
    doings.append(CronJob(begin + 6 * HOUR + 25 * MINUTE + SECOND + int(r() * 300_000), "root", 5 + r() * 60))


def _monitoring(doings: list[Doing], farm: Farm, number: int, r: Callable[[], float], begin: int) -> None:
    service = farm.services["nagios"]
    phase = number * 7 * SECOND % MONITOR_EVERY
    for at in range(begin + phase, begin + DAY, MONITOR_EVERY):
        doings.append(SshLogin(at + int(r() * 800_000), "nagios", service.source, 0.1 + r() * 0.6, key=service.key))


def _configuration(doings: list[Doing], farm: Farm, number: int, rng: random.Random, begin: int, tasks: int) -> None:
    service = farm.services["ansible"]
    if number == service.home_host and len(farm.hosts) > 1:
        return
    for run in (2, 14):
        at = begin + run * HOUR + number * 4 * SECOND % HOUR + rng.randrange(3 * SECOND)
        many = tasks if run == 2 else 2
        doings.append(SshLogin(at, "ansible", service.source, 6 + many * 1.5, key=service.key))
        at += 2 * SECOND
        for _ in range(many):
            at += SECOND + rng.randrange(SECOND)
            doings.append(
                Sudo(at, "ansible", become(rng, "ansible", at), tty="" if number % 2 else "unknown", seconds=0.5)
            )


def become(rng: random.Random, user: str, at: int) -> str:
    """The command line that an Ansible task with `become` puts into sudo's log."""
    word = "".join(rng.choices(string.ascii_lowercase, k=32))
    folder = f"ansible-tmp-{at / SECOND:.6f}-{rng.randrange(1000, 99999)}-{rng.randrange(10**14)}"
    module = rng.choice(_MODULES)
    script = f"/home/{user}/.ansible/tmp/{folder}/AnsiballZ_{module}.py"
    return f"/bin/sh -c 'echo BECOME-SUCCESS-{word} ; /usr/bin/python3 {script}'"


def _backup(doings: list[Doing], farm: Farm, host: Host, r: Callable[[], float], begin: int) -> None:
    service = farm.services["backup"]
    at = begin + 3 * HOUR + int(r() * 40 * MINUTE)
    for _ in range(2 if host.role in ("db", "storage") else 1):
        doings.append(SshLogin(at, "backup", service.source, 20 + r() * 900, key=service.key))
        at += 20 * MINUTE + int(r() * MINUTE)


def _releases(doings: list[Doing], farm: Farm, rng: random.Random, begin: int) -> None:
    service = farm.services["deploy"]
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        at = begin + 8 * HOUR + rng.randrange(8 * HOUR)
        doings.append(SshLogin(at, "deploy", service.source, 3.0, key=service.key, what="sftp"))
        doings.append(SshLogin(at + 20 * SECOND, "deploy", service.source, 12.0, key=service.key))
        doings.append(Sudo(at + 24 * SECOND, "deploy", "/usr/bin/systemctl restart app.service", tty="", seconds=2))


def noise_level(seed: str, host: Host) -> int:
    """Scanner connections a day on an internet-facing host, on average."""
    return random.Random(f"{seed}/noise/{host.name}").randrange(120, 420)


def _scanners(doings: list[Doing], farm: Farm, host: Host, day: int, rng: random.Random, begin: int) -> None:
    """Internet background: many sources with a try or two, some persistent ones that come back each day."""
    level = int(noise_level(farm.seed, host) * rng.uniform(0.7, 1.4))
    steady = random.Random(f"{farm.seed}/scanners/{day // 5}")  # the same for all hosts: scanners sweep whole networks
    sources = [outside_address(steady) for _ in range(12)] + [outside_address(rng) for _ in range(level // 12)]
    while level > 0:
        ip = rng.choice(sources)
        at = begin + rng.randrange(DAY)
        if rng.random() < 0.2:
            doings.append(SshNobody(at, ip))
            level -= 1
            continue
        if rng.random() < 0.02:
            ip = f"2001:db8:{rng.randrange(65536):x}::{rng.randrange(1, 65536):x}"
        pace = rng.choice((4, 30, 300, 1800)) * SECOND
        for _ in range(min(level, rng.choice((1, 1, 2, 3, 5, 12)))):
            user = rng.choice(SCANNED)
            if rng.random() < 0.004:
                user = rng.choice(HOSTILE)
            elif rng.random() < 0.002 and not host.key_only:
                user = ""
            known = user in ("root", "backup", "www-data", "nagios", "ansible", "git") or (user == "postgres")
            doings.append(SshFailure(at, user, ip, rng.choice((1, 1, 1, 2, 3, 6)), known and user != ""))
            level -= 1
            at += pace + rng.randrange(pace)
            if at >= begin + DAY:
                break
