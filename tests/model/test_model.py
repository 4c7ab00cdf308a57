"""The network reads only what comes before, learns, repeats itself, and survives being stored."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import torch
from clickhouse_connect.driver.client import Client
from login_rows import FIRST, LAST, ordinary, store
from nightporter.errors import ModelError
from nightporter.features.encode import learn_vocabularies
from nightporter.features.stream import Logins, day_number, read_logins
from nightporter.model import registry
from nightporter.model.autoencoder import FieldAutoencoder, Shape
from nightporter.model.baselines import BASELINES, Preparation
from nightporter.model.detector import Detector, fit_with_probe
from nightporter.model.train import Recipe

QUICK = Recipe(epochs=3, batch=256)
SHAPE = Shape((5, 7, 4, 6), (False, True, True, True), (False, False, True, True), width=8)


@pytest.fixture
def logins(client: Client) -> Logins:
    store(client, ordinary())
    return read_logins(client, FIRST, LAST + timedelta(days=1), thin=4, whole_from=LAST)


def rows_of(logins: Logins) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    day = logins.day.astype(int) - day_number(FIRST)
    return np.flatnonzero(day < 6), np.flatnonzero((day >= 6) & (day < 8)), np.flatnonzero(day == 8)


def fitted(logins: Logins, seed: int = 1) -> Detector:
    early, late, _ = rows_of(logins)
    return fit_with_probe(logins, early, late, seed=seed, recipe=QUICK)[0]


def random_codes(rows: int) -> torch.Tensor:
    random = torch.Generator().manual_seed(3)
    return torch.stack([torch.randint(size, (rows,), generator=random) for size in SHAPE.sizes], 1)


def network_of_seed(seed: int) -> FieldAutoencoder:
    return FieldAutoencoder(SHAPE, torch.Generator().manual_seed(seed)).requires_grad_(False)


def test_a_field_is_reconstructed_from_those_before_it_only() -> None:
    network = network_of_seed(1)
    torch.nn.init.normal_(network.narrow_head)
    codes = random_codes(50)
    changed = codes.clone()
    changed[:, 2] = (changed[:, 2] + 1) % SHAPE.sizes[2]
    before, after = network(codes, codes), network(changed, codes)
    assert torch.equal(before[:, :3], after[:, :3])
    assert not torch.allclose(before[:, 3], after[:, 3])


def test_reconstruction_errors_are_those_of_a_distribution() -> None:
    network = network_of_seed(1)
    first = random_codes(1)
    for field, size in list(enumerate(SHAPE.sizes))[1:]:
        every = first.repeat(size, 1)
        every[:, field] = torch.arange(size)
        assert float(torch.exp(-network(every, every)[:, field]).sum()) == pytest.approx(1.0, abs=1e-5)


def test_the_usual_is_not_strange_and_a_higher_bin_is_stranger() -> None:
    network = network_of_seed(1)
    first = random_codes(1).repeat(SHAPE.sizes[3], 1)
    first[:, 3] = torch.arange(SHAPE.sizes[3])
    tails = network.strangeness(first)[:, 3]
    assert float(tails[0]) == pytest.approx(0.0, abs=1e-5)
    assert (tails[1:] > tails[:-1]).all()


def test_the_same_seed_gives_the_same_surprises_and_another_does_not(logins: Logins) -> None:
    night = rows_of(logins)[2]
    first, again, other = (fitted(logins, seed).surprises(logins, night) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_training_lowers_the_error(logins: Logins) -> None:
    curve = fitted(logins).curves[0]
    assert curve.train[-1] < 0.6 * curve.train[0]


def test_a_stored_model_scores_as_before_and_its_manifest_is_readable(logins: Logins, tmp_path: Path) -> None:
    detector, night = fitted(logins), rows_of(logins)[2]
    registry.store(tmp_path, "2026-03-10-aaaa", detector, {"night": "2026-03-10"})
    loaded = registry.fetch(tmp_path)
    assert np.array_equal(loaded.surprises(logins, night), detector.surprises(logins, night))
    manifest = json.loads((tmp_path / "current" / "model.json").read_text(encoding="utf-8"))
    assert "user3" in manifest["detector"]["vocabularies"]["user"]


@pytest.fixture
def small(logins: Logins) -> Iterator[Detector]:
    yield fitted(logins)


def test_seven_models_are_kept_and_an_older_one_can_be_promoted(small: Detector, tmp_path: Path) -> None:
    names = [f"2026-03-{day:02d}-aaaa" for day in range(1, 10)]
    for name in names:
        registry.store(tmp_path, name, small, {})
    assert sorted(registry.runs(tmp_path)) == names[-7:]
    registry.promote(tmp_path, names[4])
    assert (tmp_path / "current").readlink() == Path(names[4])
    registry.store(tmp_path, "2026-03-10-aaaa", small, {})
    with pytest.raises(ModelError, match="no model of the run"):
        registry.promote(tmp_path, names[0])


def test_a_damaged_model_is_refused(small: Detector, tmp_path: Path) -> None:
    folder = registry.store(tmp_path, "2026-03-10-aaaa", small, {})
    weights = folder / "detector.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(ModelError, match="cannot be read"):
        registry.fetch(tmp_path)


@pytest.mark.parametrize("name", sorted(BASELINES))
def test_a_baseline_scores_every_login_the_same_each_time(logins: Logins, name: str) -> None:
    early, late, night = rows_of(logins)
    prepared = Preparation(logins, learn_vocabularies(logins, early), np.concatenate([early, late]))
    scores = BASELINES[name](prepared)(logins, night)
    assert scores.shape == night.shape
    assert np.isfinite(scores).all()
    assert np.array_equal(scores, BASELINES[name](prepared)(logins, night))
