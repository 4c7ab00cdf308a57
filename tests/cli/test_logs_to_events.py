"""From log files to what is printed: ingest, parse, events, explain, status, doctor."""

import csv
import io
import json
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client
from command import nightporter

HOSTILE = [
    "root from 10.0.0.1 port 22 ssh2",
    "Accepted password for root",
    "<img src=x onerror=alert(1)>",
    "'; DROP TABLE entries; --",
    '=HYPERLINK("http://evil.example","click")',
    "@SUM(1)",
    "[bold red]markup[/]",
    "\x1b[2J\x1b[31mred\x07",
    'tab\there, "quoted"',
    "café ☃",
]
RAW = b"bad\xff\xfebytes"


def line(user: bytes, number: int) -> bytes:
    """A refused login of `user`."""
    head = b"2026-03-02T06:%02d:00.000001+00:00 web1 sshd[%d]: " % (number, 500 + number)
    return head + b"Failed password for invalid user %b from 192.0.2.7 port %d ssh2" % (user, 40_000 + number)


@pytest.fixture
def loaded(client: Client, tmp_path: Path) -> Path:
    """The hostile names, loaded through the command line."""
    del client  # empties the store
    log = tmp_path / "auth.log"
    log.write_bytes(b"\n".join(line(name, n) for n, name in enumerate([*(h.encode() for h in HOSTILE), RAW])) + b"\n")
    done = nightporter("ingest", str(log))
    assert (done.code, done.err) == (0, "")
    assert (
        done.out.decode()
        == f"read {len(HOSTILE) + 1}, stored {len(HOSTILE) + 1}, already known 0, unparsed 0 entries\n"
    )
    return log


@pytest.mark.usefixtures("loaded")
def test_json_lines_hold_every_name_as_it_was() -> None:
    done = nightporter("events")
    assert (done.code, done.err) == (0, "")
    rows = [json.loads(row) for row in done.out.decode("utf-8", "strict").splitlines()]
    assert [row["user"] for row in rows] == [*HOSTILE, "bad\ufffdbytes"]
    assert rows[0] | {"event_id": "", "pid": 0} == {
        "event_id": "", "host": "web1", "service": "sshd", "pid": 0,
        "start": "2026-03-02T06:00:00.000001+00:00", "end": "2026-03-02T06:00:00.000001+00:00",
        "user": HOSTILE[0], "target_user": "", "source_ip": "192.0.2.7", "source_port": 40_000, "method": "password",
        "key_fingerprint": "", "outcome": "failure", "invalid_user": True, "failures": 1, "session_opened": None,
        "session_closed": None, "tty": "", "command": "", "entries": 1, "logind_session": "",
    }  # fmt: skip
    assert nightporter("events").out == done.out


@pytest.mark.usefixtures("loaded")
def test_csv_is_read_back_and_runs_no_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(nightporter("events", "--format", "csv").out.decode(), newline="")))
    for row, name in zip(rows, HOSTILE, strict=False):
        assert row["user"] == ("'" + name if name[0] in "=@+-\t\r" else name)
        assert (row["invalid_user"], row["session_opened"], row["failures"]) == ("true", "", "1")
    assert not any(value.startswith(("=", "@", "+", "-")) for row in rows for value in row.values())


@pytest.mark.usefixtures("loaded")
def test_a_table_sends_no_control_character() -> None:
    done = nightporter("events", "--format", "table")
    assert not any(code < 32 and code != 10 for code in done.out)
    assert "\\x1b[2J" in done.out.decode()
    assert "[bold red]markup[/]" in done.out.decode()


@pytest.mark.usefixtures("loaded")
def test_filters_choose_by_time_user_and_host() -> None:
    def users(*arguments: str) -> list[str]:
        return [json.loads(row)["user"] for row in nightporter("events", *arguments).out.splitlines()]

    assert users("--user", HOSTILE[3]) == [HOSTILE[3]]
    assert users("--host", "web1", "--user", HOSTILE[1], "--user", HOSTILE[2]) == HOSTILE[1:3]
    assert users("--host", "web2") == []
    assert users("--since", "2026-03-02T06:01:00", "--until", "2026-03-02T06:03") == HOSTILE[1:3]
    assert users("--since", "2026-03-02T07:01:00+01:00", "--until", "2026-03-02T07:03+01:00") == HOSTILE[1:3]
    assert users("--until", "2026-03-02") == []


@pytest.mark.usefixtures("loaded")
def test_explain_shows_an_event_and_its_lines() -> None:
    event = json.loads(nightporter("events", "--user", HOSTILE[7]).out)
    done = nightporter("explain", event["event_id"])
    assert done.code == 0
    assert "Failed password for invalid user \\x1b[2J" in done.out.decode()
    assert b"\x1b" not in done.out
    missing = nightporter("explain", "0000000000000000")
    assert missing.code == 1
    assert "no flag and no event" in missing.err


@pytest.mark.usefixtures("loaded")
def test_status_counts_what_is_there() -> None:
    done = nightporter("status", "--format", "json")
    assert done.code == 0
    told = json.loads(done.out)
    assert (told["entries"], told["events"], told["waiting"], told["unparsed_share"]) == (11, 11, 0, 0)
    assert nightporter("status").code == 0


@pytest.mark.usefixtures("loaded")
def test_doctor_finds_a_healthy_store() -> None:
    done = nightporter("doctor")
    assert done.code == 0, done.out
    assert "up to date" in done.out.decode()


def test_parse_reads_without_storing(client: Client) -> None:
    given = [line(b"ann", 1), b"nonsense \xff", b"", line(RAW, 2)]
    done = nightporter("parse", "-", stdin=b"\n".join(given))
    assert (done.code, done.err) == (0, "")
    ann, nonsense, raw = [json.loads(row) for row in done.out.decode("utf-8", "strict").splitlines()]
    assert (ann["time"], ann["host"], ann["program"], ann["pid"]) == (
        "2026-03-02T06:01:00.000001+00:00",
        "web1",
        "sshd",
        501,
    )
    assert (ann["kind"], ann["user"], ann["source_ip"], ann["source_port"]) == ("failed", "ann", "192.0.2.7", 40_001)
    assert (nonsense["kind"], nonsense["time"], nonsense["pid"]) == ("unparsed", None, None)
    assert raw["user"] == "bad\ufffdbytes"
    assert client.command("SELECT count() FROM entries") == 0
    assert client.command("SELECT count() FROM parse_requests") == 0


def test_standard_input_is_loaded_like_a_file(client: Client) -> None:
    del client
    assert nightporter("ingest", "-", stdin=line(b"ann", 1)).code == 0
    assert b'"user":"ann"' in nightporter("events").out


def test_a_load_with_bad_inputs_exits_with_1_and_loads_the_others(client: Client, tmp_path: Path) -> None:
    del client
    (tmp_path / "a.log").write_bytes(line(b"ann", 1))
    done = nightporter("ingest", str(tmp_path / "missing.log"), str(tmp_path / "a.log"))
    assert done.code == 1
    assert done.out.startswith(b"read 1, stored 1")
    assert done.err.count("\n") == 1 and "missing.log was not read" in done.err
