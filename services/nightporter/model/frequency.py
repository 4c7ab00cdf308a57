"""How often each number is as high as this anywhere on the site: the plain count that stands beside the network.

The network knows the user; on a young user or a small farm it knows too little. The count knows no user, but a network
that nobody ever came from cannot look usual to it. A login is strange if both say so.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nightporter.features.fields import FIELDS
from nightporter.features.stream import Logins

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
BINS = max(field.bins for field in FIELDS)
NUMBER = np.array([field.kind == "number" for field in FIELDS], bool)


def _kinds(logins: Logins, rows: Rows) -> tuple[list[tuple[str, str]], npt.NDArray[np.int64]]:
    """The (service, outcome) of each login in `rows`, as a list of distinct ones and an index [rows] into it."""
    outcomes = logins.values["outcome"]
    pair = (
        logins.categories["service"][rows].astype(np.int64) * (len(outcomes) + 1) + logins.categories["outcome"][rows]
    )
    distinct, index = np.unique(pair, return_inverse=True)
    names = [
        (logins.values["service"][code // (len(outcomes) + 1)], outcomes[code % (len(outcomes) + 1)])
        for code in distinct.tolist()
    ]
    return names, index.reshape(-1).astype(np.int64)


@dataclass(frozen=True)
class Frequencies:
    """-log P(bin at or above) in nats, per (service, outcome): arrays [fields, bins]; others use the mean of all."""

    tails: dict[tuple[str, str], Floats]
    anything: Floats

    def strangeness(self, logins: Logins, rows: Rows) -> Floats:
        """How rare a number this high is on this site [rows, fields], in nats; 0 for categories."""
        names, index = _kinds(logins, rows)
        result = np.zeros((len(rows), len(FIELDS)), np.float32)
        tables = (
            np.stack([self.tails.get(name, self.anything) for name in names])
            if names
            else np.empty((0, 0, 0), np.float32)
        )
        for column, field in enumerate(FIELDS):
            if field.kind == "number" and field.group != "given":
                result[:, column] = tables[index, column, logins.numbers[field.name][rows]]
        return result


def learn_frequencies(logins: Logins, rows: Rows) -> Frequencies:
    """Counts how often each number is how high among the logins in `rows`."""
    counts: dict[tuple[str, str], npt.NDArray[np.int64]] = {}
    for chunk in logins.chunks(rows):
        names, index = _kinds(logins, chunk)
        seen = np.zeros((len(names), len(FIELDS), BINS), np.int64)
        for column, field in enumerate(FIELDS):
            if field.kind == "number":
                pair = index * BINS + logins.numbers[field.name][chunk]
                seen[:, column] = np.bincount(pair, minlength=len(names) * BINS).reshape(len(names), BINS)
        for number, name in enumerate(names):
            counts[name] = counts.get(name, 0) + seen[number]
    total = sum(counts.values(), np.zeros((len(FIELDS), BINS), np.int64))
    return Frequencies({name: _tails(counts[name]) for name in sorted(counts)}, _tails(total))


def _tails(counts: npt.NDArray[np.int64]) -> Floats:
    at_least = counts[:, ::-1].cumsum(1)[:, ::-1]
    return np.where(NUMBER[:, None], -np.log((at_least + 1) / (counts.sum(1, keepdims=True) + 1)), 0).astype(np.float32)
