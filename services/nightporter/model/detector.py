"""A trained model as one thing: vocabularies, network and site-wide frequencies; and the probe that calibrates it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from nightporter.features.encode import Codes, Vocabularies, encode, learn_vocabularies, sizes
from nightporter.features.fields import FIELDS
from nightporter.features.stream import Logins
from nightporter.model.autoencoder import FieldAutoencoder, Shape
from nightporter.model.frequency import Frequencies, learn_frequencies
from nightporter.model.score import Floats, only_new_identities, strangeness, surprises
from nightporter.model.train import RECIPE, Curve, Recipe, silent, train

Rows = npt.NDArray[np.int64]
Progress = Callable[[str], None]
NOTHING: Rows = np.empty(0, np.int64)


@dataclass(frozen=True)
class Detector:
    """What says how strange a login is. `curve` is how the network was trained, for the record."""

    vocabularies: Vocabularies
    network: FieldAutoencoder
    frequencies: Frequencies
    curve: Curve

    def surprises(self, logins: Logins, rows: Rows) -> Floats:
        """How much each field of each login counts [rows, fields]."""
        for_user = strangeness(self.network, self.encode(logins), rows)
        for_user = only_new_identities(logins, rows, for_user)
        return surprises(for_user, self.frequencies.strangeness(logins, rows))

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
    recipe: Recipe = RECIPE,
    progress: Progress = silent,
) -> Detector:
    """A detector of the logins in `rows`; its network is the one that was best on `held_out` (if there are any)."""
    vocabularies = learn_vocabularies(logins, rows)
    network, curve = train(shape_of(vocabularies), encode(logins, vocabularies), rows, held_out, seed, recipe, progress)
    return Detector(vocabularies, network, learn_frequencies(logins, rows), curve)


def fit_with_probe(
    logins: Logins,
    early: Rows,
    late: Rows,
    *,
    seed: int,
    recipe: Recipe = RECIPE,
    progress: Progress = silent,
) -> tuple[Detector, Detector]:
    """The detector of all training logins, and a probe that knows only the early ones.

    The probe's scores of the late days are scores of days it has not seen: they say what the detector's scores mean.
    Both are trained at the same time, one core each, so that the result does not depend on the number of cores.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(2) as pool:
            probe = pool.submit(
                fit, logins, early, late, seed=2 * seed, recipe=recipe, progress=lambda text: progress(f"probe, {text}")
            )
            everything = np.concatenate([early, late])
            detector = pool.submit(
                fit, logins, everything, NOTHING, seed=2 * seed + 1, recipe=recipe, progress=progress
            )
            return detector.result(), probe.result()
    finally:
        torch.set_num_threads(threads)
