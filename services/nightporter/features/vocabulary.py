"""Vocabularies: which values of a categorical field the model knows by name. Code 0 is everything else."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

UNKNOWN = 0
MOST_VALUES = 2**16 - 1  # codes are uint16; whoever sends more names than that is not worth remembering


@dataclass(frozen=True)
class Vocabulary:
    """The known values of one field; value i of `values` has code i + 1."""

    values: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of codes, the unknown one included."""
        return len(self.values) + 1

    def lookup(self, provisional: Sequence[str]) -> npt.NDArray[np.uint16]:
        """Codes [len(provisional)] for a list of distinct values, to be indexed by provisional codes."""
        code = {value: index + 1 for index, value in enumerate(self.values)}
        return np.fromiter((code.get(value, UNKNOWN) for value in provisional), np.uint16, len(provisional))

    def decode(self, code: int) -> str:
        """The value behind a code; 'unknown' for code 0."""
        return "unknown" if code == UNKNOWN else self.values[code - 1]


def learn(
    provisional: Sequence[str], counts: npt.NDArray[np.int64], min_count: int, known: Vocabulary | None = None
) -> Vocabulary:
    """Values seen at least `min_count` times, most frequent first; `counts` [len(provisional)].

    Values that are `known` keep their codes, whether they are seen or not; new ones come after them.
    """
    old = known.values if known else ()
    before = set(old)
    kept = [index for index in np.flatnonzero(counts >= min_count).tolist() if provisional[index] not in before]
    # ties are broken by value, so that the order of arrival leaves no trace
    kept.sort(key=lambda index: (-int(counts[index]), provisional[index]))
    return Vocabulary((*old, *(provisional[index] for index in kept[: MOST_VALUES - len(old)])))
