"""A night asked for through the broker is run by a worker, and the broker needs no server."""

import subprocess
import sys
import time

from clickhouse_connect.driver.client import Client
from login_rows import LAST, ordinary, stolen_key, store
from nightporter.nightly.app import make_app
from nightporter.settings import load

WORKER = [
    "-m",
    "celery",
    "--app=nightporter.nightly.worker",
    "worker",
    "--pool=solo",
    "--without-mingle",
    "--without-gossip",
]
PATIENCE = 240


def test_a_worker_runs_the_night_that_was_asked_for(client: Client) -> None:
    store(client, ordinary() + stolen_key())
    app = make_app(load())
    app.send_task("nightporter.night", [LAST.isoformat()], {"budget": 5, "seed": 1})
    assert list((load().home / "spool" / "waiting").iterdir())
    worker = subprocess.Popen([sys.executable, *WORKER], stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + PATIENCE
        while not client.command("SELECT count() FROM model_runs"):
            assert worker.poll() is None, worker.communicate()[1]
            assert time.monotonic() < deadline
            time.sleep(0.5)
    finally:
        worker.terminate()
        worker.communicate(timeout=60)
    sources = client.query("SELECT source_ip FROM flags FINAL WHERE night = {night:Date}", parameters={"night": LAST})
    assert ("203.0.113.9",) in sources.result_rows
