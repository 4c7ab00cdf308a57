"""What a simulated farm contains: formats, people, attacks; the same bytes for the same arguments."""

import datetime as dt
import hashlib
import json
import time
from collections import Counter
from pathlib import Path

import pytest
from nightporter.errors import SimulationError
from nightporter.simulate import simulate
from nightporter.simulate.names import HOSTILE
from nightporter.simulate.profiles import PROFILES

from .conftest import Written, read

KINDS = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15}


def digest(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_arguments_give_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        simulate(tmp_path / name, 6, 12, 3, seed, dirt=True)
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    assert digest(tmp_path / "a") != digest(tmp_path / "c")


def test_a_second_run_replaces_the_first(tmp_path: Path) -> None:
    simulate(tmp_path, 6, 12, 2, 1)
    first = digest(tmp_path)
    simulate(tmp_path, 6, 12, 2, 1)
    assert digest(tmp_path) == first


def test_start_moves_the_whole_simulation(tmp_path: Path) -> None:
    summary = simulate(tmp_path, 2, 5, 3, 1, start=dt.date(2026, 2, 27))
    assert (summary.first, summary.last) == ("2026-02-27", "2026-03-01")
    nights = {event["start"][:10] for event in read(tmp_path / "events.jsonl")}
    assert nights == {"2026-02-27", "2026-02-28", "2026-03-01"}


def test_all_formats_are_there_from_eleven_hosts_on(written: Written) -> None:
    assert {host["format"] for host in written.farm["hosts"].values()} == {profile.name for profile in PROFILES}
    for host, about in written.farm["hosts"].items():
        first = written.logs[host][0]
        starts = {"iso": "2026-", "bsd": "Oct ", "rfc5424": "<86>1 2026-", "journal": '{"__REALTIME'}
        assert first.startswith(starts[about["header"]])


@pytest.mark.parametrize(
    "wording",
    [
        "message repeated ",
        "more authentication failures; logname=",
        "Connection closed by authenticating user ",
        "sshd-session[",
        "User child is on pid ",
        "Starting session: shell on pts/",
        "Close session: user ",
        "found at /home/",
        "kex_exchange_identification",
        "(command continued)",
        "BECOME-SUCCESS-",
        "user NOT in sudoers",
        "incorrect password attempt",
        "Successful su for ",
        "(to root) ",
        "FAILED LOGIN",
        "gdm-password][",
        "new user: name=",
        "::ffff:",
        "Timeout before authentication",
        "ED25519-CERT SHA256:",
        "error: PAM: Authentication failure for ",
        "systemd-user:session",
    ],
)
def test_wording_is_in_the_logs(written: Written, wording: str) -> None:
    assert wording in written.text


def test_scanners_choose_names_that_mislead(written: Written) -> None:
    assert sum(f"Invalid user {name} from " in written.text for name in HOSTILE) >= 3


def test_every_kind_of_attack_is_there_within_its_share(written: Written) -> None:
    assert {attack["number"] for attack in written.attacks} == KINDS
    labelled = Counter(event["attack"] for event in written.events if event["attack"])
    assert sum(labelled.values()) <= 1e-3 * len(written.events)
    assert labelled == {attack["attack_id"]: attack["n_events"] for attack in written.attacks}
    assert {attack["under_threshold"] for attack in written.attacks} == {True, False}


def test_attacks_leave_the_first_days_for_training(written: Written) -> None:
    first = dt.date.fromisoformat(written.farm["start"]) + dt.timedelta(days=written.farm["days"] // 3)
    assert min(attack["night"] for attack in written.attacks) >= first.isoformat()


def test_an_attack_says_who_where_and_when(written: Written) -> None:
    for attack in written.attacks:
        events = [event for event in written.events if event["attack"] == attack["attack_id"]]
        assert attack["start"] == min(event["start"] for event in events)
        assert attack["night"] == attack["start"][:10]
        assert attack["nights"] == sorted({event["start"][:10] for event in events})
        assert {event["host"] for event in events} == set(attack["hosts"])
        assert {event["user"] for event in events} <= set(attack["users"])
        assert {event["source_ip"] for event in events if event["source_ip"]} <= set(attack["source_ips"])


def test_local_zones_are_named_and_only_for_hosts_without_a_zone_in_the_line(tmp_path: Path) -> None:
    simulate(tmp_path, 12, 5, 1, 2, local_zones=True)
    farm = json.loads((tmp_path / "farm.json").read_text("utf-8"))
    assert farm["zones"]
    assert all(farm["hosts"][host]["header"] == "bsd" and zone != "UTC" for host, zone in farm["zones"].items())


@pytest.mark.parametrize(("hosts", "users", "days"), [(1, 1, 1), (2, 3, 1), (1, 40, 2), (40, 2, 1)])
def test_odd_sizes_work(tmp_path: Path, hosts: int, users: int, days: int) -> None:
    summary = simulate(tmp_path, hosts, users, days, 1)
    assert len(list((tmp_path / "logs").iterdir())) == hosts
    assert summary.attack_events <= 1e-3 * summary.events


@pytest.mark.parametrize(
    ("hosts", "users", "days", "pid_space"), [(0, 1, 1, 0), (1, 0, 1, 0), (1, 1, 0, 0), (1, 1, 1, 20)]
)
def test_impossible_arguments_are_refused_in_one_sentence(
    tmp_path: Path, hosts: int, users: int, days: int, pid_space: int
) -> None:
    with pytest.raises(SimulationError, match="give a number"):
        simulate(tmp_path, hosts, users, days, 1, pid_space=pid_space)


def test_speed_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.process_time()
    summary = simulate(tmp_path, 10, 30, 4, 1)
    took = time.process_time() - began
    with capsys.disabled():
        print(f"\nsimulate: {summary.lines / took:,.0f} lines/s of processor time")
    assert summary.lines == sum(path.read_bytes().count(b"\n") for path in (tmp_path / "logs").iterdir())
