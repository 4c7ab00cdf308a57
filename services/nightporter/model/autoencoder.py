"""The network, whole: a masked autoencoder over fields in the sense of MADE (Germain et al. 2015).

Each field of a login is reconstructed, as a softmax over its codes, from the fields above it in features/fields.py.
A running sum of embeddings carries what has been read so far, so one pass gives every field's reconstruction error:
-log p(field | fields above it), in nats. Their sum is the exact negative log-likelihood of the login.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

NEGATIVES = 192  # codes a large head is compared with in training (sampled softmax); scores are always exact
LARGE = 2 * NEGATIVES  # heads of more codes are sampled
BLOCK = 1 << 21  # logits of a large head that are looked at together (8 MB); a GPU takes 64 times as many

Measure = Callable[[int, Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Shape:
    """What the network must know about the fields, in their order."""

    sizes: tuple[int, ...]  # number of codes of each field
    scored: tuple[bool, ...]  # False: read as context, never reconstructed
    small: tuple[bool, ...]  # True: a number with few bins; its head is computed together with the others
    width: int = 64  # of embeddings and hidden layers


class FieldAutoencoder(nn.Module):
    """Reconstructs each scored field from those before it."""

    offsets: Tensor
    reads: Tensor
    closed: Tensor

    def __init__(self, shape: Shape, random: torch.Generator | None = None) -> None:
        super().__init__()
        width, sizes = shape.width, shape.sizes
        scored = [field for field, wanted in enumerate(shape.scored) if wanted]
        if 0 in scored:
            raise ValueError("the first field has nothing before it and cannot be scored")
        self.shape = shape
        # heads of small fields are one batched matrix product, so their fields come first
        self.narrow = [field for field in scored if shape.small[field]]
        self.wide = [field for field in scored if not shape.small[field]]
        targets = self.narrow + self.wide
        self.place = [targets.index(field) if field in targets else len(targets) for field in range(len(sizes))]
        starts = [sum(sizes[:field]) for field in range(len(sizes))]
        self.register_buffer("offsets", torch.tensor(starts, dtype=torch.int64)[:, None])
        reads = torch.tensor([[float(source < field) for source in range(len(sizes))] for field in targets])
        self.register_buffer("reads", reads)  # [targets, fields] the mask: what each target may read
        bins = max((sizes[field] for field in self.narrow), default=1)
        closed = torch.zeros(len(self.narrow), 1, bins)
        for row, field in enumerate(self.narrow):
            closed[row, 0, sizes[field] :] = -1e4  # bins this field does not have
        self.register_buffer("closed", closed)

        def normal(*shape: int, std: float) -> nn.Parameter:
            return nn.Parameter(torch.randn(*shape, generator=random) * std)

        self.embedding = normal(sum(sizes), width, std=0.3)
        self.norm = nn.LayerNorm(width)
        self.hidden = normal(len(targets), width, width, std=width**-0.5)
        self.hidden_bias = nn.Parameter(torch.zeros(len(targets), 1, width))
        self.narrow_head = nn.Parameter(torch.zeros(len(self.narrow), width, bins))
        self.narrow_bias = nn.Parameter(torch.zeros(len(self.narrow), 1, bins))
        self.wide_heads = nn.ParameterList(normal(sizes[field], width, std=0.02) for field in self.wide)
        self.wide_biases = nn.ParameterList(nn.Parameter(torch.zeros(sizes[field])) for field in self.wide)

    def states(self, seen: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Hidden states [narrow fields, B, width], and [B, width] of each wide field, of what is `seen` [B, fields]."""
        read = functional.embedding(seen.t() + self.offsets, self.embedding)  # [fields, B, width]
        context = (self.reads @ read.flatten(1)).view(-1, len(seen), self.shape.width)  # [targets, B, width]
        hidden = functional.relu(torch.baddbmm(self.hidden_bias, self.norm(context), self.hidden))
        small, large = torch.split(hidden, [len(self.narrow), len(self.wide)])
        return small, large.unbind(0)

    def log_bins(self, small: Tensor) -> Tensor:
        """Log-probabilities [narrow fields, B, bins] of every bin, from the states of the narrow fields."""
        return torch.log_softmax(torch.baddbmm(self.narrow_bias + self.closed, small, self.narrow_head).float(), -1)

    def logits(self, number: int, state: Tensor) -> Tensor:
        """Unnormalised log-probabilities [B, codes] of the `number`-th wide field, from its states [B, width]."""
        return functional.linear(state, self.wide_heads[number], self.wide_biases[number]).float()

    def forward(self, seen: Tensor, codes: Tensor, negatives: Tensor | None = None) -> Tensor:
        """Reconstruction errors [B, fields] in nats (0 where not scored) of `codes` [B, fields], given `seen`.

        `seen` is what the network may read: `codes` themselves, in training with a few codes hidden (code 0).
        `negatives` [wide fields, n]: codes that stand for all the others of a large head, drawn uniformly (Jean et al.
        2015); without them the softmax is exact.
        """
        small, large = self.states(seen)
        own = codes[:, self.narrow].t().unsqueeze(2)
        errors = [-self.log_bins(small).gather(2, own).squeeze(2)]
        for number, field in enumerate(self.wide):
            if negatives is not None and self.shape.sizes[field] > LARGE:
                errors.append(self._sampled(number, large[number], codes[:, field], negatives[number])[None])
            else:
                logits = self.logits(number, large[number])
                errors.append(functional.cross_entropy(logits, codes[:, field], reduction="none")[None])
        return self._arrange(errors)

    def _sampled(self, number: int, state: Tensor, own: Tensor, negatives: Tensor) -> Tensor:
        """-log p [B] with the softmax's sum estimated from few codes, each standing for many."""
        head, bias = self.wide_heads[number], self.wide_biases[number]
        mine: Tensor = (state.float() * functional.embedding(own, head)).sum(1) + bias[own]
        others = torch.addmm(bias[negatives], state, functional.embedding(negatives, head).t()).float()
        others = others + math.log((len(head) - 1) / len(negatives))
        others = others.masked_fill(negatives[None] == own[:, None], -1e4)
        everything: Tensor = torch.logaddexp(mine, others.logsumexp(1))
        return everything - mine

    def strangeness(self, codes: Tensor, wanted: Tensor | None = None) -> Tensor:
        """-log P(something at least this strange) [B, fields] in nats; 0 for what is most usual, and where not scored.

        At least as strange is: for a category every value that is no likelier, for a number every bin at or above.
        `wanted` [B, fields] spares work: where it is False, a field's strangeness is left 0. Logins in `sorted` order
        cost least.
        """
        asked = torch.ones_like(codes, dtype=torch.bool) if wanted is None else wanted.clone()
        asked[:, self.narrow] &= codes[:, self.narrow] > 0  # every bin is at or above the first
        return self._once_a_prefix(codes, asked, self._tail).clamp_min(0)

    def errors(self, codes: Tensor) -> Tensor:
        """Reconstruction errors [B, fields] in nats, exact; what `forward` says, for much less with `sorted` logins."""
        return self._once_a_prefix(codes, torch.ones_like(codes, dtype=torch.bool), self._error)

    def _once_a_prefix(self, codes: Tensor, asked: Tensor, measure: Measure) -> Tensor:
        """What `measure` says of each field that is `asked` for [B, fields].

        Computed once for all logins that are equal up to this field, for nothing else is read; they are found where
        they lie beside each other.
        """
        result = torch.zeros(codes.shape, device=codes.device)
        starts = torch.zeros(len(codes), dtype=torch.bool, device=codes.device)
        starts[:1] = True  # logins that differ from the one above them in this field or an earlier one
        prefix = codes.new_zeros(len(codes))  # which of the distinct ones each login has, and the sum of its embeddings
        context = self.embedding.new_zeros(1, self.shape.width)
        precision = _product_type(codes.device.type)
        table = self.embedding.to(precision).float()
        for field, own in enumerate(codes.t().contiguous()):
            starts[1:] |= own[1:] != own[:-1]
            first = starts.nonzero().squeeze(1)
            own = own[first]
            if len(first) > len(context):
                context, prefix = context.index_select(0, prefix[first]), starts.cumsum(0) - 1
            place = self.place[field]
            if place < len(self.reads) and len(rows := asked[first, field].nonzero().squeeze(1)):
                found, count = torch.zeros(len(first), device=codes.device), len(rows)
                rows = _filled(rows)
                read = self.norm(context.index_select(0, rows).to(precision))
                state = functional.relu(torch.addmm(self.hidden_bias[place], read, self.hidden[place]))
                found[rows[:count]] = measure(place, state, own[rows])[:count]
                result[:, field] = found[prefix]
            context += functional.embedding(own + self.offsets[field], table)
        return result

    def _tail(self, place: int, state: Tensor, own: Tensor) -> Tensor:
        """-log P [n] of what is at least as strange as `own`, from the states [n, width] of one target."""
        if place < len(self.narrow):
            chance = torch.softmax(self._narrow_logits(place, state), 0)
            above = torch.arange(len(chance), device=own.device)[:, None] >= own
            return -(chance * above).sum(0).clamp_min(1e-12).log()

        def tail(logits: Tensor, own: Tensor) -> Tensor:
            no_likelier = logits <= logits.gather(1, own[:, None]) + 1e-4
            return -torch.where(no_likelier, torch.softmax(logits, 1), 0.0).sum(1).clamp_min(1e-35).log()

        return self._blockwise(place, state, own, tail)

    def _error(self, place: int, state: Tensor, own: Tensor) -> Tensor:
        """-log p [n] of `own`, from the states [n, width] of one target."""

        def error(logits: Tensor, own: Tensor) -> Tensor:
            return functional.cross_entropy(logits, own, reduction="none")

        if place < len(self.narrow):
            return error(self._narrow_logits(place, state).t(), own)
        return self._blockwise(place, state, own, error)

    def _narrow_logits(self, place: int, state: Tensor) -> Tensor:
        """Unnormalised log-probabilities [bins, n] of a narrow field; softmaxes are fast across few bins, not along."""
        bias = (self.narrow_bias[place] + self.closed[place]).t()
        logits: Tensor = torch.addmm(bias, self.narrow_head[place].t(), state.t()).float()
        return logits

    def _blockwise(self, place: int, state: Tensor, own: Tensor, measure: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        """`measure` of the logits [n, codes] of a wide field, of a few logins at a time: all at once take gigabytes."""
        number = place - len(self.narrow)
        some = max(1, BLOCK * (64 if own.is_cuda else 1) // len(self.wide_heads[number]))
        parts = [slice(first, first + some) for first in range(0, len(own), some)]
        return torch.cat([measure(self.logits(number, state[part]), own[part]) for part in parts])

    def _arrange(self, parts: list[Tensor]) -> Tensor:
        """Rows of the narrow, then the wide fields, brought to [B, fields]."""
        nothing = torch.zeros(1, parts[0].shape[1], device=parts[0].device)
        return torch.cat([*parts, nothing])[self.place].t()


def _filled(rows: Tensor) -> Tensor:
    """`rows` with the last one repeated up to one of few lengths, at most a quarter longer.

    oneDNN makes a program for each size of matrices it meets, which takes longer than to multiply them, and keeps it.
    """
    count = len(rows)
    step = 1 << max(count.bit_length() - 3, 0)
    return torch.cat([rows, rows[-1:].expand(-count % step)])


def _product_type(device: str) -> torch.dtype:
    """In which precision matrices are multiplied here and now."""
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else torch.float32
