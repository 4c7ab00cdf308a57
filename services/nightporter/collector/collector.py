#!/usr/bin/env python3
"""Nightporter's collector: sends a server's login logs to the appliance, each line once and none left out.

    collector.py CONFIG            runs until it is stopped
    collector.py CONFIG --check    says what would be read, and whether the appliance answers

One file, Python 3.8 or newer, standard library only. It reads the journal by cursor, or log files by inode and offset,
and moves its position only when the appliance has stored what was read: the log itself is the queue. Only an outage
that outlasts SPOOL_AFTER goes to a bounded spool, for logs that are rotated away sooner. Delivery is at least once;
the appliance knows a line again by its content.

CONFIG is JSON: url, host, ca, cert, key, state (a folder); and, if need be, source ("auto", "journal" or "files"),
files, history_days, spool_mb, zone. The position survives kill -9: state.json is replaced, never rewritten.
"""

import bz2
import calendar
import glob
import gzip
import hashlib
import http.client
import json
import lzma
import os
import platform
import random
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.parse
from typing import Any, Callable, Dict, List, Optional, Tuple, Union

VERSION = "1"
BLOCK = 4 << 20  # bytes of lines in one request, before compression
PAUSE = 1.0  # seconds between two looks at the logs
GATHER = 4.0  # seconds from one batch to the next: the first line after a quiet time goes at once, the others together
HEARTBEAT = 60.0  # seconds
ANSWER = 45.0  # seconds to wait for an answer; the receiver gives up before
LONGEST_BACKOFF = 60.0  # seconds
SPOOL_AFTER = 300.0  # seconds of outage after which lines are read into the spool
SETTLE = 5.0  # seconds a rotated file may still be written to: until the log daemon has opened the new one
ASK_ANYWAY = 60.0  # seconds after which journalctl is asked even if no file of the journal seems to have changed
LONG_AGO = 300.0  # seconds after which the journal may have dropped what was last read
HEAD = 256  # first bytes of a file, by which it is known again after it was renamed, copied or compressed
FACILITIES = (4, 9, 10, 11)  # auth, cron, authpriv, ftp
FIELDS = "MESSAGE,_HOSTNAME,SYSLOG_IDENTIFIER,_COMM,SYSLOG_PID,_PID,_UID,SYSLOG_FACILITY,_SOURCE_REALTIME_TIMESTAMP"
COUNTERS = ("lines_read", "lines_sent", "given_up", "lost_bytes", "truncations", "gaps")
OPENERS: Dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
MONTHS = b"JanFebMarAprMayJunJulAugSepOctNovDec"
Position = Dict[str, Any]
Counters = Dict[str, int]

STAMP = re.compile(rb"(?:<\d+>)?(?:1 )?(?:(\d{4})-(\d\d)-(\d\d)[T ]|([A-Z][a-z]{2}) ([ \d]\d) )(\d\d):(\d\d):(\d\d)")


def say(text: str) -> None:
    """One line for the journal of this service."""
    print(text, file=sys.stderr, flush=True)


def write_durably(path: str, content: bytes) -> None:
    """Replace a file so that a crash leaves the old content or the new."""
    fresh = path + ".new"
    with open(fresh, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.rename(fresh, path)


def line_time(line: bytes) -> Optional[float]:
    """Seconds since 1970 that a line's header or journal record names, to within a zone; None when it names none."""
    if line.startswith(b"{"):
        found = re.search(rb'"__REALTIME_TIMESTAMP" ?: ?"(\d+)"', line)
        return int(found.group(1)) / 1e6 if found else None
    found = STAMP.match(line)
    if not found:
        return None
    year, month, day, name, short_day, hour, minute, second = found.groups()
    if year:
        date = (int(year), int(month), int(day))
    else:
        date = (time.gmtime().tm_year, MONTHS.find(name) // 3 + 1, int(short_day))
    moment = calendar.timegm((*date, int(hour), int(minute), int(second)))
    if not year and moment > time.time() + 86400:
        moment = calendar.timegm((date[0] - 1, *date[1:], int(hour), int(minute), int(second)))
    return float(moment)


def local_zone() -> str:
    """The name of this host's time zone, "" when it cannot be told."""
    try:
        with open("/etc/timezone") as file:
            return file.read().strip()
    except OSError:
        target = os.path.realpath("/etc/localtime")
        return target.partition("/zoneinfo/")[2]


def nothing_of(seen: float) -> Position:
    """A position before the first byte of whatever was changed after `seen`."""
    return {"inode": 0, "offset": 0, "head": [0, ""], "seen": seen}


def number_of(cursor: str) -> int:
    """The number that journald gave to the entry at a cursor; 0 when the cursor names none.

    All files of a journal share one count, which goes on or begins anew with a boot.
    """
    found = re.search(r"(?:^|;)i=([0-9a-f]{1,15})(?:;|$)", cursor)
    return int(found.group(1), 16) if found else 0


class LogFile:
    """One log file with its rotated siblings, as a single stream of lines.

    A position is {inode, offset, head: [length, hash], seen}: `head` tells the file from another that got its inode,
    and finds its copies; `seen` is the time of last change up to which everything was read: siblings changed later
    are still to be read, in their order.
    """

    def __init__(self, path: str, position: Optional[Position], since: float, counters: Counters) -> None:
        self.origin = path
        self.position = position or nothing_of(since)
        self.since: Optional[float] = None if position else since
        self.counters = counters
        self.file: Any = None
        self.name = ""  # of the open file, when it was opened
        self.first = b""  # its first bytes
        self.rest = b""  # of a line that is not whole yet
        self.offset = 0  # of what was read, `rest` excluded
        self.size = 0  # of the open file, when last looked at
        self.replaced_at: Optional[float] = None
        self.covers = ("", 0, 0)  # what was read last: inode, first byte, byte after the last

    def read(self) -> Optional[Tuple[bytes, Position]]:
        """Next block of whole lines and the position after it; None while there is nothing new."""
        while True:
            if self.file is None or (self.name == self.origin and not self.offset and not self.rest):
                # of a file of which nothing was read, nobody can tell whether it has been replaced: look again
                if not self._open_next():
                    return None
            elif self._emptied():
                self._go_on_in_copy()
            start = self.offset
            block = self._block() or self._last_line()
            if block:
                self.position = self._here()
                self.covers = (str(self.position["inode"]), start, self.offset)
                return block, self.position
            if not self._done():
                return None
            self._notice_rewriting()
            self.position = nothing_of(os.fstat(self.file.fileno()).st_mtime)
            if not self._open_next():
                return None

    def backlog(self) -> int:
        """Bytes of the current file that have not been read."""
        try:
            return max(os.stat(self.origin).st_size - self.offset, 0) if self.name == self.origin else 0
        except OSError:
            return 0

    def close(self) -> None:
        """Let go of the open file."""
        if self.file:
            self.file.close()
            self.file = None

    def _here(self) -> Position:
        status = os.fstat(self.file.fileno())
        head = [len(self.first), hashlib.sha256(self.first).hexdigest()[:32]]
        seen = status.st_mtime if self.offset else self.position["seen"]
        return {"inode": status.st_ino, "offset": self.offset, "head": head, "seen": seen}

    def _block(self) -> bytes:
        try:
            more = self.file.read(BLOCK - len(self.rest))
        except (EOFError, OSError, lzma.LZMAError, ValueError) as error:
            say(f"{self.name} is damaged from here on: {error}")
            self.counters["gaps"] += 1
            more = b""
        data = self.rest + more
        cut = data.rfind(b"\n") + 1
        if cut == 0 and len(data) >= BLOCK:
            cut = len(data)  # nobody logs a line of this length; it is sent in pieces
        block, self.rest = data[:cut], data[cut:]
        return self._consumed(block) if block else b""

    def _consumed(self, block: bytes) -> bytes:
        if self.offset == len(self.first) < HEAD:
            self.first = (self.first + block)[:HEAD]
        self.offset += len(block)
        self.size = max(self.size, self.offset)
        if not block.endswith(b"\n"):
            block += b"\n"
        return block if self.since is None else self._young(block, self.since)

    def _young(self, block: bytes, since: float) -> bytes:
        """On the very first run: without the lines that are older than history goes back."""
        start = 0
        while start < len(block):
            end = block.index(b"\n", start) + 1
            moment = line_time(block[start:end])
            if moment is not None and moment >= since:
                self.since = None
                break
            start = end
        return block[start:] or b"\n"

    def _plain(self) -> bool:
        return os.path.splitext(self.name)[1] not in (*OPENERS, ".zst")

    def _emptied(self) -> bool:
        """Whether the open file was emptied in place, and perhaps filled again."""
        if not self._plain():
            return False
        descriptor = self.file.fileno()
        size = os.fstat(descriptor).st_size
        if size >= self.offset + len(self.rest) and os.pread(descriptor, len(self.first), 0) == self.first:
            self.size = max(self.size, size)
            return False
        return True

    def _go_on_in_copy(self) -> None:
        """What an emptied file held may be in a copy beside it; else what was not read of it is lost."""
        here = self._here()
        for name in self._siblings():
            if self._is_this(name, here) and self._open(name, self.offset):
                return
        lost = max(self.size - self.offset, 0)
        self.counters["truncations"] += 1
        self.counters["lost_bytes"] += lost
        say("%s was emptied without a copy; %d bytes were not read" % (self.origin, lost))
        self.position = nothing_of(time.time())
        self._open(self.origin, 0)

    def _last_line(self) -> bytes:
        """Of a file that will not grow any more: its last line, if that has no end."""
        if not self.rest or not self._done():
            return b""
        last, self.rest = self.rest, b""
        return self._consumed(last)

    def _done(self) -> bool:
        """Whether nothing will be added to the open file."""
        if self.name != self.origin:
            return True
        held = os.fstat(self.file.fileno())
        try:
            now = os.stat(self.origin)
        except OSError:
            return False
        if (now.st_ino, now.st_dev) == (held.st_ino, held.st_dev):
            self.replaced_at = None
            return False
        # the log daemon writes to the renamed file until it is told to open the new one
        clock = time.monotonic()
        self.replaced_at = self.replaced_at or clock
        waited = clock - self.replaced_at
        return waited > SETTLE and (time.time() - held.st_mtime > SETTLE or waited > 12 * SETTLE)

    def _notice_rewriting(self) -> None:
        """An editor leaves a file of the same beginning and removes the one that was read; a log daemon does not."""
        if os.fstat(self.file.fileno()).st_nlink == 0 and self._is_this(self.origin, self._here()):
            self.counters["truncations"] += 1
            say(f"{self.origin} was rewritten; it is read again from its beginning")

    def _siblings(self) -> List[str]:
        """Rotated predecessors, oldest first; of a file that is just being compressed, the plain one."""
        names = set(glob.glob(glob.escape(self.origin) + "[.-]*"))
        dated = []
        for name in names:
            base, suffix = os.path.splitext(name)
            if (suffix in OPENERS or suffix == ".zst") and base in names:
                continue
            try:
                dated.append((os.stat(name).st_mtime, name))
            except OSError:
                continue
        return [name for _, name in sorted(dated)]

    def _open_next(self) -> bool:
        """Open what comes at the position. False when there is nothing yet."""
        names = self._siblings()
        if os.path.exists(self.origin):
            names.append(self.origin)
        for name in reversed(names):
            if self._is_this(name, self.position):
                return self._open(name, self.position["offset"])
        if self.position["offset"]:
            self.counters["gaps"] += 1
            say(f"what {self.origin} held at the last position is gone")
        later = [name for name in names if name == self.origin or os.stat(name).st_mtime > self.position["seen"]]
        return bool(later) and self._open(later[0], 0)

    def _open(self, name: str, offset: int) -> bool:
        self.close()
        try:
            file = self._opened(name)
            self.first = file.read(min(HEAD, offset))
            left = offset - len(self.first)
            while left > 0:
                skipped = len(file.read(min(left, BLOCK)))
                if not skipped:
                    break
                left -= skipped
        except (OSError, EOFError, lzma.LZMAError) as error:
            say(f"{name} cannot be read: {error}")
            return False
        self.file, self.name, self.offset, self.rest, self.replaced_at = file, name, offset, b"", None
        self.size = offset
        return True

    @staticmethod
    def _opened(name: str) -> Any:
        suffix = os.path.splitext(name)[1]
        if suffix == ".zst":
            return subprocess.Popen(["zstd", "-dcq", name], stdout=subprocess.PIPE).stdout
        if suffix in OPENERS:
            return OPENERS[suffix](name, "rb")
        return open(name, "rb")

    def _is_this(self, name: str, position: Position) -> bool:
        """Whether `name` holds the file, or a copy of the file, that was read up to `position`."""
        length, known = position["head"]
        if not length:
            return False
        try:
            with self._opened(name) as file:
                head = file.read(length)
        except (OSError, EOFError, lzma.LZMAError):
            return False
        return bool(hashlib.sha256(head).hexdigest()[:32] == known)


class Journal:
    """The journal's entries of the login facilities, as JSON lines; a position is {cursor, time}.

    journalctl is asked for what comes after the cursor whenever journald has written; it is not left running, because
    following it sees the current boot only.
    """

    origin = "journal"

    def __init__(self, position: Optional[Position], since: float, counters: Counters) -> None:
        self.position: Position = position or {}
        self.since = since
        self.counters = counters
        self.child: Any = None
        self.held = b""
        self.files: Any = None  # the journal's files as they were when journalctl was last started
        self.asked_at = 0.0
        self.known_at = -LONG_AGO  # when the entry at the cursor was last known to be there
        self.covers = ("", 0, 0)  # what was read last: its origin, number of the entry before, of the last one

    def read(self) -> Optional[Tuple[bytes, Position]]:
        """Next block of whole lines and the position after it; None while there is nothing new."""
        if self.child is None and not self._start():
            return None
        block = self._block()
        if not block:
            self.close()
            self.known_at = time.monotonic()
            return None
        entry = json.loads(block[block.rfind(b"\n", 0, -1) + 1 :])
        before, now = number_of(self.position.get("cursor", "")), number_of(entry["__CURSOR"])
        self.covers = (self.origin, before if before <= now else 0, now)
        self.position = {"cursor": entry["__CURSOR"], "time": int(entry["__REALTIME_TIMESTAMP"]) / 1e6}
        return block, dict(self.position)

    def backlog(self) -> int:
        """Bytes that were read from journalctl and not sent."""
        return len(self.held)

    def close(self) -> None:
        """Stop journalctl."""
        if self.child:
            self.child.kill()
            self.child.stdout.close()
            self.child.wait()
            self.child = None

    def _start(self) -> bool:
        """Start journalctl, if the journal has changed since it was last asked."""
        clock = time.monotonic()
        files = [
            (name, os.stat(name).st_mtime_ns)
            for folder in ("/var/log/journal", "/run/log/journal")
            for name in glob.glob(folder + "/*/*.journal")
        ]
        if files == self.files and clock - self.asked_at < ASK_ANYWAY:
            return False
        self.files, self.asked_at, self.held = files, clock, b""
        chosen = [f"SYSLOG_FACILITY={facility}" for facility in FACILITIES]
        command = ["journalctl", "-ojson", "-q", "--no-pager", "--all", "--output-fields=" + FIELDS, *chosen]
        self.child = subprocess.Popen([*command, self._from()], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return True

    def _from(self) -> str:
        if not self.position:
            return "--since=@%d" % self.since
        if time.monotonic() - self.known_at < LONG_AGO or self._still_there():
            return "--after-cursor=" + str(self.position["cursor"])
        self.counters["gaps"] += 1
        say("the journal no longer has the entry after which to go on")
        return "--since=@%d" % self.position["time"]

    def _still_there(self) -> bool:
        command = ["journalctl", "-n1", "-ojson", "-q", "--no-pager", "--cursor=" + self.position["cursor"]]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            return bool(json.loads(done.stdout)["__CURSOR"] == self.position["cursor"])
        except (ValueError, KeyError):
            return False

    def _block(self) -> bytes:
        """The next whole lines, up to BLOCK bytes; b"" at the end."""
        while True:
            more = os.read(self.child.stdout.fileno(), BLOCK)
            self.held += more
            if len(self.held) >= BLOCK or not more:
                cut = self.held.rfind(b"\n") + 1
                if cut or not more:
                    block, self.held = self.held[:cut], self.held[cut:]
                    return block


Source = Union[LogFile, Journal]


class Refused(Exception):
    """The appliance will never take this request: it is too large or not understood."""


class Away(Exception):
    """Not delivered; to be tried again, no sooner than `wait` seconds from now."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


class Line:
    """The connection to the appliance."""

    def __init__(self, config: Dict[str, Any]) -> None:
        self.url = urllib.parse.urlsplit(config["url"])
        self.host = config["host"]
        self.config = config
        self.connection: Optional[http.client.HTTPConnection] = None

    def post(self, path: str, body: bytes, headers: Dict[str, str]) -> None:
        """Return when the appliance has stored it. Raises Away, Refused."""
        fresh = self.connection is None
        try:
            status, wait, text = self._exchange(path, body, headers)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            if not fresh and isinstance(error, (ConnectionError, http.client.RemoteDisconnected)):
                return self.post(path, body, headers)  # it had only closed an idle connection
            raise Away(f"{type(error).__name__}: {error}") from error
        if status == 200:
            return
        if status in (400, 413):
            raise Refused("%d %s" % (status, text))
        raise Away("%d %s" % (status, text), wait)

    def _exchange(self, path: str, body: bytes, headers: Dict[str, str]) -> Tuple[int, float, str]:
        if self.connection is None:
            if self.url.scheme == "https":
                context = ssl.create_default_context(cafile=self.config["ca"])
                context.load_cert_chain(self.config["cert"], self.config["key"])
                self.connection = http.client.HTTPSConnection(
                    self.url.hostname, self.url.port, timeout=ANSWER, context=context
                )
            else:
                self.connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=ANSWER)
        headers = dict(headers, **{"Nightporter-Host": self.host, "User-Agent": "nightporter-collector/" + VERSION})
        self.connection.request("POST", self.url.path.rstrip("/") + path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read(300).decode("utf-8", "replace").strip()
        answer.read()
        wait = answer.headers.get("Retry-After", "0")
        return answer.status, float(wait) if wait.isdigit() else 0.0, text

    def address(self) -> str:
        """The host's own address on the way to the appliance; "" while there is no connection."""
        sock = self.connection.sock if self.connection is not None else None
        return str(sock.getsockname()[0]) if sock is not None else ""

    def close(self) -> None:
        """Forget the connection."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Spool:
    """Batches that were read from a log during a long outage: one file each, oldest first, at most `limit` bytes."""

    def __init__(self, folder: str, limit: int) -> None:
        self.folder, self.limit = folder, limit
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self.names = sorted(name for name in os.listdir(folder) if name.endswith(".batch"))
        self.size = sum(os.path.getsize(os.path.join(folder, name)) for name in self.names)

    def put(self, headers: Dict[str, str], body: bytes) -> bool:
        """Whether there was room."""
        content = json.dumps(headers).encode() + b"\n" + body
        if self.size + len(content) > self.limit:
            return False
        name = "%016d.batch" % (int(self.names[-1][:16]) + 1 if self.names else 0)
        try:
            write_durably(os.path.join(self.folder, name), content)
        except OSError as error:
            say(f"the spool cannot be written: {error}")
            return False
        self.names.append(name)
        self.size += len(content)
        return True

    def first(self) -> Tuple[Dict[str, str], bytes]:
        """Headers and body of the oldest batch."""
        with open(os.path.join(self.folder, self.names[0]), "rb") as file:
            return json.loads(file.readline()), file.read()

    def drop(self) -> None:
        """Remove the oldest batch."""
        path = os.path.join(self.folder, self.names.pop(0))
        self.size -= os.path.getsize(path)
        os.remove(path)


class Collector:
    """Reads all sources in turn, delivers, remembers."""

    def __init__(self, config: Dict[str, Any]) -> None:
        os.makedirs(config["state"], mode=0o700, exist_ok=True)
        self.path = os.path.join(config["state"], "state.json")
        self.state = self._load()
        self.counters = self.state.setdefault("counters", {})
        for name in COUNTERS:
            self.counters.setdefault(name, 0)
        since = self.state.setdefault("since", time.time() - 86400 * config.get("history_days", 7))
        positions = self.state.setdefault("positions", {})
        wanted = config.get("source", "auto")
        if wanted == "auto":
            wanted = self.state.get("kind", "auto")  # a change of mind would send everything again, in other words
        self.sources = sources(wanted, config.get("files"), positions, since, self.counters)
        self.state["kind"] = "journal" if isinstance(self.sources[0], Journal) else "files"
        self.line = Line(config)
        self.spool = Spool(os.path.join(config["state"], "spool"), config.get("spool_mb", 64) << 20)
        with open("/proc/sys/kernel/random/boot_id") as file:
            self.boot = file.read().strip()
        self.headers = {"Nightporter-Zone": config.get("zone") or local_zone(), "Nightporter-Boot": self.boot}
        self.lag = 0.0
        self.failures = 0
        self.away_since: Optional[float] = None
        self.try_at = 0.0
        self.read_at = 0.0
        self.beat_at = 0.0
        self.stopping = False

    def _load(self) -> Dict[str, Any]:
        try:
            with open(self.path) as file:
                return dict(json.load(file))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            say(f"{self.path} cannot be read ({error}); reading starts as on the first day")
            return {}

    def _save(self) -> None:
        write_durably(self.path, json.dumps(self.state).encode())

    def run(self) -> None:
        """Until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self.stopping:
            self._drain()
            busy = False
            if time.monotonic() >= self.read_at:
                for source in self.sources:
                    busy = self._turn(source) or busy
            self._beat()
            if not busy:
                self._wait(PAUSE)
        for source in self.sources:
            source.close()

    def _stop(self, *_: Any) -> None:
        self.stopping = True

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < end:
            time.sleep(min(0.25, max(end - time.monotonic(), 0)))

    def _turn(self, source: Source) -> bool:
        """Read a block of one source and deliver or spool it. Whether there is likely to be more at once."""
        found = source.read()
        if found is None:
            self.lag = 0.0
            return False
        block, position = found
        if block.strip(b"\n"):
            self.counters["lines_read"] += block.count(b"\n")
            moment = line_time(block[block.rfind(b"\n", 0, -1) + 1 :])
            self.lag = max(time.time() - moment, 0.0) if moment else 0.0
            if not self._deliver(source, block):
                return False
        self.state["positions"][source.origin] = position
        self._keep()
        busy = len(block) > BLOCK // 16
        self.read_at = 0.0 if busy else time.monotonic() + GATHER
        return busy

    def _keep(self) -> None:
        try:
            self._save()
        except OSError as error:  # a full disk: what is sent again after a restart is known by its content
            say(f"the position cannot be saved: {error}")

    def _deliver(self, source: Source, block: bytes) -> bool:
        """True once the block is stored or spooled; False when the collector is being stopped."""
        headers = dict(self.headers, **{"Nightporter-Origin": source.origin, "Content-Encoding": "gzip"})
        for name, value in zip(("Stream", "From", "To"), source.covers):
            headers["Nightporter-" + name] = str(value)
        body = gzip.compress(block, 4)
        while not self.stopping:
            if self._outlasted() and self.spool.put(headers, body):
                return True
            if self._drain() and self._send("/v1/lines", body, headers, block.count(b"\n"), block):
                return True
            self._wait(min(max(self.try_at - time.monotonic(), 0.05), PAUSE))
        return False

    def _outlasted(self) -> bool:
        return self.away_since is not None and time.monotonic() - self.away_since > SPOOL_AFTER

    def _drain(self) -> bool:
        """Send what is spooled, oldest first; whether all of it is gone."""
        while self.spool.names and not self.stopping:
            try:
                headers, body = self.spool.first()
                lines = gzip.decompress(body).count(b"\n")
            except (OSError, ValueError, EOFError) as error:
                say(f"a spooled batch is damaged and given up: {error}")
                self.counters["gaps"] += 1
                self.spool.drop()
                continue
            if not self._send("/v1/lines", body, headers, lines):
                return False
            self.spool.drop()
        return not self.spool.names

    def _send(self, path: str, body: bytes, headers: Dict[str, str], lines: int = 0, block: bytes = b"") -> bool:
        """Whether it was stored (or refused for good, and counted)."""
        if time.monotonic() < self.try_at:
            return False
        try:
            self.line.post(path, body, headers)
            self.counters["lines_sent"] += lines
        except Refused as refusal:
            if lines > 1 and block:
                return self._halves(path, headers, block)
            self.counters["given_up"] += lines
            say("refused for good, %d lines given up: %s" % (lines, refusal))
        except Away as away:
            self.failures += 1
            self.away_since = self.away_since or time.monotonic()
            backoff = min(0.5 * 2 ** min(self.failures, 10), LONGEST_BACKOFF)
            # each collector waits another while, so that a thousand do not come back at once
            wait = max(away.wait, backoff / 2) + random.uniform(0, max(away.wait, backoff / 2))
            self.try_at = time.monotonic() + wait
            if self.failures in (1, 5) or self.failures % 60 == 0:
                say("not delivered (%s); attempt %d in %.0f s" % (away, self.failures + 1, wait))
            return False
        if self.failures:
            say("delivered again after %d failed attempts" % self.failures)
        self.failures, self.away_since, self.try_at = 0, None, 0.0
        return True

    def _halves(self, path: str, headers: Dict[str, str], block: bytes) -> bool:
        cut = block.rfind(b"\n", 0, max(len(block) // 2, block.find(b"\n") + 1)) + 1
        for part in (block[:cut], block[cut:]):
            while not self._send(path, gzip.compress(part, 4), headers, part.count(b"\n"), part):
                if self.stopping:
                    return False
                self._wait(PAUSE)
        return True

    def _beat(self) -> None:
        if time.monotonic() < self.beat_at:
            return
        if self._send("/v1/heartbeat", json.dumps(self.heartbeat()).encode(), {"Content-Type": "application/json"}):
            self.beat_at = time.monotonic() + HEARTBEAT

    def heartbeat(self) -> Dict[str, Any]:
        """What the collector says of itself."""
        return {
            "at": time.time(),
            "boot_id": self.boot,
            "address": self.line.address(),
            "version": VERSION,
            "system": f"{system_name()}, Python {platform.python_version()}",
            "origins": [source.origin for source in self.sources],
            "lag": self.lag,
            "backlog_bytes": sum(source.backlog() for source in self.sources),
            "spool_bytes": self.spool.size,
            **self.counters,
        }


def system_name() -> str:
    """The distribution's name, as it gives it."""
    try:
        with open("/etc/os-release") as file:
            names = dict(row.strip().split("=", 1) for row in file if "=" in row)
        return names.get("PRETTY_NAME", "").strip('"') or platform.system()
    except OSError:
        return platform.system()


def sources(
    wanted: str, named_files: Optional[List[str]], positions: Dict[str, Position], since: float, counters: Counters
) -> List[Source]:
    """What to read. Never the journal and files at once: rsyslog writes the journal's entries into them.

    "auto" is a journal that outlives a boot, else log files that can be read, else the journal of this boot.
    """
    candidates = named_files or ["/var/log/auth.log", "/var/log/secure", "/var/log/cron"]
    files = [path for path in candidates if os.access(path, os.R_OK)]
    has_journal = any(os.access(os.path.join(folder, "journalctl"), os.X_OK) for folder in os.get_exec_path())
    if wanted == "auto":
        kept = glob.glob("/var/log/journal/*/*.journal")
        if has_journal and any(os.access(name, os.R_OK) for name in kept):
            wanted = "journal"
        else:
            wanted = "files" if files or not has_journal else "journal"
    if wanted == "journal":
        return [Journal(positions.get("journal"), since, counters)]
    return [LogFile(path, positions.get(path), since, counters) for path in (named_files or files or candidates)]


def check(config: Dict[str, Any]) -> int:
    """Say what would be read, and whether the appliance answers; the exit code."""
    collector = Collector(config)
    print("reads: " + ", ".join(source.origin for source in collector.sources))
    print("spool: %d bytes, counters: %s" % (collector.spool.size, json.dumps(collector.counters)))
    try:
        collector.line.post("/v1/heartbeat", json.dumps(collector.heartbeat()).encode(), {})
    except (Away, Refused) as error:
        print("the appliance at {} does not take anything: {}".format(config["url"], error))
        print(cause_of(error, config))
        return 1
    print("the appliance at {} answers".format(config["url"]))
    return 0


def cause_of(error: Exception, config: Dict[str, Any]) -> str:
    """What is likely to be wrong, and what to do, in one sentence."""
    first = error.__cause__
    if isinstance(first, ssl.SSLCertVerificationError):
        if "mismatch" in first.verify_message:
            return "The certificate it shows is not for this name: add the name to receiver_names and restart it."
        if "valid" in first.verify_message or "expired" in first.verify_message:
            return "The certificate it shows is not valid now: compare the clocks of both machines."
        return (
            "The certificate it shows is not of the CA in %s: is it the right appliance? Run collector.yml."
            % config["ca"]
        )
    if isinstance(first, ssl.SSLError):
        return "It does not accept the certificate in %s: run collector.yml for this host." % config["cert"]
    if isinstance(first, (ConnectionResetError, BrokenPipeError)):  # the refusal itself can be lost with the connection
        return "It does not accept the certificate in %s, or is being restarted: run collector.yml." % config["cert"]
    if isinstance(first, PermissionError):
        return "A file cannot be read by this account: run --check as nightporter-collector, else collector.yml."
    if isinstance(first, FileNotFoundError):
        return "A certificate is missing: run collector.yml for this host."
    if isinstance(first, ConnectionRefusedError):
        return "Nothing listens on that port: is the receiver started, and is it told to listen for others?"
    if isinstance(first, socket.gaierror):
        return "That name is not known on this server: see its DNS, or use an address."
    if isinstance(first, OSError):
        return "It is not reached: see the route, and firewalls between."
    return (
        "It is there and says why." if str(error)[:1] in "45" else "It is something else than Nightporter's receiver."
    )


def main(arguments: List[str]) -> int:
    """The command line."""
    if len(arguments) not in (1, 2) or arguments[1:] not in ([], ["--check"]):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    with open(arguments[0]) as file:
        config = json.load(file)
    if arguments[1:]:
        return check(config)
    Collector(config).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
