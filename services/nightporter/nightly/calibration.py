"""What a model's scores mean here: the tails of its scores of ordinary days, kept beside the model."""

from pathlib import Path

import numpy as np

from nightporter.errors import ModelError
from nightporter.features.stream import Logins
from nightporter.model.detector import Detector
from nightporter.nightly.actors import History
from nightporter.nightly.cases import Floats, group, habits
from nightporter.nightly.days import Split
from nightporter.nightly.flags import Tail, tail

FILE = "calibration.npz"


def calibrate(logins: Logins, split: Split, probe: Detector) -> dict[bool, Tail]:
    """What scores mean, per queue (False: actors, True: refused sources), from days that the probe has not seen."""
    history = History(logins)
    learned = habits(history, split.early)
    nights: dict[bool, list[Floats]] = {False: [], True: []}
    for rows in split.late_days:  # of each only the scores stay
        cases = group(history, rows, probe.surprises(logins, rows), learned)
        for refused, scores in nights.items():
            scores.append(cases.score[cases.refused == refused])
    count = sum(len(rows) for rows in split.late_days)
    return {refused: tail(scores, count) for refused, scores in nights.items()}


def save_tails(folder: Path, tails: dict[bool, Tail]) -> None:
    """Keep the tails with the model in `folder`."""
    counts = np.array([tails[False].logins, tails[False].nights])
    np.savez(folder / FILE, counts=counts, others=tails[False].scores, refused=tails[True].scores)


def load_tails(folder: Path) -> dict[bool, Tail]:
    """The tails of the model in `folder`; ModelError where there are none."""
    try:
        with np.load(folder / FILE, allow_pickle=False) as kept:
            logins, nights = kept["counts"].tolist()
            return {False: Tail(kept["others"], logins, nights), True: Tail(kept["refused"], logins, nights)}
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(
            f"The model in {folder} has no calibration ({error}); run the night again with `nightporter night`."
        ) from error
