"""Benign twins of the attacks, on purpose: harmless days that look like trouble.

Joiners, team moves, leave returns, key rotation, renumbering and DHCP are written into the cast; patch nights, an
internal vulnerability scanner, stale credentials, an outage of the directory and on-call work happen on their days.
"""

import random

from nightporter.simulate.build import favourite_hosts, new_key
from nightporter.simulate.cast import Farm
from nightporter.simulate.clock import DAY, HOUR, MINUTE, SECOND
from nightporter.simulate.local import AccountLines, ConsoleLogin, Reboot, Su, Sudo
from nightporter.simulate.names import TEAMS
from nightporter.simulate.people import Plan
from nightporter.simulate.refused import SshFailure, SshNobody
from nightporter.simulate.routine import become
from nightporter.simulate.ssh import SshLogin

SCANNER = "10.50.0.5"


def change_cast(farm: Farm) -> None:
    """Writes this farm's joiners, moves, leaves, rotations and address changes into the cast."""
    rng = random.Random(f"{farm.seed}/twins")
    days, people = farm.days, farm.people
    moved = rng.choice(TEAMS)
    moving_day = max(1, days * 2 // 3)
    for number, person in enumerate(people):
        fate = rng.random()
        middle = rng.randrange(1, max(2, days))
        if number and fate < 0.06:
            person.dormant = True
        elif number and fate < 0.11:
            person.joined = max(1, middle)
        elif fate < 0.16:
            person.places.append((middle, favourite_hosts(rng, rng.choice(TEAMS), person.admin, farm.hosts)))
        elif fate < 0.26:
            first = rng.randrange(max(1, days // 2))
            person.away.append((first, first + rng.randrange(2, max(3, days // 2))))
        elif number and fate < 0.29:
            person.away.append((0, middle))  # parental leave: seen for the first time in the middle
        if rng.random() < 0.12:
            person.keys.append((middle, new_key(rng)))
        if rng.random() < 0.2:
            person.desks.append((middle, person.desks[0][1].rsplit(".", 1)[0] + f".{rng.randrange(20, 250)}"))
        if person.team == moved and days > 4:
            person.desks.append((moving_day, f"10.140.{number % 250}.{rng.randrange(20, 250)}"))
    if len(people) > 3 and not any(p.dormant for p in people):
        people[-1].dormant = True
    for host in farm.hosts:
        host.reboots[:] = [boot for boot in host.reboots if boot > farm.begin + HOUR]
    if farm.days > 4:
        number, boot = _reinstallation(farm)
        farm.hosts[number].reboots.append(boot)
    for day in patch_days(farm):
        for number, host in enumerate(farm.hosts):
            if rng.random() < 0.4 and host.role != "bastion":
                host.reboots.append(farm.begin + day * DAY + 2 * HOUR + 40 * MINUTE + number % 60 * MINUTE // 4)


def patch_days(farm: Farm) -> list[int]:
    """Day numbers of the patch nights: every second Wednesday."""
    return [
        day
        for day in range(1, farm.days)
        if farm.date(day).weekday() == 2 and farm.date(day).isocalendar().week % 2 == 0
    ]


def twins_day(farm: Farm, day: int, plan: Plan) -> None:
    """Adds the harmless oddities of one day to the plan."""
    rng = random.Random(f"{farm.seed}/twins/{day}")
    begin = farm.begin + day * DAY
    for number, host in enumerate(farm.hosts):
        plan[number].extend(Reboot(boot) for boot in host.reboots if begin <= boot < begin + DAY)
    _joiners(farm, day, begin, rng, plan)
    if day in patch_days(farm):
        _patch_night(farm, begin, rng, plan)
    if day == farm.days * 3 // 5 and farm.days > 4:
        _reinstalled_host(farm, rng, plan)
    if day % 7 == 3:
        _vulnerability_scan(farm, begin, rng, plan)
    _stale_credentials(farm, day, begin, plan)
    if rng.random() < 0.03:
        _directory_outage(farm, day, begin, rng, plan)
    if rng.random() < 0.25:
        _on_call(farm, day, begin, rng, plan)


def _joiners(farm: Farm, day: int, begin: int, rng: random.Random, plan: Plan) -> None:
    """Accounts of people who start today are created on their hosts in the early morning."""
    for person in farm.people:
        if person.joined != day or day == 0:
            continue
        for number in person.hosts(day):
            at = begin + 5 * HOUR + rng.randrange(40 * MINUTE)
            uid = farm.hosts[number].uids[person.login]
            plan[number].append(Sudo(at, "ansible", f"/usr/sbin/useradd -m -s /bin/bash {person.login}", tty=""))
            plan[number].append(AccountLines(at + SECOND, account_created(person.login, uid)))


def account_created(login: str, uid: int, group: str = "") -> tuple[tuple[str, str], ...]:
    """What useradd, usermod and passwd log about a new account; `group` is one it is added to."""
    lines = [
        ("useradd", f"new group: name={login}, GID={uid}"),
        ("useradd", f"new user: name={login}, UID={uid}, GID={uid}, home=/home/{login}, shell=/bin/bash, from=none"),
        ("chpasswd", f"pam_unix(chpasswd:chauthtok): password changed for {login}"),
    ]
    if group:
        lines += [
            ("usermod", f"add '{login}' to group '{group}'"),
            ("usermod", f"add '{login}' to shadow group '{group}'"),
        ]
    return tuple(lines)


def _patch_night(farm: Farm, begin: int, rng: random.Random, plan: Plan) -> None:
    """An admin's script walks over all hosts within minutes: the same shape as a hostile fan-out."""
    admins = [person for person in farm.people if person.admin and not person.dormant]
    admin = rng.choice(admins or farm.people)
    source = farm.hosts[farm.services["ansible"].home_host].ip
    at = begin + 2 * HOUR + 5 * MINUTE
    for number in range(len(farm.hosts)):
        at += SECOND // 2 + rng.randrange(3 * SECOND)
        plan[number].append(SshLogin(at, admin.login, source, 25.0, key=admin.keys[0][1]))
        plan[number].append(Sudo(at + 2 * SECOND, admin.login, "/usr/bin/apt-get dist-upgrade -y", tty="", seconds=20))


def _vulnerability_scan(farm: Farm, begin: int, rng: random.Random, plan: Plan) -> None:
    """The security team's own scanner knocks on every host."""
    at = begin + 20 * HOUR
    for number in range(len(farm.hosts)):
        for _ in range(3):
            at += rng.randrange(SECOND, 4 * SECOND)
            plan[number].append(SshNobody(at, SCANNER))
        for user, known in (("root", True), ("admin", False)):
            at += rng.randrange(SECOND, 4 * SECOND)
            plan[number].append(SshFailure(at, user, SCANNER, 1, known))


def _stale_credentials(farm: Farm, day: int, begin: int, plan: Plan) -> None:
    """A cron job keeps using a password that was changed: hourly failures for three days, server to server."""
    rng = random.Random(f"{farm.seed}/stale/{day // 9}")
    source, target = rng.randrange(len(farm.hosts)), rng.randrange(len(farm.hosts))
    minute, first = rng.randrange(60), rng.randrange(6)
    if source == target or not first <= day % 9 < first + 3:
        return
    for hour in range(24):
        at = begin + hour * HOUR + minute * MINUTE + 2 * SECOND
        plan[target].append(SshFailure(at, "backup", farm.hosts[source].ip, 1, True))


def _reinstallation(farm: Farm) -> tuple[int, int]:
    """Number of the host that is set up anew, and when it boots."""
    rng = random.Random(f"{farm.seed}/reinstallation")
    day = farm.days * 3 // 5
    return rng.randrange(len(farm.hosts)), farm.begin + day * DAY + 13 * HOUR + rng.randrange(3600) * SECOND


def _reinstalled_host(farm: Farm, rng: random.Random, plan: Plan) -> None:
    """A host is set up anew: every account is created again and configuration management runs all its tasks."""
    number, at = _reinstallation(farm)
    host, service = farm.hosts[number], farm.services["ansible"]
    at += 5 * MINUTE
    plan[number].append(SshLogin(at, "root", service.source, 200.0, key=service.key))
    for person in farm.people:
        if number in person.hosts(0):
            at += 3 * SECOND
            plan[number].append(AccountLines(at, account_created(person.login, host.uids[person.login])))
    for _ in range(25):
        at += SECOND + rng.randrange(2 * SECOND)
        plan[number].append(Sudo(at, "ansible", become(rng, "ansible", at), tty=""))


def _directory_outage(farm: Farm, day: int, begin: int, rng: random.Random, plan: Plan) -> None:
    """For a quarter of an hour the directory is down and nobody's password is right."""
    at = begin + 8 * HOUR + rng.randrange(6 * HOUR)
    for person in farm.people:
        if person.works(day, farm.date(day)) and rng.random() < 0.5:
            plan[person.hosts(day)[0]].append(
                SshFailure(at + rng.randrange(15 * MINUTE), person.login, person.desk(day), rng.choice((1, 2, 3)), True)
            )


def _on_call(farm: Farm, day: int, begin: int, rng: random.Random, plan: Plan) -> None:
    """Something breaks at night: an admin logs in from home and becomes the service account to look."""
    awake = [person for person in farm.people if person.admin and person.works(day, farm.date(day))]
    if not awake:
        return
    person = rng.choice(awake)
    at = begin + 22 * HOUR + rng.randrange(90 * MINUTE)
    number = rng.choice(person.hosts(day))
    plan[number].append(SshLogin(at, person.login, person.vpn, 1500.0, key=person.key(day), what="shell"))
    plan[number].append(
        Sudo(at + 30 * SECOND, person.login, "/usr/bin/journalctl -u app -n 500", tty="pts/1", seconds=40)
    )
    plan[number].append(Su(at + 2 * MINUTE, person.login, "deploy", "pts/1", 600))
    if rng.random() < 0.5:  # somebody stands in the machine room and mistypes root's password
        plan[rng.randrange(len(farm.hosts))].append(ConsoleLogin(at + HOUR, "root", 900, fails=rng.choice((0, 1, 2))))
