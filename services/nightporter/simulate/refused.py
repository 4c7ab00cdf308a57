"""What sshd writes about connections that do not get in: wrong passwords, refused keys, scanners that name nobody."""

from dataclasses import dataclass

from nightporter.simulate.cast import pam_failure
from nightporter.simulate.clock import SECOND
from nightporter.simulate.hostlog import HostLog
from nightporter.simulate.names import BANNERS, BYE, OFFERS
from nightporter.simulate.ssh import MS


@dataclass(slots=True)
class SshFailure:
    """One ssh connection that named a user and was not let in."""

    t: int
    user: str
    ip: str
    tries: int = 1
    known: bool = False  # whether the host has such an account
    attack: str = ""

    def write(self, log: HostLog) -> None:
        """Writes the lines and the true event."""
        host, profile, r = log.host, log.profile, log.r
        t, user, port = self.t, self.user, 32768 + int(r() * 28000)
        shown = "::ffff:" + self.ip if host.mapped else self.ip
        pid = log.pid(t, t + (self.tries * 4 + 6) * SECOND)
        tag = log.tag(profile.sshd, pid)
        lines, before = log.lines, len(log.lines)
        where = f" port {port}" if profile.ports else ""
        now, named_port = t, profile.ports
        if profile.verbose:
            log.line(now, tag, f'Connection from {shown} port {port} on {host.ip} port 22 rdomain ""')
            now += 300 * MS
            named_port = True
        if not self.known:
            log.line(now, tag, f"Invalid user {user} from {shown}{where}")
            now += 2 * MS
            if not profile.named_closes:
                log.line(now, tag, f"input_userauth_request: invalid user {user} [preauth]")
                now += 2 * MS
        method, failures = "", 0
        if not host.key_only:
            named_port = True
            method = "keyboard-interactive/pam" if host.keyboard else "password"
            failures = self.tries
            now = self._attempts(log, tag, now, shown, port)
        now = self._close(log, tag, now, shown, port)
        nameless = host.key_only and self.known and not profile.named_closes  # OpenSSH 7.4: no line names the user
        log.event(
            "sshd", pid, lines[before][0], now, entries=len(lines) - before, user="" if nameless else user,
            outcome="no_auth" if nameless else "failure",
            ip=self.ip, port=port if named_port else 0, method=method, invalid=not self.known, failures=failures,
            attack=self.attack,
        )  # fmt: skip

    def _attempts(self, log: HostLog, tag: str, now: int, shown: str, port: int) -> int:
        """The failed attempts on a host that takes passwords; returns the time after them."""
        host, r, user = log.host, log.r, self.user
        who = user if self.known else f"invalid user {user}"
        failed = f"for {who} from {shown} port {port} ssh2"
        if host.keyboard:
            for _ in range(self.tries):
                about = user if self.known else f"illegal user {user}"
                cause = (
                    "Authentication failure" if self.known else "User not known to the underlying authentication module"
                )
                log.line(now, tag, f"error: PAM: {cause} for {about} from {shown}")
                log.line(now + MS, tag, f"Failed keyboard-interactive/pam {failed}")
                now += 2 * SECOND + int(r() * 1_500_000)
            return now
        folded = host.folds and self.known and self.tries > 2
        for attempt in range(self.tries):
            if not self.known:
                log.line(now, tag, "pam_unix(sshd:auth): check pass; user unknown")
            if attempt == 0:
                log.line(now + MS, tag, pam_failure("sshd", source=shown, user=user if self.known else ""))
            now += 2 * SECOND + int(r() * 800_000)
            if folded and attempt == self.tries - 1:
                log.line(now, tag, f"message repeated {self.tries - 1} times: [ Failed password {failed}]")
            elif not folded or attempt == 0:
                log.line(now, tag, f"Failed password {failed}")
            now += 300 * MS + int(r() * 900_000)
        return now

    def _close(self, log: HostLog, tag: str, now: int, shown: str, port: int) -> int:
        """How such a connection ends; returns the time of the last line."""
        host, profile, r = log.host, log.profile, log.r
        user, lines = self.user, log.lines
        who = user if self.known else f"invalid user {user}"
        kind = f"authenticating user {user}" if self.known else f"invalid user {user}"
        peer = f"{shown} port {port}" if profile.ports else shown
        named = f"{kind} {peer}" if profile.named_closes else peer
        way = r()
        now = max(now, lines[-1][0] + 20 * MS)
        if self.tries >= 6 and not host.key_only:
            log.line(
                now,
                tag,
                f"error: maximum authentication attempts exceeded for {who} from {shown} port {port} ssh2 [preauth]",
            )
            now += MS
            about = f" {named}" if profile.named_closes else ""
            log.line(now, tag, f"Disconnecting{about}: Too many authentication failures [preauth]")
        elif way < 0.45 and not host.key_only:
            reason = "11: " + BYE[int(r() * len(BYE))]
            before = f"{peer}:{reason}" if profile.ports else f"{peer}: {reason}"
            log.line(now, tag, f"Received disconnect from {before} [preauth]")
            if profile.ports:
                now += MS
                log.line(now, tag, f"Disconnected from {named} [preauth]")
        elif way < 0.93 or host.key_only:
            verb = "reset" if way < 0.06 else "closed"
            log.line(now, tag, f"Connection {verb} by {named} [preauth]")
        else:
            return lines[-1][0]  # the connection just went away
        if self.tries > 1 and not host.key_only and not host.keyboard:
            now += MS
            about = f"  user={user}" if self.known else ""
            plural = "s" if self.tries > 2 else ""
            about = f"logname= uid=0 euid=0 tty=ssh ruser= rhost={shown}{about}"
            log.line(now, tag, f"PAM {self.tries - 1} more authentication failure{plural}; {about}")
            if self.tries > 3:
                log.line(now, tag, f"PAM service(sshd) ignoring max retries; {self.tries} > 3")
        return now


@dataclass(slots=True)
class SshNobody:
    """One ssh connection that named no user: port scans, other protocols, old ciphers, timeouts."""

    t: int
    ip: str
    attack: str = ""

    def write(self, log: HostLog) -> None:
        """Writes the lines and the true event."""
        host, profile, r = log.host, log.profile, log.r
        t, port = self.t, 32768 + int(r() * 28000)
        shown = "::ffff:" + self.ip if host.mapped else self.ip
        way = int(r() * 7)
        pid = log.pid(t, t + 125 * SECOND if way == 6 else t + 2 * SECOND)
        tag = log.tag(profile.sshd, pid)
        lines, before = log.lines, len(log.lines)
        ip, at = self.ip, f" port {port}" if profile.ports else ""
        now, shows_port = t, profile.ports
        if profile.verbose:
            log.line(now, tag, f'Connection from {shown} port {port} on {host.ip} port 22 rdomain ""')
            now += 200 * MS
        if way == 0:
            log.line(now, tag, f"Did not receive identification string from {shown}{at}")
        elif way == 1:
            log.line(now, tag, f"Connection closed by {shown}{at} [preauth]")
        elif way == 2 and profile.named_closes:
            log.line(now, tag, "error: kex_exchange_identification: Connection closed by remote host")
            now += MS
            log.line(now, tag, f"Connection closed by {shown}{at}")
        elif way == 3 and profile.named_closes:
            log.line(now, tag, f"banner exchange: Connection from {shown}{at}: invalid format")
        elif way == 3:
            log.line(
                now, tag, f"Bad protocol version identification '{BANNERS[int(r() * len(BANNERS))]}' from {shown}{at}"
            )
        elif way == 4 and profile.ports:
            offer = OFFERS[int(r() * len(OFFERS))]
            cause = f"no matching key exchange method found. Their offer: {offer} [preauth]"
            log.line(now, tag, f"Unable to negotiate with {shown}{at}: {cause}")
        elif way == 5:
            separator = f"{at}:11: " if profile.ports else ": 11: "
            log.line(now, tag, f"Received disconnect from {shown}{separator}{BYE[int(r() * len(BYE))]} [preauth]")
            if profile.ports:
                now += MS
                log.line(now, tag, f"Disconnected from {shown}{at} [preauth]")
        elif way == 6:
            now += 120 * SECOND
            if profile.sshd == "sshd-session":  # the listener tells, not the process that ran out of time
                tag = log.tag("sshd", log.listener)
                log.line(
                    now, tag, f"Timeout before authentication for connection from {shown} to {host.ip}, pid = {pid}"
                )
                shows_port = False
            else:
                log.line(now, tag, f"fatal: Timeout before authentication for {shown}{at}")
        elif profile.ports:
            log.line(now, tag, f"Connection reset by {shown}{at} [preauth]")
        else:
            log.line(now, tag, f"refused connect from {shown} ({shown})")
        log.event(
            "sshd", pid, lines[before][0], now, entries=len(lines) - before, user="", outcome="no_auth", ip=ip,
            port=port if shows_port else 0, attack=self.attack,
        )  # fmt: skip
