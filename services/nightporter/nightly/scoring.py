"""The step that scores the night, in parts that several workers may take."""

import numpy as np

from nightporter.nightly import handover
from nightporter.nightly.work import Done, Work


def score(work: Work) -> Done:
    """Score every part that is not scored yet."""
    for number in work.unscored():
        score_part(work, number)
    return Done(scored_text(work))


def score_part(work: Work, number: int) -> bool:
    """Score one part, unless that is done; return whether all are done now. Several processes may be at it."""
    work.step = "score"
    missing, place = len(work.unscored()), work.part(number)
    if not place.exists():
        # told before the part is there: whoever finds all of them there has the last word
        work.tell(f"{work.parts() - missing} of {work.parts()} parts are scored", 1 - missing / work.parts())
        logins = handover.part_of(work.logins(), work.rows(number))
        surprises = work.detector(work.scored_by()).surprises(logins, np.arange(len(logins), dtype=np.int64))
        handover.save_array(place, surprises)
    return not work.unscored()


def begin_score(work: Work) -> list[int]:
    """Note that parts are being scored one by one, if there are several; return those that are still to be scored."""
    work.ledger.begin("score")
    return work.unscored() or [0]


def end_score(work: Work) -> None:
    """Note that all parts are scored."""
    work.ledger.end("score", "done", scored_text(work), {})


def scored_text(work: Work) -> str:
    """What the scoring has to say when it is over."""
    return f"{len(work.split().night):,} logins scored by {work.scored_by()}"
