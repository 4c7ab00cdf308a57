"""A trained model as one thing: vocabularies, networks and site-wide frequencies; and the probe that calibrates it."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch

from nightporter.errors import ModelError
from nightporter.features.encode import Encoder, Vocabularies, encode, learn_vocabularies, sizes
from nightporter.features.fields import FIELDS
from nightporter.features.stream import Logins
from nightporter.model.autoencoder import FieldAutoencoder, Shape
from nightporter.model.frequency import Frequencies, learn_frequencies
from nightporter.model.grow import grown
from nightporter.model.score import Floats, strangeness, surprises
from nightporter.model.train import COLD, WARM, Curve, Recipe, held_out_error, silent, train, unwatched

Rows = npt.NDArray[np.int64]
Progress = Callable[[str], None]
NOTHING: Rows = np.empty(0, np.int64)
MEMBERS = 2  # networks of one model; their mean depends less on the seed
FEW = 1 << 14  # logins of a chunk whose surprises are put together at once


@dataclass(frozen=True)
class Detector:
    """What says how strange a login is. `curves` are how its networks were trained, for the record."""

    vocabularies: Vocabularies
    networks: tuple[FieldAutoencoder, ...]
    frequencies: Frequencies
    curves: tuple[Curve, ...]

    def surprises(self, logins: Logins, rows: Rows) -> Floats:
        """How much each field of each login counts [rows, fields]."""
        result = np.empty((len(rows), len(FIELDS)), np.float32)
        encoder, done = Encoder(logins, self.vocabularies), 0
        for chunk in logins.chunks(rows):
            for_user = strangeness(self.networks, encoder.codes(chunk))
            for first in range(0, len(chunk), FEW):
                few = slice(first, first + FEW)
                for_site = self.frequencies.strangeness(logins, chunk[few])
                result[done : done + len(for_site)] = surprises(for_user[few], for_site)
                done += len(for_site)
        return result

    def error(self, logins: Logins, rows: Rows) -> float:
        """Mean reconstruction error in nats per login, exact: the negative log-likelihood of logins it has not seen."""
        codes = encode(logins, self.vocabularies, rows)
        return float(np.mean([held_out_error(network, codes) for network in self.networks]))

    def finite(self) -> bool:
        """Whether all weights are finite numbers."""
        return all(bool(torch.isfinite(weight).all()) for network in self.networks for weight in network.parameters())


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
    seeds: Sequence[int],
    recipe: Recipe = COLD,
    before: Detector | None = None,
    progress: Progress = silent,
    watch: Callable[[Curve], None] = unwatched,
) -> Detector:
    """A detector of the logins in `rows`, a network a seed, each the one best on `held_out` (if there are any).

    `before`: a detector whose networks go on learning instead of beginning anew; codes of its vocabularies stay.
    """
    vocabularies = learn_vocabularies(logins, rows, known=before.vocabularies if before else None)
    codes = encode(logins, vocabularies, _sample(rows, recipe.most_logins * 2, seeds[0]))
    late = encode(logins, vocabularies, held_out) if len(held_out) else None
    width = before.networks[0].shape.width if before else 64
    shape = shape_of(vocabularies, width)

    def member(number: int) -> tuple[FieldAutoencoder, Curve]:
        random = torch.Generator().manual_seed(seeds[number])
        network = grown(before.networks[number], shape) if before else FieldAutoencoder(shape, random)
        name = f"network {number + 1} of {len(seeds)}"
        said: Progress = lambda text: progress(f"{name}, {text}")  # noqa: E731
        return network, train(network, codes, late, seeds[number], recipe, said, watch)

    with ThreadPoolExecutor(min(len(seeds), os.cpu_count() or 1)) as pool:
        members = list(pool.map(member, range(len(seeds))))
    networks, curves = zip(*members, strict=True)
    return Detector(vocabularies, networks, learn_frequencies(logins, rows), curves)


def fit_with_probe(
    logins: Logins,
    early: Rows,
    late: Rows,
    *,
    seed: int,
    recipe: Recipe | None = None,
    before: tuple[Detector, Detector] | None = None,
    members: int = MEMBERS,
    progress: Progress = silent,
) -> tuple[Detector, Detector]:
    """The detector of all training logins, and a probe that knows only the early ones.

    The probe's scores of the late days are scores of days it has not seen: they say what the detector's scores mean,
    and after how many epochs it is best to stop. `before`: an earlier detector and probe to go on from. Each network is
    trained by one thread, so that the result does not depend on the number of cores.
    """
    recipe = recipe or (WARM if before else COLD)
    if not len(early):
        raise ModelError("There are no logins to learn from; load older logs or name a later date.")
    seeds = [members * 2 * seed + number for number in range(2 * members)]
    detector_before, probe_before = before or (None, None)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        probe = fit(
            logins, early, late, seeds=seeds[members:], recipe=recipe, before=probe_before,
            progress=lambda text: progress(f"probe: {text}"),
        )  # fmt: skip
        enough = replace(recipe, epochs=max(curve.best for curve in probe.curves))
        everything = np.concatenate([early, late])
        detector = fit(
            logins, everything, NOTHING, seeds=seeds[:members], recipe=enough, before=detector_before, progress=progress
        )
        return detector, probe
    finally:
        torch.set_num_threads(threads)


def _sample(rows: Rows, most: int, seed: int) -> Rows:
    """At most `most` of the rows, in their order."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False, shuffle=False))
