"""From provisional codes to the model's codes: at most 62 bytes a login, ready to be sliced into batches."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nightporter.features.fields import CATEGORIES, FIELDS, NUMBERS
from nightporter.features.stream import Logins
from nightporter.features.vocabulary import Vocabulary, learn

_CATEGORY_AT = [index for index, field in enumerate(FIELDS) if field.kind == "category"]
_NUMBER_AT = [index for index, field in enumerate(FIELDS) if field.kind == "number"]

Vocabularies = dict[str, Vocabulary]


def learn_vocabularies(logins: Logins, rows: npt.NDArray[np.int64], min_count: int = 2) -> Vocabularies:
    """A vocabulary per categorical field from the logins in `rows`."""
    return {name: learn(logins.values[name], logins.categories[name][rows], min_count) for name in CATEGORIES}


def sizes(vocabularies: Vocabularies) -> list[int]:
    """Number of codes of each field, in the order of FIELDS."""
    return [vocabularies[field.name].size if field.kind == "category" else field.bins for field in FIELDS]


@dataclass(frozen=True)
class Codes:
    """N logins in the model's codes: `categories` [N, C] (int32 only for huge vocabularies), `numbers` [N, M]."""

    categories: npt.NDArray[np.uint16] | npt.NDArray[np.int32]
    numbers: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def bytes_per_login(self) -> float:
        """Memory of one prepared login."""
        return (self.categories.nbytes + self.numbers.nbytes) / max(len(self), 1)

    def rows(self, index: npt.NDArray[np.int64] | slice) -> npt.NDArray[np.int64]:
        """Codes [n, fields] of the logins in `index`, fields in the order of FIELDS."""
        numbers = self.numbers[index]
        batch = np.empty((len(numbers), len(FIELDS)), np.int64)
        batch[:, _CATEGORY_AT] = self.categories[index]
        batch[:, _NUMBER_AT] = numbers
        return batch


def encode(logins: Logins, vocabularies: Vocabularies) -> Codes:
    """All logins in the codes of `vocabularies`; a value they do not hold gets code 0."""
    kind = np.uint16 if max(vocabulary.size for vocabulary in vocabularies.values()) < 2**16 else np.int32
    categories = np.empty((len(logins), len(CATEGORIES)), kind)
    for column, name in enumerate(CATEGORIES):
        lookup = vocabularies[name].lookup(logins.values[name])
        categories[:, column] = lookup[logins.categories[name]] if len(lookup) else 0
    numbers = np.empty((len(logins), len(NUMBERS)), np.uint8)
    for column, name in enumerate(NUMBERS):
        numbers[:, column] = logins.numbers[name]
    return Codes(categories, numbers)
