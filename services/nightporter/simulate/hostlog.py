"""One host's log while it is being written: process ids, header text, lines and the truth about each event."""

import random
from json.encoder import encode_basestring
from typing import TYPE_CHECKING

from nightporter.errors import SimulationError
from nightporter.simulate.clock import SECOND, Clocks

if TYPE_CHECKING:
    from nightporter.simulate.cast import Host

_FIRST_PID = 300
_REST = 2 * SECOND  # a dead process's id rests this long, else two events could share a second of an RFC 3164 log


class Tally:
    """What is known about one attack instance once its events are written."""

    __slots__ = ("end", "events", "hosts", "nights", "start")

    def __init__(self) -> None:
        self.events = 0
        self.start = 0
        self.end = 0
        self.hosts: dict[str, None] = {}
        self.nights: dict[str, None] = {}


class HostLog:
    """Collects lines and true events of one host. Doings call `pid`, `tag`, `line` and `event` in this order."""

    def __init__(self, host: "Host", clocks: Clocks, seed: str, horizon: int, tallies: dict[str, Tally]) -> None:
        self.host = host
        self.profile = host.profile
        self.whole_seconds = host.profile.style == "bsd"
        self.lines: list[tuple[int, str]] = []
        self.truth: list[tuple[int, str]] = []
        self.horizon = horizon
        self.tallies = tallies
        self.rng = random.Random(f"{seed}/pids/{host.name}")
        self.r = self.rng.random
        self.uids = host.uids
        self.quiet_until = 0  # until when a program that logs no pid is busy: two at once could not be told apart
        self.busy_users: dict[str, int] = {}
        self._utc = clocks.utc
        self._seconds = clocks.text(host.profile.style, host.zone)
        self._alive: dict[int, int] = {}
        self._last_pid = _FIRST_PID + int(self.r() * (host.pid_space - _FIRST_PID))
        self._session = int(self.r() * 400)
        self._managers: dict[str, int] = {}
        self._name = f" {host.name} "
        self.boot()

    def boot(self) -> None:
        """Fresh listener and logind processes; ids of everything that was running are free again."""
        self._alive.clear()
        self.listener = self.pid(0, 1 << 62)
        self.logind = self.pid(0, 1 << 62)

    def restart(self, t: int) -> None:
        """The host was rebooted at `t`: ids start low again, nobody is logged in."""
        self._last_pid = _FIRST_PID + 40
        self._session = 0
        self._managers.clear()
        self.busy_users.clear()
        self.boot()
        self.line(t, self.tag("sshd", self.listener), "Server listening on 0.0.0.0 port 22.")

    def cut(self, start: int, end: int) -> bool:
        """Whether what runs from `start` to `end` never logs its end: reboot, lost lines, end of the simulation."""
        if end >= self.horizon:
            return True
        for first, last in self.host.silences:
            if start < first <= end < last:
                return True
        return any(start < boot <= end for boot in self.host.reboots)

    def pid(self, start: int, end: int) -> int:
        """A process id for something that lives from `start` to `end` (microseconds)."""
        alive = self._alive
        space = self.host.pid_space
        pid = self._last_pid + 1 + int(self.r() * self.host.pid_gap)
        rested = start - _REST
        for _ in range(space):
            if pid > space:
                pid = _FIRST_PID
            if alive.get(pid, -_REST - 1) < rested:
                alive[pid] = end
                self._last_pid = pid
                return pid
            pid += 1
        raise SimulationError(
            f"{self.host.name} has more processes alive than its pid space of {space} holds; give a larger pid_space."
        )

    def child(self, parent: int, start: int, end: int) -> int:
        """A process id for a child of `parent`: within the next eight where one is free."""
        rested = start - _REST
        for pid in range(parent + 1 + int(self.r() * 3), parent + 9):
            if pid <= self.host.pid_space and self._alive.get(pid, -_REST - 1) < rested:
                self._alive[pid] = end
                self._last_pid = max(self._last_pid, pid)
                return pid
        return self.pid(start, end)

    def bury(self, now: int) -> None:
        """Forgets processes that ended before `now`; called once a day."""
        self._alive = {pid: end for pid, end in self._alive.items() if end >= now - _REST}
        self.busy_users = {user: end for user, end in self.busy_users.items() if end >= now}

    def tag(self, program: str, pid: int) -> str:
        """Header text between host and message; pid 0 is written as none."""
        style = self.profile.style
        if style == "rfc5424":
            return f"{program} {pid or '-'} - - "
        if style == "journal":
            return (
                f'"SYSLOG_IDENTIFIER":"{program}",' + (f'"_PID":"{pid}",' if pid else "") + '"PRIORITY":"6","MESSAGE":'
            )
        return f"{program}[{pid}]: " if pid else f"{program}: "

    def line(self, t: int, tag: str, message: str) -> None:
        """Adds one line at `t`."""
        second = t // SECOND
        before, after = self._seconds[second]
        if self.whole_seconds:
            text = f"{before}{self._name[1:]}{tag}{message}\n"
        elif self.profile.style == "iso":
            text = f"{before}.{t - second * SECOND:06d}{after}{self._name}{tag}{message}\n"
        elif self.profile.style == "rfc5424":
            text = f"<86>1 {before}.{t - second * SECOND:06d}{after}{self._name}{tag}{message}\n"
        else:
            text = (
                f'{{"__REALTIME_TIMESTAMP":"{t}","_HOSTNAME":"{self.host.name}","_TRANSPORT":"syslog",'
                f"{tag}{encode_basestring(message)}}}\n"
            )
        self.lines.append((t, text))

    def iso(self, t: int) -> str:
        """`t` as JSON text (UTC, microseconds), no finer than this host's log shows it."""
        second = t // SECOND
        if self.whole_seconds:
            return f'"{self._utc[second][0]}.000000+00:00"'
        return f'"{self._utc[second][0]}.{t - second * SECOND:06d}+00:00"'

    def manager(self, t: int, user: str, end: int) -> None:
        """systemd's user manager comes with a user's first session."""
        if self._managers.get(user, -1) < t - 10 * SECOND:
            pid = self.pid(t, end + 10 * SECOND)
            uid = self.uids.get(user, 1000)
            who = f"{user}(uid={uid}) by {user}(uid=0)" if self.profile.pam_uid != "old" else f"{user} by (uid=0)"
            self.line(t, self.tag("systemd", pid), f"pam_unix(systemd-user:session): session opened for user {who}")
        self._managers[user] = max(end, self._managers.get(user, -1))

    def logind_new(self, t: int, user: str) -> str:
        """systemd-logind announces a session; returns its id."""
        self._session += 1
        wide = self.profile.logind_class  # systemd 256 and later
        about = (
            f"'{self._session}' of user '{user}' with class 'user' and type 'tty'"
            if wide
            else f"{self._session} of user {user}"
        )
        self.line(t, self.tag("systemd-logind", self.logind), f"New session {about}.")
        return str(self._session)

    def logind_gone(self, t: int, session: str, waited: bool) -> None:
        """systemd-logind forgets a session."""
        tag = self.tag("systemd-logind", self.logind)
        if waited:
            self.line(t, tag, f"Session {session} logged out. Waiting for processes to exit.")
        self.line(t + 900, tag, f"Removed session {session}.")

    def event(
        self, service: str, pid: int, start: int, end: int, *, entries: int, user: str, outcome: str, target: str = "",
        ip: str = "", port: int = 0, method: str = "", key: str = "", invalid: bool = False, failures: int = 0,
        opened: int = 0, closed: int = 0, tty: str = "", command: str = "", session: str = "", attack: str = "",
    ) -> None:  # fmt: skip
        """Adds the truth about one event; pid 0, opened 0 and closed 0 mean that the log shows none."""
        q = encode_basestring
        self.truth.append((
            start,
            f'{{"host":"{self.host.name}","service":"{service}","pid":{pid or "null"},"start":{self.iso(start)},'
            f'"end":{self.iso(end)},"user":{q(user)},"target_user":{q(target)},"source_ip":"{ip}","source_port":{port},'
            f'"method":"{method}","key_fingerprint":"{key}","outcome":"{outcome}",'
            f'"invalid_user":{"true" if invalid else "false"},"failures":{int(failures)},'
            f'"session_opened":{self.iso(opened) if opened else "null"},'
            f'"session_closed":{self.iso(closed) if closed else "null"},"tty":"{tty}","command":{q(command)},'
            f'"entries":{entries},"logind_session":"{session}","attack":{q(attack) if attack else "null"}}}\n',
        ))  # fmt: skip
        if attack:
            tally = self.tallies.setdefault(attack, Tally())
            if self.whole_seconds:
                start, end = start // SECOND * SECOND, end // SECOND * SECOND
            tally.start = min(tally.start, start) if tally.events else start
            tally.end = max(tally.end, end)
            tally.events += 1
            tally.hosts[self.host.name] = None
            tally.nights[self._utc[start // SECOND][0][:10]] = None
