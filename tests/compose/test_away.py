"""Services are away while servers log 2,000 lines a second: afterwards the logins are those that truly happened.

The servers do not wait for anybody. AWAY_SECONDS=600 keeps the services away for ten minutes; a case then takes half an
hour, so choose: `-k receiver`.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from appliance import Appliance
from servers import LINES_A_DAY, Servers, until

pytestmark = pytest.mark.heavy

SECONDS = float(os.environ.get("AWAY_SECONDS", "20"))
RATE = 2000
RUN_UP = 15.0  # seconds under load before and after
SERVICES = ("clickhouse", "receiver", "caddy", "merge", "valkey", "worker", "beat", "console", "backup")
AWAY = {"clickhouse": ("clickhouse",), "receiver": ("receiver",), "the whole machine": SERVICES}


@pytest.mark.parametrize("case", AWAY)
def test_the_events_equal_the_truth(appliance: Appliance, tmp_path: Path, case: str) -> None:
    containers = appliance.containers()
    gone = [containers[service] for service in AWAY[case]]
    # a stretch of days and a farm for each case: what one has stored is not in the way of another
    number, seconds = list(AWAY).index(case), RUN_UP + SECONDS + RUN_UP
    last = datetime.now(UTC).date() - number * timedelta(days=RATE * seconds // LINES_A_DAY + 3)
    with Servers(appliance, tmp_path, RATE, seconds, last, seed=11 + number) as servers:
        until(lambda: servers.delivered() > 0, servers.said)
        time.sleep(RUN_UP / 2)
        appliance.engine.run("docker", "kill", *gone)
        before = servers.written
        time.sleep(SECONDS)
        assert servers.written - before > 0.9 * RATE * SECONDS, "the servers have waited"
        held = servers.logged() - servers.delivered()
        appliance.engine.run("docker", "start", *gone)
        back = time.monotonic()
        servers.join()
        until(lambda: servers.delivered() == servers.logged(), servers.said, 600 + 3 * SECONDS)
        print(f"{case}: {SECONDS:.0f} s away, {held:,} bytes held, delivered {time.monotonic() - back:.0f} s later")
    until(lambda: all(state.endswith(" running healthy") for state in appliance.states()), appliance.states)
    logins = servers.compare()
    print(f"{case}: {servers.written:,} lines and {logins:,} logins, each once")
