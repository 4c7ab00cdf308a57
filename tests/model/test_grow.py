"""A network of last night goes on with more names: what it knew stays, and probabilities still sum to one."""

import numpy as np
import pytest
import torch
from nightporter.features.encode import Codes
from nightporter.features.vocabulary import Vocabulary, learn
from nightporter.model.autoencoder import FieldAutoencoder, Shape
from nightporter.model.grow import grown

SMALL = Shape((5, 7, 4, 6), (False, True, True, True), (False, False, True, True), width=8)
LARGE = Shape((9, 10, 4, 6), SMALL.scored, SMALL.small, width=8)


def network() -> FieldAutoencoder:
    made = FieldAutoencoder(SMALL, torch.Generator().manual_seed(1))
    torch.nn.init.normal_(made.narrow_head, generator=torch.Generator().manual_seed(2))
    return made.eval()


def codes_of(shape: Shape, rows: int = 200) -> torch.Tensor:
    random = torch.Generator().manual_seed(3)
    return torch.stack([torch.randint(size, (rows,), generator=random) for size in shape.sizes], 1)


def test_known_values_keep_their_codes_and_new_ones_follow() -> None:
    first = learn(["ada", "bob", "eve"], np.array([3, 9, 1]), 2)
    second = learn(["eve", "zoe", "ada"], np.array([4, 8, 1]), 2, first)
    assert first.values == ("bob", "ada")
    assert second.values == ("bob", "ada", "zoe", "eve")
    assert second.lookup(["bob", "nobody", "eve"]).tolist() == [1, 0, 4]


def test_known_logins_are_as_strange_as_before() -> None:
    codes = codes_of(SMALL)
    codes = codes[codes[:, 1] != 0]  # of the unknown value the new ones took a share
    old, new = network(), grown(network(), LARGE)
    assert torch.allclose(old(codes, codes), new(codes, codes), atol=1e-5)


def test_new_values_share_the_probability_of_the_unknown_one() -> None:
    before = codes_of(SMALL, 1)
    before[:, 1] = 0
    each = before.repeat(4, 1)
    each[:, 1] = torch.tensor([0, 7, 8, 9])
    p_unknown = torch.exp(-network()(before, before)[:, 1])
    shares = torch.exp(-grown(network(), LARGE)(each, each)[:, 1])
    assert torch.allclose(shares, p_unknown / 4, atol=1e-6)


def test_a_new_user_is_read_as_an_unknown_one_until_learned() -> None:
    unknown, fresh = codes_of(SMALL), codes_of(SMALL)
    unknown[:, 0], fresh[:, 0] = 0, 7
    new = grown(network(), LARGE)
    assert torch.equal(new(unknown, unknown), new(fresh, fresh))


def test_other_fields_or_fewer_codes_are_refused() -> None:
    with pytest.raises(ValueError, match="not those"):
        grown(network(), Shape((4, 7, 4, 6), SMALL.scored, SMALL.small, width=8))
    with pytest.raises(ValueError, match="not those"):
        grown(network(), Shape((5, 7, 4), SMALL.scored[:3], SMALL.small[:3], width=8))


def test_a_vocabulary_has_room_for_no_more_codes_than_two_bytes_hold() -> None:
    many = [str(number) for number in range(70_000)]
    known = Vocabulary(("ada",))
    learned = learn(many, np.full(len(many), 5), 2, known)
    assert learned.size == 2**16
    assert Codes(learned.lookup(many)[:, None], np.zeros((len(many), 1), np.uint8)).bytes_per_login == 3
