"""Times the console's pages on a store of 30 M logins, 3 000 people, 1 000 servers and 10 000 flags, made in SQL.

    python tests/benchmarks/console.py FOLDER [--logins 30] [--runs 20]

FOLDER keeps the store, so that a second run only measures. For each page it prints, as a first visit and as a rerun,
the median and the 95th percentile of the seconds from the request to the finished page, without the browser. A first
visit finds none of the answers kept of the console, and asks for another person, server or source each time.
"""

import argparse
import itertools
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from clickhouse_connect.driver.client import Client

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

DAYS, USERS, HOSTS, FLAGS, BUDGET = 30, 3000, 1000, 10_000, 50


def fill(client: Client, millions: float) -> None:
    """Make the store's content: a statement per day of logins, then flags and what belongs to them."""
    last = int(time.time()) // 86400 * 86400 - 86400
    numbers = {"users": USERS, "hosts": HOSTS, "flags": FLAGS, "budget": BUDGET, "last": last}
    logins, *others = (HERE / "console_store.sql").read_text(encoding="utf-8").strip().rstrip(";").split(";\n")
    for day in range(DAYS):
        begun = time.monotonic()
        per_day = {"day": day, "start": last - 86400 * (DAYS - 1 - day), "count": int(millions * 1e6 / DAYS)}
        client.command(logins, parameters=numbers | per_day)
        print(f"\rday {day + 1} of {DAYS}: {time.monotonic() - begun:.1f} s ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    for statement in others:
        client.command(statement, parameters=numbers)


def timed(runs: int, act: Callable[[], object]) -> tuple[float, float]:
    """Median and 95th percentile of the seconds that `act` takes."""
    seconds = []
    for _ in range(runs):
        begun = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds), sorted(seconds)[max(round(0.95 * runs) - 1, 0)]


def main() -> None:
    """Fill the store where it is empty, then time each page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--logins", type=float, default=30, help="millions")
    parser.add_argument("--runs", type=int, default=20)
    options = parser.parse_args()
    os.environ |= {"NIGHTPORTER_HOME": str(options.folder), "NIGHTPORTER_CLICKHOUSE_URL": ""}
    from console_visit import sign_in
    from nightporter.console import script_path
    from nightporter.console.accounts import Accounts
    from nightporter.settings import load
    from nightporter.store.client import connect
    from streamlit import cache_data
    from streamlit.testing.v1 import AppTest
    from streamlit.util import calc_hash

    settings = load()
    with connect(settings) as client:
        if not int(str(client.command("SELECT count() FROM flags"))):
            fill(client, options.logins)
        count = client.command("SELECT count() FROM login_events")
        print(f"{count} logins; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        session = sign_in(Accounts(settings.home), "ada", "admin")
        pages: list[tuple[str, dict[str, str]]] = [
            ("", {}), ("briefing", {}), ("search", {}), ("search", {"user": "user%d"}),
            ("search", {"source": "10.%d.0.1"}), ("person", {"user": "user%d"}), ("person", {"user": "root"}),
            ("server", {"host": "srv%04d"}), ("model", {}), ("health", {}), ("audit", {}), ("settings", {}),
        ]  # fmt: skip
        print(f"{'page':32} {'first p50':>9} {'p95':>6} {'rerun p50':>9} {'p95':>6}   seconds")
        for path, url in pages:
            other = itertools.count(17)

            def visit(path: str = path, url: dict[str, str] = url, other: Iterator[int] = other) -> AppTest:
                cache_data.clear()
                app = AppTest.from_file(str(script_path()), default_timeout=120)
                app.user = {"name": "ada", "roles": "admin", "session": session}
                for name, value in url.items():
                    app.query_params[name] = value % next(other) if "%" in value else value
                if path:
                    app._page_hash = calc_hash(path)
                app.run()
                assert not [text for text in app.caption if "Error id" in text.value], [t.value for t in app.text]
                return app

            kept = visit()  # warm
            first, again = timed(options.runs, visit), timed(options.runs, kept.run)
            name = f"{path or 'queue'} {' '.join(url.values())}"
            print(f"{name:32} {first[0]:9.2f} {first[1]:6.2f} {again[0]:9.2f} {again[1]:6.2f}", flush=True)


if __name__ == "__main__":
    main()
