"""Attacks that come in with valid credentials.

Stolen key (4), service account (6), dormant account (7), two networks at once (9), slow reuse of the owner's desk (12).
"""

from nightporter.simulate.clock import DAY, HOUR, MINUTE, SECOND
from nightporter.simulate.local import AccountLines, Su, Sudo
from nightporter.simulate.ssh import SshLogin
from nightporter.simulate.stage import Stage


def stolen_key(stage: Stage) -> None:
    """Somebody's key from an address nobody has seen. Quiet: from inside, a colleague's network, in working hours."""
    rng, person = stage.rng, stage.victim()
    key = person.key(stage.day)
    if stage.under:
        ip = stage.source(f"10.10{rng.randrange(8)}.{rng.randrange(250)}.{rng.randrange(20, 250)}")
        hosts, at = [rng.choice(person.hosts(stage.day))], stage.at(8, 16)
    else:
        ip, hosts, at = stage.source(), [stage.door()], stage.at(0.5, 5)
    for number in range(stage.size):
        stage.add(
            hosts[0],
            SshLogin(at, person.login, ip, rng.uniform(60, 900), key=key, what="shell" if number == 0 else "sftp"),
        )
        at += rng.randrange(2 * MINUTE, 25 * MINUTE)
    stage.attack.description = f"The private key of {person.login} used from an address it never came from."


def service_account(stage: Stage) -> None:
    """A program's account gets a shell in the small hours, with a terminal and sudo."""
    rng = stage.rng
    login = rng.choice(("backup", "deploy", "ansible"))
    service = stage.farm.services[login]
    stage.named(login)
    host = rng.randrange(len(stage.farm.hosts))
    at = stage.at(0.5, 1.8) if stage.under else stage.at(4, 5.5)
    # Quiet: from the account's own server, so that only the shell and the hour are strange.
    ip = stage.source(
        service.source if stage.under else stage.farm.people[rng.randrange(len(stage.farm.people))].desk(stage.day)
    )
    stage.add(host, SshLogin(at, login, ip, rng.uniform(600, 2400), key=service.key, what="shell"))
    for number in range(stage.size - 1):
        at += rng.randrange(30 * SECOND, 6 * MINUTE)
        command = rng.choice(("/bin/bash", "/usr/bin/cat /etc/shadow", "/usr/bin/find / -name id_rsa", "/usr/bin/id"))
        if number == 1:
            stage.add(host, Su(at, login, "root", "pts/3", 300.0))
        else:
            stage.add(host, Sudo(at, login, command, tty="pts/3", seconds=rng.uniform(1, 90)))
    stage.attack.description = f"The service account {login} used interactively at night."


def dormant_account(stage: Stage) -> None:
    """An account without a login for as long as the log goes back is used again."""
    rng, person = stage.rng, stage.victim(lambda person: person.dormant)
    host = stage.door() if not stage.under else rng.choice(person.hosts(stage.day))
    ip = stage.source(person.vpn if stage.under else "")
    at = stage.at(8, 17) if stage.under else stage.at(0.5, 5)
    if not stage.under:
        changed = (("passwd", f"pam_unix(passwd:chauthtok): password changed for {person.login}"),)
        stage.scenery(host, AccountLines(at - 3 * MINUTE, changed, stage.attack.attack_id))
    method = "publickey" if stage.farm.hosts[host].key_only else "password"
    for _ in range(stage.size):
        stage.add(
            host,
            SshLogin(
                at,
                person.login,
                ip,
                rng.uniform(100, 3000),
                method,
                person.keys[0][1] if method == "publickey" else "",
                "shell",
            ),
        )
        at += rng.randrange(10 * MINUTE, HOUR)
    stage.attack.description = f"The dormant account {person.login} is revived."


def concurrent_networks(stage: Stage) -> None:
    """While the owner works from home, the same account comes from a far network."""
    rng, person, host = stage.rng, stage.victim(), stage.door()
    at = stage.at(9, 14)
    stage.scenery(host, SshLogin(at, person.login, person.home, 3 * 3600.0, key=person.key(stage.day), what="shell"))
    ip = stage.source()
    other = rng.choice(person.hosts(stage.day)) if stage.under else host
    for _ in range(stage.size):
        at += rng.randrange(4 * MINUTE, 50 * MINUTE)
        stage.add(other, SshLogin(at, person.login, ip, rng.uniform(60, 1800), key=person.key(stage.day), what="shell"))
    stage.attack.description = f"{person.login} logs in from two far networks at the same time."


def slow_reuse(stage: Stage) -> None:
    """From the owner's own workstation and hours, one login a day, each on a host new to the account."""
    rng, person = stage.rng, stage.victim()
    hosts = stage.strange_hosts(person)
    ip = stage.source(person.desk(stage.day))
    step = 2 if stage.under else 1
    days = [day for day in range(stage.day, stage.farm.days, step) if stage.farm.date(day).weekday() < 5] or [stage.day]
    for number in range(stage.size):
        if number >= len(days):
            break
        at = stage.farm.begin + days[number] * DAY + int(rng.uniform(9, 15) * HOUR)
        stage.add(
            hosts[number % len(hosts)],
            SshLogin(at, person.login, ip, rng.uniform(30, 900), key=person.key(days[number]), what="shell"),
        )
    stage.attack.description = f"Slow reuse of {person.login}'s own workstation and hours: one new host a day."
