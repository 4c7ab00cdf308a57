"""`python -m nightporter.simulate OUT --hosts H --users U --days N --seed S`: the simulator alone."""

import argparse
import sys
import time
from pathlib import Path

from nightporter.errors import NightporterError
from nightporter.simulate.write import simulate


def main() -> int:
    """Parses arguments, simulates, prints a line; 1 with one sentence on failure."""
    parser = argparse.ArgumentParser(prog="python -m nightporter.simulate", description=__doc__)
    parser.add_argument("out", type=Path)
    for name, value in (("hosts", 10), ("users", 30), ("days", 10), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument(
        "--pid-space", type=int, default=0, help="size of every host's process id space (700 is hostile)"
    )
    parser.add_argument(
        "--local-zones", action="store_true", help="some RFC 3164 hosts write local time; see farm.json"
    )
    parser.add_argument("--dirt", action="store_true", help="add duplicates, local shuffles and garbage to the logs")
    chosen = parser.parse_args()
    began = time.perf_counter()
    try:
        summary = simulate(
            chosen.out, chosen.hosts, chosen.users, chosen.days, chosen.seed,
            dirt=chosen.dirt, pid_space=chosen.pid_space, local_zones=chosen.local_zones,
        )  # fmt: skip
    except NightporterError as error:
        print(error, file=sys.stderr)
        return 1
    took = time.perf_counter() - began
    print(
        f"{summary.lines} lines, {summary.events} events, "
        f"{summary.attacks} attacks with {summary.attack_events} events, "
        f"{summary.first} to {summary.last}, {took:.1f} s ({summary.lines / took:,.0f} lines/s)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
