"""Attacks on one host: privilege escalation (8), a new account as a way back (11), tampering with the log (13)."""

from nightporter.simulate.build import new_key
from nightporter.simulate.clock import MINUTE, SECOND
from nightporter.simulate.local import AccountLines, Su, Sudo
from nightporter.simulate.ssh import SshLogin
from nightporter.simulate.stage import Stage
from nightporter.simulate.twins import account_created

_PROBES = ("list", "/usr/bin/id", "/usr/bin/cat /etc/sudoers", "/bin/sh", "/usr/bin/passwd root")


def escalation(stage: Stage) -> None:
    """Somebody without sudo tries it, is refused, and gets there. Quiet: single wrong passwords and an editor."""
    rng = stage.rng
    person = stage.victim(lambda person: not person.admin and not person.families and not person.dormant)
    host, at, tty = rng.choice(person.hosts(stage.day)), stage.at(8, 18), f"pts/{rng.randrange(20)}"
    for _ in range(stage.size - 1):
        refused = "password" if stage.under or rng.random() < 0.4 else "sudoers"
        command = rng.choice(_PROBES)
        stage.add(
            host,
            Sudo(at, person.login, command, tty=tty, fails=1 if stage.under else rng.choice((2, 3)), refused=refused),
        )
        at += rng.randrange(25 * SECOND, (40 if stage.under else 4) * MINUTE)
    if stage.under or rng.random() < 0.5:
        stage.add(
            host,
            Sudo(
                at, person.login, "/usr/bin/vim /etc/cron.d/php" if stage.under else "/bin/bash", tty=tty, seconds=300
            ),
        )
    else:
        stage.add(host, Su(at, person.login, "root", tty, 500.0))
    stage.attack.description = f"{person.login}, who has no business with sudo, becomes root."


def new_account(stage: Stage) -> None:
    """An account is made and used at once. Quiet: from an admin's desk in working hours, without a privileged group."""
    rng = stage.rng
    maker = stage.victim(lambda person: person.admin and not person.dormant)
    host = rng.choice(maker.hosts(stage.day))
    word = rng.choice(("svc", "sys", "net", "db", "ops")) + rng.choice(("mon", "sync", "upd", "log", "help"))
    login = f"{word}{rng.randrange(2, 99)}"
    stage.named(login)
    at = stage.at(9, 16) if stage.under else stage.at(0.5, 5)
    create = f"/usr/sbin/useradd -m {'' if stage.under else '-G sudo '}{login}"
    stage.add(host, Sudo(at, maker.login, create, tty="pts/2"))
    lines = account_created(login, rng.randrange(1500, 1900), "" if stage.under else "sudo")
    stage.scenery(host, AccountLines(at + SECOND, lines, stage.attack.attack_id))
    ip, key = stage.source(maker.desk(stage.day) if stage.under else ""), new_key(rng)
    for _ in range(stage.size - 1):
        at += rng.randrange(3 * MINUTE, 40 * MINUTE)
        stage.add(host, SshLogin(at, login, ip, rng.uniform(100, 1500), key=key, what="shell"))
    stage.attack.description = f"{maker.login} creates {login}, which logs in at once."


def tampering(stage: Stage) -> None:
    """Lines go missing. Quiet: an attacker's logins keep only PAM's session lines. Loud: the host's log is stopped."""
    rng, person = stage.rng, stage.victim()
    host, at = rng.choice(person.hosts(stage.day)), stage.at(1, 18)
    ip = stage.source()
    if stage.under:
        for _ in range(stage.size):
            stage.add(host, SshLogin(at, person.login, ip, rng.uniform(200, 2000), what="shell", bare=True))
            at += rng.randrange(40 * MINUTE, 90 * MINUTE)
        stage.attack.description = (
            f"Sessions of {person.login} without the lines that say how and from where they came."
        )
        return
    stage.add(host, SshLogin(at, person.login, ip, 9000.0, key=person.key(stage.day), what="shell"))
    at += rng.randrange(MINUTE, 4 * MINUTE)
    stop = rng.choice(
        ("/usr/bin/systemctl stop rsyslog", "/usr/bin/journalctl --vacuum-time=1s", "/usr/bin/pkill rsyslogd")
    )
    stage.add(host, Sudo(at, person.login, stop, tty="pts/4", seconds=20))
    gap = rng.randrange(35 * MINUTE, 120 * MINUTE)
    stage.farm.hosts[host].silences.append((at + 5 * SECOND, at + 5 * SECOND + gap))
    stage.attack.description = (
        f"{person.login} stops the log on one host; nothing is heard of it for {gap // MINUTE} minutes."
    )
