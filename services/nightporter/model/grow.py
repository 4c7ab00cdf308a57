"""A network of last night for the vocabularies of tonight: what it has learned stays, row by row, in its place."""

import math

import torch
from torch import Tensor

from nightporter.model.autoencoder import FieldAutoencoder, Shape


@torch.no_grad()
def grown(old: FieldAutoencoder, shape: Shape) -> FieldAutoencoder:
    """A network of `shape`, whose fields have at least as many codes as those of `old`, with everything `old` knows.

    A new code begins as a copy of the unknown one (code 0) and the unknown code's probability is shared equally among
    it and them, so that no other probability changes. ValueError where fields were added or codes were lost.
    """
    before = old.shape
    kinds = (before.scored, before.small, before.width) == (shape.scored, shape.small, shape.width)
    if not kinds or any(now < then for now, then in zip(shape.sizes, before.sizes, strict=True)):
        raise ValueError("the fields are not those the network was made for")
    new = FieldAutoencoder(shape)
    table, start = [], 0
    for then, now in zip(before.sizes, shape.sizes, strict=True):
        table.append(_stretched(old.embedding[start : start + then], now))
        start += then
    weights = old.state_dict() | {"embedding": torch.cat(table), "offsets": new.offsets}
    for number, field in enumerate(old.wide):
        now, then = shape.sizes[field], before.sizes[field]
        weights[f"wide_heads.{number}"] = _stretched(old.wide_heads[number], now)
        bias = _stretched(old.wide_biases[number], now)
        bias[torch.arange(now) >= then] -= math.log(now - then + 1)
        bias[0] -= math.log(now - then + 1)
        weights[f"wide_biases.{number}"] = bias
    new.load_state_dict(weights)
    return new


def _stretched(rows: Tensor, count: int) -> Tensor:
    """`rows` with copies of the first one at the end, `count` in all."""
    return torch.cat([rows, rows[:1].expand(count - len(rows), *rows.shape[1:])]).clone()
