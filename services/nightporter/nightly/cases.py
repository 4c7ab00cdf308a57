"""From surprises of single logins to cases: what one actor did in one night.

An actor is a user and a source; for local programs (sudo, su, cron, console) a user and a host; refused network logins
are grouped per source alone, because whoever guesses uses many names. A case is scored by its distinct surprises: forty
logins to one new host are one surprise, one login to each of forty new hosts are forty, each further one counting less.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nightporter.features.fields import FIELDS
from nightporter.features.stream import Logins

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

THRESHOLD = 3.0  # a field that counts less is no surprise (about two nats)
LEAD_SHARE = 0.5  # how much the rest of the night adds to its strangest login


@dataclass(frozen=True)
class Cases:
    """K cases of one night. Rows are indices into the night's logins, not into the whole stream."""

    score: Floats  # [K] summed surprises
    lead: Rows  # [K] row of the strangest login
    refused: npt.NDArray[np.bool_]  # [K] whether the case is a source that was refused
    actor: Rows  # [rows] case of each login

    def __len__(self) -> int:
        return len(self.score)


def actors(logins: Logins, rows: Rows) -> tuple[Rows, npt.NDArray[np.bool_]]:
    """Actor number (0…K-1) of each login in `rows`, and whether each actor is a refused source."""
    source, user, host = logins.source[rows], logins.categories["user"][rows], logins.categories["host"][rows]
    remote = np.array([value != "" for value in logins.values["source"]], bool)[source]
    succeeded = np.array([value == "success" for value in logins.values["outcome"]], bool)[
        logins.categories["outcome"][rows]
    ]
    refused = remote & ~succeeded
    kind = np.where(refused, 2, np.where(remote, 1, 0)).astype(np.int64)
    key = np.stack([kind, np.where(refused, 0, user), np.where(remote, source, host)], 1)
    unique, actor = np.unique(key, axis=0, return_inverse=True)
    return actor.reshape(-1).astype(np.int64), unique[:, 0] == 2


def _about(logins: Logins, rows: Rows) -> Rows:
    """The value [rows, fields] each surprise is about; equal values within an actor's night are one surprise."""
    about = np.zeros((len(rows), len(FIELDS)), np.int64)
    for column, field in enumerate(FIELDS):
        name = field.about[-1]
        about[:, column] = (logins.source if name == "source" else logins.categories[name])[rows]
    return about


def distinct_sums(actor: Rows, surprises: Floats, about: Rows, count: int) -> Floats:
    """Sum [count] of each actor's distinct surprises above the threshold; the k-th value of one field counts 1/k."""
    row, field = np.nonzero(surprises > THRESHOLD)
    who, what, size = actor[row], about[row, field], surprises[row, field]
    order = np.lexsort((-size, what, field, who))
    who, field, what, size = who[order], field[order], what[order], size[order]
    first = np.ones(len(who), bool)
    first[1:] = (who[1:] != who[:-1]) | (field[1:] != field[:-1]) | (what[1:] != what[:-1])
    who, field, size = who[first], field[first], size[first]
    order = np.lexsort((-size, field, who))
    who, field, size = who[order], field[order], size[order]
    starts = np.ones(len(who), bool)
    starts[1:] = (who[1:] != who[:-1]) | (field[1:] != field[:-1])
    begin = np.maximum.accumulate(np.where(starts, np.arange(len(who)), 0))
    weight = 1.0 / (np.arange(len(who)) - begin + 1)
    return np.bincount(who, weights=size * weight, minlength=count).astype(np.float32)


def group(logins: Logins, rows: Rows, surprises: Floats) -> Cases:
    """The cases of the logins in `rows`, whose surprises [rows, fields] are given."""
    actor, refused = actors(logins, rows)
    total = surprises.sum(1)
    order = np.lexsort((logins.event_id[rows], -total, actor))
    lead = order[np.searchsorted(actor[order], np.arange(len(refused)))]
    everything = distinct_sums(actor, surprises, _about(logins, rows), len(refused))
    own = surprises[lead]
    beyond = np.maximum(everything - np.where(own > THRESHOLD, own, 0).sum(1), 0)
    return Cases((total[lead] + LEAD_SHARE * beyond).astype(np.float32), lead.astype(np.int64), refused, actor)
