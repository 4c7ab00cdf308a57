"""A night asked for through the broker is run by a worker, and the broker needs no server."""

import subprocess
import sys
import time

from clickhouse_connect.driver.client import Client
from login_rows import LAST, ordinary, stolen_key, store
from nightporter.nightly.app import make_app
from nightporter.settings import load

WORKER = ["-m", "celery", "--app=nightporter.nightly.worker", "worker", "--concurrency=1", "--loglevel=info"]
ALONE = ["--without-mingle", "--without-gossip", "--without-heartbeat"]
PATIENCE = 240


def test_a_worker_runs_the_night_that_was_asked_for(client: Client) -> None:
    store(client, ordinary() + stolen_key())
    app = make_app(load())
    app.send_task("nightporter.night", [LAST.isoformat()], {"budget": 5, "seed": 1})
    worker = subprocess.Popen([sys.executable, *WORKER, *ALONE], stderr=subprocess.PIPE, text=True)
    over = "SELECT count() FROM night_steps FINAL WHERE state IN ('done', 'skipped')"
    try:
        deadline = time.monotonic() + PATIENCE
        while client.command(over) != 9:
            assert worker.poll() is None, worker.communicate()[1]
            assert time.monotonic() < deadline
            time.sleep(0.5)
    finally:
        worker.terminate()
        print(worker.communicate(timeout=60)[1])
    sources = client.query("SELECT source_ip FROM flags FINAL WHERE night = {night:Date}", parameters={"night": LAST})
    assert ("203.0.113.9",) in sources.result_rows
