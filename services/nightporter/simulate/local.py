"""What programs on the host itself write: sudo, su, cron, console logins, changes of accounts, a reboot."""

from dataclasses import dataclass

from nightporter.simulate.cast import pam_failure
from nightporter.simulate.clock import SECOND
from nightporter.simulate.hostlog import HostLog
from nightporter.simulate.ssh import MS

_SYSLOG_WIDTH = 960  # sudo breaks longer messages at a space and goes on in a `(command continued)` line


@dataclass(slots=True)
class Sudo:
    """One sudo call."""

    t: int
    user: str
    command: str
    target: str = "root"
    tty: str = "pts/0"  # '' = none
    seconds: float = 0.4
    fails: int = 0  # wrong passwords
    refused: str = ""  # '' · 'password' (gave up) · 'sudoers' · 'command'
    attack: str = ""

    def write(self, log: HostLog) -> None:
        """Writes the lines and the true event."""
        host, profile = log.host, log.profile
        t, user, tty = self.t, self.user, self.tty
        seconds = self.seconds
        if not profile.sudo_pid:  # one at a time: nothing in the log tells two of them apart
            t = max(t, log.quiet_until)
            seconds = min(seconds, 40.0)
            log.quiet_until = t + int(seconds * SECOND) + (self.fails * 4 + 3) * SECOND
        finish = t + int(seconds * SECOND) + self.fails * 4 * SECOND + 30 * MS
        pid = log.pid(t, finish + SECOND) if profile.sudo_pid else 0
        tag = log.tag("sudo", pid)
        lines, before = log.lines, len(log.lines)
        now, uid = t, host.uids.get(user, 1000)
        failures = 0
        if self.fails and self.refused != "sudoers":
            shown = f"/dev/{tty}" if tty else ""
            log.line(now, tag, pam_failure("sudo", name=user, uid=uid, tty=shown, asker=user, user=user))
            failures = 1
            now += self.fails * 3 * SECOND
        reason = {
            "password": f"{self.fails} incorrect password attempt{'s' if self.fails > 1 else ''} ; ",
            "sudoers": "user NOT in sudoers ; ",
            "command": "command not allowed ; ",
        }.get(self.refused, "")
        if self.refused == "password":
            failures = self.fails
        terminal = f"TTY={tty} ; " if tty else ""
        home = "/root" if user == "root" else f"/home/{user}"
        text = f"{user:>8} : {reason}{terminal}PWD={home} ; USER={self.target} ; COMMAND={self.command}"
        last = now
        while len(text) > _SYSLOG_WIDTH:
            at = text.rfind(" ", 0, _SYSLOG_WIDTH)
            log.line(last, tag, text[:at])
            text = f"{user:>8} : (command continued) {text[at + 1 :]}"
            last += MS // 4
        log.line(last, tag, text)
        if profile.sudo_session and not self.refused:
            last += MS
            by = user if profile.pam_uid != "old" or tty else ""
            who = f"{self.target}(uid={host.uids.get(self.target, 0)})" if profile.pam_uid != "old" else self.target
            by_uid = uid if profile.pam_uid != "old" else 0
            log.line(last, tag, f"pam_unix(sudo:session): session opened for user {who} by {by}(uid={by_uid})")
            end = max(finish, last + 3 * MS)
            if not log.cut(t, end):
                last = end
                log.line(last, tag, f"pam_unix(sudo:session): session closed for user {self.target}")
        log.event(
            "sudo", pid, t, last, entries=len(lines) - before, user=user, target=self.target,
            outcome="failure" if self.refused else "success", failures=failures, tty=tty, command=self.command,
            attack=self.attack,
        )  # fmt: skip


@dataclass(slots=True)
class Su:
    """One su call."""

    t: int
    user: str
    target: str = "root"
    tty: str = "pts/0"
    seconds: float = 60.0
    allowed: bool = True
    attack: str = ""

    def write(self, log: HostLog) -> None:
        """Writes the lines and the true event."""
        host, profile, t = log.host, log.profile, self.t
        finish = t + int(self.seconds * SECOND) + 50 * MS
        pid = log.pid(t, finish + SECOND)
        tag = log.tag("su", pid)
        lines, before = log.lines, len(log.lines)
        uid, last = host.uids.get(self.user, 1000), t
        shadow = profile.su == "shadow"
        if not self.allowed:
            terminal = f"/dev/{self.tty}"
            failed = pam_failure("su", name=self.user, uid=uid, tty=terminal, asker=self.user, user=self.target)
            log.line(t, tag, failed)
            last = t + 2 * SECOND
            if shadow:
                log.line(last, tag, f"FAILED su for {self.target} by {self.user}")
                last += MS
                log.line(last, tag, f"- /dev/{self.tty} {self.user}:{self.target}")
            else:
                log.line(last, tag, f"FAILED SU (to {self.target}) {self.user} on {self.tty}")
        else:
            if shadow:
                log.line(t, tag, f"Successful su for {self.target} by {self.user}")
                log.line(t + MS, tag, f"+ /dev/{self.tty} {self.user}:{self.target}")
            else:
                log.line(t, tag, f"(to {self.target}) {self.user} on {self.tty}")
            last = t + 4 * MS
            who = f"{self.target}(uid={host.uids.get(self.target, 0)})" if profile.pam_uid != "old" else self.target
            log.line(last, tag, f"pam_unix(su:session): session opened for user {who} by {self.user}(uid={uid})")
            end = max(finish, last + MS)
            if not log.cut(t, end):
                last = end
                log.line(last, tag, f"pam_unix(su:session): session closed for user {self.target}")
        log.event(
            "su", pid, t, last, entries=len(lines) - before, user=self.user, target=self.target,
            outcome="success" if self.allowed else "failure", failures=0 if self.allowed else 1, attack=self.attack,
        )  # fmt: skip


@dataclass(slots=True)
class CronJob:
    """One run of a cron job."""

    t: int
    user: str
    seconds: float = 0.3
    attack: str = ""

    def write(self, log: HostLog) -> None:
        """Writes the lines and the true event."""
        profile, t = log.profile, self.t
        end = t + int(self.seconds * SECOND) + 8 * MS
        pid = log.pid(t, end + SECOND)
        tag = log.tag(profile.cron, pid)
        service = "cron" if profile.cron == "CRON" else "crond"
        log.line(t, tag, f"pam_unix({service}:session): session opened for user {log.host.opened_for(self.user, 0)}")
        last, entries = t, 1
        if not log.cut(t, end):
            last, entries = end, 2
            log.line(end, tag, f"pam_unix({service}:session): session closed for user {self.user}")
        log.event("cron", pid, t, last, entries=entries, user=self.user, outcome="success", attack=self.attack)


@dataclass(slots=True)
class ConsoleLogin:
    """One login on the machine itself: a text console, or the desktop of a host that has one."""

    t: int
    user: str
    seconds: float = 1800.0
    fails: int = 0
    desktop: bool = False
    attack: str = ""

    def write(self, log: HostLog) -> None:
        """Writes the lines and the true event."""
        host, profile, t, user = log.host, log.profile, self.t, self.user
        finish = t + int(self.seconds * SECOND) + self.fails * 6 * SECOND
        if profile.logind:
            log.busy_users[user] = t + (self.fails * 6 + 15) * SECOND
        pid = log.pid(t, finish + SECOND)
        service = "gdm-password" if self.desktop else "login"
        tag = log.tag("gdm-password]" if self.desktop and profile.style in ("iso", "bsd") else service, pid)
        lines, before, extra = log.lines, len(log.lines), 0
        now = t
        if not self.desktop:
            for attempt in range(self.fails):
                log.line(now, tag, pam_failure("login", name="LOGIN", tty="/dev/tty1", user=user))
                failed = f"FAILED LOGIN ({attempt + 1}) on '/dev/tty1' FOR '{user}', Authentication failure"
                log.line(now + 2 * SECOND, tag, failed)
                now += 5 * SECOND
        by = "LOGIN(uid=0)" if not self.desktop else "(uid=0)"
        who = f"{user}(uid={host.uids.get(user, 1000)})" if profile.pam_uid != "old" else user
        log.line(now, tag, f"pam_unix({service}:session): session opened for user {who} by {by}")
        last, session = now, ""
        if profile.logind:
            session = log.logind_new(now + 2 * MS, user)
            log.manager(now + 3 * MS, user, finish)
            extra = len(lines) - before - 2 * (self.fails if not self.desktop else 0) - 1
        last += 8 * MS
        if self.desktop:
            log.line(last, tag, "gkr-pam: unlocked login keyring")
        else:
            log.line(last, tag, "ROOT LOGIN  on '/dev/tty1'" if user == "root" else f"LOGIN ON tty1 BY {user}")
        end = max(finish, last + MS)
        if not log.cut(t, end):
            last = end
            log.line(last, tag, f"pam_unix({service}:session): session closed for user {user}")
            if session:
                mark = len(lines)
                log.logind_gone(last + 10 * MS, session, False)
                extra += len(lines) - mark
        log.event(
            "gdm" if self.desktop else "login", pid, t, last, entries=len(lines) - before - extra, user=user,
            outcome="success", failures=0 if self.desktop else self.fails, session=session, attack=self.attack,
        )  # fmt: skip


@dataclass(slots=True)
class AccountLines:
    """Lines of useradd, usermod, passwd and the like; they belong to no login."""

    t: int
    entries: tuple[tuple[str, str], ...]  # (program, message)
    attack: str = ""

    def write(self, log: HostLog) -> None:
        """Writes the lines; there is no event."""
        for number, (program, message) in enumerate(self.entries):
            at = self.t + number * 150 * MS
            log.line(at, log.tag(program, log.pid(at, at + SECOND)), message)


@dataclass(slots=True)
class Reboot:
    """The host goes down and comes back: process ids start again, open sessions never log their end."""

    t: int
    attack: str = ""

    def write(self, log: HostLog) -> None:
        """Writes the listener's last and first lines; there is no event."""
        log.line(self.t - SECOND, log.tag("sshd", log.listener), "Received signal 15; terminating.")
        log.restart(self.t + 35 * SECOND)
