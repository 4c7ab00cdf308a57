"""What sshd writes about a login that succeeds: from the connection to the end of the session."""

from dataclasses import dataclass
from typing import Protocol

from nightporter.simulate.cast import pam_failure
from nightporter.simulate.clock import SECOND
from nightporter.simulate.hostlog import HostLog

MS = 1_000


class Doing(Protocol):
    """Something that happens on a host at `t` (microseconds since 1970) and leaves lines in its log."""

    t: int
    attack: str

    def write(self, log: HostLog) -> None:
        """Writes the lines and the true event."""


@dataclass(slots=True)
class SshLogin:
    """One successful ssh connection."""

    t: int
    user: str
    ip: str
    seconds: float = 1.0  # length of the session
    method: str = "publickey"
    key: str = ""  # 'ED25519 SHA256:…', as sshd prints it; a certificate carries its CA too
    what: str = "command"  # 'shell', 'command' or 'sftp'
    fails: int = 0  # failed attempts before the accepted one
    wrong_keys: tuple[str, ...] = ()  # keys of the agent that were refused first (seen on verbose hosts)
    attack: str = ""
    bare: bool = False  # somebody removed the lines that name the source: only PAM's session lines are left

    def write(self, log: HostLog) -> None:
        """Writes the lines and the true event."""
        host, profile, r = log.host, log.profile, log.r
        t, user = self.t, self.user
        if profile.logind:  # logind names only the user: two logins within a second could not be told apart
            t = max(t, log.busy_users.get(user, 0))
            log.busy_users[user] = t + 15 * SECOND
        ip, port = self.ip, 32768 + int(r() * 28000)
        shown = "::ffff:" + ip if host.mapped else ip
        peer = f"{shown} port {port}"
        finish = t + int(self.seconds * SECOND) + self.fails * 5 * SECOND + 300 * MS
        pid = log.pid(t, finish + 3 * SECOND)
        tag = log.tag(profile.sshd, pid)
        lines, before = log.lines, len(log.lines)
        failures = self._prelude(log, tag, t, shown, port) if not self.bare else 0
        now = max(t, lines[-1][0] + 2 * MS) if len(lines) > before else t
        fingerprint = ""
        start = now
        if not self.bare:
            note = ""
            if self.method == "publickey" and profile.keys and self.key:
                note = ": " + self.key
                fingerprint = self.key.split(" ", 2)[1]
            log.line(now, tag, f"Accepted {self.method} for {user} from {peer} ssh2{note}")
            start = lines[before][0]
        opened = now + 4 * MS + int(r() * 9000)
        start = opened if self.bare else start
        log.line(opened, tag, "pam_unix(sshd:session): session opened for user " + log.host.opened_for(user, 0))
        last, closed, extra, session = opened, 0, 0, ""
        root = user == "root"
        child, child_tag = pid, tag
        if not root:
            child = log.child(pid, t, finish + 3 * SECOND)
            child_tag = log.tag(profile.sshd, child)
        if profile.logind:
            mark = len(lines)
            session = log.logind_new(opened + 2 * MS, user)
            log.manager(opened + 4 * MS, user, finish)
            extra += len(lines) - mark
        linked = profile.ports or root
        if profile.verbose and not self.bare:
            last = opened + 9 * MS
            if not root:
                log.line(last, tag, f"User child is on pid {child}")
            last += 5 * MS
            what = f"shell on pts/{int(r() * 30)}" if self.what == "shell" else self.what
            if self.what == "sftp":
                what = "subsystem 'sftp'"
            log.line(last, child_tag, f"Starting session: {what} for {user} from {peer} id 0")
        ending = r()
        end = max(finish, last + 20 * MS)
        if log.cut(t, end):
            ending = 2.0
        if self.what == "sftp" and not profile.verbose and linked and 0.02 < ending < 0.9:
            last += 7 * MS  # named only by the child's pid: the line can be tied because the child says goodbye, too
            log.line(last, child_tag, f"subsystem request for sftp by user {user}")
        if ending < 2.0:
            if profile.verbose and not self.bare and ending > 0.02:
                log.line(end, child_tag, f"Close session: user {user} from {peer} id 0")
                end += 2 * MS
            if linked and not self.bare:
                end = self._goodbye(log, child_tag, end, shown, port, ending)
            closed = last = end + 2 * MS
            log.line(closed, tag, f"pam_unix(sshd:session): session closed for user {user}")
            if session:
                mark = len(lines)
                log.logind_gone(closed + 12 * MS, session, ending < 0.5)
                extra += len(lines) - mark
        log.event(
            "sshd", pid, start, last, entries=len(lines) - before - extra, user=user, outcome="success",
            ip="" if self.bare else ip, port=0 if self.bare else port, method="" if self.bare else self.method,
            key=fingerprint, failures=failures, opened=opened, closed=closed, session=session, attack=self.attack,
        )  # fmt: skip

    def _prelude(self, log: HostLog, tag: str, t: int, shown: str, port: int) -> int:
        """What precedes `Accepted`; returns the number of failed attempts written."""
        profile, r, user = log.profile, log.r, self.user
        peer = f"{shown} port {port}"
        now, failures = t, 0
        if profile.verbose:
            log.line(now, tag, f'Connection from {peer} on {log.host.ip} port 22 rdomain ""')
            now += 40 * MS
            for key in self.wrong_keys:
                now += 30 * MS
                log.line(now, tag, f"Failed publickey for {user} from {peer} ssh2: {key}")
                failures += 1
            if self.method == "publickey" and self.key:
                now += 20 * MS
                file = "/root" if user == "root" else f"/home/{user}"
                kind, fingerprint = self.key.split(" ", 2)[:2]
                if "CERT" not in kind:
                    log.line(now, tag, f"Accepted key {kind} {fingerprint} found at {file}/.ssh/authorized_keys:1")
                    now += 3 * MS
                log.line(now, tag, f"Postponed publickey for {user} from {peer} ssh2 [preauth]")
                now += 40 * MS
        for attempt in range(self.fails):
            if self.method == "keyboard-interactive/pam":
                log.line(now, tag, f"error: PAM: Authentication failure for {user} from {shown}")
                log.line(now + MS, tag, f"Failed keyboard-interactive/pam for {user} from {peer} ssh2")
            else:
                if attempt == 0:
                    log.line(now, tag, pam_failure("sshd", source=shown, user=user))
                log.line(now + 2 * SECOND, tag, f"Failed password for {user} from {peer} ssh2")
            failures += 1
            now += 3 * SECOND + int(r() * 1_500_000)
        if self.method == "gssapi-with-mic" and profile.verbose:
            log.line(now, tag, f"Authorized to {user}, krb5 principal {user}@FARM.EXAMPLE (krb5_kuserok)")
        return failures

    def _goodbye(self, log: HostLog, tag: str, t: int, shown: str, port: int, ending: float) -> int:
        """How the connection ends; returns the time after it."""
        user, profile = self.user, log.profile
        if not profile.ports:
            if ending > 0.05:
                log.line(t, tag, f"Received disconnect from {shown}: 11: disconnected by user")
            return t
        if ending > 0.12:
            log.line(t, tag, f"Received disconnect from {shown} port {port}:11: disconnected by user")
            who = f"user {user} " if profile.named_closes else ""
            log.line(t + MS, tag, f"Disconnected from {who}{shown} port {port}")
        elif ending > 0.07 or not profile.named_closes:
            log.line(t, tag, f"Connection closed by {shown} port {port}")
        elif ending > 0.04:
            log.line(t, tag, f"Connection reset by {shown} port {port}")
        elif ending > 0.02:
            log.line(t, tag, f"Timeout, client not responding from user {user} {shown} port {port}")
        return t + MS  # below 0.02 the network just went away: PAM's line is the only one
