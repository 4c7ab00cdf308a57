"""The true events say what the log shows, no more and no less.

The log is read here by other code than that which wrote it.
"""

import datetime as dt
import json
import re
from collections import Counter, defaultdict
from typing import Any, NamedTuple

import pytest
from nightporter.simulate import simulate
from nightporter.simulate.build import build_farm
from nightporter.simulate.clock import HOUR, Clocks
from nightporter.simulate.hostlog import HostLog
from nightporter.simulate.ssh import SshLogin

from .conftest import Written, read

BSD = re.compile(r"(\w{3} [ \d]\d \d\d:\d\d:\d\d) (\S+) ([^\s\[:]+?)(?:\[(\d+)\])?: (.*)")
ISO = re.compile(r"(\d{4}-\S+) (\S+) ([^\s\[:]+?)(?:\[(\d+)\])?: (.*)")
RFC5424 = re.compile(r"<\d+>1 (\S+) (\S+) (\S+) (\d+|-) - - (.*)")
SERVICES = {"sshd": "sshd", "sshd-session": "sshd", "sudo": "sudo", "su": "su", "CRON": "cron", "crond": "cron"}
SERVICES |= {"login": "login", "gdm-password]": "gdm", "gdm-password": "gdm"}


class Line(NamedTuple):
    time: str  # as events.jsonl writes it
    program: str
    pid: int | None
    message: str


Processes = dict[tuple[str, str, int | None], list[Line]]


def parsed(text: str) -> Line:
    if text.startswith("{"):
        record = json.loads(text)
        when = dt.datetime.fromtimestamp(int(record["__REALTIME_TIMESTAMP"]) / 1e6, dt.UTC)
        return Line(
            when.isoformat(timespec="microseconds"), record["SYSLOG_IDENTIFIER"], int(record["_PID"]), record["MESSAGE"]
        )
    for pattern in (BSD, RFC5424, ISO):
        found = pattern.fullmatch(text)
        if found:
            stamp, _, program, pid, message = found.groups()
            if pattern is BSD:
                when = dt.datetime.strptime(f"2026 {stamp} +0000", "%Y %b %d %H:%M:%S %z")
            else:
                when = dt.datetime.fromisoformat(stamp).astimezone(dt.UTC)
            return Line(
                when.isoformat(timespec="microseconds"), program, int(pid) if pid and pid != "-" else None, message
            )
    raise AssertionError(f"no known header: {text!r}")


def of_daemon(line: Line) -> bool:
    return line.message.startswith(("Server listening on", "Received signal 15"))


@pytest.fixture(scope="session")
def lines(written: Written) -> dict[str, list[Line]]:
    """All lines by host, read."""
    return {host: [parsed(text) for text in texts] for host, texts in written.logs.items()}


def of_login(line: Line) -> bool:
    return line.program in SERVICES and not of_daemon(line)


def test_no_line_comes_twice_and_each_host_is_chronological(lines: dict[str, list[Line]]) -> None:
    for of_host in lines.values():
        assert len(set(of_host)) == len(of_host)
        times = [line.time for line in of_host]
        assert times == sorted(times)


def test_every_line_of_a_login_program_belongs_to_exactly_one_event(
    written: Written, lines: dict[str, list[Line]]
) -> None:
    for host, of_host in lines.items():
        shown = Counter(SERVICES[line.program] for line in of_host if of_login(line))
        told: Counter[str] = Counter()
        for event in written.events:
            if event["host"] == host:
                told[event["service"]] += event["entries"]
        assert shown == told


@pytest.fixture(scope="session")
def by_process(lines: dict[str, list[Line]]) -> Processes:
    grouped: Processes = defaultdict(list)
    for host, of_host in lines.items():
        for line in filter(of_login, of_host):
            grouped[host, SERVICES[line.program], line.pid].append(line)
    return grouped


def mine(event: dict[str, Any], by_process: Processes) -> list[Line]:
    lines = by_process[event["host"], event["service"], event["pid"]]
    return [line for line in lines if event["start"] <= line.time <= event["end"]]


def test_fields_of_an_event_are_in_its_lines(written: Written, by_process: Processes) -> None:
    for event in written.events:
        lines = mine(event, by_process)
        messages = "\n".join(line.message for line in lines)
        assert lines, event
        assert lines[0].time == event["start"], event
        for field in ("user", "target_user", "source_ip", "method", "key_fingerprint", "tty"):
            assert str(event[field]) in messages or event["pid"] is None, (field, event)
        assert str(event["source_port"] or "") in messages, event
        for word in event["command"].split():
            assert word in messages, event
        accepted = any(line.message.startswith("Accepted ") and " key " not in line.message for line in lines)
        assert accepted <= (event["outcome"] == "success"), event
        if event["session_opened"]:
            opened = [line.time for line in lines if "session opened for user" in line.message]
            assert opened == [event["session_opened"]], event
        if event["session_closed"]:
            closed = [line.time for line in lines if "session closed for user" in line.message]
            assert closed == [event["session_closed"]], event
            assert event["end"] == event["session_closed"]


def test_a_session_whose_first_lines_somebody_removed_begins_with_what_is_left() -> None:
    farm = build_farm(11, 30, 2, 7, dt.date(2026, 3, 2))
    for host in farm.hosts:
        log = HostLog(host, Clocks(), farm.seed, farm.horizon, {})
        login = SshLogin(farm.begin + 9 * HOUR, "ada", "10.1.2.3", 300.0, key="ED25519 SHA256:a", bare=True)
        login.write(log)
        event = json.loads(log.truth[0][1])
        first = next(line for line in map(parsed, sorted_texts(log)) if SERVICES.get(line.program) == "sshd")
        assert first.time == event["start"] == event["session_opened"]
        assert (first.pid, event["source_ip"], event["method"]) == (event["pid"], "", "")


def sorted_texts(log: HostLog) -> list[str]:
    return [text.rstrip("\n") for _, text in sorted(log.lines)]


def test_failures_are_the_attempts_in_the_log(written: Written, by_process: Processes) -> None:
    for event in written.events:
        if event["service"] != "sshd":
            continue
        count = 0
        for line in mine(event, by_process):
            folded = re.match(r"message repeated (\d+) times: \[ Failed ", line.message)
            count += int(folded[1]) if folded else line.message.startswith("Failed ")
        assert count == event["failures"], event


def test_session_ids_of_logind_are_announced_for_the_same_user(written: Written) -> None:
    announced: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for host, texts in written.logs.items():
        for text in texts:
            found = re.search(r"New session '?(\w+)'? of user '?([^'.\s]+)", text)
            if found:
                announced[host].add((found[1], found[2]))
    linked = [event for event in written.events if event["logind_session"]]
    assert len(linked) > 1000
    for event in linked:
        assert (event["logind_session"], event["user"]) in announced[event["host"]]


def alive_twice(events: list[dict[str, Any]]) -> int:
    """Number of events that start while an earlier one of the same host and pid is alive, as far as lines show."""
    last: dict[tuple[str, int], str] = {}
    clashes = 0
    for event in sorted(events, key=lambda event: event["start"]):
        if event["pid"] is None:
            continue
        key = (event["host"], event["pid"])
        clashes += last.get(key, "") >= event["start"]
        last[key] = event["end"]
    return clashes


def test_a_pid_is_never_reused_while_alive(written: Written, tmp_path: Any) -> None:
    assert alive_twice(written.events) == 0
    simulate(tmp_path, 4, 20, 4, 3, pid_space=700)
    scarce = read(tmp_path / "events.jsonl")
    assert alive_twice(scarce) == 0
    pids = Counter((event["host"], event["pid"]) for event in scarce)
    assert max(pids.values()) > 5
    assert max(event["pid"] or 0 for event in scarce) <= 700
