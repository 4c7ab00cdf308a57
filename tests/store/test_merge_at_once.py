"""Several processes that merge at the same moment: each run is done by one of them, and every login is there once."""

import subprocess
import sys
from threading import Thread

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError
from nightporter.settings import Settings
from nightporter.store.client import error_code, open_client
from nightporter.store.merge import WORKING_TABLES, merge
from store_logs import load_lines, merged_events

AT_ONCE = 3
MERGE = """
import sys
from nightporter.store.client import connect
from nightporter.store.merge import merge

with connect() as client:
    print("ready", flush=True)
    sys.stdin.readline()
    print(merge(client, keys_per_run=int(sys.argv[1])), flush=True)
"""


def logins(first: int, last: int) -> list[bytes]:
    """Logins by password, three lines by two processes each; sixty pairs of process ids, used again and again."""
    lines = []
    for number in range(first, last):
        pid, peer = 1_000 + 8 * (number % 60), f"10.1.{number % 200}.7 port {2_000 + number}"
        said = [
            (0, pid, f"Accepted password for ada from {peer} ssh2"),
            (1, pid, "pam_unix(sshd:session): session opened for user ada(uid=1000) by (uid=0)"),
            (30, pid + 3, f"Disconnected from user ada {peer}"),
        ]
        day, minute = divmod(number, 1_440)
        stamp = f"2026-03-{2 + day:02}T{minute // 60:02}:{minute % 60:02}"
        lines += [f"{stamp}:{second:02}+00:00 web1 sshd[{of}]: {text}".encode() for second, of, text in said]
    return lines


def merge_at_once(keys_per_run: int) -> list[int]:
    """Start several processes, let all merge at one moment; what each of them worked off."""
    command = [sys.executable, "-c", MERGE, str(keys_per_run)]
    merging = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(AT_ONCE)
    ]
    try:
        for process in merging:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in merging:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        told = [process.communicate(timeout=300)[0] for process in merging]
        assert [process.returncode for process in merging] == [0] * AT_ONCE
        return [int(text) for text in told]
    finally:
        for process in merging:
            process.kill()
            process.wait()


def test_processes_that_merge_at_the_same_moment_give_every_login_once(client: Client) -> None:
    for part in range(4):  # inserts; a run takes at least one
        load_lines(client, logins(100 * part, 100 * part + 100))
    assert sum(merge_at_once(keys_per_run=1)) > 0
    runs, last = client.query("SELECT uniqExact(upto), max(upto) FROM merge_runs").result_rows[0]
    assert (runs, last) == (4, client.query("SELECT max(_block_number) FROM touched").result_rows[0][0])
    at_once = merged_events(client)
    assert [event["entries"] for event in at_once] == [3] * 400
    assert client.query("SELECT count(), uniqExact(event_id) FROM login_events FINAL").result_rows == [(400, 400)]
    assert merge(client) == 0

    for table in ("entries", "touched", "links", "login_events", *WORKING_TABLES, "merge_runs"):
        client.command(f"TRUNCATE TABLE {table} SYNC")
    load_lines(client, logins(0, 400))
    assert merged_events(client) == at_once


def test_who_finds_the_merge_taken_tries_again_until_it_is_free(client: Client, store: Settings) -> None:
    load_lines(client, logins(0, 50))
    tried: list[int] = []
    merged: list[int] = []
    holder, worker = open_client(store), open_client(store)
    merging = Thread(target=lambda: merged.append(merge(worker, progress=tried.append)))
    name = {"query_id": f"nightporter-merge-{client.database}", "max_block_size": 1}
    started = False
    while len(tried) < 3 and not merged:
        try:
            holder.command("SELECT sum(sleepEachRow(0.05)) FROM numbers(20)", settings=name)
        except DatabaseError as error:  # the merge came in between
            assert error_code(error) == "216"
        if not started:
            merging.start()
            started = True
    merging.join()
    assert merged == [client.query("SELECT uniqExact(process) FROM touched").result_rows[0][0]]
    assert client.command("SELECT count() FROM merge_runs") == 1
    assert [event["entries"] for event in merged_events(client)] == [3] * 50
    holder.close()
    worker.close()
