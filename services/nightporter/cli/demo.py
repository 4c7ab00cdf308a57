"""What `up --demo` shows: a simulated farm with known attacks, its logins, and its last nights, made once."""

import time
from datetime import UTC, date, datetime, timedelta

from nightporter.cli.app import say
from nightporter.ingest.load import ingest
from nightporter.nightly.night import run_night
from nightporter.settings import Settings
from nightporter.simulate.write import simulate
from nightporter.store.client import connect

HOSTS, USERS, DAYS, SEED = 40, 100, 14, 1
NIGHTS = 3  # the last ones of the farm; those before are there to learn from


def prepare(settings: Settings) -> None:
    """Fill the demo's home, telling each step; a second start finds it filled."""
    done = settings.home / "demo-is-ready"
    if done.exists():
        return
    farm = settings.home / "farm"
    clock = time.monotonic()
    say(f"1/3  Simulating {HOSTS} servers and {USERS} people over {DAYS} days …")
    # it ends yesterday, so that this morning's console is up to date
    told = simulate(farm, HOSTS, USERS, DAYS, SEED, start=datetime.now(UTC).date() - timedelta(days=DAYS))
    say(f"     {told.lines:,} log lines, {told.attacks} attacks hidden among {told.events:,} logins.")
    with connect(settings) as client:
        say("2/3  Loading the logs and merging them into logins …")
        summary = ingest(client, [str(farm / "logs")])
        say(f"     {summary.stored:,} entries, {summary.unparsed:,} of them unparsed.")
        last = date.fromisoformat(told.last)
        say(f"3/3  Learning what is usual and scoring the last {NIGHTS} nights …")
        for back in reversed(range(NIGHTS)):
            night = run_night(client, last - timedelta(days=back))
            say(f"     {night.night}: {night.logins:,} logins, {night.flags} flags.")
    done.touch()
    say(f"     The demo is ready after {time.monotonic() - clock:.0f} s; it stays in {settings.home}.")
