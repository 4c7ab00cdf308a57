"""What a model's scores mean here: the tails of its scores of ordinary days, kept beside the model."""

from pathlib import Path

import numpy as np

from nightporter.errors import ModelError
from nightporter.features.stream import Logins
from nightporter.model.detector import Detector
from nightporter.nightly.cases import Cases, group
from nightporter.nightly.days import Split
from nightporter.nightly.flags import Floats, Tail, tail

FILE = "calibration.npz"


def calibrate(logins: Logins, split: Split, probe: Detector) -> dict[bool, Tail]:
    """What scores mean, per queue (False: actors, True: refused sources), from days that the probe has not seen."""
    nights: list[Cases] = [group(logins, rows, probe.surprises(logins, rows)) for rows in split.late_days]
    count = sum(len(rows) for rows in split.late_days)
    return {refused: tail(nights, count, refused) for refused in (False, True)}


def save_tails(folder: Path, tails: dict[bool, Tail]) -> None:
    """Keep the tails with the model in `folder`."""
    logins = np.array([tails[False].logins, tails[True].logins])
    np.savez(folder / FILE, logins=logins, others=tails[False].scores, refused=tails[True].scores)


def load_tails(folder: Path) -> dict[bool, Tail]:
    """The tails of the model in `folder`; ModelError where there are none."""
    try:
        with np.load(folder / FILE, allow_pickle=False) as kept:
            logins = kept["logins"].tolist()
            return {False: Tail(kept["others"], logins[0]), True: Tail(kept["refused"], logins[1])}
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(
            f"The model in {folder} has no calibration ({error}); run the night again with `nightporter night`."
        ) from error


def rarities(tails: dict[bool, Tail], cases: Cases) -> Floats:
    """The rarity [K] of each case, read off a curve of a few hundred points."""
    result = np.ones(len(cases), np.float64)
    for refused, known in tails.items():
        mine = np.flatnonzero(cases.refused == refused)
        if len(mine):
            scores = cases.score[mine].astype(np.float64)
            points = np.unique(np.quantile(scores, np.linspace(0.0, 1.0, 400)))
            curve = np.log([known.rarity(float(point)) for point in points])
            result[mine] = np.exp(np.interp(scores, points, curve))
    return result
