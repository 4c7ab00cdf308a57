"""The network reads only what comes before, learns, repeats itself, and survives being stored."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import torch
from clickhouse_connect.driver.client import Client
from login_rows import FIRST, LAST, ordinary, store
from nightporter.errors import ModelError
from nightporter.features.encode import Codes, learn_vocabularies
from nightporter.features.fields import FIELDS, NUMBERS
from nightporter.features.history import schema
from nightporter.features.stream import Logins, day_number, read_logins
from nightporter.model import autoencoder, registry
from nightporter.model.autoencoder import LARGE, NEGATIVES, FieldAutoencoder, Shape
from nightporter.model.baselines import BASELINES, Preparation
from nightporter.model.detector import Detector, fit_with_probe
from nightporter.model.train import Recipe, train

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


def test_what_logins_have_in_common_is_worked_out_once_and_stays_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    network = network_of_seed(1)
    torch.nn.init.normal_(network.narrow_head)
    codes = random_codes(300)
    every = torch.tensor([list(row) for row in sorted(set(map(tuple, codes.tolist())))])
    assert len(every) < len(codes)
    monkeypatch.setattr(autoencoder, "BLOCK", 20)  # a few logins of a wide field at a time
    for logins in (codes, every, every.repeat_interleave(2, 0)):
        assert torch.allclose(network.errors(logins), network(logins, logins), atol=1e-5)
    alone = torch.cat([network.strangeness(row[None]) for row in every])
    assert torch.allclose(network.strangeness(every), alone, atol=1e-5)
    for row in every[:20]:
        others = [row.clone() for _ in range(SHAPE.sizes[1])]
        for code, other in enumerate(others):
            other[1] = code
        chances = torch.exp(-network.errors(torch.stack(others))[:, 1])
        no_likelier = chances[chances <= chances[row[1]] * (1 + 1e-4)].sum()
        assert float(network.strangeness(row[None])[0, 1]) == pytest.approx(-float(no_likelier.log()), abs=1e-4)


def test_what_is_not_wanted_is_not_strange_and_the_rest_stays() -> None:
    network, codes = network_of_seed(1), random_codes(100)
    wanted = torch.rand(codes.shape, generator=torch.Generator().manual_seed(4)) < 0.5
    assert torch.allclose(network.strangeness(codes, wanted), network.strangeness(codes) * wanted, atol=1e-5)


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
        registry.store(tmp_path, name, small, {"night": name[:10]})
    assert registry.runs(tmp_path) == names[:1:-1]
    registry.promote(tmp_path, names[4])
    assert (tmp_path / "current").readlink() == Path(names[4])
    registry.store(tmp_path, "2026-03-10-aaaa", small, {"night": "2026-03-10"})
    with pytest.raises(ModelError, match="no model of the run"):
        registry.promote(tmp_path, names[0])


def test_going_back_skips_models_that_were_never_promoted(small: Detector, tmp_path: Path) -> None:
    for day, promoted in ((1, True), (2, False), (3, True)):
        night = f"2026-03-{day:02d}"
        registry.store(tmp_path, f"{night}-aaaa", small, {"night": night}, current=promoted)
    assert registry.incumbent(tmp_path, date(2026, 3, 4)) == "2026-03-03-aaaa"
    assert registry.incumbent(tmp_path, date(2026, 3, 3)) == "2026-03-01-aaaa"
    assert registry.incumbent(tmp_path, date(2026, 3, 1)) is None
    assert registry.rollback(tmp_path) == "2026-03-01-aaaa"
    assert registry.incumbent(tmp_path, date(2026, 3, 4)) == "2026-03-01-aaaa"
    with pytest.raises(ModelError, match="no older model"):
        registry.rollback(tmp_path)


def test_a_damaged_or_foreign_model_is_refused(small: Detector, tmp_path: Path) -> None:
    folder = registry.store(tmp_path, "2026-03-10-aaaa", small, {})
    weights = folder / "detector.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:100])
    with pytest.raises(ModelError, match="cannot be read"):
        registry.fetch(tmp_path)
    weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))  # one bit of one weight
    with pytest.raises(ModelError, match="checksum"):
        registry.fetch(tmp_path)
    weights.write_bytes(whole)
    manifest = (folder / "model.json").read_text()
    (folder / "model.json").write_text(manifest.replace(schema(), "0" * 16))
    with pytest.raises(ModelError, match="made for other fields"):
        registry.fetch(tmp_path)


def test_a_warm_start_goes_on_from_what_was_learned_and_keeps_codes(logins: Logins) -> None:
    early, late, night = rows_of(logins)
    first = fit_with_probe(logins, early[: len(early) // 2], early[len(early) // 2 :], seed=1, recipe=QUICK)
    warm, probe = fit_with_probe(logins, early, late, seed=2, before=first)
    for name, vocabulary in first[0].vocabularies.items():
        assert warm.vocabularies[name].values[: len(vocabulary.values)] == vocabulary.values
    assert len(warm.curves[0].train) == 1
    assert warm.curves[0].train[0] < first[0].curves[0].train[0]
    assert warm.error(logins, night) < first[0].error(logins, night)
    again = fit_with_probe(logins, early, late, seed=2, before=first)[0]
    assert np.array_equal(again.surprises(logins, night), warm.surprises(logins, night))
    assert probe.finite()


@pytest.mark.parametrize("steps", [1, 2, 3, 5, 10, 20])
def test_training_may_be_as_short_as_there_are_logins(steps: int) -> None:
    detector_fields = [field for field in FIELDS if field.kind == "category"]
    codes = Codes(np.zeros((steps * 4, len(detector_fields)), np.uint16), np.zeros((steps * 4, len(NUMBERS)), np.uint8))
    sizes = tuple(2 if field.kind == "category" else field.bins for field in FIELDS)
    small = tuple(field.kind == "number" for field in FIELDS)
    shape = Shape(sizes, tuple(field.group != "given" for field in FIELDS), small, width=8)
    network = FieldAutoencoder(shape, torch.Generator().manual_seed(1))
    curve = train(network, codes, codes, seed=1, recipe=Recipe(epochs=1, batch=4, warm_up=0.1))
    assert np.isfinite(curve.train[-1])


def test_a_sampled_softmax_learns_what_an_exact_one_does() -> None:
    large = LARGE + 200
    shape = Shape((4, large, 3), (False, True, True), (False, False, True), width=16)
    random = np.random.default_rng(1)
    users = random.integers(0, 4, 20_000)
    network = FieldAutoencoder(shape, torch.Generator().manual_seed(1))
    codes = torch.from_numpy(np.stack([users, users * 100 + random.integers(0, 10, 20_000), users % 3], 1))
    optimiser, generator = torch.optim.AdamW(network.parameters(), lr=1e-2), torch.Generator().manual_seed(2)
    for step in range(300):
        batch = codes[(step * 500) % 20_000 :][:500]
        negatives = torch.randint(large, (1, NEGATIVES), generator=generator)
        loss = network(batch, batch, negatives).sum(1).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        exact = float(network(codes, codes)[:, 1].mean())
    assert exact < np.log(10) + 0.25  # ten hosts a user, equally likely; chance is log(584)


@pytest.mark.parametrize("name", sorted(BASELINES))
def test_a_baseline_scores_every_login_the_same_each_time(logins: Logins, name: str) -> None:
    early, late, night = rows_of(logins)
    prepared = Preparation(logins, learn_vocabularies(logins, early), np.concatenate([early, late]))
    scores = BASELINES[name](prepared)(logins, night)
    assert scores.shape == night.shape
    assert np.isfinite(scores).all()
    assert np.array_equal(scores, BASELINES[name](prepared)(logins, night))


def test_ecod_of_counts_is_ecod_of_the_matrix(logins: Logins) -> None:
    early, _, night = rows_of(logins)
    prepared = Preparation(logins, learn_vocabularies(logins, early), early)
    learned, asked = (np.concatenate(list(prepared.matrices(logins, rows))) for rows in (early, night[:50]))
    sums = np.zeros((len(asked), 3))
    for column in range(learned.shape[1]):
        fit, values = learned[:, column].astype(np.float64), asked[:, column, None]
        left, right = (-np.log(np.clip(side.mean(1), 1e-9, 1)) for side in (fit <= values, fit >= values))
        sums += np.stack([left, right, left if ((fit - fit.mean()) ** 3).mean() < 0 else right], 1)
    assert np.allclose(prepared.ecod()(logins, night[:50]), sums.max(1), rtol=1e-4)
