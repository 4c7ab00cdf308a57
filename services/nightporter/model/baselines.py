"""What the autoencoder has to beat, on the same features: rarity sum, PCA reconstruction and Isolation Forest."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import IsolationForest

from nightporter.features.encode import Codes
from nightporter.features.fields import CATEGORIES, FIELDS, NUMBERS

Matrix = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
ONE_HOT_UP_TO = 8  # codes; larger vocabularies enter by how rare the value is


def _matrix(codes: Codes, fit: Rows, rows: Rows) -> Matrix:
    """Numbers as bins, small vocabularies one-hot, large ones as -log frequency; scaled on the rows `fit`, clipped."""
    columns: list[Matrix] = []
    for column in range(len(NUMBERS)):
        learn = codes.numbers[fit, column].astype(np.float32)
        spread = max(float(learn.std()), 0.3)
        columns.append(np.clip((codes.numbers[rows, column] - learn.mean()) / spread, -5, 5))
    for column in range(len(CATEGORIES)):
        counts = np.bincount(codes.categories[fit, column], minlength=int(codes.categories[:, column].max()) + 1)
        value = codes.categories[rows, column]
        if len(counts) <= ONE_HOT_UP_TO:
            columns.extend((value == code).astype(np.float32) for code in range(len(counts)))
        else:
            surprise = -np.log((counts + 0.5) / (counts.sum() + 0.5 * len(counts)))
            learn = surprise[codes.categories[fit, column]]
            columns.append(np.clip((surprise[value] - learn.mean()) / max(float(learn.std()), 0.3), -5, 5))
    return np.stack(columns, 1).astype(np.float32)


def pca(codes: Codes, fit: Rows, rows: Rows) -> Matrix:
    """Squared distance [rows] to the plane of the first components (90 % of variance), from the exact covariance."""
    learn, test = _matrix(codes, fit, fit), _matrix(codes, fit, rows)
    mean = learn.mean(0)
    variance, axes = np.linalg.eigh(np.cov((learn - mean).T))
    kept = int(np.searchsorted(np.cumsum(variance[::-1]) / variance.sum(), 0.9)) + 1
    plane = axes[:, ::-1][:, :kept]
    rest = (test - mean) - (test - mean) @ plane @ plane.T
    return np.asarray((rest**2).sum(1), np.float32)


def isolation_forest(codes: Codes, fit: Rows, rows: Rows) -> Matrix:
    """How early random cuts isolate each login [rows]."""
    forest = IsolationForest(n_estimators=100, max_samples=min(2048, len(fit)), random_state=0)
    forest.fit(_matrix(codes, fit, fit))
    return np.asarray(-forest.score_samples(_matrix(codes, fit, rows)), np.float32)


def rarity_sum(codes: Codes, fit: Rows, rows: Rows) -> Matrix:
    """Sum over all fields of -log of the share [rows] that the value has among the logins `fit`."""
    total = np.zeros(len(rows), np.float32)
    table = codes.rows(fit)
    values = codes.rows(rows)
    for column, field in enumerate(FIELDS):
        if field.group != "given":
            size = int(max(table[:, column].max(), values[:, column].max())) + 1
            counts = np.bincount(table[:, column], minlength=size)
            total += (-np.log((counts + 0.5) / (counts.sum() + 0.5 * size)))[values[:, column]].astype(np.float32)
    return total


BASELINES: dict[str, Callable[[Codes, Rows, Rows], Matrix]] = {
    "PCA": pca,
    "Isolation Forest": isolation_forest,
    "rarity sum": rarity_sum,
}
