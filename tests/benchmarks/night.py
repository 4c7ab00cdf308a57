"""What a night costs: features, training and scores, in core-seconds and megabytes, beside PyOD's AutoEncoder.

    python tests/benchmarks/night.py                      1 and 20 million logins
    python tests/benchmarks/night.py 1000000              one size
    python tests/benchmarks/night.py --home DIR 1000000   keeps the made-up logins there, for the next time

Logins of a made-up month are written into `login_events` of a scratch store; each size runs in a process of its own,
one thread for each network, and what is counted is processor time. PyOD gets the same logins as a matrix in memory,
prepared as well as ours are (thinned, clipped, one-hot), with its defaults and with the batch size that is fastest.
Not a test: nothing fails on a slow machine. The bars are printed beside the figures. Needs `pip install '.[bench]'`.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import torch
from made_month import DAYS, FIRST, make
from nightporter.features.encode import encode
from nightporter.features.stream import read_logins
from nightporter.model.baselines import Preparation
from nightporter.model.detector import fit_with_probe
from nightporter.model.train import COLD, WARM
from nightporter.nightly.calibration import calibrate
from nightporter.nightly.days import THIN, split_days, split_rows
from nightporter.settings import load
from nightporter.store import embedded
from nightporter.store.client import connect

SIZES = (1_000_000, 20_000_000)
DAY = 10_000_000  # logins that costs are extrapolated to
FIRST_LOGINS = 100_000
PYOD_ROWS, PYOD_BATCHES = 10_000, (32, 1024, 4096, 16384)  # the first batch size is PyOD's default
BARS = {
    "features of 10 M logins, core-minutes": 10, "warm retrain of 300 M logins, core-minutes": 20,
    "scores of 10 M logins, core-minutes": 5, "peak memory, MB": 1536, "bytes a prepared login": 62,
}  # fmt: skip


def cpu_of(pid: int) -> float:
    """Seconds of processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_of(pid: int) -> int:
    """Most memory a process has had, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) // 1024


def told(text: str) -> None:
    """Progress, on standard error."""
    print(text, file=sys.stderr, flush=True)


def one_size(count: int, home: Path, pyod: bool, most: int) -> dict[str, Any]:
    """All figures of one size, ready for JSON."""
    settings = replace(load(), home=home, clickhouse_url="", event_retention_months=0)
    os.environ["NIGHTPORTER_HOME"] = str(home)
    days = [FIRST + timedelta(days=number) for number in range(DAYS)]
    learn_from, held_out_from = split_days(days[:-1])
    result: dict[str, Any] = {"logins": count}
    with connect(settings) as client:
        if not int(str(client.command("SELECT count() FROM login_events"))):
            for day in make(client, count):
                told(f"made {day}")
        store = (embedded.state(settings) or {"pid": os.getpid()})["pid"]
        stored, own = cpu_of(store), time.process_time()
        told("features")
        logins = read_logins(
            client, days[0], days[-1] + timedelta(days=1), thin=THIN, whole_from=held_out_from, folder=home / "logins"
        )
        result |= {
            "features_core_seconds": cpu_of(store) - stored + time.process_time() - own,
            "reading_core_seconds": time.process_time() - own,
            "store_peak_mb": peak_of(store),
            "read": len(logins),
        }
    split = split_rows(logins, learn_from, held_out_from, days[-1])
    result |= {"training": len(split.early) + len(split.late), "night": len(split.night)}
    few = replace(COLD, epochs=1, most_logins=FIRST_LOGINS)  # last night's model; how good it is costs nothing here
    cold = fit_with_probe(logins, split.early, split.late, seed=1, recipe=few, progress=told)
    own = time.process_time()
    warm = fit_with_probe(
        logins, split.early, split.late, seed=2, recipe=replace(WARM, most_logins=most), before=cold, progress=told
    )
    result["warm_core_seconds"] = time.process_time() - own
    taken = [min(len(rows), most) for rows in (split.early, np.concatenate([split.early, split.late]))]
    visits = sum(
        len(curve.train) * count for part, count in zip(warm[::-1], taken, strict=True) for curve in part.curves
    )
    result["warm_visits"] = visits
    own = time.process_time()
    warm[0].surprises(logins, split.night)
    result["scoring_core_seconds"] = time.process_time() - own
    told("calibrating")
    own = time.process_time()
    calibrate(logins, split, warm[1])
    result["calibrating_core_seconds"] = time.process_time() - own
    result["bytes"] = encode(logins, warm[0].vocabularies, split.night[:10_000]).bytes_per_login
    result["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if pyod:
        rows = np.concatenate([split.early, split.late])
        rows = rows[:: max(1, len(rows) // PYOD_ROWS)]
        prepared = Preparation(logins, warm[0].vocabularies, rows)
        result["pyod"] = against_pyod(np.concatenate(list(prepared.matrices(logins, rows))))
    return result


def against_pyod(matrix: Any) -> dict[str, Any]:
    """Events per core-second of PyOD's AutoEncoder, per batch size: fit (events times epochs) and score."""
    from pyod.models.auto_encoder import AutoEncoder

    torch.set_num_threads(1)
    rates: dict[str, Any] = {"columns": matrix.shape[1], "rows": len(matrix)}
    for batch in PYOD_BATCHES:
        epochs = 1 if batch == PYOD_BATCHES[0] else 5
        model = AutoEncoder(batch_size=batch, epoch_num=epochs, verbose=0, preprocessing=False)
        own = time.process_time()
        model.fit(matrix)  # ends with scores of the whole matrix
        fitted = time.process_time() - own
        own = time.process_time()
        model.decision_function(matrix)
        scored = time.process_time() - own
        rates[str(batch)] = {"fit": len(matrix) * epochs / max(fitted - scored, 1e-3), "score": len(matrix) / scored}
        told(f"PyOD, batches of {batch}: {rates[str(batch)]}")
    return rates


def report(results: list[dict[str, Any]]) -> None:
    """The figures as a table, with the bars."""
    for found in results:
        per_login = found["features_core_seconds"] / found["logins"]
        rate = found["warm_visits"] / found["warm_core_seconds"]
        ours = 4 * min(found["training"], WARM.most_logins) / rate  # two networks and two of the probe
        figures = {
            "features of 10 M logins, core-minutes": per_login * DAY / 60,
            "warm retrain of 300 M logins, core-minutes": 4 * WARM.most_logins / rate / 60,
            "scores of 10 M logins, core-minutes": found["scoring_core_seconds"] / found["night"] * DAY / 60,
            "peak memory, MB": found["peak_mb"],
            "bytes a prepared login": found["bytes"],
        }
        print(f"\n{found['logins']:,} logins, {found['training']:,} to learn from, {found['night']:,} in the night")
        for name, figure in figures.items():
            print(f"  {name:45} {figure:10,.1f}   bar {BARS[name]}")
        print(f"  {'store, peak memory, MB':45} {found['store_peak_mb']:10,.1f}")
        print(f"  {'training, visits of a login a core-second':45} {rate:10,.0f}")
        print(f"  {'scoring, logins a core-second':45} {found['night'] / found['scoring_core_seconds']:10,.0f}")
        if "pyod" in found:
            rates = {name: rate for name, rate in found["pyod"].items() if isinstance(rate, dict)}
            best = max(rates, key=lambda name: float(rates[name]["fit"]))
            for name, text in ((str(PYOD_BATCHES[0]), "defaults"), (best, f"batches of {best}")):
                night = found["training"] * 10 / rates[name]["fit"] + found["night"] / rates[name]["score"]
                mine = ours + found["scoring_core_seconds"]
                speed = f"fit {rates[name]['fit']:,.0f}, score {rates[name]['score']:,.0f} a core-second"
                work = f"{night / 60:,.1f} core-minutes, ours, warm, {mine / 60:,.1f}: {night / mine:,.1f} times"
                print(f"  PyOD, {text}: {speed}; a night's work (10 epochs, score) {work}")


def main() -> None:
    """One process a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--no-pyod", action="store_true")
    parser.add_argument(
        "--most", type=int, default=WARM.most_logins, help="logins of an epoch; fewer for a busy machine"
    )
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(one_size(asked.sizes[0], asked.home, not asked.no_pyod, asked.most)))
        return
    results = []
    for size in asked.sizes:
        home = asked.home / str(size) if asked.home else Path(tempfile.mkdtemp(prefix="night-"))
        again = ["--no-pyod"] if asked.no_pyod or size != asked.sizes[0] else []
        command = [sys.executable, __file__, str(size), "--one", "--home", str(home), "--most", str(asked.most), *again]
        try:
            told(f"{size:,} logins in {home}")
            done = subprocess.run(
                command, stdout=subprocess.PIPE, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
            )
            results.append(json.loads(done.stdout))
        finally:
            if not asked.home:
                shutil.rmtree(home, ignore_errors=True)
    report(results)


if __name__ == "__main__":
    main()
