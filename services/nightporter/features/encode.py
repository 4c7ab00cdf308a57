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
Rows = npt.NDArray[np.int64]


def learn_vocabularies(
    logins: Logins, rows: Rows, min_count: int = 2, known: Vocabularies | None = None
) -> Vocabularies:
    """A vocabulary per categorical field from the logins in `rows`; codes of `known` ones stay what they are."""
    counts = {name: np.zeros(len(logins.values[name]), np.int64) for name in CATEGORIES}
    for chunk in logins.chunks(rows):
        for name, seen in counts.items():
            seen += np.bincount(logins.categories[name][chunk], minlength=len(seen))
    return {
        name: learn(logins.values[name], seen, min_count, known[name] if known else None)
        for name, seen in counts.items()
    }


def sizes(vocabularies: Vocabularies) -> list[int]:
    """Number of codes of each field, in the order of FIELDS."""
    return [vocabularies[field.name].size if field.kind == "category" else field.bins for field in FIELDS]


@dataclass(frozen=True)
class Codes:
    """N logins in the model's codes, row by row: `categories` [N, C], `numbers` [N, M]."""

    categories: npt.NDArray[np.uint16]
    numbers: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def bytes_per_login(self) -> float:
        """Memory of one prepared login."""
        return (self.categories.nbytes + self.numbers.nbytes) / max(len(self), 1)

    def sorted(self, index: Rows) -> Rows:
        """The logins in `index` in an order in which those that are equal up to any field lie beside each other."""
        categories, numbers = self.categories[index].T, self.numbers[index].T
        columns = iter(categories), iter(numbers)
        keys = [next(columns[field.kind == "number"]) for field in FIELDS]
        return index[np.lexsort(keys[::-1])]

    def rows(self, index: Rows | slice) -> npt.NDArray[np.int64]:
        """Codes [n, fields] of the logins in `index`, fields in the order of FIELDS."""
        numbers = self.numbers[index]
        batch = np.empty((len(numbers), len(FIELDS)), np.int64)
        batch[:, _CATEGORY_AT] = self.categories[index]
        batch[:, _NUMBER_AT] = numbers
        return batch


class Encoder:
    """Knows the code of each value that `logins` hold; makes codes of any of its rows."""

    def __init__(self, logins: Logins, vocabularies: Vocabularies) -> None:
        self.logins = logins
        self._lookup = {name: vocabularies[name].lookup(logins.values[name]) for name in CATEGORIES}

    def codes(self, rows: Rows) -> Codes:
        """The logins in `rows` in the codes of the vocabularies; a value they do not hold gets code 0."""
        categories = np.empty((len(rows), len(CATEGORIES)), np.uint16)
        numbers = np.empty((len(rows), len(NUMBERS)), np.uint8)
        done = 0
        for chunk in self.logins.chunks(rows):
            place = slice(done, done + len(chunk))
            for column, name in enumerate(CATEGORIES):
                categories[place, column] = self._lookup[name][self.logins.categories[name][chunk]]
            for column, name in enumerate(NUMBERS):
                numbers[place, column] = self.logins.numbers[name][chunk]
            done += len(chunk)
        return Codes(categories, numbers)


def encode(logins: Logins, vocabularies: Vocabularies, rows: Rows | None = None) -> Codes:
    """The logins in `rows` (all, if none are named) in the codes of `vocabularies`."""
    return Encoder(logins, vocabularies).codes(np.arange(len(logins)) if rows is None else rows)
