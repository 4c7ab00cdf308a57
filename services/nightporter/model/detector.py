"""A trained model as one thing: vocabularies, an ensemble of networks, and the calibration of their errors."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch

from nightporter.features.encode import Codes, Vocabularies, encode, learn_vocabularies, sizes
from nightporter.features.fields import FIELDS
from nightporter.features.stream import Logins
from nightporter.model.autoencoder import FieldAutoencoder, Shape
from nightporter.model.score import Calibration, Floats, calibrate, ensemble_errors
from nightporter.model.train import Curve, Recipe, train

Rows = npt.NDArray[np.int64]
Progress = Callable[[str], None]


@dataclass
class Detector:
    """What scores a login. `curves` are the learning curves of the networks, for the record."""

    vocabularies: Vocabularies
    networks: list[FieldAutoencoder]
    calibration: Calibration
    curves: list[Curve] = field(default_factory=list)

    def surprises(self, logins: Logins, rows: Rows) -> Floats:
        """How strange each field of each login is [rows, fields]: spreads above the usual, weighted by group."""
        return self.calibration.surprises(ensemble_errors(self.networks, self.encode(logins), rows))

    def encode(self, logins: Logins) -> Codes:
        """The logins in this model's codes."""
        return encode(logins, self.vocabularies)


def shape_of(vocabularies: Vocabularies, width: int = 64) -> Shape:
    """The network's shape for these vocabularies."""
    return Shape(
        sizes=tuple(sizes(vocabularies)),
        scored=tuple(field.group != "given" for field in FIELDS),
        small=tuple(field.kind == "number" for field in FIELDS),
        width=width,
    )


def fit(
    logins: Logins,
    rows: Rows,
    held_out: Rows,
    *,
    seed: int,
    members: int = 2,
    recipe: Recipe = Recipe(),
    progress: Progress = lambda text: None,
) -> Detector:
    """A detector trained on `rows` and calibrated on `held_out`, which must be later.

    The members differ by seed only and are trained side by side, one core each, so that the result does not depend on
    how many cores there are.
    """
    vocabularies = learn_vocabularies(logins, rows)
    codes, shape = encode(logins, vocabularies), shape_of(vocabularies)

    def one(member: int) -> tuple[FieldAutoencoder, Curve]:
        def tell(text: str) -> None:
            progress(f"network {member + 1} of {members}, {text}")

        return train(shape, codes, rows, held_out, seed * 1000 + member, recipe, tell)

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(min(members, threads)) as pool:
            trained = list(pool.map(one, range(members)))
    finally:
        torch.set_num_threads(threads)
    networks = [network for network, _ in trained]
    calibration = calibrate(ensemble_errors(networks, codes, held_out))
    return Detector(vocabularies, networks, calibration, [curve for _, curve in trained])
