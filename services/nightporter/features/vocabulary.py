"""Vocabularies: which values of a categorical field the model knows by name. Code 0 is everything else."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

UNKNOWN = 0


@dataclass(frozen=True)
class Vocabulary:
    """The known values of one field; value i of `values` has code i + 1."""

    values: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of codes, the unknown one included."""
        return len(self.values) + 1

    def lookup(self, provisional: Sequence[str]) -> npt.NDArray[np.int32]:
        """Codes [len(provisional)] for a list of distinct values, to be indexed by provisional codes."""
        code = {value: index + 1 for index, value in enumerate(self.values)}
        return np.fromiter((code.get(value, UNKNOWN) for value in provisional), np.int32, len(provisional))

    def decode(self, code: int) -> str:
        """The value behind a code; 'unknown' for code 0."""
        return "unknown" if code == UNKNOWN else self.values[code - 1]


def learn(provisional: Sequence[str], codes: npt.NDArray[np.uint32], min_count: int) -> Vocabulary:
    """Values seen at least `min_count` times in `codes` (indices into `provisional`), most frequent first."""
    counts = np.bincount(codes, minlength=len(provisional))
    kept = [index for index in np.argsort(-counts, kind="stable").tolist() if counts[index] >= min_count]
    # ties are broken by value, so that the order of arrival leaves no trace
    kept.sort(key=lambda index: (-int(counts[index]), provisional[index]))
    return Vocabulary(tuple(provisional[index] for index in kept))
