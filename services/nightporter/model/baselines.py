"""What the autoencoder has to beat, on the same features: rarity sum, PCA reconstruction, ECOD and Isolation Forest.

Each learns in passes over the logins, chunk by chunk: how often each code occurs says all about means, spreads and
rarities; the covariance is a sum over logins. No matrix of all logins is ever made.
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import IsolationForest

from nightporter.features.encode import Codes, Encoder, Vocabularies, sizes
from nightporter.features.fields import FIELDS
from nightporter.features.stream import Logins

Matrix = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Score = Callable[[Logins, Rows], Matrix]
ONE_HOT_UP_TO = 8  # codes; larger vocabularies enter by how rare the value is
FOREST_SAMPLE = 200_000  # logins that the forest draws its trees' samples from
PYOD_SAMPLE, PYOD_BATCH = 200_000, 4096  # logins its autoencoder learns from, in batches as large as it is fast with


class Preparation:
    """Logins as columns that a general method can work with: numbers and rarities scaled and clipped, the rest one-hot.

    `counts` says how often each code of each field occurs among the logins `fit`.
    """

    def __init__(self, logins: Logins, vocabularies: Vocabularies, fit: Rows) -> None:
        self.logins, self.vocabularies, self.fit = logins, vocabularies, fit
        self.counts = [np.zeros(size, np.int64) for size in sizes(vocabularies)]
        for codes in self._parts(logins, fit):
            table = codes.rows(slice(None))
            for field, seen in enumerate(self.counts):
                seen += np.bincount(table[:, field], minlength=len(seen))
        self._columns = [_column(field.kind, seen) for field, seen in zip(FIELDS, self.counts, strict=True)]

    def _parts(self, logins: Logins, rows: Rows) -> Iterator[Codes]:
        return map(Encoder(logins, self.vocabularies).codes, logins.chunks(rows))

    def matrices(self, logins: Logins, rows: Rows) -> Iterator[Matrix]:
        """The logins in `rows` [n, columns], chunk by chunk."""
        return map(self._matrix, self._parts(logins, rows))

    def _matrix(self, codes: Codes) -> Matrix:
        table = codes.rows(slice(None))
        return np.concatenate([column[table[:, field]] for field, column in enumerate(self._columns)], 1)

    def scores(self, logins: Logins, rows: Rows, score: Callable[[Matrix], Matrix]) -> Matrix:
        """What `score` says [rows] of each chunk."""
        found = [np.asarray(score(part), np.float32) for part in self.matrices(logins, rows)]
        return np.concatenate(found) if found else np.empty(0, np.float32)

    def rarity_sum(self) -> Score:
        """Sum over all scored fields of -log of the share that the value has among the logins `fit`."""
        surprise = [(-np.log((seen + 0.5) / (seen.sum() + 0.5 * len(seen)))).astype(np.float32) for seen in self.counts]
        scored = [field for field, of in enumerate(FIELDS) if of.group != "given"]

        def score(logins: Logins, rows: Rows) -> Matrix:
            tables = (codes.rows(slice(None)) for codes in self._parts(logins, rows))
            found = [sum((surprise[field][table[:, field]] for field in scored), np.float32(0)) for table in tables]
            return np.concatenate(found) if found else np.empty(0, np.float32)

        return score

    def pca(self) -> Score:
        """Squared distance to the plane of the first components (90 % of variance), from the exact covariance."""
        width = sum(column.shape[1] for column in self._columns)
        total, products = np.zeros(width), np.zeros((width, width))
        for part in self.matrices(self.logins, self.fit):
            total += part.sum(0, dtype=np.float64)
            products += part.T @ part
        mean = total / max(len(self.fit), 1)
        variance, axes = np.linalg.eigh(products / max(len(self.fit), 1) - np.outer(mean, mean))
        variance = np.maximum(variance, 0)
        kept = int(np.searchsorted(np.cumsum(variance[::-1]) / max(variance.sum(), 1e-12), 0.9)) + 1
        plane, middle = axes[:, ::-1][:, :kept].astype(np.float32), mean.astype(np.float32)

        def distance(part: Matrix) -> Matrix:
            rest = (part - middle) - (part - middle) @ plane @ plane.T
            return np.asarray((rest**2).sum(1), np.float32)

        return lambda logins, rows: self.scores(logins, rows, distance)

    def ecod(self) -> Score:
        """ECOD (Li et al. 2022): how far out each column lies by its empirical distribution, columns independent.

        The largest of three sums of -log tail probabilities: of left tails, of right tails, and of the tail on the side
        to which the column is skewed. How often each code occurs says all of them exactly.
        """
        parts = [_tails(seen, values) for seen, values in zip(self.counts, self._columns, strict=True)]

        def score(logins: Logins, rows: Rows) -> Matrix:
            tables = (codes.rows(slice(None)) for codes in self._parts(logins, rows))
            found = [np.stack([part[table[:, field]] for field, part in enumerate(parts)]).sum(0) for table in tables]
            return np.concatenate([np.empty(0), *(sums.max(1) for sums in found)]).astype(np.float32)

        return score

    def autoencoder_of_pyod(self) -> Score:
        """PyOD's AutoEncoder without dropout and without its own scaling, which our columns do not need."""
        from pyod.models.auto_encoder import AutoEncoder

        step = max(1, -(-len(self.fit) // PYOD_SAMPLE))
        learn = np.concatenate(list(self.matrices(self.logins, self.fit[::step])))
        model = AutoEncoder(batch_size=PYOD_BATCH, dropout_rate=0, preprocessing=False, random_state=0, verbose=0)
        model.fit(learn)
        return lambda logins, rows: self.scores(logins, rows, model.decision_function)

    def isolation_forest(self) -> Score:
        """How early random cuts isolate each login."""
        step = -(-len(self.fit) // FOREST_SAMPLE)
        learn = np.concatenate(list(self.matrices(self.logins, self.fit[:: max(step, 1)])))
        forest = IsolationForest(n_estimators=100, max_samples=min(2048, len(learn)), random_state=0).fit(learn)
        return lambda logins, rows: self.scores(
            logins, rows, lambda part: np.asarray(-forest.score_samples(part), np.float32)
        )


def _column(kind: str, seen: npt.NDArray[np.int64]) -> Matrix:
    """What each code of a field becomes [codes, columns]."""
    if kind == "category" and len(seen) <= ONE_HOT_UP_TO:
        return np.eye(len(seen), dtype=np.float32)
    value = np.arange(len(seen), dtype=np.float64)
    if kind == "category":
        value = -np.log((seen + 0.5) / (seen.sum() + 0.5 * len(seen)))
    share = seen / max(seen.sum(), 1)
    mean = float((share * value).sum())
    spread = max(float(np.sqrt((share * (value - mean) ** 2).sum())), 0.3)
    return np.clip((value - mean) / spread, -5, 5).astype(np.float32)[:, None]


def _tails(seen: npt.NDArray[np.int64], columns: Matrix) -> npt.NDArray[np.float64]:
    """-log of the left, the right and the skewed side's tail of each code [codes, 3], summed over a field's columns."""
    result = np.zeros((len(seen), 3))
    share = seen / max(seen.sum(), 1)
    for column in columns.T:
        values, place = np.unique(column, return_inverse=True)
        mass = np.bincount(place, share)
        upto = mass.cumsum()
        left, right = (-np.log(np.clip(tail, 1e-9, 1))[place] for tail in (upto, 1 - upto + mass))
        skew = mass @ (values - mass @ values) ** 3
        result += np.stack([left, right, left if skew < 0 else right], 1)
    return result


BASELINES: dict[str, Callable[[Preparation], Score]] = {
    "PCA": Preparation.pca,
    "Isolation Forest": Preparation.isolation_forest,
    "ECOD": Preparation.ecod,
    "rarity sum": Preparation.rarity_sum,
}
PYOD: dict[str, Callable[[Preparation], Score]] = {"PyOD AutoEncoder": Preparation.autoencoder_of_pyod}
"""Beside the baselines where PyOD is installed; it is no part of the product."""
