"""Merging: the entries of each login become one row of `login_events`.

New entries queue the processes they concern in `touched`; a run re-stitches these processes and records how far it
came. A run is idempotent: after an interruption the next one repeats it. The query id of the stitching statement is a
mutex, because ClickHouse refuses a second running query of the same id.
"""

import time
from collections.abc import Callable

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from nightporter.store.client import error_code
from nightporter.store.query import sql

KEYS_PER_RUN = 250_000
"""Queue rows that one run takes at least, in whole inserts; bounds the memory of a run."""

WORKING_TABLES = ("merge_scope", "merge_cuts", "merge_links")
"""What the steps of a run hand on; kept until the next run is done, because another process may be at this one."""

NUMBERED_ANEW = """
SELECT max(max_block_number) < (SELECT max(upto) FROM merge_runs) AND count() > 0
FROM system.parts WHERE database = currentDatabase() AND table = 'touched' AND active AND rows > 0
"""
"""Whether the queue's numbers began again: they do when all of it had expired and the store was started again."""

LAST = 2**64 - 1
"""As far as block numbers go."""

ALREADY_RUNNING = "216"
"""ClickHouse's error code for a query id that is in use."""


def merge(client: Client, progress: Callable[[int], None] | None = None, keys_per_run: int = KEYS_PER_RUN) -> int:
    """Bring `login_events` up to date with every entry stored so far; return the number of processes worked off.

    `progress` is called with the number of queue rows that still wait, before each run. Several processes may call
    this at once: they take turns.
    """
    done = 0
    if _number(client, NUMBERED_ANEW):
        client.command("TRUNCATE TABLE merge_runs")
        _forget(client, upto=LAST)
    while True:
        _, _, upto, waiting = client.query(
            sql("queries/merge_pending.sql"), parameters={"keys": keys_per_run}
        ).result_rows[0]
        if progress is not None:
            progress(int(waiting))
        if not upto:
            return done
        done += _run(client, int(upto))


def merged_upto(client: Client) -> int:
    """How far the queue of new entries has been worked off: grows with each merge of something new."""
    return _number(client, "SELECT max(upto) FROM merge_runs")


def _run(client: Client, upto: int) -> int:
    """Re-stitch what was queued up to block `upto`; return the number of processes, 0 when another process is at it."""
    run = {"run": upto}
    after = merged_upto(client)
    if after >= upto:
        return 0
    client.command(sql("queries/merge_scope.sql"), parameters={**run, "after": after})
    for step in ("peers", "cuts", "links"):
        client.command(sql(f"queries/merge_{step}.sql"), parameters=run)
    if merged_upto(client) >= upto:
        return 0
    try:
        mutex = {"query_id": f"nightporter-merge-{client.database}"}
        client.command(sql("queries/merge_stitch.sql"), parameters=run, settings=mutex)
    except DatabaseError as error:
        if error_code(error) != ALREADY_RUNNING:
            raise
        time.sleep(0.2)
        return 0
    keys = _number(client, "SELECT uniqExact(host, service, process) FROM merge_scope WHERE run = {run:UInt64}", run)
    client.command("INSERT INTO merge_runs (upto, keys) VALUES ({run:UInt64}, {keys:UInt64})", {**run, "keys": keys})
    _forget(client, upto=after)
    return keys


def _forget(client: Client, upto: int) -> None:
    """Remove what the steps of the runs up to `upto` handed on."""
    for table in WORKING_TABLES:
        client.command(f"ALTER TABLE {table} DELETE WHERE run <= {{upto:UInt64}}", {"upto": upto})


def _number(client: Client, statement: str, parameters: dict[str, int] | None = None) -> int:
    return int(client.query(statement, parameters=parameters).result_rows[0][0])
